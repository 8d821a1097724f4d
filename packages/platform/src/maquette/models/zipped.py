"""A folder as a zip, made while it is sent: never whole in memory, never on disk, its size known before it begins."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.runs.copying import walk_files

EPOCH = (1980, 1, 1, 0, 0, 0)
PLAIN = 0o644
PIECE_BYTES = 1 << 20
# What zipfile writes around a file's content, in bytes.
HEAD, WIDE_HEAD, DESCRIPTOR, WIDE_DESCRIPTOR, ENTRY, END, WIDE_END = 30, 20, 16, 24, 46, 22, 76


@dataclass(frozen=True)
class Packed:
    """One file: where it lies, and its name in the zip."""

    path: Path
    name: str
    size: int

    @property
    def name_bytes(self) -> int:
        return len(self.name.encode())


class Outlet:
    """What zipfile writes, until it is taken. It cannot be rewound, so sizes stand behind the contents."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


def pack(folder: Path, inside: str) -> list[Packed]:
    """Every file of a folder, named as in the folder `inside`."""
    return [
        Packed(path, f"{inside}/{relative.as_posix()}", path.stat().st_size)
        for path, relative in walk_files(folder, frozenset())
    ]


def zip_size(files: Sequence[Packed]) -> int:
    """How many bytes `zip_pieces` gives. Contents are stored as they are: weights do not shrink."""
    at = directory = 0
    for file in files:
        far = 8 * (2 * (file.size > zipfile.ZIP64_LIMIT) + (at > zipfile.ZIP64_LIMIT))
        directory += ENTRY + file.name_bytes + (4 + far if far else 0)
        wide = file.size * 1.05 > zipfile.ZIP64_LIMIT
        at += HEAD + file.name_bytes + WIDE_HEAD * wide + file.size + (WIDE_DESCRIPTOR if wide else DESCRIPTOR)
    wide_end = len(files) > zipfile.ZIP_FILECOUNT_LIMIT or max(at, directory) > zipfile.ZIP64_LIMIT
    return at + directory + END + WIDE_END * wide_end


def zip_pieces(files: Sequence[Packed]) -> Iterator[bytes]:
    outlet = Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for file in files:
            entry = zipfile.ZipInfo(file.name, EPOCH)
            entry.external_attr = PLAIN << 16
            entry.file_size = file.size
            with file.path.open("rb") as source, archive.open(entry, "w") as writing:
                while piece := source.read(PIECE_BYTES):
                    writing.write(piece)
                    yield outlet.take()
    yield outlet.take()
