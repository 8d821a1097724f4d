"""Makes what the example is tried with: pictures with coloured squares, and a darknet network that finds them.

--train_url gets `pictures/`, `truth.json` (class, ymin, xmin, ymax, xmax of each square) and `squares.cfg`,
`squares.weights`, `squares.names`.
"""

import argparse
import itertools
import json
import random
from pathlib import Path

import numpy as np
import squares
from darknet import read_cfg, write_weights
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 320, 240
COLOURS = {"red": (225, 30, 25), "green": (20, 190, 40), "blue": (35, 45, 215)}
OTHERS = [(235, 205, 40), (250, 250, 250), (60, 60, 60)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train_url", required=True)
    parser.add_argument("--pictures", type=int, default=4)
    options = parser.parse_known_args()[0]
    folder = Path(options.train_url)
    write_network(folder)
    write_pictures(folder, options.pictures)


def write_network(folder):
    (folder / "squares.cfg").write_text(squares.CFG)
    (folder / "squares.names").write_text("\n".join(squares.NAMES) + "\n")
    network, arrays = read_cfg(folder / "squares.cfg"), squares.arrays()
    write_weights(folder / "squares.weights", network, lambda index, name, shape: arrays[index][name])


def write_pictures(folder, count):
    (folder / "pictures").mkdir(exist_ok=True)
    chance = random.Random(0)
    truth = {}
    for number in range(1, count + 1):
        picture, truth[f"squares-{number}.png"] = draw(chance)
        picture.save(str(folder / "pictures" / f"squares-{number}.png"))
    (folder / "truth.json").write_text(json.dumps(truth, indent=1))


def draw(chance):
    """A picture, and [class, ymin, xmin, ymax, xmax] of each square in it."""
    noise = np.random.RandomState(chance.randrange(1 << 30)).normal(150, 12, (HEIGHT, WIDTH, 1))
    picture = Image.fromarray(np.tile(noise, 3).clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    truth, taken = [], []
    for colour in [chance.choice(OTHERS) for _ in range(3)] + [chance.choice(sorted(COLOURS)) for _ in range(5)]:
        place = free_place(chance, taken)
        taken.append(place)
        if isinstance(colour, tuple):
            pen.ellipse(place, fill=colour)
            continue
        left, top, right, bottom = place
        pen.rectangle([left, top, right - 1, bottom - 1], fill=COLOURS[colour])
        truth.append([colour, top, left, bottom, right])
    return picture, truth


def free_place(chance, taken):
    """left, top, right, bottom of a square that keeps away from those that are there."""
    for attempt in itertools.count():
        side = chance.randint(24, max(24, 90 - attempt))
        left, top = chance.randint(5, WIDTH - side - 5), chance.randint(5, HEIGHT - side - 5)
        place = (left, top, left + side, top + side)
        if all(
            left > other[2] + 8 or other[0] > place[2] + 8 or top > other[3] + 8 or other[1] > place[3] + 8
            for other in taken
        ):
            return place


if __name__ == "__main__":
    main()
