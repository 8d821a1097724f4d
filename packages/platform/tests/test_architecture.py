"""The rules of ARCHITECTURE.md that import-linter cannot say."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2]
PLATFORM = PACKAGES / "platform" / "src" / "maquette"
SDK = PACKAGES / "sdk" / "src" / "maquette_sdk"
BANNED = {"utils", "helpers", "common", "misc", "manager", "core", "base2"}
HEAVY = {"torch", "tensorflow", "mindspore", "maquette_vision"}
USER_CODE = "demo/digits"
RETOLD = ("startup/pip/", "names/")  # named as pip and ModelArts named them
ARRAYS = SDK / "analysis"  # whoever calls it has numpy; it is itself imported late
STARTUP = {path.stem for path in (SDK / "job" / "startup").glob("*.py")} | {"pip"}  # on the path in every run


def imports(path, top_only=False):
    """(line, module) of every import; `top_only` leaves out those inside functions."""
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if top_only and id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def modules(root):
    return [path for path in sorted(root.rglob("*.py")) if USER_CODE not in path.as_posix()]


def test_no_room_is_called_by_a_name_that_hides_its_meaning():
    ours = [path for path in [*modules(PLATFORM), *modules(SDK)] if not any(part in path.as_posix() for part in RETOLD)]
    assert [path for path in ours if path.stem in BANNED or path.parent.name in BANNED] == []


def test_only_the_wiring_imports_drivers():
    guilty = [
        f"{path.name}:{line} {module}"
        for path in modules(PLATFORM)
        if path.name != "wiring.py" and "drivers" not in path.relative_to(PLATFORM).parts
        for line, module in imports(path)
        if module.startswith("maquette.drivers")
    ]
    assert guilty == []


def test_no_noun_reaches_into_anothers_table():
    guilty = [
        f"{path.relative_to(PLATFORM)}:{line} {module}"
        for path in modules(PLATFORM)
        for line, module in imports(path)
        if module.endswith(".table") and module.split(".")[1] != path.relative_to(PLATFORM).parts[0]
    ]
    assert guilty == []


def test_the_platform_never_imports_a_framework():
    guilty = [
        f"{path.name}:{line} {module}"
        for path in modules(PLATFORM)
        for line, module in imports(path)
        if module.split(".")[0] in HEAVY
    ]
    assert guilty == []


def test_the_sdk_imports_only_the_standard_library_when_it_is_loaded():
    names = {path.stem for path in (SDK / "names").iterdir()}
    allowed = {*sys.stdlib_module_names, *STARTUP, *names, "maquette_sdk"}
    guilty = [
        f"{path.relative_to(SDK)}:{line} {module}"
        for path in modules(SDK)
        for line, module in imports(path, top_only=True)
        if module.split(".")[0] not in allowed | ({"numpy"} if ARRAYS in path.parents else set())
    ]
    assert guilty == []


def test_what_needs_numpy_is_imported_late():
    guilty = [
        f"{path.relative_to(SDK)}:{line} {module}"
        for path in modules(SDK)
        if ARRAYS not in path.parents
        for line, module in imports(path, top_only=True)
        if module.startswith("maquette_sdk.analysis")
    ]
    assert guilty == []


@pytest.mark.parametrize("path", modules(SDK), ids=lambda path: path.relative_to(SDK).as_posix())
def test_the_sdk_is_syntax_of_python_3_7(path):
    ast.parse(path.read_text(), feature_version=(3, 7))


def test_every_module_says_in_a_sentence_what_it_is_for():
    silent = [
        path.relative_to(PACKAGES).as_posix()
        for path in [*modules(PLATFORM), *modules(SDK)]
        if path.stat().st_size and path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_nothing_is_silenced_or_left_open():
    words = ("NotImplementedError", "# TODO", "# FIXME", "XXX")
    guilty = [
        f"{path.relative_to(PACKAGES)}: {word}"
        for path in [*modules(PLATFORM), *modules(SDK)]
        for word in words
        if word in path.read_text()
    ]
    assert guilty == []
