"""`setup.py develop` and `install` put packages into the run's own folder, as `pip` does: the engine's is shared."""

from __future__ import annotations

import functools
import os
from types import ModuleType
from typing import Any

PLACES = ("install_dir", "install_lib", "root", "home", "prefix", "user")
"""Options that name a folder: what a script has said stays."""


def develop_in_own_folder(module: ModuleType) -> None:
    """After `setuptools.command.easy_install`, which `develop` is made of, and `install` before setuptools 80."""
    direct(getattr(module, "easy_install", None), ("install_dir", "site_dirs"))


def install_in_own_folder(module: ModuleType) -> None:
    """After `setuptools.command.install`."""
    direct(getattr(module, "install", None), ("install_lib",))


def direct(command: Any, options: tuple[str, ...]) -> None:
    """These options of the command are the run's own folder where the script has named none."""
    site = os.environ.get("MAQUETTE_SITE", "")
    if command is None or not site:
        return
    original = command.finalize_options

    @functools.wraps(original)
    def finalize_options(self: Any) -> None:
        if not any(getattr(self, name, None) for name in PLACES):
            os.makedirs(site, exist_ok=True)
            for name in options:
                setattr(self, name, site)
        original(self)

    command.finalize_options = finalize_options
