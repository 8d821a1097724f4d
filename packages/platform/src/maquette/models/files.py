"""The files of a package's folder, listed once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__", ".venv", ".idea", ".vscode", ".ipynb_checkpoints"})
POINTER_BYTES = 1024
POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Files:
    """Every file below `folder` with its size, by its relative path with `/`; `outside` are links that leave it."""

    folder: Path
    sizes: Mapping[str, int]
    outside: tuple[str, ...] = ()

    @cached_property
    def top(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.sizes if "/" not in name))

    @cached_property
    def top_folders(self) -> frozenset[str]:
        return frozenset(name.split("/")[0] for name in self.sizes if "/" in name)

    def ending(self, *endings: str) -> tuple[str, ...]:
        """Files with these endings: those on top if there are any, else those in folders."""
        found = sorted(name for name in self.sizes if name.lower().endswith(endings))
        return tuple([name for name in found if "/" not in name] or found)

    def head(self, name: str, count: int = 64) -> bytes:
        with (self.folder / name).open("rb") as file:
            return file.read(count)

    def is_pointer(self, name: str) -> bool:
        """Whether Git LFS left a pointer in the file's place."""
        return self.sizes[name] < POINTER_BYTES and self.head(name).startswith(POINTER)


def list_files(folder: Path) -> Files:
    """Lists a folder without what tools leave behind. Links to files inside are files; links outside are told."""
    sizes: dict[str, int] = {}
    outside: list[str] = []
    for place, names, found in os.walk(folder):
        names[:] = sorted(name for name in names if name not in LEFT_OUT)
        for name in found:
            path = Path(place) / name
            relative = path.relative_to(folder).as_posix()
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(folder):
                outside.append(relative)
            elif path.is_file():
                sizes[relative] = path.stat().st_size
        for name in names:
            path = Path(place) / name
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(folder):
                outside.append(path.relative_to(folder).as_posix())
    return Files(folder, dict(sorted(sizes.items())), tuple(outside))
