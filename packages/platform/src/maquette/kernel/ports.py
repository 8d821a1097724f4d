"""The three things Maquette asks of the world: a place for objects, a way to run, an environment to run in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from maquette.kernel.errors import Refused

# ── engines ──────────────────────────────────────────────────────────────────────────────────────


class Match(StrEnum):
    """How well what runs here answers the engine that was asked for."""

    EXACT = "exact"  # the same framework version
    NEAR = "near"  # the nearest release that installs; relaxed pins are told
    COMPAT = "compat"  # another generation, behind a compatibility layer (TensorFlow 1 on 2)
    OWN = "own"  # the user's own interpreter, used as it is
    REFUSED = "refused"  # cannot work here, and why


@dataclass(frozen=True)
class Resolution:
    """What an engine name means on this machine, before anything is installed.

    `name` is what was asked (`TF-1.13.1-python3.6`, `pytorch`), `engine` the catalogue's entry,
    `python` the interpreter's path, `reason` one sentence for people, `environment` variables that
    runs in it need (say `TF_USE_LEGACY_KERAS`), `era` the date (YYYY-MM-DD) that unpinned packages obey.
    """

    name: str
    match: Match
    reason: str
    engine: str = ""
    framework: str = ""
    python: Path | None = None
    python_version: str = ""
    packages: tuple[str, ...] = ()
    era: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Environment:
    """A ready environment: run `python`; `prefixes` are all folders it needs to see, read-only.

    `python` is the environment's interpreter, `prefixes` its own prefix, its base interpreter's prefix and
    whatever else it links to, also single files (a certificate, a constraint list); `pip_environment` is
    what the pip front inside a run needs (era, index, constraints).
    """

    resolution: Resolution
    python: Path
    prefixes: tuple[Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    pip_environment: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Tell = Callable[[str], None]
"""Receives one line of progress for people."""

IsStopped = Callable[[], bool]
"""Whether nobody wants any more what is being made; asked a few times a second."""


class Stopped(Exception):
    """Whoever wanted what was being made does not want it any more."""


def never() -> bool:
    return False


class Made(Protocol):
    """An environment on disk."""

    @property
    def name(self) -> str: ...
    @property
    def ready(self) -> bool: ...
    @property
    def in_use(self) -> bool: ...
    @property
    def record(self) -> Mapping[str, Any]: ...
    @property
    def last_used(self) -> float: ...
    @property
    def size(self) -> int: ...
    @property
    def freed(self) -> int: ...
    @property
    def packages(self) -> frozenset[str]:
        """What is installed in it, each as `name version`."""
        ...


class Shelf(Protocol):
    """One engine of the catalogue and how it stands here."""

    @property
    def engine(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def versions(self) -> tuple[str, ...]: ...
    @property
    def resolution(self) -> Resolution: ...
    @property
    def ready(self) -> Sequence[str]: ...
    @property
    def download_mb(self) -> int: ...
    @property
    def disk_mb(self) -> int: ...


class Engines(Protocol):
    """Makes environments by engine name and keeps them on this machine (drivers/engines)."""

    def resolve(self, name: str) -> Resolution: ...
    def prepare(
        self, resolution: Resolution, requirements: Sequence[str] = (), tell: Tell = ..., stopped: IsStopped = ...
    ) -> Environment: ...
    def own(self, python: Path) -> Environment: ...

    def shelves(self) -> Sequence[Shelf]: ...
    def printed_names(self) -> Mapping[str, Sequence[str]]: ...
    def made(self, measure: bool = ...) -> Sequence[Made]: ...
    def owned(self) -> Mapping[str, str]: ...
    def add(self, name: str, python: Path) -> Resolution: ...
    def remove(self, name: str) -> Sequence[Made]: ...
    def prune(self, days: float, dry_run: bool) -> Sequence[Made]: ...


# ── running ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """A folder or file of the host that a run sees at `target`. Writable places belong to the run alone."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Limits:
    """What a run may use; None is no limit. `grace_seconds` lie between asking it to stop and killing it."""

    memory_bytes: int | None = None
    processes: int | None = None
    seconds: float | None = None
    grace_seconds: float = 10.0
    log_bytes: int = 1 << 30


@dataclass(frozen=True)
class Sync:
    """An output folder of a run, copied to `target` every 30 s and at the end, also after failure."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Companion:
    """A server outside the sandbox, started by the supervisor at the first connection to its socket.

    The supervisor listens on a free loopback port itself before the run starts, and replaces `{port}` and
    `{address}` in the run's environment values; the command inherits the listening socket as
    file descriptor `{fd}` (replaced in `command`) and ends with the run.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """One process in one environment: all that an executor needs. Paths in `command`, `directory` and
    `environment` are as the run sees them (targets of `places`); an executor that cannot give the run
    its own view of the file system rewrites them to the places' sources."""

    id: str
    folder: Path
    command: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    places: tuple[Place, ...]
    limits: Limits = Limits()
    gpus: int = 0
    syncs: tuple[Sync, ...] = ()
    companions: tuple[Companion, ...] = ()
    user_name: str = "ma-user"
    home: str = "/home/ma-user"


class Cause(StrEnum):
    """Why a process ended."""

    EXIT = "exit"
    SIGNAL = "signal"
    MEMORY = "memory"
    PROCESSES = "processes"
    TIME = "time"
    STOPPED = "stopped"
    FAILED_TO_START = "failed_to_start"
    LOST = "lost"


@dataclass(frozen=True)
class Exit:
    """How a process ended: `code` as a shell would tell it (128 + n for signal n), `cause`, one sentence."""

    code: int
    cause: Cause
    message: str = ""
    started_at: float = 0.0
    ended_at: float = 0.0
    peak_memory_bytes: int = 0


@dataclass(frozen=True)
class Capacity:
    """What a machine has, or has left, for runs."""

    cores: int
    memory_bytes: int
    gpus: int


class Executor(Protocol):
    """Starts, watches and stops processes (drivers/executors). All state lies in `Process.folder`,
    so that any other process can watch and stop a run by its folder alone."""

    def capacity(self) -> Capacity:
        """What there is for all runs together."""

    def free_memory(self) -> int:
        """Bytes of memory that nobody uses at this moment."""

    def isolation(self) -> tuple[str, ...]:
        """What runs on this machine are *not* isolated from, one sentence each; empty when sandboxed fully."""

    def start(self, process: Process) -> None: ...

    def exit(self, folder: Path) -> Exit | None:
        """None while it runs."""

    def stop(self, folder: Path, now: bool = False) -> None:
        """Ask it to stop and kill it after the grace period, or kill it now."""


# ── objects ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ObjectInfo:
    """What a listing tells of an object. `etag` without quotes; `modified` in seconds since 1970."""

    key: str
    size: int
    modified: float
    etag: str
    content_type: str = "binary/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)


ACL_KEY = "acl:"
"""The name among an object's metadata of who else may do what with it. No header can have it, and no copy takes it
along: a copy is private until somebody says otherwise."""


@dataclass(frozen=True)
class Listing:
    """One page: objects and common prefixes in UTF-8 byte order; `next` resumes after the last of them."""

    objects: tuple[ObjectInfo, ...]
    prefixes: tuple[str, ...] = ()
    next: str | None = None


class ObjectStore(Protocol):
    """Buckets of objects (drivers/stores). Objects appear whole or not at all.
    Raises NotFound for a bucket or key that is missing, BadInput for a name no store can hold."""

    def buckets(self) -> Iterator[str]: ...

    def folder(self, bucket: str) -> Path:
        """The folder that holds the bucket's objects as files, where the store has one."""

    def make_bucket(self, bucket: str) -> None: ...
    def remove_bucket(self, bucket: str) -> None: ...
    def has_bucket(self, bucket: str) -> bool: ...

    def made_at(self, bucket: str) -> float:
        """When the bucket was made, in seconds since 1970."""

    def head(self, bucket: str, key: str) -> ObjectInfo: ...
    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]: ...
    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = ...,
        metadata: Mapping[str, str] = ...,
        etag: str = ...,
    ) -> ObjectInfo:
        """An object of these bytes; its ETag is their MD5 unless one is given. `metadata` is read when all of them
        have come: it may hold what they were found to be."""

    def adopt(
        self, bucket: str, key: str, path: Path, content_type: str, metadata: Mapping[str, str], etag: str
    ) -> ObjectInfo:
        """An object of a complete file, and it may be that very file: nobody may write into it any more."""
        with path.open("rb") as file:
            return self.put(bucket, key, iter(lambda: file.read(1 << 20), b""), content_type, metadata, etag)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        """The same bytes, ETag, type and metadata under another name, but not its ACL."""

    def describe(
        self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]], content_type: str = ""
    ) -> None:
        """The same object with other metadata, and another type where one is given: its bytes, ETag and time stay."""
        raise Refused("What is said of an object here is said when it is put. Put it again.", bucket=bucket, key=key)

    def delete(self, bucket: str, key: str) -> None: ...
    def list(
        self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000
    ) -> Listing: ...

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        """Move complete files (path, key) into the bucket, one atomic rename each, all or an error that
        names the first that failed. Only regular files that nobody else links to are taken."""


Tally = Callable[[int], None]
"""Receives how many bytes more have been moved."""


@runtime_checkable
class RemoteStore(ObjectStore, Protocol):
    """A store somewhere else, which can give links to its objects and moves large files in pieces."""

    def link(self, method: str, bucket: str, key: str, seconds: int) -> str: ...

    def send_file(self, bucket: str, key: str, path: Path, content_type: str, tally: Tally) -> None:
        """The file becomes the object."""

    def fetch_file(self, bucket: str, info: ObjectInfo, path: Path, tally: Tally) -> None:
        """The file comes to hold what the object held when `info` was told; Conflict where it has changed."""
