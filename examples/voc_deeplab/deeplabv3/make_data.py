"""Draws a small data set in VOC's layout: things of three kinds before a plain ground."""

import argparse
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 160, 120
VOID = 255
# VOC's class numbers: what stands for them here, and its colour.
BOTTLE, SHEEP, TVMONITOR = 5, 17, 20
COLOURS = {BOTTLE: (30, 120, 50), SHEEP: (235, 230, 220), TVMONITOR: (35, 35, 60)}
SIZES = {BOTTLE: (22, 70), SHEEP: (70, 50), TVMONITOR: (60, 48)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train_url", required=True)
    parser.add_argument("--train", type=int, default=48, help="pictures to train with")
    parser.add_argument("--val", type=int, default=12, help="pictures to evaluate with")
    options, _ = parser.parse_known_args()
    chance = np.random.RandomState(0)
    for part, count in (("train", options.train), ("val", options.val)):
        names = ["%s_%03d" % (part, number) for number in range(count)]
        for name in names:
            picture, mask = draw(chance)
            picture.save(made(options.train_url, "JPEGImages", name + ".jpg"), quality=95)
            mask.save(made(options.train_url, "SegmentationClass", name + ".png"))
        with open(made(options.train_url, "ImageSets", "Segmentation", part + ".txt"), "w") as file:
            file.write("\n".join(names) + "\n")
    print("%d pictures to train with, %d to evaluate with" % (options.train, options.val))


def made(*parts):
    """This path, with its folder made."""
    path = os.path.join(*parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def draw(chance):
    """A picture and its mask: one or two things, with a rim of void as VOC has it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), tuple(int(part) for part in chance.randint(110, 190, 3)))
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    for kind in chance.choice(sorted(COLOURS), chance.randint(1, 3), replace=False):
        width, height = np.array(SIZES[kind]) * chance.uniform(0.8, 1.3)
        left, top = chance.uniform(4, WIDTH - width - 4), chance.uniform(4, HEIGHT - height - 4)
        place = [left, top, left + width, top + height]
        rim = [left - 2, top - 2, left + width + 2, top + height + 2]
        for image, box, fill in ((mask, rim, VOID), (mask, place, int(kind)), (picture, place, COLOURS[kind])):
            pencil = ImageDraw.Draw(image)
            (pencil.ellipse if kind == SHEEP else pencil.rectangle)(box, fill=fill)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(1))) + chance.normal(0, 8, (HEIGHT, WIDTH, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), mask


if __name__ == "__main__":
    main()
