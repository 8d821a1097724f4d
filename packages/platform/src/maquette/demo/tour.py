"""The guided tour's part of the digits example: what its things are called, and its files put into a bucket."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from maquette.buckets.actions import GrantedStore, store_of_workspace
from maquette.demo.bucket import AT_ONCE, kind_of
from maquette.demo.images import split_images, write_digits
from maquette.demo.training import CODE, ENGINE, IMAGES
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound

NAME = "digits-tour"
"""Of the job, the model and the service; the bucket's tells the workspace too, for all share their buckets' names."""
UNSEEN = "unseen/"
PROJECT = Path(__file__).parent / "digits" / "code"
LAST = f"{CODE}train.py"
"""What is put in last: where it is, all is."""
MOST_CORES = 2


@dataclass(frozen=True)
class Standing:
    """What a tour of this workspace begins with; `unseen` are pictures to ask the service with."""

    bucket: str
    filled: bool
    unseen: tuple[str, ...]
    engine: str
    engine_ready: bool
    cores: int


def standing(ctx: Platform, workspace_id: str) -> Standing:
    engine = ctx.engines.resolve(ENGINE).engine
    made = {folder.record.get("engine") for folder in ctx.engines.made(measure=False) if folder.ready}
    store, bucket = store_of_workspace(ctx, workspace_id), bucket_of(workspace_id)
    filled = is_filled(store, bucket)
    unseen = tuple(one.key for one in store.list(bucket, UNSEEN).objects) if filled else ()
    return Standing(bucket, filled, unseen, engine, engine in made, cores(ctx))


def bucket_of(workspace_id: str) -> str:
    return f"{NAME}-{workspace_id[:8]}"


def is_filled(store: GrantedStore, bucket: str) -> bool:
    try:
        store.head(bucket, LAST)
    except NotFound:
        return False
    return True


def cores(ctx: Platform) -> int:
    """So few that something else has room beside it."""
    return max(1, min(MOST_CORES, ctx.executor.capacity().cores // 2))


def fill(ctx: Platform, workspace_id: str) -> Standing:
    """The digits and the code that learns them, in a bucket that is made for them; what was left half goes on."""
    store, bucket = store_of_workspace(ctx, workspace_id), bucket_of(workspace_id)
    if not store.has_bucket(bucket):
        store.make_bucket(bucket)
    with tempfile.TemporaryDirectory(prefix="maquette-tour-") as folder:
        files = make_files(Path(folder))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda key: put(store, bucket, key, files[key]), [key for key in files if key != LAST]))
        put(store, bucket, LAST, files[LAST])
    return standing(ctx, workspace_id)


def make_files(folder: Path) -> dict[str, Path]:
    """By key: pictures by class, one of each class that the script never sees, and the code."""
    write_digits(folder / "digits")
    split = split_images(folder / "digits", folder / "given", folder / "unseen")
    one_of_each = {digit: name for name, digit in sorted(split.unseen.items(), reverse=True)}
    given = {IMAGES + path.relative_to(folder / "given").as_posix(): path for path in (folder / "given").rglob("*.png")}
    unseen = {UNSEEN + name: folder / "unseen" / name for name in one_of_each.values()}
    code = {CODE + path.name: path for path in sorted(PROJECT.iterdir()) if path.is_file()}
    return {**given, **unseen, **code}


def put(store: GrantedStore, bucket: str, key: str, path: Path) -> None:
    store.put(bucket, key, [path.read_bytes()], kind_of(path))
