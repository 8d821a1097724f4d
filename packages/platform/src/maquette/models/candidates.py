"""What an import would find, told before it is made: the package is judged as it lies in its bucket."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.archives import open_archive
from maquette.buckets.domain import Address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Refused
from maquette.kernel.identity import Identity
from maquette.kernel.ports import ObjectStore
from maquette.models.check import check
from maquette.models.domain import CONFIG_FILE, SERVICE_FILE
from maquette.models.importing import Import, check_import, read_location
from maquette.models.registry import check_present, from_job
from maquette.models.sentences import say
from maquette.models.work import (
    as_kept,
    is_object,
    is_zip,
    mode_of,
    own_config,
    package_in,
    source_prefix,
    told_of,
    write_config,
)
from maquette.runs.copying import copy_object, human_size
from maquette_sdk.objects import is_faithful

MOST_FILES = 1000
HEAD_BYTES = 4 << 20
TAIL_BYTES = 1 << 20
MOST_BYTES = 256 << 20
LARGEST_ZIP = 1 << 30


@dataclass
class Peek:
    """Files with as much of their content as a check reads, and as long as they are: a weight file is its head and
    its end. Refused for what is too much to be looked through while somebody waits."""

    store: ObjectStore
    files: int = 0
    size: int = 0
    read: int = 0

    def folder(self, bucket: str, prefix: str, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        after: str | None = ""
        while after is not None:
            page = self.store.list(bucket, prefix, after=after)
            for info in page.objects:
                name = info.key[len(prefix) :]
                if name and not name.endswith("/") and is_faithful(name):
                    with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                        self.object(bucket, info.key, target / name)  # an import leaves out the same
            after = page.next

    def object(self, bucket: str, key: str, target: Path) -> None:
        info, stream = self.store.open(bucket, key)
        with stream:
            self.file(stream, info.size, target)
            if info.size > HEAD_BYTES and stream.seekable():
                write_end(stream, info.size, target)

    def archive(self, where: Address, target: Path) -> None:
        size = self.store.head(where.bucket, where.key).size
        if size > LARGEST_ZIP:
            raise Refused(say("too_much", place=where, size=human_size(size)), field="source_location")
        packed = target.with_suffix(".zip")
        copy_object(self.store, where.bucket, where.key, packed)
        target.mkdir(parents=True, exist_ok=True)
        with open_archive(packed) as opened:
            for member in opened.members:
                with opened.open(member) as source:
                    self.file(source, member.size, target / member.name)

    def file(self, source: IO[bytes], size: int, target: Path) -> None:
        head = source.read(HEAD_BYTES)
        self.files, self.size, self.read = self.files + 1, self.size + size, self.read + len(head)
        if self.files > MOST_FILES or self.read > MOST_BYTES:
            raise Refused(say("too_many", count=MOST_FILES, size=human_size(MOST_BYTES)), field="source_location")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(head)
            file.truncate(max(size, len(head)))


def write_end(source: IO[bytes], size: int, target: Path) -> None:
    """Where a zip tells what is in it, which weight files of PyTorch are."""
    at = max(HEAD_BYTES, size - TAIL_BYTES)
    source.seek(at)
    with target.open("rb+") as file:
        file.seek(at)
        file.write(source.read(TAIL_BYTES))


def judge(ctx: Platform, who: Identity, given: Import) -> dict[str, Any]:
    """What the check finds in a package where it lies, and its config.json as it would count. Raises what an import of
    it would raise at once."""
    check_import(given)
    given = from_job(ctx, who, given)
    check_present(ctx, who, given)
    where = read_location(given.address, "source_location")
    peek = Peek(store_of_workspace(ctx, who.workspace_id))
    ctx.settings.home.models.mkdir(parents=True, exist_ok=True, mode=0o711)
    with tempfile.TemporaryDirectory(dir=ctx.settings.home.models, prefix=".") as half:
        try:
            package = look_at(peek, where, given, Path(half))
        except BadInput as error:
            raise told_of(error, Path(half), where) from None
        add_code(peek, given, package)
        has_config = (package / CONFIG_FILE).is_file()
        write_config(package, given)
        report = check(ctx, package, given.engine or None, None, mode_of(given, package))
        return {
            **as_kept(report),
            "address": str(where),
            "has_config": has_config,
            "config": dict(own_config(package / CONFIG_FILE) or {}),
            "files": peek.files,
            "size_bytes": peek.size,
        }


def look_at(peek: Peek, where: Address, given: Import, half: Path) -> Path:
    """The folder that stands for the package."""
    target = half / "package"
    if is_zip(peek.store, where):
        peek.archive(where, target)
    else:
        peek.folder(where.bucket, source_prefix(peek.store, where, given), target)
    return package_in(target, given)


def add_code(peek: Peek, given: Import, package: Path) -> None:
    """Inference code that lies elsewhere, as an import adds it."""
    if not given.execution_code:
        return
    where = read_location(given.execution_code, "execution_code")
    if is_object(peek.store, where.bucket, where.key):
        peek.object(where.bucket, where.key, package / SERVICE_FILE)
    else:
        peek.folder(where.bucket, where.key.rstrip("/") + "/" if where.key.strip("/") else "", package)
