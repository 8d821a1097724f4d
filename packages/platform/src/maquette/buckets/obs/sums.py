"""Checksums of objects: which there are, how they are kept with an object, and how they are told.

A value is the checksum in base 64; one that was made of the sums of parts says behind a hyphen how many these were.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from maquette.buckets.obs.answers import S3Error, Xml, tag

HEADER = "x-amz-checksum-"
COMPOSITE, FULL = "COMPOSITE", "FULL_OBJECT"
WIDTHS = {"crc32": 4, "crc32c": 4, "crc64nvme": 8}
"""Bytes of each CRC."""
KEPT = "sum:"
"""Kept beside the user's metadata under names that no header can have: `sum:crc32` and its kin."""


class Digest(Protocol):
    """What hashlib's objects can do, as far as it is needed here."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Crc:
    """A running CRC of one of AWS' kinds."""

    def __init__(self, name: str) -> None:
        self._update = zlib.crc32 if name == "crc32" else getattr(_crcs(), name)
        self._width = WIDTHS[name]
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._update(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _crcs() -> Any:
    """Loaded when one that the standard library lacks is first needed: neither the start nor most requests do."""
    return import_module("awscrt.checksums")


def joined(name: str, first: bytes, second: bytes, size: int) -> bytes:
    """The CRC of two pieces, one behind the other, from those of each and the size of the second."""
    combine = getattr(_crcs(), f"combine_{name}")
    found: int = combine(int.from_bytes(first, "big"), int.from_bytes(second, "big"), size)
    return found.to_bytes(WIDTHS[name], "big")


@dataclass(frozen=True)
class Algorithm:
    """`kinds` is what can be made of the sums of parts; the first, where a client does not say."""

    name: str
    new: Callable[[], Digest]
    kinds: tuple[str, ...] = (COMPOSITE,)

    @property
    def header(self) -> str:
        return HEADER + self.name


ALGORITHMS: Mapping[str, Algorithm] = {
    one.name: one
    for one in (
        Algorithm("crc32", lambda: Crc("crc32"), (COMPOSITE, FULL)),
        Algorithm("crc32c", lambda: Crc("crc32c"), (COMPOSITE, FULL)),
        Algorithm("crc64nvme", lambda: Crc("crc64nvme"), (FULL,)),
        Algorithm("sha1", lambda: hashlib.sha1(usedforsecurity=False)),
        Algorithm("sha256", hashlib.sha256),
    )
}
"""Others are taken as they are, and not confirmed."""


def algorithm_of(header: str) -> Algorithm | None:
    return ALGORITHMS.get(header.removeprefix(HEADER)) if header.startswith(HEADER) else None


def chosen(name: str | None, wanted: str | None) -> tuple[str, str]:
    """Algorithm and type that an upload asks for; empty where it asks for none."""
    if name is None:
        return "", ""
    algorithm = ALGORITHMS.get(name.lower())
    if algorithm is None:
        known = ", ".join(ALGORITHMS).upper()
        raise S3Error("InvalidRequest", f"The checksum algorithm '{name[:40]}' is not one of {known}.")
    kind = (wanted or algorithm.kinds[0]).upper()
    if kind not in algorithm.kinds:
        told = f"x-amz-checksum-type must be {' or '.join(algorithm.kinds)} with {algorithm.name.upper()}."
        raise S3Error("InvalidRequest", told)
    return algorithm.name, kind


def summed(blocks: Iterable[bytes], name: str, into: dict[str, str]) -> Iterator[bytes]:
    """The blocks; when all have come their checksum is in `into`, unless one is there."""
    digest = ALGORITHMS[name].new()
    for block in blocks:
        digest.update(block)
        yield block
    into.setdefault(HEADER + name, text(digest.digest()))


def text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def octets(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return b""


def whole(name: str, kind: str, parts: Sequence[tuple[str, int]]) -> str:
    """The checksum of an object from those of its parts and their sizes."""
    digests = [octets(value) for value, _ in parts]
    if kind == COMPOSITE:
        digest = ALGORITHMS[name].new()
        digest.update(b"".join(digests))
        return f"{text(digest.digest())}-{len(parts)}"
    found = digests[0]
    for further, (_, size) in zip(digests[1:], parts[1:], strict=True):
        found = joined(name, found, further, size)
    return text(found)


# ── with an object ───────────────────────────────────────────────────────────────────────────────


def kept(verified: Mapping[str, str]) -> dict[str, str]:
    """What is kept of checksums that were found right: the one that S3 would keep, too."""
    found = next((name for name in verified if algorithm_of(name)), None)
    return {KEPT + found.removeprefix(HEADER): verified[found]} if found else {}


def of(metadata: Mapping[str, str]) -> tuple[str, str] | None:
    """Algorithm and checksum of an object; None where nobody has told one."""
    return next(((name, metadata[KEPT + name]) for name in ALGORITHMS if KEPT + name in metadata), None)


def kind_of(value: str) -> str:
    return COMPOSITE if "-" in value else FULL


def headers(name: str, value: str, kind: str = "") -> dict[str, str]:
    return {HEADER + name: value, f"{HEADER}type": kind or kind_of(value)}


def element(name: str, value: str) -> Xml:
    return tag(element_name(name), value)


def element_name(name: str) -> str:
    return f"Checksum{name.upper()}"


def kind_element(value: str) -> Xml:
    return tag("ChecksumType", kind_of(value))
