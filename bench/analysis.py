"""Claim: `analyse` of `deep_moxing` takes 25 000 samples in seconds; its memory does not grow with pictures or masks.

Each task runs in a process of its own. It is judged by processor time, which other work on the machine does not change.
*More memory* is the peak less what it had before, that is without the lists of the caller. The pictures are 200 made
ones of 500 x 375, opened over and over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from results import keep

import maquette_sdk

SAMPLES = 25_000
PICTURES = 200
MOST_SECONDS = {"classification": 5, "multi-label": 5, "detection": 15, "segmentation": 30, "with pictures": 120}
MOST_MEGABYTES = 300


def main() -> int:
    figures = {}
    print(f"{SAMPLES} samples    wall       processor  more memory  files")
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(Path(folder))
        for task in MOST_SECONDS:
            found = json.loads(subprocess.check_output([sys.executable, __file__, task, folder], text=True))
            figures[task] = found
            print(
                f"{task:16} {found['wall']:6.1f} s   {found['processor']:6.1f} s   {found['megabytes']:6.0f} MB    "
                f"{found['written'] / 1e6:6.1f} MB   (at most {MOST_SECONDS[task]} s of processor, {MOST_MEGABYTES} MB)"
            )
    keep("analysis", {"samples": SAMPLES, "tasks": figures})
    slow = [task for task, found in figures.items() if found["processor"] > MOST_SECONDS[task]]
    large = [task for task, found in figures.items() if found["megabytes"] > MOST_MEGABYTES]
    return 1 if slow or large else 0


def make_pictures(folder: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(PICTURES):
        coarse = random.integers(0, 255, (24, 32, 3), dtype=np.uint8)
        picture = np.asarray(Image.fromarray(coarse).resize((500, 375), Image.Resampling.BICUBIC), dtype=int)
        noisy = np.clip(picture + random.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{number}.jpg")


def one(task: str, folder: Path) -> dict[str, Any]:
    """Runs in a process of its own."""
    sys.path.append(str(Path(maquette_sdk.__file__).parent / "names"))
    from deep_moxing.model_analysis.api import analyse

    arguments = MAKE[task](np.random.default_rng(1), folder)
    before, start, processor = memory_from_now(), time.perf_counter(), time.process_time()
    analyse(**arguments, save_path=str(folder / "report"))
    return {
        "wall": time.perf_counter() - start,
        "processor": time.process_time() - processor,
        "megabytes": memory("VmHWM") - before,
        "written": sum(file.stat().st_size for file in (folder / "report").iterdir()),
    }


def memory_from_now() -> float:
    """Megabytes in use; the peak counts from here on."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def memory(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1e3


def classification(random: Any, folder: Path) -> dict[str, Any]:
    labels = random.integers(0, 10, SAMPLES)
    scores = random.random((SAMPLES, 10)) + np.eye(10)[labels] * 0.5
    return {
        "task_type": "image_classification",
        "pred_list": scores / scores.sum(1, keepdims=True),
        "label_list": labels,
        "name_list": [],
    }


def with_pictures(random: Any, folder: Path) -> dict[str, Any]:
    names = [str(folder / f"{number % PICTURES}.jpg") for number in range(SAMPLES)]
    return {**classification(random, folder), "name_list": names}


def multi_label(random: Any, folder: Path) -> dict[str, Any]:
    labels = random.random((SAMPLES, 20)) < 0.2
    return {
        "task_type": "multi_label_classification",
        "pred_list": np.clip(labels * 0.4 + random.random((SAMPLES, 20)) * 0.6, 0, 1),
        "label_list": labels.astype(int),
        "name_list": [],
    }


def detection(random: Any, folder: Path) -> dict[str, Any]:
    """About 7 objects and 12 predicted boxes a picture, of 80 classes."""
    predictions, labels = [], []
    for _ in range(SAMPLES):
        count = 1 + random.poisson(6)
        corner, kinds = random.random((count, 2)) * 400, random.integers(0, 80, count)
        boxes = np.hstack([corner, corner + 5 + random.random((count, 2)) * 150])
        which = random.integers(0, count, random.poisson(12))
        near = boxes[which] + random.normal(0, 8, (len(which), 4))
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        labels.append([boxes, kinds])
        predictions.append([near, kinds[which], random.random(len(which))])
    return {"task_type": "image_object_detection", "pred_list": predictions, "label_list": labels, "name_list": []}


def segmentation(random: Any, folder: Path) -> dict[str, Any]:
    """Masks of 128 x 128 with 21 classes; a thousand different ones, so that the lists of the caller fit."""
    labels = [np.kron(random.integers(0, 21, (8, 8)), np.ones((16, 16), int)).astype(np.uint8) for _ in range(1000)]
    predictions = [np.where(random.random(label.shape) < 0.9, label, 0).astype(np.uint8) for label in labels]
    often = SAMPLES // len(labels)
    return {
        "task_type": "image_segmentation",
        "pred_list": predictions * often,
        "label_list": labels * often,
        "name_list": [],
    }


MAKE = {
    "classification": classification,
    "multi-label": multi_label,
    "detection": detection,
    "segmentation": segmentation,
    "with pictures": with_pictures,
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(sys.argv[1], Path(sys.argv[2]))))
        sys.exit(0)
    sys.exit(main())
