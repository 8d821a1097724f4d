"""What is measured in pictures, and pictures that cannot be opened."""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from maquette_sdk.analysis.pictures import FEATURES, colorfulness, laplacian, measure, saturation, variance


def save(folder: Path, values: Any, name: str = "a.png") -> str:
    Image.fromarray(np.asarray(values, np.uint8)).save(folder / name)
    return str(folder / name)


def test_a_picture_has_its_light_clarity_size_shape_and_colours(tmp_path: Path) -> None:
    stripes = np.zeros((20, 40, 3), np.uint8)
    stripes[:, ::2] = 255
    red = np.zeros((20, 40, 3), np.uint8)
    red[:, :, 0] = 200
    measured = measure([save(tmp_path, stripes, "stripes.png"), save(tmp_path, red, "red.png")])
    assert measured is not None
    found = {name: values.tolist() for name, values in measured.features.items()}
    assert list(found) == list(FEATURES)
    assert found["image_brightness"] == [127.5, pytest.approx(200 * 0.299, abs=1)]
    assert found["ambiguity"] == [pytest.approx(510.0**2), 0.0]
    assert found["image_resolution"] == [800, 800] and found["image_aspect_ratio"] == [2.0, 2.0]
    assert found["image_saturation"] == [0.0, 1.0]
    assert found["image_colorfulness"] == [0.0, pytest.approx(0.3 * np.hypot(200, 100))]


def test_clarity_is_the_variance_of_the_laplacian() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (50, 70)).astype(np.uint8)
    wide = grey.astype(float)
    expected = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4 * wide[1:-1, 1:-1]
    assert (laplacian(grey) == expected).all()
    assert variance(laplacian(grey)) == pytest.approx(expected.var(), rel=1e-6)
    assert variance(laplacian(np.zeros((1, 1), np.uint8))) == 0.0


def test_saturation_and_colorfulness_know_black() -> None:
    black = np.zeros((4, 4, 3), np.uint8)
    assert saturation(black) == colorfulness(black) == 0.0


@pytest.mark.parametrize(
    ("mode", "brightness"),
    [
        ("1", 255),
        ("L", 100),
        ("LA", 100),
        ("P", 100),
        ("RGBA", 100),
        ("CMYK", 100),
        ("I;16", 100),
        ("I", 100),
        ("F", 100),
    ],
)
def test_every_kind_of_picture_is_measured(tmp_path: Path, mode: str, brightness: int) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.full((6, 5), 100 * 257, np.uint16))
    elif mode in "IF":
        picture = Image.fromarray(np.full((6, 5), 100, np.int32 if mode == "I" else np.float32))
    else:
        picture = Image.new("RGB", (5, 6), (brightness,) * 3).convert(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.tif" if mode in "IF" else "a.png")
    picture.save(path)
    measured = measure([str(path)])
    assert measured is not None
    assert measured.features["image_brightness"][0] == pytest.approx(brightness, abs=2)


def test_large_photographs_are_measured_at_a_part_of_their_size(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 3000), (120, 120, 120)).save(tmp_path / "a.jpg")
    measured = measure([str(tmp_path / "a.jpg")], [np.array([[0, 0, 1500, 2000], [2990, 3990, 3000, 4000]])])
    assert measured is not None
    assert measured.features["image_resolution"][0] == 12_000_000
    assert measured.boxes[0][:, 0].tolist() == pytest.approx([120, 120], abs=2)


@pytest.mark.parametrize("contents", [b"", b"no picture", b"\x89PNG\r\n\x1a\n1234"])
def test_what_is_no_picture_is_left_out_and_told(tmp_path: Path, caplog: Any, contents: bytes) -> None:
    (tmp_path / "bad.png").write_bytes(contents)
    names = [str(tmp_path / "bad.png"), save(tmp_path, np.full((4, 4, 3), 80)), str(tmp_path / "absent.png")]
    measured = measure(names)
    assert measured is not None and measured.opened.tolist() == [False, True, False]
    assert np.isnan(measured.features["ambiguity"]).tolist() == [True, False, True]
    assert "Sensitivity leaves pictures out: 2 of 3 pictures could not be opened. The first is " in caplog.text


def test_a_picture_that_breaks_off_is_left_out(tmp_path: Path, caplog: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3))
    path = Path(save(tmp_path, noise, "cut.jpg"))
    path.write_bytes(path.read_bytes()[:-900])
    assert measure([str(path)]) is None
    assert "Sensitivity to pictures is not analysed: 1 of 1 pictures could not be opened" in caplog.text


def test_paths_also_come_as_bytes_paths_and_pairs(tmp_path: Path) -> None:
    path = save(tmp_path, np.full((4, 4, 3), 80))
    measured = measure([path, path.encode(), Path(path), (path, 3), np.array([path])[0]])
    assert measured is not None and measured.opened.all()


def test_without_a_library_for_pictures_that_is_said(monkeypatch: Any, caplog: Any) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert measure(["a.png"]) is None
    assert "the engine has neither Pillow nor OpenCV" in caplog.text


class OpenCV:
    """cv2 as far as it is used, over Pillow."""

    IMREAD_COLOR, COLOR_BGR2GRAY = 1, 6

    def imdecode(self, data: Any, flag: int) -> Any:
        try:
            return np.asarray(Image.open(io.BytesIO(data.tobytes())).convert("RGB"))[:, :, ::-1]
        except OSError:
            return None

    def cvtColor(self, colours: Any, code: int) -> Any:
        return np.asarray(Image.fromarray(np.ascontiguousarray(colours[:, :, ::-1])).convert("L"))


def test_opencv_measures_the_same(tmp_path: Path, monkeypatch: Any, caplog: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3))
    names = [save(tmp_path, noise, "图.png")]
    by_pillow = measure(names)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setitem(sys.modules, "cv2", OpenCV())
    by_opencv = measure([*names, __file__])
    assert by_pillow is not None and by_opencv is not None
    for name in FEATURES:
        assert by_opencv.features[name][0] == by_pillow.features[name][0]
    assert "no picture that OpenCV knows" in caplog.text
