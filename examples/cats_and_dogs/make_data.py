"""Packs pictures of several classes into one archive for training, always split in the same way.

`python3 make_data.py FOLDER` takes FOLDER/cat/*.jpg, FOLDER/dog/*.jpg and so on; without FOLDER it draws cats and dogs.
"""

import argparse
import io
import random
import struct
import sys
import tarfile
import zlib
from pathlib import Path

SHARES = (("test", 0.2), ("val", 0.1))  # the rest is for training
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
SIDE = 96


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="holds a folder of pictures for each class")
    parser.add_argument("--output", default="output/data", help="folder for the archive")
    parser.add_argument("--drawn", type=int, default=30, help="without FOLDER: so many pictures of each class")
    options = parser.parse_args()
    if options.folder and not Path(options.folder).is_dir():
        sys.exit(f"There is no folder {options.folder}")
    classes = read(options.folder) if options.folder else draw(options.drawn)
    if len(classes) < 2 or min(len(pictures) for pictures in classes.values()) < 10:
        sys.exit(f"At least two classes of ten pictures are needed. Found: {count(classes)}")
    total = sum(len(pictures) for pictures in classes.values())
    archive = Path(options.output, f"dog_and_cat_{total}.tar.gz")
    archive.parent.mkdir(parents=True, exist_ok=True)
    pack(split(classes), archive)
    print(f"{archive}: {count(classes)}")


def read(folder):
    """{class: {file name: content}} of a folder with one folder for each class."""
    return {
        inner.name: {path.name: path.read_bytes() for path in inner.iterdir() if path.suffix.lower() in ENDINGS}
        for inner in sorted(Path(folder).iterdir())
        if inner.is_dir()
    }


def count(classes):
    return ", ".join(f"{len(pictures)} {name}" for name, pictures in classes.items()) or "nothing"


def split(classes):
    """(path in the archive, content) of each picture. The same names always fall into the same parts."""
    for name, pictures in classes.items():
        files = sorted(pictures)
        random.Random(0).shuffle(files)
        for part, share in SHARES:
            size = round(share * len(pictures))
            for file in files[:size]:
                yield f"{part}/{name}/{file}", pictures[file]
            files = files[size:]
        for file in files:
            yield f"train/{name}/{file}", pictures[file]


def pack(entries, archive):
    with tarfile.open(archive, "w:gz") as tar:
        for path, content in entries:
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def draw(number):
    """{class: {file name: content}}: ginger cats with pointed ears, brown dogs with hanging ears."""
    dice = random.Random(0)
    return {kind: {f"{kind}.{n}.png": png(animal(kind, dice)) for n in range(number)} for kind in ("cat", "dog")}


def animal(kind, dice):
    """Rows of (red, green, blue): a face somewhere before a plain background."""
    ground = [dice.randint(90, 255) for _ in range(3)]
    fur = [value + dice.randint(-25, 25) for value in ((215, 150, 75) if kind == "cat" else (105, 70, 45))]
    dark = [value // 2 for value in fur]
    size, middle, height = dice.randint(20, 30), dice.randint(38, 58), dice.randint(44, 58)

    def colour(x, y):
        across, down = abs(x - middle) / size, (y - height) / size  # the face is a circle of radius 1 around (0, 0)
        if (across - 0.4) ** 2 + (down + 0.2) ** 2 < 0.02 or across**2 + (down - 0.3) ** 2 < 0.03:
            return (20, 20, 20)  # eyes and nose
        if kind == "dog" and ((across - 0.95) / 0.3) ** 2 + ((down - 0.1) / 0.8) ** 2 < 1:
            return dark
        if across**2 + down**2 < 1:
            return fur
        if kind == "cat" and -1.5 < down < 0 and abs(across - 0.65) < (down + 1.5) / 3:
            return dark
        return ground

    return [[colour(x, y) for x in range(SIDE)] for y in range(SIDE)]


def png(rows):
    """The file of a picture."""
    lines = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    header = struct.pack(">2I5B", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


if __name__ == "__main__":
    main()
