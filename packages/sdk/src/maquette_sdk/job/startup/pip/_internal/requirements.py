"""Reads requirement files as people write them: nested, with options, comments, odd encodings, relative paths."""

from __future__ import annotations

import codecs
import os
import re
from typing import Dict, List

COMMENT = re.compile(r"(^|\s+)#.*$")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
LOCAL = (".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2")
CONDA_PATH = re.compile(r"^\s*([A-Za-z0-9._-]+)\s*@\s*file://(\S+)")
LINE_OPTIONS = re.compile(r"\s--(hash|global-option|install-option|config-settings)[=\s]\S+")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FILE_OPTIONS = {
    "-i": "index-url", "--index-url": "index-url", "--pypi-url": "index-url", "--extra-index-url": "extra-index-url",
    "-f": "find-links", "--find-links": "find-links", "-r": "requirement", "--requirement": "requirement",
    "-c": "constraint", "--constraint": "constraint", "-e": "editable", "--editable": "editable",
    "--trusted-host": "trusted-host",
}  # fmt: skip

Options = Dict[str, List[str]]


def read_requirements(path: str, base: str | None = None) -> tuple[list[str], Options]:
    """The requirement lines of a file and the options found in it; raises OSError when it cannot be read.

    Nested files are relative to their file, packages given as paths to `base` (as pip: the working directory).
    """
    lines: list[str] = []
    options: Options = {}
    base = base or os.getcwd()
    for line in logical_lines(read_text(path)):
        name, value = split_option(line)
        if name == "requirement":
            inner, more = read_requirements(os.path.join(os.path.dirname(path), value), base)
            lines += inner
            for key, values in more.items():
                options.setdefault(key, []).extend(values)
        elif name == "editable":
            lines.append("-e " + as_requirement(value, base))
        elif name == "constraint":
            options.setdefault(name, []).append(os.path.join(os.path.dirname(os.path.abspath(path)), value))
        elif name:
            options.setdefault(name, []).append(value)
        else:
            lines.append(as_requirement(line, base))
    return lines, options


def as_requirement(text: str, base: str) -> str:
    """Paths become absolute; a path of another machine, as conda's `pip freeze` writes it, becomes the bare name."""
    conda = CONDA_PATH.match(text)
    if conda and not os.path.exists(conda.group(2)):
        return conda.group(1)
    path, bracket, extras = text.partition("[")
    full = os.path.normpath(os.path.join(base, os.path.expanduser(path.strip())))
    looks_local = path.startswith((".", "/", "~")) or path.strip().endswith(LOCAL) or os.sep in path
    if "://" not in text and looks_local and os.path.exists(full):
        return full + bracket + extras
    return text


def split_option(line: str) -> tuple[str, str]:
    """`-i URL`, `--index-url=URL`, `-iURL`: the option's long name and value; an option of no use here has no value."""
    if not line.startswith("-"):
        return "", line
    found = re.match(r"^(--[A-Za-z-]+|-[A-Za-z])[=\s]*(.*)$", line)
    if not found:
        return "unknown", line
    return FILE_OPTIONS.get(found.group(1), "unknown"), found.group(2).strip().strip("\"'")


def logical_lines(text: str) -> list[str]:
    text = re.sub(r"\s*\\\r?\n\s*", " ", text)
    lines = (LINE_OPTIONS.sub("", COMMENT.sub("", line)).strip() for line in text.splitlines())
    return [VARIABLE.sub(lambda found: os.environ.get(found.group(1), found.group(0)), line) for line in lines if line]


def read_text(path: str) -> str:
    """UTF-8, or what the byte order mark says (PowerShell writes UTF-16), or a Chinese Windows' encoding."""
    with open(path, "rb") as file:
        data = file.read()
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
