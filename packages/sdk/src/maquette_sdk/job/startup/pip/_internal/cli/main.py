"""Chooses what a pip command line does here; what the front does not know, the real pip does."""

from __future__ import annotations

import os
import sys

from ... import __version__
from ..install import install
from ..listing import freeze, list_installed, show
from ..real import run_real_pip
from ..uninstall import uninstall
from .options import Arguments, read_arguments

COMMANDS = {"install": install, "uninstall": uninstall, "list": list_installed, "freeze": freeze, "show": show}
HELP = """Usage: pip install | uninstall | list | show | freeze [options]

This is a run's pip: it installs with uv into the run's own folder, no newer than the engine's era where a version is
not pinned. The engine's own packages stay as they are. Other commands (download, wheel, config …) start the real pip.
"""


def main(args: list[str] | None = None) -> int:
    """Run one pip command line; returns its exit code."""
    tokens = list(sys.argv[1:] if args is None else args)
    arguments = read_arguments(tokens)
    if arguments.command not in COMMANDS and arguments.command not in ("", "help"):
        return run_real_pip(tokens)
    if "version" in arguments.flags:
        here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        print("pip {} from {} (python {}.{})".format(__version__, here, *sys.version_info[:2]))
        return 0
    if not arguments.command or arguments.command == "help" or "help" in arguments.flags:
        print(HELP)
        return 0
    if arguments.command == "list" and "outdated" in arguments.flags:
        return run_real_pip(tokens)
    tell_ignored(arguments)
    return COMMANDS[arguments.command](arguments)


def tell_ignored(arguments: Arguments) -> None:
    for name in arguments.unknown:
        sys.stderr.write("WARNING: the option {} has no meaning in a run and is ignored.\n".format(name))
