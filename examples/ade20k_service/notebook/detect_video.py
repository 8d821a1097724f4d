"""Segments a video: every frame in its classes' colours with a legend, at the same frame rate, with its sound."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
from tqdm import tqdm

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--video", default="notebook/test.mp4", help="the video")
PARSER.add_argument("--show_mask", type=int, choices=[0, 1], default=1, help="0: the colours alone")
PARSER.add_argument("--mask_alpha", type=float, default=0.5, help="0.1 to 0.9: how strongly the colours cover")
PARSER.add_argument("--version", default="V0001", help="of the model, in model/<version>/model")
PARSER.add_argument("--model", help="the package's folder, if it is elsewhere")
PARSER.add_argument("--input_size", type=int, default=512, help="side of the square that the network sees")
PARSER.add_argument(
    "--every", type=int, default=1, help="segment only one frame of so many, and keep it for the others"
)
PARSER.add_argument("--ffmpeg", default="ffmpeg", help="the program that copies the sound")
PARSER.add_argument("--out", default="notebook/out/video", help="the folder for the result")
ARGS = PARSER.parse_args()
MODEL = Path(ARGS.model or f"model/{ARGS.version}/model")
sys.path.append(str(MODEL))

from core.drawing import blend, colour_classes, draw_legend  # noqa: E402 – comes with the package
from core.segmenter import Segmenter  # noqa: E402
from core.weights import FILE_NAME  # noqa: E402


def frames_of(video):
    """RGB frames, one after the other."""
    there, frame = video.read()
    while there:
        yield frame[:, :, ::-1].copy()
        there, frame = video.read()


def draw(frame, classes):
    result = blend(frame, classes, ARGS.mask_alpha) if ARGS.show_mask else colour_classes(classes)
    return draw_legend(result, classes)


def add_sound(silent, source, file):
    """Joins the drawn pictures with the source's sound, if it has any; says so where that cannot be done."""
    streams = ["-map", "0:v", "-map", "1:a?", "-c", "copy"]
    command = [ARGS.ffmpeg, "-y", "-loglevel", "error", "-i", str(silent), "-i", str(source), *streams, str(file)]
    if shutil.which(ARGS.ffmpeg) is None:
        print(f"'{ARGS.ffmpeg}' is not installed: the video has no sound.")
    elif subprocess.call(command) != 0:
        print(f"'{ARGS.ffmpeg}' could not copy the sound: the video has none.")
    else:
        return
    shutil.copyfile(str(silent), str(file))


if __name__ == "__main__":
    video = cv2.VideoCapture(ARGS.video)
    rate = video.get(cv2.CAP_PROP_FPS)
    if not video.isOpened() or rate <= 0:
        sys.exit(f"'{ARGS.video}' cannot be read as a video.")
    size = tuple(int(video.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    segmenter = Segmenter(MODEL / FILE_NAME, ARGS.input_size)

    out = Path(ARGS.out)
    out.mkdir(parents=True, exist_ok=True)
    silent = Path(tempfile.mkdtemp(), "silent.mp4")
    writer = cv2.VideoWriter(str(silent), cv2.VideoWriter_fourcc(*"mp4v"), rate, size)
    done = 0
    for frame in tqdm(frames_of(video), total=count, unit="frame"):
        if done % ARGS.every == 0:
            classes = segmenter.classes_of(frame)
        writer.write(draw(frame, classes)[:, :, ::-1])
        done += 1
    writer.release()

    file = out / f"{Path(ARGS.video).stem}.mp4"
    add_sound(silent, ARGS.video, file)
    print(f"written to {file}: {done} frames of {size[0]}x{size[1]} at {rate:g} a second")
