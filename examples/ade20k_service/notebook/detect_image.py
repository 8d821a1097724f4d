"""Segments the scene of one picture and says what is in it."""

import argparse
import sys
import time
from pathlib import Path

import cv2

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--image", default="notebook/test.jpg", help="the picture")
PARSER.add_argument("--show_mask", type=int, choices=[0, 1], default=1, help="0: the colours alone")
PARSER.add_argument("--mask_alpha", type=float, default=0.5, help="0.1 to 0.9: how strongly the colours cover")
PARSER.add_argument("--version", default="V0001", help="of the model, in model/<version>/model")
PARSER.add_argument("--model", help="the package's folder, if it is elsewhere")
PARSER.add_argument("--input_size", type=int, default=512, help="side of the square that the network sees")
PARSER.add_argument("--out", default="notebook/out/image", help="the folder for the result")
ARGS = PARSER.parse_args()
MODEL = Path(ARGS.model or f"model/{ARGS.version}/model")
sys.path.append(str(MODEL))

from core.drawing import NAMES, blend, colour_classes, draw_legend, shares  # noqa: E402 – comes with the package
from core.segmenter import Segmenter  # noqa: E402
from core.weights import FILE_NAME  # noqa: E402

if __name__ == "__main__":
    read = cv2.imread(ARGS.image)
    if read is None:
        sys.exit(f"'{ARGS.image}' cannot be read as a picture.")
    picture = read[:, :, ::-1].copy()  # RGB
    segmenter = Segmenter(MODEL / FILE_NAME, ARGS.input_size)
    started = time.time()
    classes = segmenter.classes_of(picture)
    print(f"segmented in {time.time() - started:.1f} s")
    for number, share in shares(classes):
        print(f"{share:7.2%}  {NAMES[number]}")

    out = Path(ARGS.out)
    out.mkdir(parents=True, exist_ok=True)
    stem = Path(ARGS.image).stem
    if ARGS.show_mask:
        file, result = out / f"{stem}.jpg", draw_legend(blend(picture, classes, ARGS.mask_alpha), classes)
    else:
        file, result = out / f"{stem}.png", colour_classes(classes)
    cv2.imwrite(str(file), result[:, :, ::-1])
    print("written to", file)
