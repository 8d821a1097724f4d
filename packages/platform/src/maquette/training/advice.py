"""Says, after a script failed, what its user can do when Maquette can tell."""

from __future__ import annotations

import re

from maquette.kernel.ports import Cause, Exit
from maquette.training.domain import Job, added_arguments, argument_name

UNKNOWN_ARGUMENTS = (
    re.compile(r"unrecognized arguments: (?P<names>.+)"),
    re.compile(r"Unknown command line flag '(?P<names>[\w-]+)'"),
    re.compile(r"[Nn]o such option:? '?(?P<names>--?[\w-]+)"),
)
MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
NO_S3 = "File system scheme 's3' not implemented"
DENIED = re.compile(r"PermissionError: .*'(?P<path>/(?:cache|home/work|home/ma-user|home/mind)[^']*)'")


def advise(job: Job, ended: Exit, log_tail: str, isolated: bool) -> list[str]:
    """Sentences with a fix each; empty when the script ended well or nothing is known."""
    if ended.cause is not Cause.EXIT or ended.code == 0:
        return []
    said = [*about_arguments(job, log_tail), *about_modules(log_tail)]
    if NO_S3 in log_tail:
        said.append(
            "This TensorFlow has no S3 file system of its own. Give the script local folders with --urls local,"
            " or take an engine up to TensorFlow 2.5, such as --engine TF-2.1.0-python3.6."
        )
    if not isolated and (found := DENIED.search(log_tail)):
        said.append(
            f"{found.group('path')} does not exist outside the sandbox. Install bubblewrap, or make the folder."
        )
    return said


def about_arguments(job: Job, log_tail: str) -> list[str]:
    added = {name for name, _ in added_arguments(job)}
    refused = []
    for pattern in UNKNOWN_ARGUMENTS:
        for found in pattern.finditer(log_tail):
            names = [argument_name(token) or token for token in found.group("names").split()]
            refused += [name for name in names if name in added and name not in refused]
    return [
        f"The script's parser does not know --{name}, which a ModelArts job adds. Leave it out with: --without {name}"
        for name in refused
    ]


def about_modules(log_tail: str) -> list[str]:
    found = MISSING_MODULE.search(log_tail)
    if not found:
        return []
    name = found.group("name").split(".")[0]
    return [
        f"The engine has no module '{name}'. Name its package in pip-requirements.txt of the code folder,"
        " or choose another engine (`maquette engines list`)."
    ]
