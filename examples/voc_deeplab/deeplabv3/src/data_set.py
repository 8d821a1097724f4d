"""Pictures and masks in VOC's layout, as batches for training or evaluation."""

import os

import mindspore.dataset as ds
import mindspore.dataset.vision as vision
import numpy as np
from PIL import Image

from .config import config


def create_dataset(args, data_url, epoch_num=1, batch_size=1, usage="train", shuffle=True):
    """Batches of (image [N, 3, H, W], label [N, H, W]); `usage` is a list of ImageSets/Segmentation, train or val."""
    training = usage == "train"
    options = {"num_parallel_workers": 1, "shuffle": shuffle}
    if training and args.devices > 1:
        options.update(num_shards=args.devices, shard_id=args.device)
    # Names are shuffled rather than finished pictures: a buffer of 1464 pictures of 513 x 513 would hold 6 GB.
    data = ds.GeneratorDataset(VocPictures(data_url, usage), ["image", "label"], **options)
    data = data.map(Transform(training), ["image", "label"], num_parallel_workers=1)
    data = data.map(vision.HWC2CHW(), ["image"])
    data = data.batch(batch_size, drop_remainder=training)
    return data.repeat(epoch_num)


class VocPictures:
    """The pictures that ImageSets/Segmentation/<usage>.txt names, and their masks, as they are."""

    def __init__(self, folder, usage):
        self.folder = folder
        with open(os.path.join(folder, "ImageSets", "Segmentation", usage + ".txt")) as lines:
            self.names = lines.read().split()

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        name = self.names[int(index)]
        picture = Image.open(os.path.join(self.folder, "JPEGImages", name + ".jpg"))
        mask = Image.open(os.path.join(self.folder, "SegmentationClass", name + ".png"))
        if mask.mode not in ("L", "P"):
            raise ValueError("Mask %s.png is of kind %s. It must hold a class for every pixel." % (name, mask.mode))
        return np.asarray(picture.convert("RGB")), np.asarray(mask)


class Transform:
    """In training another scale, a crop, perhaps mirrored; else the whole picture. What is missing is filled up."""

    def __init__(self, training):
        self.training = training
        self.chance = np.random.RandomState(config.seed)

    def __call__(self, picture, mask):
        scale = self.chance.uniform(config.min_scale, config.max_scale) if self.training else 1.0
        width, height = fitting_size(mask.shape[1], mask.shape[0], scale)
        picture = np.asarray(Image.fromarray(picture).resize((width, height), Image.BILINEAR))
        mask = np.asarray(Image.fromarray(mask).resize((width, height), Image.NEAREST))
        if self.training:
            picture, mask = self.cropped(picture, mask)
            if self.chance.rand() < 0.5:
                picture, mask = picture[:, ::-1], mask[:, ::-1]
        return filled_up(normalised(picture), 0.0), filled_up(mask.astype(np.int32), config.ignore_label)

    def cropped(self, picture, mask):
        height, width = mask.shape
        top = self.chance.randint(max(height - config.crop_size, 0) + 1)
        left = self.chance.randint(max(width - config.crop_size, 0) + 1)
        window = slice(top, top + config.crop_size), slice(left, left + config.crop_size)
        return picture[window], mask[window]


def fitting_size(width, height, scale=1.0):
    """(width, height) with a longer side of `scale` times the crop's."""
    factor = scale * config.crop_size / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def normalised(picture):
    return ((picture - np.array(config.image_mean)) / np.array(config.image_std)).astype(np.float32)


def filled_up(array, value):
    """A square of the crop's size, with the array in its upper left corner."""
    square = np.full((config.crop_size, config.crop_size, *array.shape[2:]), value, array.dtype)
    square[: array.shape[0], : array.shape[1]] = array
    return square
