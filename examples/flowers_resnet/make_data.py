"""Makes the data set: train/ and val/ with a folder for each kind of flower. Standard library only.

python3 make_data.py OUT                      draws five kinds of simple flowers
python3 make_data.py OUT --flowers FOLDER     splits photos that lie in a folder for each kind
"""

import argparse
import hashlib
import math
import random
import struct
import sys
import zlib
from pathlib import Path

VALIDATED = 0.25  # this part of each kind is in val/
SIDE = 96


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--flowers", type=Path, help="a folder that holds a folder of photos for each kind")
    parser.add_argument("--each", type=int, default=20, help="how many of each kind are drawn")
    options = parser.parse_args()
    if options.out.exists() and any(options.out.iterdir()):
        # Of two splits in one folder the pictures of one's val/ would lie in the other's train/.
        sys.exit(f"{options.out} is not empty: remove it, or name another folder.")
    kinds = photos(options.flowers) if options.flowers else drawings(options.each)
    for kind, pictures in kinds:
        print(kind, *split(options.out, kind, pictures))


def split(out, kind, pictures):
    """Writes the pictures (name, content). Where one goes is decided by its content alone, and equal ones are one."""
    by_hash = {hashlib.sha256(content).hexdigest(): (name, content) for name, content in pictures}
    count = round(len(by_hash) * VALIDATED)
    for number, (_, (name, content)) in enumerate(sorted(by_hash.items())):
        file = out / ("val" if number < count else "train") / kind / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return "train", len(by_hash) - count, "val", count


def photos(folder):
    kinds = sorted(path for path in folder.iterdir() if path.is_dir())
    if not kinds:
        sys.exit(f"{folder} holds no folders: each kind of flower has its own.")
    for kind in kinds:
        files = sorted(path for path in kind.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        yield kind.name, [(path.name, path.read_bytes()) for path in files]


def drawings(each):
    for kind in sorted(FLOWERS):
        dice = random.Random(kind)
        yield kind, [(f"{number:03}.png", png(draw(FLOWERS[kind], dice))) for number in range(each)]


def draw(flower, dice):
    """Rows of colours: the flower somewhere on grass, turned a little, in its own light."""
    x0, y0, radius = dice.uniform(-0.15, 0.15), dice.uniform(-0.15, 0.15), dice.uniform(0.6, 0.95)
    turn, light, grass = dice.uniform(-0.3, 0.3), dice.uniform(0.75, 1.1), dice.uniform(0.3, 0.6)
    cos, sin = math.cos(turn) / radius, math.sin(turn) / radius
    rows = []
    for row in range(SIDE):
        y = 2 * row / SIDE - 1 - y0
        line = []
        for column in range(SIDE):
            x = 2 * column / SIDE - 1 - x0
            colour = flower(x * cos - y * sin, x * sin + y * cos) or (grass * 0.6, grass, grass * 0.4)
            line.append([part * light + dice.uniform(-0.04, 0.04) for part in colour])
        rows.append(line)
    return rows


# Each flower gives the colour at (x, y), or None beside it. It is about 1 large and x = y = 0 is its middle.


def daisy(x, y):
    r, angle = math.hypot(x, y), math.atan2(y, x)
    if r < 0.25:
        return 0.95, 0.75, 0.1
    return (0.95, 0.95, 0.97) if r < 0.9 and math.cos(13 * angle) > -0.4 else None


def dandelion(x, y):
    r, angle = math.hypot(x, y), math.atan2(y, x)
    ray = math.cos(37 * angle + 9 * r)
    return (0.95, 0.72 + 0.13 * ray, 0.05) if r < 0.75 + 0.1 * ray else None


def rose(x, y):
    r, angle = math.hypot(x, y), math.atan2(y, x)
    shade = 0.65 + 0.3 * math.sin(16 * r + 2 * angle)
    return (shade, 0.1 * shade, 0.2 * shade) if r < 0.75 + 0.06 * math.cos(5 * angle) else None


def sunflower(x, y):
    r, angle = math.hypot(x, y), math.atan2(y, x)
    if r < 0.45:
        return 0.3 + 0.08 * math.cos(40 * x) * math.cos(40 * y), 0.18, 0.06
    return (0.97, 0.65, 0.05) if r < 0.55 + 0.4 * abs(math.cos(8 * angle)) else None


def tulip(x, y):
    if abs(x) < 0.06 and y > 0.4:
        return 0.2, 0.55, 0.2
    if abs(x) > 0.55:
        return None
    rim = -0.75 + 0.35 * abs(math.sin(2.5 * math.pi * x))  # three tips
    shade = 0.7 + 0.2 * math.cos(7 * x)
    cup = 0.55 * math.sqrt(1 - (x / 0.55) ** 2)
    return (shade, 0.3 * shade, 0.8 * shade) if rim < y < cup else None


FLOWERS = {"daisy": daisy, "dandelion": dandelion, "roses": rose, "sunflowers": sunflower, "tulips": tulip}


def png(rows):
    """Rows of colours between 0 and 1 as a PNG file."""
    levels = [bytes(max(0, min(255, round(255 * part))) for colour in row for part in colour) for row in rows]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + level for level in levels))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


if __name__ == "__main__":
    main()
