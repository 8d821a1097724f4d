"""Places inside other places: makes what one of them needs in the folder of the other, without following links."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Sequence
from pathlib import PurePosixPath

from maquette.drivers.executors.rewriting import normal
from maquette.drivers.sandbox import MountPoint, is_within
from maquette.kernel.ports import Place

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def make_mount_point(point: MountPoint) -> None:
    """Makes the folder or empty file on which another place will be mounted."""
    parent, name = enter(point.root, point.path)
    try:
        if point.is_folder:
            os.mkdir(name, 0o755, dir_fd=parent)
        else:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=parent))
    finally:
        os.close(parent)


def link_nested(places: Sequence[Place]) -> None:
    """Without a sandbox a link stands where a place would be mounted in another, so that walking there works too."""
    for place in places:
        target = normal(place.target)
        around = [
            one
            for one in places
            if one.writable and normal(one.target) != target and is_within(target, normal(one.target))
        ]
        if around:
            outer = max(around, key=lambda one: len(one.target))
            parent, name = enter(str(outer.source), posixpath.relpath(target, normal(outer.target)))
            try:
                os.symlink(place.source.absolute(), name, dir_fd=parent)
            except FileExistsError:
                continue  # whoever prepared the run has put something there already
            finally:
                os.close(parent)


def enter(root: str, path: str) -> tuple[int, str]:
    """Opens the folder that is to hold the last part of `path`, making what is missing; returns it and that part."""
    *folders, name = PurePosixPath(path).parts
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in folders:
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=current)
            following = os.open(part, OPEN_FOLDER, dir_fd=current)
        finally:
            os.close(current)
        current = following
    return current, name
