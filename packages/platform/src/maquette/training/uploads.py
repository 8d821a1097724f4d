"""What `maquette jobs submit` has brought into a workspace's own bucket: `NAME/code/` and `NAME/data_url/`. It may go
when nothing refers to it any more; outputs lie there too, and stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from maquette.buckets.actions import Rights
from maquette.kernel.context import Platform
from maquette.kernel.ports import ObjectInfo
from maquette.training.table import algorithms, job_configurations, job_versions

BUCKET = re.compile(r"jobs-([0-9a-f]{8})")
PARTS = ("code", "data_url")
OF_MODELS = re.compile(r"model-\d{4}-\d{6}")
"""What the SDK puts there for models is called so, and holds folders of any name."""

Referred = set[tuple[str, str, str]]
"""Bucket, name and part; an empty one stands for all of them."""


@dataclass(frozen=True)
class Upload:
    """One folder that was uploaded for a job; `newest` is when its last object came."""

    bucket: str
    name: str
    part: str
    bytes: int
    newest: float

    @property
    def prefix(self) -> str:
        return f"{self.name}/{self.part}/"

    @property
    def address(self) -> str:
        return f"obs://{self.bucket}/{self.prefix}"


def unused(ctx: Platform, before: float) -> list[Upload]:
    """Uploads to which no version, algorithm or configuration refers, and to which nothing has come since: one that
    is being made is referred to only when it is complete."""
    referred = referred_to(ctx)
    found = (upload for bucket in own_buckets(ctx) for upload in uploads_in(ctx, bucket))
    return [upload for upload in found if upload.newest < before and not is_referred(upload, referred)]


def remove(ctx: Platform, uploads: Iterable[Upload]) -> None:
    """A job that came meanwhile keeps its own."""
    for upload in uploads:
        if not is_referred(upload, referred_to(ctx)):
            for info in list(objects_below(ctx, upload.bucket, upload.prefix)):
                ctx.store.delete(upload.bucket, info.key)


def own_buckets(ctx: Platform) -> list[str]:
    """The buckets that were made for submitted jobs; one that only is called so is somebody's own."""
    rights = Rights(ctx)
    found = []
    for bucket in ctx.store.buckets():
        match, right = BUCKET.fullmatch(bucket), rights.of(bucket)
        if match and right is not None and right.workspace_id.startswith(match[1]):
            found.append(bucket)
    return found


def uploads_in(ctx: Platform, bucket: str) -> Iterator[Upload]:
    last: Upload | None = None
    for info in objects_below(ctx, bucket, ""):
        name, _, rest = info.key.partition("/")
        part, slash, _ = rest.partition("/")
        if not slash or part not in PARTS or OF_MODELS.fullmatch(name):
            continue
        if last is None or (last.name, last.part) != (name, part):
            if last is not None:
                yield last
            last = Upload(bucket, name, part, 0, 0.0)
        last = Upload(bucket, name, part, last.bytes + info.size, max(last.newest, info.modified))
    if last is not None:
        yield last


def objects_below(ctx: Platform, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
    after: str | None = ""
    while after is not None:
        page = ctx.store.list(bucket, prefix, after=after)
        yield from page.objects
        after = page.next


def referred_to(ctx: Platform) -> Referred:
    """Every place in such a bucket that any text of a version, an algorithm or a configuration names."""
    place = re.compile(rf'\b({BUCKET.pattern})/*([^/"\\]*)/*([^/"\\]*)')
    found: Referred = set()
    with ctx.database.read() as rows:
        for column in (job_versions.c.specification, algorithms.c.content, job_configurations.c.content):
            for content in rows.execute(select(column)).scalars():
                text = json.dumps(content, ensure_ascii=False)
                found |= {(match[1], match[3], match[4]) for match in place.finditer(text)}
    return found


def is_referred(upload: Upload, referred: Referred) -> bool:
    places = {(upload.bucket, "", ""), (upload.bucket, upload.name, ""), (upload.bucket, upload.name, upload.part)}
    return not places.isdisjoint(referred)
