"""Adds up the ranks of all nodes on CPUs, as MindSpore's own examples of several processes do."""

import mindspore as ms
from mindspore import Tensor, nn, ops
from mindspore.communication import get_group_size, get_rank, init

ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")
init()


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.reduce = ops.AllReduce()

    def construct(self, x):
        return self.reduce(x)


total = Net()(Tensor([float(get_rank() + 1)], ms.float32))
print("sum", float(total.asnumpy()[0]), "of", get_group_size(), flush=True)
