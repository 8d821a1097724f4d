"""Brings packages in: copied, completed, judged, and frozen. The worker calls `step` again and again."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.archives import open_archive
from maquette.buckets.domain import Address
from maquette.kernel.clock import has_passed
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, MaquetteError, NotFound, Refused
from maquette.kernel.ports import ObjectStore
from maquette.models.check import Report, check
from maquette.models.config.reading import read_config
from maquette.models.domain import CONFIG_FILE, SERVICE_FILE, Mode
from maquette.models.findings import Finding
from maquette.models.importing import Import, read_initial, read_location
from maquette.models.package import find_package
from maquette.models.registry import MODEL_FOLDER, Model, Status, folder_of, model_of
from maquette.models.sentences import say
from maquette.models.table import models
from maquette.runs.copying import Progress, copy_object, copy_objects, walk_files
from maquette.runs.queue import LEASE_SECONDS, Worker, is_dead
from maquette.runs.sentences import say as about
from maquette_sdk.sentences import Sentence, as_json, read, several

log = logging.getLogger(__name__)

AT_ONCE = 2
LOOK_SECONDS = 0.5


@dataclass
class Imports:
    """The imports that this worker has under way."""

    ctx: Platform
    worker: Worker
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "imports"))
    busy: set[str] = field(default_factory=set)
    looked_at: float = 0.0
    renewed_at: float = 0.0

    def step(self) -> None:
        """Takes what nobody brings in: new models, and those whose worker has died."""
        self.renew()
        now = self.ctx.clock()
        if not has_passed(LOOK_SECONDS, self.looked_at, now):
            return
        self.looked_at = now
        for model in self.waiting():
            if len(self.busy) < AT_ONCE and self.claim(model):
                self.busy.add(model.id)
                self.pool.submit(self.bring_in, model)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def waiting(self) -> list[Model]:
        publishing = select(models).where(models.c.status == Status.PUBLISHING).order_by(models.c.created_at)
        with self.ctx.database.read() as rows:
            found = rows.execute(publishing).all()
        return [model_of(row) for row in found if is_dead(row.owner, row.leased_until, self.ctx.clock())]

    def claim(self, model: Model) -> bool:
        with self.ctx.database.write() as rows:
            row = rows.execute(select(models).where(models.c.id == model.id).with_for_update()).one_or_none()
            if row is None or row.status != Status.PUBLISHING:
                return False
            if not is_dead(row.owner, row.leased_until, self.ctx.clock()):
                return False
            owned = {"owner": self.worker.owner, "leased_until": self.ctx.clock() + LEASE_SECONDS}
            rows.execute(update(models).where(models.c.id == model.id).values(owned))
        return True

    def renew(self) -> None:
        """Other machines are told that these imports go on."""
        now = self.ctx.clock()
        if self.busy and has_passed(LEASE_SECONDS / 3, self.renewed_at, now):
            self.renewed_at = now
            with self.ctx.database.write() as rows:
                mine = models.c.owner == self.worker.owner
                rows.execute(update(models).where(mine).values(leased_until=now + LEASE_SECONDS))

    def bring_in(self, model: Model) -> None:
        try:
            bring_in(self.ctx, model)
        except MaquetteError as error:
            fail(self.ctx, model, error.message)
        except Exception as error:
            log.exception("Model %s could not be imported.", model.id)
            fail(self.ctx, model, about("itself", error=f"{type(error).__name__}: {error}"))
        finally:
            self.busy.discard(model.id)


def bring_in(ctx: Platform, model: Model) -> None:
    """The package as it is now, frozen; a package that is not sound is refused, and what was found is kept."""

    def tell(line: str) -> None:
        keep(ctx, model, progress=line)

    ctx.settings.home.models.mkdir(parents=True, exist_ok=True, mode=0o711)
    with tempfile.TemporaryDirectory(dir=ctx.settings.home.models, prefix=".") as half:
        try:
            package = copy_package(ctx, model, Path(half), tell)
        except BadInput as error:
            raise told_of(error, Path(half), read_location(model.request.address, "source_location")) from None
        add_code(ctx, model, package, tell)
        write_config(package, model.request)
        tell(say("judging"))
        report = check(ctx, package, model.request.engine or None, None, mode_of(model.request, package))
        keep(ctx, model, report=as_kept(report), model_type=report.package.model_type if report.package else "")
        if not report.sound:
            errors = (found(one) for one in report.errors[:5])
            raise Refused(several(*errors))
        freeze(ctx, model, package)


def found(one: Finding) -> Sentence | str:
    """What was found, after its place; of what is missing there is none."""
    return say("found_at", place=one.place, finding=one.message) if one.place else one.message


def as_kept(report: Report) -> dict[str, Any]:
    """Without the folder in which the package lay for a moment."""
    return {name: value for name, value in report.as_json().items() if name != "package"}


def copy_package(ctx: Platform, model: Model, half: Path, tell: Callable[[str], None]) -> Path:
    """The folder that holds the package, out of a folder of objects or a zip."""
    store = store_of_workspace(ctx, model.workspace_id)
    where = read_location(model.request.address, "source_location")
    target, progress = half / "package", Progress(about("package"), tell)
    if is_zip(store, where):
        copy_object(store, where.bucket, where.key, half / "package.zip")
        unpack(half / "package.zip", target, progress)
    else:
        prefix = source_prefix(store, where, model.request)
        for key in copy_objects(store, where.bucket, prefix, target, progress):
            tell(about("left_out", key=repr(key)))
        if not any(target.iterdir()):
            raise NotFound(say("nothing_there", place=where))
    return package_in(target, model.request)


def is_zip(store: ObjectStore, where: Address) -> bool:
    return where.key.lower().endswith(".zip") and is_object(store, where.bucket, where.key)


def source_prefix(store: ObjectStore, where: Address, given: Import) -> str:
    """What the keys of a package begin with."""
    prefix = where.key.rstrip("/") + "/" if where.key.strip("/") else ""
    inner = prefix + MODEL_FOLDER
    if given.job and store.list(where.bucket, inner, limit=1).objects:
        return inner  # the rest of a training output has nothing to do with its model
    return prefix


def package_in(folder: Path, given: Import) -> Path:
    """The package's own folder. Told its engine, or its configuration, it needs no file of its own to be one."""
    return inner_of(folder) if given.initial_config or given.model_type else find_package(folder)


def told_of(error: BadInput, half: Path, where: Address) -> BadInput:
    """The same said of the place that the user knows, instead of the folder in which it lies for a moment."""
    said = json.dumps(as_json(error.message), ensure_ascii=False)
    for path in (half / "package.zip", half / "package"):
        said = said.replace(str(path.resolve()), str(where)).replace(str(path), str(where))
    return BadInput(read(json.loads(said)), field="source_location")


def is_object(store: ObjectStore, bucket: str, key: str) -> bool:
    try:
        store.head(bucket, key)
    except NotFound:
        return False
    return True


def unpack(archive: Path, target: Path, progress: Progress) -> None:
    with open_archive(archive) as opened:
        for member in opened.members:
            path = target / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(member) as source, path.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            progress.add(member.size)


def inner_of(folder: Path) -> Path:
    """The `model` folder where that is all there is."""
    names = [path.name for path in folder.iterdir()]
    return folder / names[0] if names == [MODEL_FOLDER.rstrip("/")] else folder


def add_code(ctx: Platform, model: Model, package: Path, tell: Callable[[str], None]) -> None:
    """Inference code that lies elsewhere: a file becomes customize_service.py, a folder's content joins the package."""
    if not model.request.execution_code:
        return
    store = store_of_workspace(ctx, model.workspace_id)
    where = read_location(model.request.execution_code, "execution_code")
    if is_object(store, where.bucket, where.key):
        copy_object(store, where.bucket, where.key, package / SERVICE_FILE)
        return
    prefix = where.key.rstrip("/") + "/" if where.key.strip("/") else ""
    copy_objects(store, where.bucket, prefix, package, Progress(about("inference_code"), tell))


def write_config(package: Path, given: Import) -> None:
    """config.json with what the import says besides; without anything said the package's own stays byte for byte."""
    path = package / CONFIG_FILE
    said: dict[str, Any] = {
        "model_type": given.model_type,
        "runtime": given.runtime,
        "model_algorithm": given.algorithm,
        "apis": given.apis,
        "dependencies": given.dependencies,
        "metrics": given.metrics,
    }
    said = {name: value for name, value in said.items() if value}
    if given.initial_config:
        said = {**read_initial(given.initial_config), **said}
    elif said:
        own = own_config(path)
        if own is None:
            return  # it stays as it is, and the check tells what is wrong with it
        said = {**own, **said}
    if said:
        path.unlink(missing_ok=True)
        path.write_text(json.dumps(said, ensure_ascii=False, indent=2), encoding="utf-8")


def own_config(path: Path) -> Mapping[str, Any] | None:
    """The package's own, read as generously as the check reads it; None where nothing can be made of it."""
    if not path.is_file():
        return {}
    content = path.read_bytes()
    try:
        found = json.loads(content)
    except ValueError:
        try:
            found = json.loads(read_config(content).mended)
        except ValueError:
            return None
    return found if isinstance(found, dict) else {}


def mode_of(given: Import, package: Path) -> Mode | None:
    if given.mode:
        return Mode(given.mode)
    return None if (package / CONFIG_FILE).is_file() else Mode.UNDEFINED


def freeze(ctx: Platform, model: Model, package: Path) -> None:
    """From now on the package lies in its own place; the row tells so in the same moment for everybody."""
    files = list(walk_files(package, frozenset()))
    for path, _ in files:
        path.chmod(0o644)
    target = folder_of(ctx, model.id)
    shutil.rmtree(target, ignore_errors=True)  # of a worker that died right here
    package.rename(target)
    target.chmod(0o755)
    sizes = [path.stat().st_size for path, _ in walk_files(target, frozenset())]
    config = own_config(target / CONFIG_FILE)
    if not keep(
        ctx, model, status=Status.PUBLISHED, progress="", error="", size_bytes=sum(sizes), files=len(sizes),
        config=dict(config or {}),
    ):  # fmt: skip
        shutil.rmtree(target, ignore_errors=True)


def fail(ctx: Platform, model: Model, message: str) -> None:
    keep(ctx, model, status=Status.FAILED, progress="", error=message)


def keep(ctx: Platform, model: Model, **values: Any) -> bool:
    """Writes down what an import has come to; False when the model was removed meanwhile."""
    with ctx.database.write() as rows:
        publishing = (models.c.id == model.id) & (models.c.status == Status.PUBLISHING)
        return bool(rows.execute(update(models).where(publishing).values(values)).rowcount)
