"""The code that versions ran on, each kept once under the hash of its content, so that it can run again."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.ids import new_id
from maquette.runs.copying import walk_files
from maquette.training.code import LEFT_OUT, Code
from maquette.training.sentences import say
from maquette.training.specification import SNAPSHOT

EPOCH = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o755
PLAIN = 0o644


def is_snapshot(code: str) -> bool:
    return code.startswith(SNAPSHOT)


def keep_snapshot(ctx: Platform, code: Code) -> str:
    """Keeps the folder's content unless it is kept already; its hash, which depends on names and contents alone."""
    files = sorted((relative.as_posix(), path) for path, relative in walk_files(code.folder, LEFT_OUT))
    digest = hashlib.sha256()
    for name, path in files:
        digest.update(f"{name}\0{hash_file(path)}\n".encode("utf-8", "surrogateescape"))
    found = digest.hexdigest()
    target = place(ctx, found)
    if not target.exists():
        write_whole(target, files)
    return found


def unpack_snapshot(ctx: Platform, code: str, target: Path) -> None:
    source = place(ctx, code.removeprefix(SNAPSHOT))
    if not source.is_file():
        raise NotFound(say("code_gone"), field="code_dir")
    with zipfile.ZipFile(source) as archive:
        archive.extractall(target)


def place(ctx: Platform, digest: str) -> Path:
    return ctx.settings.home.snapshots / f"{digest}.zip"


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(target: Path, files: list[tuple[str, Path]]) -> None:
    """Under another name first: half a snapshot is none."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_suffix(f".{new_id()}")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, path in files:
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.external_attr = (EXECUTABLE if os.access(path, os.X_OK) else PLAIN) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, archive.open(entry, "w") as writing:
                    while piece := source.read(1 << 20):
                        writing.write(piece)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
