"""Draws pictures with masks, in VOC's layout: things in the colours of their classes, with noise over them."""

import argparse
from pathlib import Path

import numpy as np
from model.voc import COLOURS, NAMES, VOID, paint_mask
from PIL import Image, ImageDraw

parser = argparse.ArgumentParser()
parser.add_argument("--train_url")
parser.add_argument("--pictures", type=int, default=12)
options, _ = parser.parse_known_args()

random = np.random.RandomState(0)


def draw_mask(width, height):
    """Three ellipses of any class, with a rim of void as VOC has it."""
    mask = Image.new("L", (width, height))
    pencil = ImageDraw.Draw(mask)
    for index in random.randint(1, len(NAMES), size=3):
        left, top = random.randint(0, width // 2), random.randint(0, height // 2)
        right, bottom = left + random.randint(40, width // 2), top + random.randint(40, height // 2)
        pencil.ellipse([left, top, right, bottom], fill=VOID)
        pencil.ellipse([left + 3, top + 3, right - 3, bottom - 3], fill=int(index))
    return np.asarray(mask)


def draw_picture(mask):
    colours = np.array(COLOURS)[np.where(mask == VOID, 0, mask)]
    return Image.fromarray(np.clip(colours + random.normal(0, 12, colours.shape), 0, 255).astype(np.uint8))


data = Path(options.train_url) / "data"
for folder in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
    (data / folder).mkdir(parents=True, exist_ok=True)
names = [f"made_{number:02}" for number in range(options.pictures)]
for name in names:
    mask = draw_mask(random.randint(200, 400), random.randint(200, 400))
    draw_picture(mask).save(data / f"JPEGImages/{name}.jpg", quality=95)
    paint_mask(mask).save(data / f"SegmentationClass/{name}.png")
(data / "ImageSets/Segmentation/val.txt").write_text("\n".join(names) + "\n")
print(f"{len(names)} pictures are in data/ of the output.")
