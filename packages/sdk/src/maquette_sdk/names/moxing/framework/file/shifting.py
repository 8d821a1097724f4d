"""`mox.file.shift('os', 'mox')`: Python's own file functions take the paths of buckets too, until shifted back."""

from __future__ import annotations

import builtins
import functools
import glob
import importlib
import io
import logging
import os
import pathlib  # noqa: F401 – until Python 3.10 it makes methods of what it finds in os, so it comes first
import shutil
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Set, Tuple

from . import copying, reading, writing
from .errors import MoxFileNotExistsException
from .paths import is_remote
from .stream import File

Function = Callable[..., Any]


class Spot(NamedTuple):
    """A function that was replaced."""

    owner: Any
    name: str
    before: Function
    after: Function


_shifted: Dict[str, List[Spot]] = {}
_told: Set[str] = set()


def shift(from_lib: str, to_lib: str) -> None:
    """`shift('os', 'mox')` lets open, os, os.path, glob and shutil take `obs://` and `s3://` paths; local paths
    and whatever else they take stay as they were. `shift('tf', 'mox')` does so for tf.gfile.
    `shift('mox', 'os')` and `shift('mox', 'tf')` take it back. Shifting twice is shifting once."""
    if to_lib == "mox" and from_lib in ("os", "tf"):
        if from_lib not in _shifted:
            _shifted[from_lib] = [_replace(*spot) for spot in (_os_spots() if from_lib == "os" else _tf_spots())]
    elif from_lib == "mox" and to_lib in ("os", "tf"):
        for spot in reversed(_shifted.pop(to_lib, [])):
            _restore(spot)
        _told.clear()
    else:
        message = "shift('{}', '{}') is unknown. Use shift('os', 'mox') or shift('mox', 'os')."
        raise ValueError(message.format(from_lib, to_lib))


def _os_spots() -> List[Tuple[Any, str, Function, int]]:
    """What is replaced, by what, and how many of the arguments are paths."""
    return [
        (builtins, "open", File, 1),
        (io, "open", File, 1),
        (os, "listdir", reading.list_directory, 1),
        (os, "makedirs", _make_dirs, 1),
        (os, "mkdir", _mk_dir, 1),
        (os, "remove", _remove, 1),
        (os, "rename", _rename, 2),
        (os, "scandir", reading.scan_dir, 1),
        (os, "stat", _stat, 1),
        (os, "walk", reading.walk, 1),
        (os.path, "exists", _quietly(reading.exists), 1),
        (os.path, "getsize", reading.get_size, 1),
        (os.path, "isdir", _quietly(reading.is_directory), 1),
        (os.path, "isfile", _quietly(reading.is_file), 1),
        (glob, "glob", reading.glob, 1),
        (shutil, "copy", _copy, 2),
        (shutil, "copyfile", _copy, 2),
        (shutil, "copytree", _copy_tree, 2),
        (shutil, "rmtree", _remove_tree, 1),
    ]


def _tf_spots() -> List[Tuple[Any, str, Function, int]]:
    tensorflow = sys.modules.get("tensorflow") or importlib.import_module("tensorflow")
    one: Dict[str, Function] = {
        "GFile FastGFile Open": File,
        "Exists exists": reading.exists,
        "Glob glob": reading.glob,
        "IsDirectory isdir": reading.is_directory,
        "ListDirectory listdir": reading.list_directory,
        "MakeDirs makedirs": _make_dirs,
        "MkDir mkdir": _mk_dir,
        "Remove remove": _remove,
        "DeleteRecursively rmtree": _remove_tree,
        "Stat stat": _stat,
        "Walk walk": reading.walk,
    }
    two: Dict[str, Function] = {"Copy copy": _copy, "Rename rename": _rename}
    spots: List[Tuple[Any, str, Function, int]] = []
    for owner in _gfiles(tensorflow):
        for table, paths in ((one, 1), (two, 2)):
            for names, mine in table.items():
                spots += [(owner, name, mine, paths) for name in names.split() if hasattr(owner, name)]
    return spots


def _gfiles(tensorflow: Any) -> List[Any]:
    found: List[Any] = []
    for path in ("gfile", "io.gfile", "compat.v1.gfile"):
        owner = tensorflow
        for part in path.split("."):
            owner = getattr(owner, part, None)
        if owner is not None and not any(owner is other for other in found):
            found.append(owner)
    return found


def _replace(owner: Any, name: str, mine: Function, paths: int) -> Spot:
    before = getattr(owner, name)

    @functools.wraps(before)
    def after(*args: Any, **options: Any) -> Any:
        if any(map(is_remote, args[:paths] or list(options.values())[:paths])):
            return mine(*args, **options)
        return before(*args, **options)

    setattr(owner, name, after)
    for known in _supports():
        # shutil and others look up here what a function of os can do.
        if before in known:
            known.add(after)
    return Spot(owner, name, before, after)


def _restore(spot: Spot) -> None:
    if getattr(spot.owner, spot.name) is spot.after:  # else somebody else has replaced it since
        setattr(spot.owner, spot.name, spot.before)
    for known in _supports():
        known.discard(spot.after)


def _supports() -> List[Set[Any]]:
    return [os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids]


# ── mox.file with the arguments of the functions that it stands for ──────────────────────────────


def _quietly(ask: Function) -> Function:
    """os.path's questions are answered, never refused: an unknown bucket is a warning and a no."""

    def asked(path: Any) -> bool:
        try:
            return bool(ask(path))
        except MoxFileNotExistsException as error:
            if str(error) not in _told:
                _told.add(str(error))
                logging.warning("%s", error)
            return False

    return asked


def _make_dirs(name: Any, mode: int = 0o777, exist_ok: bool = False) -> None:
    writing.make_dirs(name)


def _mk_dir(path: Any, mode: int = 0o777, **options: Any) -> None:
    writing.mk_dir(path)


def _remove(path: Any, **options: Any) -> None:
    writing.remove(path)


def _remove_tree(path: Any, *args: Any, **options: Any) -> None:
    writing.remove(path, recursive=True)


def _rename(src: Any, dst: Any, *args: Any, **options: Any) -> None:
    writing.rename(src, dst)


def _stat(path: Any, **options: Any) -> reading.FileStatus:
    return reading.stat(path)


def _copy(src: Any, dst: Any, *args: Any, **options: Any) -> Any:
    copying.copy(src, dst)
    return dst


def _copy_tree(src: Any, dst: Any, *args: Any, **options: Any) -> Any:
    copying.copy_parallel(src, dst)
    return dst
