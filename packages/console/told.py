"""Writes `src/words/told.en.json`: all that the server tells in sentences, by its codes, out of its catalogues.

.venv/bin/python packages/console/told.py          writes it
.venv/bin/python packages/console/told.py --check   says whether it is as the server is

The other languages lie beside it and are written by people; a test holds them to this one.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import maquette
import maquette_sdk
from maquette_sdk.sentences import Sentences

TARGET = Path(__file__).parent / "src" / "words" / "told.en.json"
CATALOGUE = re.compile(r"^say = Sentences\($", re.MULTILINE)


def main() -> None:
    text = json.dumps(words(), ensure_ascii=False, indent=2) + "\n"
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        sys.exit("src/words/told.en.json is not as the server is. Write it: .venv/bin/python packages/console/told.py")


def words() -> dict[str, Any]:
    """As i18next has them: nested by the dots of the codes, parameters in two braces."""
    tree: dict[str, Any] = {}
    for catalogue in sorted(catalogues().values(), key=lambda one: one.name):
        for code, english in catalogue.english.items():
            *above, last = (catalogue.name, *code.split("."))
            place = tree
            for part in above:
                place = place.setdefault(part, {})
            place[last] = as_words(english)
    return tree


def catalogues() -> dict[str, Sentences]:
    """Every catalogue of the server, by the module that holds it."""
    found = {}
    for package in (maquette, maquette_sdk):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            if CATALOGUE.search(path.read_text(encoding="utf-8")):
                name = ".".join((package.__name__, *path.relative_to(root).with_suffix("").parts))
                found[name] = importlib.import_module(name).say
    return found


def as_words(english: str) -> str:
    marked = english.replace("{{", "\0").replace("}}", "\1")
    return re.sub(r"\{(\w+)\}", r"{{\1}}", marked).replace("\0", "{").replace("\1", "}")


if __name__ == "__main__":
    main()
