"""The file in which the parts of an upload lie as they will lie in the object, so that completing it copies nothing.

<upload>/piece          a link whose text is the size of every part but the last: that of the first that came
<upload>/whole          the file: part n lies behind n - 1 of that size
<upload>/sealed         the same file, when an object is made of it: nothing is written into it any more
<upload>/00001.claim    a part on its way into the file; it is renamed when the part is there, see `parts`

A part that does not fit, or whose number has been claimed before, lies beside. Who writes into the file holds a shared
lock on it, and who seals it the only one, so that nothing can be written into what has become an object.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from pathlib import Path

from maquette.buckets.obs.answers import S3Error
from maquette_sdk import objects

SMALLEST_PIECE = 5 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@dataclass(frozen=True)
class Spot:
    """Where a part goes: `size` bytes from `start` of the open `file`; `claim` says that nobody else writes there."""

    file: int
    start: int
    size: int
    claim: Path

    def fill(self, chunks: Iterable[bytes]) -> str:
        """The MD5 of what was written; never a byte beyond the spot."""
        digest, at, end = md5(usedforsecurity=False), self.start, self.start + self.size
        for chunk in chunks:
            if at + len(chunk) > end:
                raise _of_other_size(self.size)
            rest = memoryview(chunk)
            while rest:
                written = os.pwrite(self.file, rest, at)
                at += written
                rest = rest[written:]
            digest.update(chunk)
        if at != end:
            raise _of_other_size(self.size)
        return digest.hexdigest()


def find_spot(folder: Path, number: int, size: int, stack: ExitStack) -> Spot | None:
    """A part's place in the file, as long as the stack is open; None where it has to lie beside."""
    piece = piece_of(folder) or _agree(folder, size)
    if not piece or size > piece or (folder / "sealed").exists():
        return None
    claim = folder / f"{number:05d}.claim"
    try:
        os.close(os.open(claim, _NEW, 0o600))
    except FileExistsError:
        return None
    if next(folder.glob(f"{number:05d}-*.in"), None):
        claim.unlink()  # a part that is there must not be written over as long as no other is
        return None
    stack.push(partial(_give_up, claim))
    file = os.open(folder / "whole", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    stack.callback(os.close, file)
    fcntl.flock(file, fcntl.LOCK_SH)
    if (folder / "sealed").exists() or not _is_at(folder / "whole", file):
        return None
    objects.give_to_owner(str(folder), str(folder / "whole"))
    return Spot(file, (number - 1) * piece, size, claim)


def piece_of(folder: Path) -> int:
    """The size of every part in the file but the last; 0 where there is none."""
    try:
        return int(str((folder / "piece").readlink()))
    except FileNotFoundError:
        return 0


def place_of(folder: Path) -> Path:
    """The file, whatever it is called now."""
    sealed = folder / "sealed"
    return sealed if sealed.exists() else folder / "whole"


def seal(folder: Path, size: int, stack: ExitStack) -> Path | None:
    """The file, into which nobody writes any more; None where somebody still does, or where it has another size."""
    path, sealed = place_of(folder), folder / "sealed"
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    stack.callback(os.close, file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    if os.fstat(file).st_size != size or not _is_at(path, file):
        return None
    path.rename(sealed)
    return sealed


def _give_up(claim: Path, failed: type[BaseException] | None, *_: object) -> None:
    """Only who has failed: when the part is there the claim has gone, and the next one is somebody else's."""
    if failed:
        claim.unlink(missing_ok=True)


def _agree(folder: Path, size: int) -> int:
    """The first part decides; one that is too small for a part is the last of an upload, and so tells nothing."""
    if size < SMALLEST_PIECE:
        return 0
    try:
        (folder / "piece").symlink_to(str(size))
    except FileExistsError:
        return piece_of(folder)
    return size


def _is_at(path: Path, file: int) -> bool:
    try:
        found, known = path.stat(), os.fstat(file)
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (known.st_dev, known.st_ino)


def _of_other_size(size: int) -> S3Error:
    return S3Error("IncompleteBody", f"The body has another size than the {size} bytes that were announced.")
