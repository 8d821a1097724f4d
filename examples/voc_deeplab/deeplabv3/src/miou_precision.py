"""How well the classes are found: intersection over union of what is there and what was predicted."""

import mindspore.nn as nn
import numpy as np


class MiouPrecision(nn.Metric):
    """The mean over the classes, from one histogram of all pictures. This is what others call mIoU."""

    def __init__(self, num_class):
        super().__init__()
        self.num_class = num_class
        self.clear()

    def clear(self):
        self.hist = np.zeros((self.num_class, self.num_class), np.int64)

    def update(self, *inputs):
        self.hist += histogram(inputs, self.num_class)

    def eval(self):
        return float(np.nanmean(iou(self.hist)))


class MiouOfBatches(nn.Metric):
    """The mean of each class's IoU in each batch by itself.

    It is not mIoU, and higher: a class that is missing from a batch does not count in it. Use it only to compare with
    figures that were made in this way.
    """

    def __init__(self, num_class):
        super().__init__()
        self.num_class = num_class
        self.clear()

    def clear(self):
        self.ious = []

    def update(self, *inputs):
        self.ious.append(iou(histogram(inputs, self.num_class)))

    def eval(self):
        return float(np.nanmean(self.ious))


def histogram(inputs, num_class):
    """Pixels by true class (rows) and predicted class (columns); pixels without a class are left out."""
    if len(inputs) != 2:
        raise ValueError("A prediction and a label are needed, but there are %d inputs." % len(inputs))
    predicted, label = (np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value) for value in inputs)
    if predicted.shape[1] != num_class:
        raise ValueError("The prediction has %d classes instead of %d." % (predicted.shape[1], num_class))
    predicted, label = predicted.argmax(1).ravel(), label.ravel()
    known = (label >= 0) & (label < num_class)
    pairs = num_class * label[known].astype(np.int64) + predicted[known]
    return np.bincount(pairs, minlength=num_class**2).reshape(num_class, num_class)


def iou(hist):
    """That of each class; NaN for a class that is neither there nor predicted."""
    both = np.diag(hist).astype(np.float64)
    either = hist.sum(0) + hist.sum(1) - both
    return np.divide(both, either, out=np.full(len(hist), np.nan), where=either > 0)
