"""Syntax as another Python reads it: the interpreter that will run the code has the last word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60
PARSER = """
import ast, json, sys, warnings
warnings.simplefilter("ignore")
for path, name in json.load(sys.stdin):
    try:
        with open(path, "rb") as file:
            ast.parse(file.read(), name)
    except SyntaxError as error:
        print(json.dumps([name, error.lineno, error.offset, error.msg]))
    except Exception as error:
        print(json.dumps([name, None, None, str(error)]))
"""


@dataclass(frozen=True)
class Refused:
    """A file that an interpreter does not take, and why."""

    file: str
    line: int | None
    column: int | None
    said: str


def parse_with(python: Path, folder: Path, files: Iterable[str]) -> tuple[Refused, ...] | None:
    """Lets an interpreter parse files, without running them. None where it does not start: that is told elsewhere."""
    pairs = [(str(folder / file), file) for file in files]
    command = [str(python), "-I", "-S", "-c", PARSER]
    try:
        done = subprocess.run(
            command, input=json.dumps(pairs), capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(Refused(*json.loads(line)) for line in done.stdout.splitlines())
