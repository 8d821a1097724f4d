"""The demo, whole: trained, checked, online, judged on images the script never saw."""

import random
import re

import pytest

from maquette.demo.images import write_digits


@pytest.mark.engine("pytorch")
def test_the_demo_ends_well_with_its_table(maquette, test_home, tmp_path):
    done = maquette("demo", "--home", test_home, "--output", tmp_path / "out", check=0)
    for step in ("images", "engine", "training job", "check", "service", "predictions over HTTP", "total"):
        assert re.search(rf"^  {step} +[\d.]+ s", done.stdout, re.MULTILINE), step
    accuracy = float(re.search(r"never saw: ([\d.]+)", done.stdout).group(1))
    assert accuracy >= 0.95
    assert (tmp_path / "out" / "V0001" / "model" / "config.json").exists()


@pytest.mark.engine("pytorch")
def test_shuffled_labels_fail_the_demo(maquette, test_home, tmp_path):
    write_digits(tmp_path / "digits")
    images = sorted((tmp_path / "digits").rglob("*.png"))
    chance = random.Random(0)
    for image in images:
        folder = tmp_path / "shuffled" / str(chance.randrange(10))
        folder.mkdir(parents=True, exist_ok=True)
        image.rename(folder / image.name)
    done = maquette("demo", "--home", test_home, "--data", tmp_path / "shuffled", "--output", tmp_path / "out")
    assert done.returncode == 1
    assert "below 0.95" in done.stderr


def test_a_folder_that_is_missing_or_has_no_classes_is_one_sentence(maquette, tmp_path):
    done = maquette("demo", "--data", tmp_path / "nowhere")
    assert (done.returncode, "nowhere" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    (tmp_path / "flat").mkdir()
    done = maquette("demo", "--data", tmp_path / "flat")
    assert (done.returncode, "one sub-folder per class" in done.stderr) == (2, True)
