"""What the server tells of its own accord has words in every language of the console, with all that is put into it."""

import ast
import importlib.util
import json
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import maquette
import maquette_sdk
from maquette.models.catalogue import KINDS

CONSOLE = Path(__file__).resolve().parents[3] / "console"
WORDS = CONSOLE / "src" / "words"
SOURCES = [Path(package.__file__).parent for package in (maquette, maquette_sdk)]
IN_WORDS = re.compile(r"\{\{(\w+)\}\}")
TELLING = ("runs", "training", "services", "models", "notebooks", "tensorboards", "drivers/engines")
IN_A_TERMINAL = {"gateway.py", "keeper.py", "lifeline.py"}  # where `maquette serve` tells
TELLERS = {"note", "tell", "tell_and_keep", "set_stopped"}


def made_by(script):
    spec = importlib.util.spec_from_file_location(script, CONSOLE / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CATALOGUES = made_by("told").catalogues()
CODES = {f"{one.name}.{code}": english for one in CATALOGUES.values() for code, english in one.english.items()}


def fields(english):
    return {name for _, name, _, _ in string.Formatter().parse(english) if name}


def leaves(tree, above=""):
    for name, one in tree.items():
        key = f"{above}{name}"
        if isinstance(one, dict):
            yield from leaves(one, f"{key}.")
        else:
            yield key, one


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_sentence_of_the_server_has_words_with_the_same_parameters(language):
    words = dict(leaves(json.loads((WORDS / f"told.{language}.json").read_text(encoding="utf-8"))))
    assert len(CODES) > 400
    assert words.keys() == CODES.keys()
    told = {code: set(IN_WORDS.findall(text)) for code, text in words.items()}
    assert told == {code: fields(english) for code, english in CODES.items()}


def test_the_english_words_are_the_servers_own():
    done = subprocess.run([sys.executable, CONSOLE / "told.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_code_of_a_finding_is_among_them():
    assert {code.split(".")[1] for code in CODES if code.startswith("findings.")} == set(KINDS)


# ── what the code says ───────────────────────────────────────────────────────────────────────────


def modules():
    for root in SOURCES:
        for path in sorted(root.rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def spoken(tree):
    """The names in a module by which it says something, each with its catalogue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in CATALOGUES:
            for alias in node.names:
                if alias.name == "say":
                    yield alias.asname or "say", CATALOGUES[node.module]


def said():
    """Every call that says a sentence by its code: where, which, and with what."""
    for path, tree in modules():
        names = dict(spoken(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.name}:{node.lineno}", names[node.func.id], node


def test_nothing_is_said_that_no_catalogue_knows_or_without_what_belongs_into_it():
    calls = list(said())
    assert len(calls) > 250
    for where, catalogue, node in calls:
        literals = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
        known = [one for one in literals if one in catalogue.english]
        assert known or not isinstance(node.args[0], ast.Constant), f"{where}: {literals}"
        given = {keyword.arg for keyword in node.keywords}
        for code in known if None not in given else ():
            assert fields(catalogue.english[code]) <= given, f"{where}: {code}"


def test_every_sentence_is_said_somewhere():
    """By its code as a literal, or as a part of one that is put together."""
    texts = {
        node.value for path, tree in modules() for statement in tree.body if not is_catalogue(statement)
        for node in ast.walk(statement) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }  # fmt: skip
    texts |= set(re.findall(r'"(\w+)"', (SOURCES[0] / "drivers/engines/catalogue.toml").read_text()))
    put_together = {"base_saved_model_fix", "loads_saved_model_fix", "no_saved_model_fix", "viewer", "member", "owner"}
    kinds = {f"no_{kind}" for kind in ("disk", "network", "build", "broken", "unsolvable", "other")}
    unsaid = [code.partition(".")[2] for code in CODES if not code.startswith("findings.")]
    assert [code for code in unsaid if code not in texts | put_together | kinds] == []


def is_catalogue(statement):
    return isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "say"


def test_no_event_is_told_in_words_of_its_own():
    """Events and progress are sentences of a catalogue, so that there are words for them."""
    own = []
    for root in TELLING:
        for path in sorted((SOURCES[0] / root).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = getattr(node, "func", None)
                if getattr(called, "attr", getattr(called, "id", "")) in TELLERS and path.name not in IN_A_TERMINAL:
                    own += [f"{path.name}:{one.lineno}" for one in node.args if is_text(one)]
    assert own == []


def is_text(node):
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and " " in str(node.value))
