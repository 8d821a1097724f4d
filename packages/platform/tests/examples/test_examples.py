"""What holds for every example: its pages, its commands, and that nobody's keys are in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
EXAMPLES = sorted(page.parent for page in (ROOT / "examples").glob("*/README.md"))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEY = re.compile(r"\b(?:AKIA|HPUA)[A-Z0-9]{12,}\b|secret_access_key\s*=\s*['\"][^'\"<]{16,}")


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_is_told_in_both_languages_with_the_same_commands(folder):
    english = (folder / "README.md").read_text()
    chinese = (folder / "README.zh-CN.md").read_text()
    assert re.search("[一-鿿]{4}", chinese)
    assert english.index("## Try it") < english.index("```sh")
    assert [strip_comments(block) for block in BLOCK.findall(english)] == [
        strip_comments(block) for block in BLOCK.findall(chinese)
    ]


def strip_comments(block):
    return [line.split("  #")[0].rstrip() for line in block.splitlines() if not line.lstrip().startswith("#")]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_is_in_both_tables(folder):
    for page in ("README.md", "README.zh-CN.md"):
        assert f"({folder.name}/{page})" in (ROOT / "examples" / page).read_text()


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_holds_no_key_and_no_path_of_a_machine(folder):
    for file in folder.rglob("*"):
        if file.suffix in (".py", ".md", ".json", ".ipynb", ".txt", ".sh") and "output" not in file.parts:
            text = file.read_text()
            assert not KEY.search(text), file
            assert not re.search(r"(?<!/home)/work/", text), file
            assert not re.search(r"^\s*(import|from) maquette", text, re.MULTILINE), file


def test_an_unknown_example_is_answered_with_the_names_there_are():
    command = [sys.executable, str(ROOT / "scripts" / "example.py"), "flower"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no example 'flower'" in done.stderr
    assert all(folder.name in done.stderr for folder in EXAMPLES)
