"""A training script for Ascend cards, as of MindSpore 0.x and 1.x, in any MindSpore that is offered."""

import os

os.environ["RANK_TABLE_FILE"] = "/nowhere/rank_table.json"

import mindspore
import mindspore.dataset as ds
import numpy as np
from mindspore import context, nn
from mindspore.communication.management import init
from mindspore.dataset.transforms.vision import Inter
from mindspore.ops import composite
from mindspore.train.callback import LossMonitor
from mindspore.train.loss_scale_manager import DynamicLossScaleManager
from mindspore.train.model import Model

context.set_context(mode=context.GRAPH_MODE, device_target="Ascend", device_id=0, save_graphs=False)
context.set_context(enable_task_sink=True, enable_loop_sink=True, enable_graph_kernel=True)
assert context.get_context("device_target") in ("CPU", "GPU")
assert "RANK_TABLE_FILE" not in os.environ
init()
context.set_auto_parallel_context(
    parallel_mode="data_parallel", parameter_broadcast=True, enable_parallel_optimizer=True, mirror_mean=True
)


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, pad_mode="same")
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.dense = nn.Dense(4 * 64, 3)

    def construct(self, x):
        return self.dense(self.flatten(self.relu(self.norm(self.conv(x)))))


def samples():
    random = np.random.RandomState(0)
    for number in range(32):
        yield random.rand(1, 8, 8).astype(np.float32), np.int32(number % 3)


data = ds.GeneratorDataset(lambda: samples(), ["x", "y"], shuffle=False).batch(8)
net = Net()
loss = nn.SoftmaxCrossEntropyWithLogits(is_grad=False, sparse=True, reduction="mean")
optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
model = Model(net, loss, optimizer, amp_level="O2", loss_scale_manager=DynamicLossScaleManager())
model.train(1, data, callbacks=[LossMonitor()], dataset_sink_mode=False)
mindspore.save_checkpoint(net, "net.ckpt")
mindspore.load_param_into_net(net, mindspore.load_checkpoint("net.ckpt"))
if tuple(map(int, mindspore.__version__.split(".")[:2])) < (2, 3):
    import mindspore.dataset.transforms.vision.c_transforms as transforms_of_0  # names that older scripts use
    import mindspore.dataset.vision.c_transforms as transforms_of_1

    assert transforms_of_0 is transforms_of_1
assert Inter.LINEAR is mindspore.dataset.vision.Inter.LINEAR
weights = mindspore.ParameterTuple(net.trainable_params())
batch = mindspore.Tensor(np.ones((2, 1, 8, 8), np.float32))
assert len(composite.GradOperation("grad", get_by_list=True)(net, weights)(batch)) == len(weights)
print("version", mindspore.__version__)
