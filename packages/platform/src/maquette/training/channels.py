"""Brings a job's inputs to where its script looks for them, and its outputs to where the user wants them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maquette.buckets.domain import Address, is_address, read_address
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.ports import IsStopped, ObjectStore, Place, Sync, Tell, never
from maquette.runs.copying import Progress, copy_file, copy_folder, copy_object, copy_objects
from maquette.runs.folder import OPT, RunFolder
from maquette.runs.sentences import say as about
from maquette.runs.surroundings import BucketAlias
from maquette.training.domain import Channel, Dialect, input_folder, newest_version, next_version, output_folder
from maquette.training.sentences import say

DATA_BUCKET = "maquette-data"
OUTPUT_BUCKET = "maquette-output"


@dataclass
class Channels:
    """What the inputs and outputs of one job need: the arguments' values, binds, copies back, alias buckets.

    `aliases` are buckets that exist for this run only; `results` says where each output ends.
    """

    inputs: list[Channel] = field(default_factory=list)
    outputs: list[Channel] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    syncs: list[Sync] = field(default_factory=list)
    aliases: dict[str, BucketAlias] = field(default_factory=dict)
    results: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Manner:
    """What some channels want otherwise than usual: `folders` where the script finds them, by name; names of those
    that are handed over `as_variables`; and of outputs that are to hold before the start what is there already."""

    folders: Mapping[str, str] = field(default_factory=dict)
    as_variables: frozenset[str] = frozenset()
    predownload: frozenset[str] = frozenset()

    def channel(self, name: str, value: str, address: str) -> Channel:
        return Channel(name, value, address, name in self.as_variables)

    def folder(self, name: str, usual: str) -> str:
        return f"{self.folders[name].rstrip('/')}/" if self.folders.get(name) else usual


ONES_OWN = Manner()


@dataclass(frozen=True)
class Channeling:
    """How channels are to be made for one run."""

    store: ObjectStore
    run: RunFolder
    dialect: Dialect
    remote: bool
    tell: Tell
    read_only_data: bool = False
    stopped: IsStopped = never
    version: int | None = None
    """The number of V1's version folder; None: the next that is free."""
    joins: bool = False
    """Another node of the same job has made the version folder."""
    manner: Manner = ONES_OWN

    def add_input(self, channels: Channels, name: str, location: str) -> None:
        if self.remote:
            value = self.remote_input(channels, location)
        elif self.read_only_data and not is_address(location):
            value = self.bound_input(channels, name, location)
        else:
            value = self.copied_input(channels, name, location)
        channels.inputs.append(self.manner.channel(name, value, location))

    def add_output(self, channels: Channels, name: str, location: str) -> None:
        """V1 gives every output the next version folder, `V0001/` first."""
        index = len(channels.outputs)
        target = self.output_target(location)
        if self.dialect is Dialect.V1:
            version = self.version_folder(target)
            location = f"{location.rstrip('/')}/{version}/"
            target = target / version
        make_output(target)
        channels.results[name] = target
        if not self.remote:
            inside = self.manner.folder(name, output_folder(name, index))
            self.run.inside(inside).mkdir(parents=True, exist_ok=True)
            if name in self.manner.predownload:
                copy_folder(target, self.run.inside(inside), Progress(name, self.tell, self.stopped))
            channels.syncs.append(Sync(self.run.inside(inside), target))
            channels.outputs.append(self.manner.channel(name, inside, location))
            return
        value = location if is_address(location) else self.alias_output(channels, target, name)
        channels.outputs.append(self.manner.channel(name, as_s3(value), location))

    def version_folder(self, target: Path) -> str:
        if self.version:
            return f"V{self.version:04d}"
        names = [path.name for path in target.iterdir()] if target.is_dir() else []
        return newest_version(names) if self.joins else next_version(names)

    # ── inputs ──

    def remote_input(self, channels: Channels, location: str) -> str:
        if is_address(location):
            address, is_folder = self.find_objects(location)
            return f"s3://{address.bucket}/{address.key}" + ("/" if is_folder and address.key else "")
        path = existing_path(location)
        if os.geteuid() == 0 and not open_to_all(path):
            path = self.opened_copy(path)
        self.alias(channels, DATA_BUCKET, path, writable=False)
        return f"s3://{DATA_BUCKET}/{path.name}" + ("/" if path.is_dir() else "")

    def opened_copy(self, path: Path) -> Path:
        """A copy for a run that has not the rights of root, of data that only root may read."""
        copy = self.run.path / "data" / path.name
        self.tell(say("copying_closed", path=path))
        progress = Progress(path.name, self.tell, self.stopped)
        if path.is_dir():
            copy_folder(path, copy, progress)
        else:
            copy_file(path, copy, progress)
        for found in (copy, *copy.rglob("*")):
            found.chmod(0o755 if found.is_dir() else 0o644)
        return copy

    def bound_input(self, channels: Channels, name: str, location: str) -> str:
        path = existing_path(location)
        folder = self.manner.folder(name, input_folder(name, len(channels.inputs)))
        target = folder + ("" if path.is_dir() else path.name)
        channels.places.append(Place(path, target.rstrip("/")))
        return target

    def copied_input(self, channels: Channels, name: str, location: str) -> str:
        inside = self.manner.folder(name, input_folder(name, len(channels.inputs)))
        target = self.run.inside(inside)
        progress = Progress(name, self.tell, self.stopped)
        if is_address(location):
            inside += self.copy_from_store(location, target, progress)
        else:
            path = existing_path(location)
            if path.is_dir():
                copy_folder(path, target, progress)
            else:
                copy_file(path, target / path.name, progress)
                inside += path.name
        self.tell(say("copied", name=name, place=location, amount=progress.summary()))
        return inside

    def copy_from_store(self, location: str, target: Path, progress: Progress) -> str:
        """Copies a prefix or one object; returns the file's name for one object."""
        address, is_folder = self.find_objects(location)
        if not is_folder:
            name = address.key.rsplit("/", 1)[-1]
            copy_object(self.store, address.bucket, address.key, target / name)
            progress.add((target / name).stat().st_size)
            return name
        prefix = address.key + "/" if address.key else ""
        for key in copy_objects(self.store, address.bucket, prefix, target, progress):
            self.tell(about("left_out", key=repr(key)))
        return ""

    def find_objects(self, location: str) -> tuple[Address, bool]:
        """The address without its trailing slash, and whether it is a folder of objects."""
        address = read_address(location)
        key = address.key.rstrip("/")
        found = Address(address.bucket, key)
        if not key or self.store.list(address.bucket, key + "/", limit=1).objects:
            return found, True
        try:
            self.store.head(address.bucket, key)
        except NotFound:
            raise NotFound(say("nothing_there", bucket=address.bucket, key=address.key), field="data") from None
        return found, False

    # ── outputs ──

    def output_target(self, location: str) -> Path:
        """The folder that the output ends in."""
        if not is_address(location):
            return Path(location).expanduser().resolve()
        address = read_address(location)
        return self.store.folder(address.bucket) / address.key.strip("/")

    def alias_output(self, channels: Channels, target: Path, name: str) -> str:
        base = target.parent if self.dialect is Dialect.V1 else target
        self.alias(channels, OUTPUT_BUCKET, base, writable=True, name=name)
        return f"s3://{OUTPUT_BUCKET}/{name}/{target.name}/" if base != target else f"s3://{OUTPUT_BUCKET}/{name}/"

    def alias(self, channels: Channels, bucket: str, path: Path, writable: bool, name: str = "") -> None:
        """Lets a folder of the user's stand below a bucket that exists for this run only.

        The link has the same target inside and outside the run: the folder is bound at its own path.
        """
        folder = self.run.inside(f"{OPT}/{bucket}")
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / (name or path.name)
        if link.is_symlink() and link.readlink() != path:
            raise BadInput(f"Two inputs are called '{link.name}'. Rename one of the folders.", field="data")
        if not link.is_symlink():
            link.symlink_to(path)
        channels.aliases[bucket] = BucketAlias(bucket, folder, f"{OPT}/{bucket}", writable)
        if Place(path, str(path)) not in channels.places:
            channels.places.append(Place(path, str(path)))


def open_to_all(path: Path) -> bool:
    """Whether every user may read a file, or a folder and all that is in it."""
    if path.is_dir():
        return path.stat().st_mode & 0o005 == 0o005 and all(map(open_to_all, path.iterdir()))
    return bool(path.stat().st_mode & 0o004)


def existing_path(location: str) -> Path:
    path = Path(location).expanduser()
    if not path.exists():
        raise BadInput(
            f"The data '{location}' does not exist. Give a folder, a file or obs://bucket/path/.", field="data"
        )
    return path.resolve()


def make_output(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"The output folder '{target}' cannot be made: {error.strerror}.", field="output") from error


def as_s3(address: str) -> str:
    return "s3://" + address.split("://", 1)[1]
