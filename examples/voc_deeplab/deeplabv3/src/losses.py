"""The loss: only the pixels that the network finds hardest count (online hard example mining)."""

import mindspore.nn as nn
import mindspore.ops as ops
from mindspore import Tensor, dtype


class OhemLoss(nn.Cell):
    """The mean cross entropy of the hardest part of a batch's pixels, summed over the scales of the image pyramid.

    Two thirds of the pixels of VOC are background, class 0. With a `background_weight` below 1 a network that has
    seen little names things rather than background where it is in doubt.
    """

    def __init__(self, num_classes, ignore_label, hardest=0.5, background_weight=1.0):
        super().__init__()
        self.num_classes = num_classes
        self.ignore_label = ignore_label
        self.hardest = hardest
        self.weights = Tensor([background_weight] + [1.0] * (num_classes - 1), dtype.float32)

    def construct(self, logits, labels):
        total = 0.0
        for at_one_scale in logits:
            total += self.of_hardest(at_one_scale, labels)
        return total

    def of_hardest(self, logits, labels):
        logits = logits.transpose(0, 2, 3, 1).reshape(-1, self.num_classes)
        labels = labels.reshape(-1)
        losses = ops.cross_entropy(logits, labels, self.weights, ignore_index=self.ignore_label, reduction="none")
        losses, _ = ops.top_k(losses, int(losses.shape[0] * self.hardest))
        # The loss of an ignored pixel is 0, and it does not count.
        return losses.sum() / ops.maximum((losses > 0).astype(dtype.float32).sum(), 1.0)
