"""Makes pictures in the colours that the stand-in network knows, a folder for each, with noise over them."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {
    "red": (200, 30, 30), "green": (40, 160, 60), "blue": (30, 60, 200), "yellow": (230, 210, 40),
    "black": (15, 15, 15), "white": (240, 240, 240),
}  # fmt: skip


def draw(colour, random):
    height, width = random.randint(80, 200, size=2)
    return Image.fromarray(np.clip(colour + random.normal(0, 30, (height, width, 3)), 0, 255).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train_url")
    parser.add_argument("--pictures", type=int, default=5, help="of each colour")
    options, _ = parser.parse_known_args()
    random = np.random.RandomState(0)
    for name, colour in COLOURS.items():
        folder = Path(options.train_url) / "data" / name
        folder.mkdir(parents=True)
        for number in range(options.pictures):
            draw(colour, random).save(folder / f"{name}_{number}.jpg")
    print(f"{options.pictures} pictures of each colour are in data/ of the output.")


if __name__ == "__main__":
    main()
