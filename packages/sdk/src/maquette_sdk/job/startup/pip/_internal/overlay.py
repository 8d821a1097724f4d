"""Shows uv the packages of the engine and of the run's site folder as one environment, to plan against.

uv's `--target` sees only the target folder and would install the engine's packages again; its plain form would change
the engine's environment. So a throw-away environment gets the metadata of all that is installed, and nothing else:
`uv pip install --dry-run` in it tells what pip would do.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Sequence

from .installed import Installed

FILES = ("METADATA", "PKG-INFO", "WHEEL", "INSTALLER", "RECORD", "direct_url.json", "top_level.txt")


def make_overlay(folder: str, present: Sequence[Installed]) -> str:
    """Make the environment in an empty folder; returns its interpreter's path."""
    python = os.path.join(folder, "bin", "python")
    packages = os.path.join(folder, "lib", "python{}.{}".format(*sys.version_info[:2]), "site-packages")
    os.makedirs(os.path.dirname(python))
    os.makedirs(packages)
    base = base_python()
    os.symlink(base, python)
    with open(os.path.join(folder, "pyvenv.cfg"), "w", encoding="utf-8") as file:
        file.write("home = {}\ninclude-system-site-packages = false\n".format(os.path.dirname(base)))
    for package in present:
        copy_metadata(package.metadata, os.path.join(packages, os.path.basename(package.metadata)))
    return python


def copy_metadata(source: str, target: str) -> None:
    if not os.path.isdir(source):
        shutil.copyfile(source, target)
        return
    os.mkdir(target)
    for name in FILES:
        path = os.path.join(source, name)
        if os.path.isfile(path):
            os.symlink(path, os.path.join(target, name))


def base_python() -> str:
    """The interpreter behind the environment's: environments cannot be made from environments."""
    if sys.prefix == sys.base_prefix:
        return os.path.realpath(sys.executable)
    for name in ("python{}.{}".format(*sys.version_info[:2]), "python3", "python"):
        path = os.path.join(sys.base_prefix, "bin", name)
        if os.path.exists(path):
            return path
    return os.path.realpath(sys.executable)
