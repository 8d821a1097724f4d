"""Makes the lists anew: `python -m maquette.drivers.engines.constraints.make`. Needs an index that tells upload times.

A list caps what common packages, and what they need, may be: the newest version that could be installed on its day.
Packages that it does not name are not held.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from packaging.version import Version

from maquette.drivers.engines.catalogue import Python
from maquette.drivers.engines.indexes import read_indexes
from maquette.drivers.engines.installing import make_uv, uv_environment
from maquette.drivers.engines.interpreters import find_interpreters
from maquette.kernel.settings import read_settings
from maquette_sdk.job.startup.packages import Failure, Uv

HERE = Path(__file__).parent
DAYS = [f"{year}-{month}-01" for year in range(2019, 2023) for month in ("01", "04", "07", "10")][1:]
DAYS += [f"{year}-{month}-01" for year in range(2023, 2026) for month in ("01", "07")] + ["2026-01-01"]
NAMES = """
absl-py albumentations catboost cython easydict efficientnet-pytorch fastai future gensim gluoncv h5py horovod imageio
imgaug ipython jieba jupyter keras lightgbm lxml matplotlib mmcv networkx nltk numba numpy onnx onnxruntime
opencv-contrib-python opencv-python opencv-python-headless openpyxl pandas pillow pretrainedmodels progressbar2 psutil
pycocotools pytorch-lightning pyyaml requests scikit-image scikit-learn scipy seaborn setuptools shapely simplejson six
statsmodels tensorboard tensorboardx termcolor tf-slim thop timm tokenizers tornado tqdm transformers wheel xgboost yacs
"""
# uv refuses what older pandas declares; see catalogue.toml.
AT_LEAST = {"pandas": "0.25.3"}
NOT_CAPPED = ("torch", "torchvision", "torchaudio", "tensorflow", "mxnet", "mindspore")


def python_of(day: str) -> Python:
    if day < "2023":
        return (3, 7)
    return (3, 9) if day < "2025-07" else (3, 10)


def main(days: list[str]) -> None:
    settings = read_settings()
    variables = uv_environment(
        os.environ, read_indexes(os.environ).environment, settings.home.engines, settings.home.cache
    )
    pythons = find_interpreters(os.environ)
    for day in days or DAYS:
        uv = make_uv(pythons[python_of(day)].base, variables)
        newest = newest_on(day, uv)
        head = f"# The newest versions on {day}, made by make.py.\n"
        lines = [f"{name}<={version}\n" for name, version in sorted(newest.items()) if name not in NOT_CAPPED]
        (HERE / f"{day}.txt").write_text(head + "".join(lines), encoding="utf-8")
        print(day, len(newest), "packages", flush=True)


def newest_on(day: str, uv: Uv) -> dict[str, str]:
    newest: dict[str, str] = {}
    for name in NAMES.split():
        for found, version in resolve_alone(name, day, uv):
            if found not in newest or Version(newest[found]) < Version(version):
                newest[found] = max(version, AT_LEAST.get(found, version), key=Version)
    return newest


def resolve_alone(name: str, day: str, uv: Uv) -> list[tuple[str, str]]:
    """Each name for itself: together they would hold each other back."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"maquette-{os.getpid()}.in"  # noqa: S108 – a developer's tool
    path.write_text(name + "\n", encoding="utf-8")
    try:
        options = ["--exclude-newer", day, "--no-header", "--no-annotate", "--quiet", "--only-binary", name]
        said = uv.pip("compile", *options, str(path))
    except Failure:
        return []  # it did not exist yet, or has no wheel for this Python
    finally:
        path.unlink()
    pins = (line.split("==") for line in said.splitlines() if "==" in line and not line.startswith("warning"))
    return [(pin[0].split("[")[0].strip(), pin[1].split(";")[0].split()[0]) for pin in pins]


if __name__ == "__main__":
    main(sys.argv[1:])
