"""Uploads in parts, as files: one folder per upload, one file per part, so that a restart loses none.

<folder>/<upload id>/upload.json            what is to become of it
<folder>/<upload id>/00001-<md5 of part>    a part; its name says all there is to say of it
<folder>/<upload id>/00001-<md5>-<sum>      one of an upload with checksums
<folder>/<upload id>/00001-<md5>.in         the same of a part that lies in the file of `whole`: as long, and empty
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import md5
from pathlib import Path

from maquette.buckets.obs import sums
from maquette.buckets.obs.whole import Spot, find_spot, piece_of, place_of, seal
from maquette_sdk import objects

_ID = re.compile(r"[0-9a-f]{32}\Z")
_PART = re.compile(r"(\d{5})-([0-9a-f]{32})(?:-([0-9a-f]{8,64}))?(\.in)?\Z")
_IDLE_SECONDS = 7 * 24 * 3600
_BEGUN_SECONDS = 60.0  # by then an upload that begins has said what it is
_BLOCK = 1 << 20
NO_SUMS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Upload:
    """An object that comes in parts; `algorithm` is that of its checksums, `kind` what is to be made of them."""

    id: str
    bucket: str
    key: str
    started: float
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    algorithm: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Part:
    """Its bytes lie in the file `path` from `start`; `inside` says that this is the file of all parts."""

    number: int
    etag: str
    size: int
    modified: float
    path: Path
    start: int = 0
    inside: bool = False
    sum: str = ""


class Parts:
    """The uploads that are under way, kept in a folder that no run may write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(
        self, bucket: str, key: str, content_type: str, metadata: Mapping[str, str], algorithm: str = "", kind: str = ""
    ) -> Upload:
        self._remove_idle()
        upload = Upload(uuid.uuid4().hex, bucket, key, time.time(), content_type, dict(metadata), algorithm, kind)
        folder = self._folder / upload.id
        self._folder.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        objects.give_to_owner(str(self._folder), str(folder))
        (folder / "upload.json").write_text(json.dumps(asdict(upload)), encoding="utf-8")
        return upload

    def find(self, upload_id: str, bucket: str, key: str) -> Upload | None:
        upload = self._read(upload_id)
        return upload if upload and (upload.bucket, upload.key) == (bucket, key) else None

    def under_way(self, bucket: str) -> list[Upload]:
        """By key, then by age, as S3 lists them."""
        found = (self._read(path.name) for path in self._folders())
        return sorted((upload for upload in found if upload and upload.bucket == bucket), key=_upload_order)

    def add(
        self, upload: Upload, number: int, chunks: Iterable[bytes], size: int = 0, verified: Mapping[str, str] = NO_SUMS
    ) -> Part:
        """Keep a part; it takes the place of an earlier one of its number. `size` is that of the part, where it is
        known before; `verified` holds its checksums when all of it has come."""
        folder = self._folder / upload.id
        with contextlib.ExitStack() as stack:
            spot = find_spot(folder, number, size, stack) if size else None
            name = partial(_name, upload, number, verified)
            path = _put_inside(spot, chunks, name) if spot else _put_beside(folder, chunks, name)
        for other in folder.glob(f"{number:05d}-*"):
            if other != path:
                other.unlink(missing_ok=True)
        return _part_of(path)

    def of(self, upload: Upload) -> list[Part]:
        return [_part_of(path) for path in sorted((self._folder / upload.id).iterdir()) if _PART.match(path.name)]

    def whole(self, upload: Upload, parts: Sequence[Part], stack: contextlib.ExitStack) -> Path | None:
        """The file that is these parts one after another, where there is one; as it is while the stack is open."""
        folder = self._folder / upload.id
        piece, size = piece_of(folder), sum(part.size for part in parts)
        at_their_places = all(
            part.inside and part.number == number and (part.size == piece or number == len(parts))
            for number, part in enumerate(parts, 1)
        )
        return seal(folder, size, stack) if at_their_places else None

    def forget(self, upload: Upload) -> None:
        folder = self._folder / upload.id
        # First what makes it an upload: killed half way, it must not stay as one that lacks parts.
        (folder / "upload.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def forget_all(self, bucket: str) -> None:
        """Of a bucket that is no more, or is a new one."""
        for upload in self.under_way(bucket):
            self.forget(upload)

    def _folders(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_dir()] if self._folder.is_dir() else []

    def _read(self, upload_id: str) -> Upload | None:
        if not _ID.match(upload_id):
            return None
        try:
            return Upload(**json.loads((self._folder / upload_id / "upload.json").read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def _remove_idle(self) -> None:
        """Uploads that nobody goes on with take room for nothing, as does what is left of one."""
        for folder in self._folders():
            with contextlib.suppress(FileNotFoundError):  # another request removes it too
                idle = time.time() - folder.stat().st_mtime
                if idle > _IDLE_SECONDS or (idle > _BEGUN_SECONDS and not (folder / "upload.json").exists()):
                    shutil.rmtree(folder, ignore_errors=True)


def _name(upload: Upload, number: int, verified: Mapping[str, str], digest: str) -> str:
    """What a part's file is called, asked when all of it has come."""
    told = sums.octets(verified.get(sums.HEADER + upload.algorithm, "")) if upload.algorithm else b""
    return f"{number:05d}-{digest}-{told.hex()}" if told else f"{number:05d}-{digest}"


def _put_inside(spot: Spot, chunks: Iterable[bytes], name: Callable[[str], str]) -> Path:
    digest = spot.fill(chunks)
    os.truncate(spot.claim, spot.size)
    return spot.claim.rename(spot.claim.with_name(f"{name(digest)}.in"))


def _put_beside(folder: Path, chunks: Iterable[bytes], name: Callable[[str], str]) -> Path:
    half = folder / f"half-{uuid.uuid4().hex}"
    digest = md5(usedforsecurity=False)
    try:
        with half.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
        return half.rename(folder / name(digest.hexdigest()))
    finally:
        half.unlink(missing_ok=True)


def _part_of(path: Path) -> Part:
    match, status, folder = _PART.match(path.name), path.stat(), path.parent
    assert match
    number, told, inside = int(match[1]), sums.text(bytes.fromhex(match[3] or "")), bool(match[4])
    start = (number - 1) * piece_of(folder) if inside else 0
    place = place_of(folder) if inside else path
    return Part(number, match[2], status.st_size, status.st_mtime, place, start, inside, told)


def joined(parts: Iterable[Part]) -> Iterator[bytes]:
    """The bytes of the parts, one after another."""
    for part in parts:
        with part.path.open("rb", buffering=0) as file:
            file.seek(part.start)
            left = part.size
            while left and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                yield block


def joined_etag(etags: Iterable[str]) -> str:
    """S3's ETag of an object that came in parts: the MD5 of the parts' MD5s, and how many they were."""
    digests = [bytes.fromhex(etag) for etag in etags]
    return f"{md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def _upload_order(upload: Upload) -> tuple[str, float, str]:
    return upload.key, upload.started, upload.id
