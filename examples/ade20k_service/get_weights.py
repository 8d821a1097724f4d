"""Fetches the published weights: python3 get_weights.py FOLDER [--sha256 SUM] [--url URL]"""

import argparse
import hashlib
import sys
import urllib.request
from pathlib import Path

URL = "https://github.com/ayoolaolafenwa/PixelLib/releases/download/1.3/deeplabv3_xception65_ade20k.h5"
HDF5 = b"\x89HDF\r\n\x1a\n"

PARSER = argparse.ArgumentParser()
PARSER.add_argument("folder")
PARSER.add_argument("--url", default=URL)
PARSER.add_argument("--sha256", help="what the file's SHA-256 must be; its publisher names none")
ARGS = PARSER.parse_args()


def fetch(url, file):
    """Writes what the address gives to the file; its SHA-256."""
    digest = hashlib.sha256()
    with urllib.request.urlopen(url) as answer, file.open("wb") as target:
        for part in iter(lambda: answer.read(1 << 20), b""):
            digest.update(part)
            target.write(part)
    return digest.hexdigest()


def complaint(file, found):
    with file.open("rb") as source:
        if source.read(len(HDF5)) != HDF5:
            return f"What {ARGS.url} gave is no HDF5 file."
    if ARGS.sha256 and ARGS.sha256.lower() != found:
        return f"The file is another one: its SHA-256 is {found}, not {ARGS.sha256}."
    return ""


if __name__ == "__main__":
    file = Path(ARGS.folder, "deeplabv3_xception65_ade20k.h5")
    part = file.with_suffix(".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    found = fetch(ARGS.url, part)
    wrong = complaint(part, found)
    if wrong:
        part.unlink()
        sys.exit(wrong)
    part.replace(file)
    print(f"{file}: SHA-256 {found}" + ("" if ARGS.sha256 else ", compared with nothing; keep it for the next time"))
