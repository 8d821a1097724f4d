"""The images of the demo: the shipped digits written out as files, and the split into given and unseen."""

from __future__ import annotations

import gzip
import random
import shutil
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.errors import BadInput

DIGITS = Path(__file__).parent / "digits" / "digits.csv.gz"
ENLARGE = 4
UNSEEN_SHARE = 0.25
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp"})


def write_digits(folder: Path) -> int:
    """Writes the shipped digits as `folder/<digit>/<number>.png`, 32 × 32 grey; returns how many."""
    lines = gzip.decompress(DIGITS.read_bytes()).decode().split()
    for number, line in enumerate(lines):
        *values, digit = (int(float(value)) for value in line.split(","))
        rows = [bytes(min(255, value * 16) for value in values[start : start + 8]) for start in range(0, 64, 8)]
        path = folder / str(digit) / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png([enlarge(row) for row in rows for _ in range(ENLARGE)]))
    return len(lines)


def enlarge(row: bytes) -> bytes:
    return bytes(value for value in row for _ in range(ENLARGE))


def png(rows: list[bytes]) -> bytes:
    """A grey picture of one byte per pixel as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@dataclass(frozen=True)
class Split:
    """`given` goes to the training script; of `unseen` (file name → class) it never hears."""

    given: int
    unseen: dict[str, str]


def split_images(source: Path, given: Path, unseen: Path, seed: int = 0) -> Split:
    """Copies an image folder with one sub-folder per class into two; the unseen images lose their class names."""
    by_class = {
        folder.name: sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
        for folder in sorted(source.iterdir())
        if folder.is_dir()
    }
    by_class = {name: paths for name, paths in by_class.items() if paths}
    if len(by_class) < 2:
        raise BadInput(
            f"'{source}' has no two sub-folders with images. Put one sub-folder per class into it.", field="data"
        )
    chance = random.Random(seed)
    unseen.mkdir(parents=True)
    truth: dict[str, str] = {}
    count = 0
    for name, paths in by_class.items():
        chance.shuffle(paths)
        kept_back = max(1, round(len(paths) * UNSEEN_SHARE))
        for path in paths[:kept_back]:
            hidden = f"{len(truth):05d}{path.suffix.lower()}"
            shutil.copyfile(path, unseen / hidden)
            truth[hidden] = name
        (given / name).mkdir(parents=True)
        for path in paths[kept_back:]:
            shutil.copyfile(path, given / name / path.name)
            count += 1
    return Split(count, truth)
