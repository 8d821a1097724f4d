"""ModelArts' packages outside of runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def run(*arguments: str, at: Path) -> Any:
    command = [sys.executable, "-m", "maquette_sdk.modelarts", *arguments]
    return subprocess.run(command, cwd=str(at), capture_output=True, text=True)


def test_a_script_runs_as_it_is_with_the_names_on_its_path(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("word = 'beside'\n")
    (tmp_path / "submit.py").write_text(
        "import sys, beside\nfrom modelarts.session import Session\n"
        "print(__name__, beside.word, sys.argv, Session.__name__)\n"
    )
    done = run("submit.py", "--epochs=3", at=tmp_path)
    assert done.stdout == "__main__ beside ['submit.py', '--epochs=3'] Session\n", done.stderr


def test_without_a_script_it_says_how(tmp_path: Path) -> None:
    done = run(at=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "python -m maquette_sdk.modelarts SCRIPT.py" in done.stderr
