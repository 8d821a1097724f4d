"""What is in a zip or tar file, found fit before any of it is used: no way out of its folder, and no bomb."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from maquette.buckets.sentences import say
from maquette.kernel.errors import BadInput

MOST_MEMBERS = 1_000_000
MOST_TIMES = 100
"""How many times its own size an archive may unpack to; pictures shrink hardly at all, text some ten times."""
FREE_BYTES = 100 << 20
"""Small archives may unpack to this in any case."""


@dataclass(frozen=True)
class Member:
    """One file in an archive."""

    name: str
    size: int


class Archive:
    """An open archive whose members have all been looked at."""

    def __init__(self, path: Path, opened: zipfile.ZipFile | tarfile.TarFile) -> None:
        self._opened = opened
        self.members = list(checked(path, members_of(path, opened)))

    @contextmanager
    def open(self, member: Member) -> Iterator[IO[bytes]]:
        opened = self._opened
        file = opened.open(member.name) if isinstance(opened, zipfile.ZipFile) else opened.extractfile(member.name)
        assert file is not None
        with file:
            yield file


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises BadInput for what is no archive, and for one that would do harm."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                yield Archive(path, zipped)
            return
        with tarfile.open(path) as tarred:
            yield Archive(path, tarred)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise BadInput(say("not_unpacked", path=path, error=error), path=str(path)) from error


def members_of(path: Path, opened: zipfile.ZipFile | tarfile.TarFile) -> Iterator[Member]:
    """Its files; folders need not be made, and anything else would be of no use in a bucket."""
    if isinstance(opened, zipfile.ZipFile):
        for entry in opened.infolist():
            if entry.flag_bits & 1:
                raise BadInput(say("encrypted", path=path))
            if not entry.is_dir():
                yield Member(entry.filename, entry.file_size)
        return
    for member in opened:
        if member.isfile():
            yield Member(member.name, member.size)
        elif not member.isdir():
            raise BadInput(say("no_plain_file", name=member.name, path=path))


def checked(path: Path, members: Iterator[Member]) -> Iterator[Member]:
    total, most = 0, max(FREE_BYTES, MOST_TIMES * path.stat().st_size)
    for number, member in enumerate(members):
        parts = member.name.replace("\\", "/").split("/")
        if ".." in parts or member.name.startswith(("/", "\\")) or "\0" in member.name:
            raise BadInput(say("leads_out", name=member.name, path=path))
        total += member.size
        if total > most or number >= MOST_MEMBERS:
            raise BadInput(say("unpacks_large", path=path, most=most >> 20))
        yield member
