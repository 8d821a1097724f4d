"""The docs say what the code does: every code has its line, and the worked example is a sound package."""

import re
from pathlib import Path

import pytest

from maquette.models.catalogue import KINDS
from maquette.models.check import check
from maquette.models.domain import MODEL_TYPES, Mode

DOCS = Path(__file__).resolve().parents[4] / "docs"
ROW = re.compile(r"^\| `(?P<code>[\w-]+)` \| (?P<level>error|warning|hint) \| (?P<says>.+) \|$", re.MULTILINE)
BLOCK = re.compile(r"^```\w+ (?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_code_has_its_line_with_its_level():
    rows = {found["code"]: found["level"] for found in ROW.finditer((DOCS / "check.md").read_text())}
    assert rows == {code: str(kind.level) for code, kind in KINDS.items()}


@pytest.mark.parametrize("name", [*MODEL_TYPES, *map(str, Mode)])
def test_every_model_type_and_mode_is_explained(name):
    assert f"`{name}`" in (DOCS / "packages.md").read_text()


@pytest.fixture
def example(tmp_path):
    """The files of the worked example as a reader writes them, and what the training leaves."""
    for found in BLOCK.finditer((DOCS / "packages.md").read_text()):
        path = tmp_path / found["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(found["text"])
    return tmp_path


def test_the_worked_example_is_sound(ctx, example):
    model = example / "colours" / "model"
    model.mkdir(parents=True)
    for name in ("network.py", "customize_service.py", "config.json"):
        (model / name).write_bytes((example / "code" / name).read_bytes())
    (model / "colours.pth").write_bytes(b"weights")
    report = check(ctx, model.parent)
    assert report.findings == ()
    assert report.package.model_path == "/home/mind/model/colours.pth"


@pytest.mark.engine("pytorch")
def test_the_worked_example_trains_to_a_sound_package(ctx, example, maquette, test_home):
    output = example / "colours"
    maquette(
        "run", example / "code", "--boot", "train.py", "--engine", "pytorch", "--output", output,
        env={"MAQUETTE_HOME": str(test_home)}, check=0,
    )  # fmt: skip
    assert check(ctx, output).findings == ()
