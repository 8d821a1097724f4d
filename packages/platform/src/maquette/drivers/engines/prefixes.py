"""Which folders an interpreter needs to see, so that a sandbox can show it those and no others."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from maquette.drivers.engines.interpreters import Interpreter

MOST_HOPS = 20


def prefixes_of(interpreter: Interpreter) -> tuple[Path, ...]:
    """Its own folder, the one of the interpreter behind it, where links lead, and what `.pth` files add (editable
    installs). None of them lies inside another."""
    wanted = [interpreter.prefix, interpreter.base_prefix, interpreter.exec_prefix, *interpreter.paths]
    wanted += [str(hop.parent) for hop in hops(Path(interpreter.executable))]
    kept: list[Path] = []
    for path in map(Path, dict.fromkeys(wanted)):
        for place in dict.fromkeys((path, path.resolve())):
            if place.is_dir() and not any(place == other or other in place.parents for other in kept):
                kept.append(place)
    return fit_to_show(kept)


def fit_to_show(places: Iterable[Path], home: Path | None = None) -> tuple[Path, ...]:
    """Without any that holds the whole home folder: a link in it must not open all of it to runs."""
    home = (home or Path.home()).resolve()
    return tuple(place for place in places if place.resolve() not in (home, *home.parents))


def program_of(interpreter: Interpreter) -> Path:
    """What to start: the environment's own name for it, or the file behind a mere link to an interpreter."""
    if interpreter.prefix != interpreter.base_prefix:
        return Path(interpreter.path)
    return Path(interpreter.path).resolve()


def hops(path: Path) -> list[Path]:
    """The links from an interpreter's path to its file, each on the way included."""
    seen = [path]
    while seen[-1].is_symlink() and len(seen) < MOST_HOPS:
        seen.append(Path(os.path.normpath(seen[-1].parent / seen[-1].readlink())))
    return seen


def user_base_of(interpreter: Interpreter) -> str:
    """`~/.local` behind `~/.local/lib/python3.11/site-packages`."""
    return str(Path(interpreter.user_site).parents[2])
