"""Run beside the example's modules, in its engine: writes what they do as facts.json. The test beside it judges."""

import json
import os
import sys

import mindspore as ms
import numpy as np
from mindspore import Tensor, context, nn
from PIL import Image
from src import checkpoint, data_set
from src.config import config
from src.deeplabv3 import deeplabv3_resnet50
from src.losses import OhemLoss
from src.miou_precision import MiouOfBatches, MiouPrecision

context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU")
facts = {}

# Two batches of one row: the first has classes 0 and 1, the second 0 alone, and a pixel without a class.
batches = [([0, 0, 1, 1], [0, 1, 1, 1]), ([0, 0, 0, 2], [0, 0, 0, 255])]
for metric in (MiouPrecision(3), MiouOfBatches(3)):
    for predicted, label in batches:
        scores = np.eye(3, dtype=np.float32)[predicted].T[None, :, None]
        metric.update(Tensor(scores), Tensor(np.array(label)[None, None]))
    facts[type(metric).__name__] = metric.eval()
    metric.clear()
refused = []
for inputs in ((np.zeros((1, 3, 2, 2)),), (np.zeros((1, 4, 2, 2)), np.zeros((1, 2, 2)))):
    try:
        MiouPrecision(3).update(*inputs)
    except ValueError as error:
        refused.append(str(error))
facts["refused"] = refused

chance = np.random.RandomState(0)
logits, labels = chance.randn(2, 3, 4, 4).astype(np.float32), chance.randint(0, 3, (2, 4, 4)).astype(np.int32)
labels[0, :2] = 255
loss = OhemLoss(3, 255, 0.25)
facts["loss"] = float(loss((Tensor(logits),), Tensor(labels)).asnumpy())
facts["loss of two scales"] = float(loss((Tensor(logits), Tensor(logits)), Tensor(labels)).asnumpy())
facts["loss of nothing"] = float(loss((Tensor(logits),), Tensor(np.full_like(labels, 255))).asnumpy())
known = labels.ravel() != 255
rows = logits.transpose(0, 2, 3, 1).reshape(-1, 3)[known].astype(float)
each = np.log(np.exp(rows).sum(1)) - rows[np.arange(len(rows)), labels.ravel()[known]]
facts["loss by hand"] = np.sort(each)[-8:].mean()
facts["loss with light background"] = float(OhemLoss(3, 255, 0.25, 0.5)((Tensor(logits),), Tensor(labels)).asnumpy())
facts["that by hand"] = np.sort(np.where(labels.ravel()[known] == 0, 0.5, 1.0) * each)[-8:].mean()

shape = [1, 3, 33, 33]
picture = Tensor(chance.randn(*shape).astype(np.float32))
net = deeplabv3_resnet50(21, shape, [0.5, 1.0], [0.75, 1.0, 1.25], None, 4, 8, True)
net.set_train(False)
probabilities = net(picture).asnumpy()
facts["probabilities"] = [list(probabilities.shape), float(np.abs(probabilities.sum(1) - 1).max())]
net.set_train(True)
facts["logits"] = [list(one.shape) for one in net(picture)]
scales = []
for scale in (0.75, 1.0, 1.25):
    one = deeplabv3_resnet50(21, shape, None, [scale], None, 4, 8, True)
    ms.load_param_into_net(one, net.parameters_dict())
    one.set_train(False)
    scales.append(one(picture).asnumpy())
net.set_train(False)
facts["scales"] = float(np.abs(net(picture).asnumpy() - sum(scales) / 3).max())

checkpoint.freeze(net, "layer")
facts["trained"] = sorted({parameter.name.split(".")[0] for parameter in net.trainable_params()})
still = [parameter.name for parameter in net.get_parameters() if not parameter.requires_grad]
frozen = [name for name in still if "moving_" not in name]  # averages are never trained
facts["frozen"] = sorted({name.split(".")[1] for name in frozen})

os.makedirs("ckpt")
cell = nn.Dense(2, 3)
for name in ("a-6_9", "a-6_12", "a-5_30"):
    ms.save_checkpoint(cell, f"ckpt/{name}.ckpt")
facts["last"] = checkpoint.last_checkpoint("ckpt")
wrong = []
for other in (nn.Dense(4, 3), nn.Conv2d(1, 1, 1, has_bias=True), nn.BatchNorm2d(2)):
    try:
        checkpoint.load_weights(other, "ckpt/a-6_9.ckpt")
    except ValueError as error:
        wrong.append(str(error))
os.makedirs("empty")
try:
    checkpoint.last_checkpoint("empty")
except FileNotFoundError as error:
    wrong.append(str(error))
facts["wrong"] = wrong

# A picture whose mask follows from its colours: so they must still agree after scale, crop and mirror.
config.crop_size, config.image_mean, config.image_std, config.max_scale = 40, [0, 0, 0], [1, 1, 1], 2.0
mask = np.zeros((50, 80), np.uint8)
mask[20:45, 10:50] = 7
pixels = np.repeat(mask[:, :, None], 3, 2) * 30
transform = data_set.Transform(True)
agree, sizes, filled = [], set(), 0
for _ in range(40):
    image, label = transform(pixels, mask)
    inner = label != 255
    agree.append(np.mean((image[:, :, 0][inner] > 105) == (label[inner] == 7)))
    sizes.add(image.shape + label.shape)
    filled += not inner.all()
facts["transform"] = [min(agree), sorted(sizes), 0 < filled < 40]
image, label = data_set.Transform(False)(pixels, mask)
facts["evaluation"] = [int((label != 255).sum()), int((label == 7).sum()), int(image[25:].max())]
for kind in ("RGB", "P"):
    for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        os.makedirs(kind + "/" + name)
    with open(kind + "/ImageSets/Segmentation/val.txt", "w") as file:
        file.write("one\n\n")
    Image.fromarray(pixels).convert("L").save(kind + "/JPEGImages/one.jpg")
    Image.fromarray(mask).convert("P").convert(kind).save(kind + "/SegmentationClass/one.png")
try:
    data_set.VocPictures("RGB", "val")[0]
except ValueError as error:
    facts["coloured mask"] = str(error)
image, label = data_set.VocPictures("P", "val")[0]
facts["palette mask"] = [image.shape, int(label.max())]

output = next(argument.split("=", 1)[1] for argument in sys.argv if argument.startswith("--train_url="))
with open(os.path.join(output, "facts.json"), "w") as file:
    json.dump(facts, file)
