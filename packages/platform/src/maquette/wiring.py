"""The one file that chooses drivers: what the settings say becomes the store, the engines and the executor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.executors.local import LocalExecutor
from maquette.drivers.stores.local import Alias, LocalStore
from maquette.kernel.clock import Clock, system_clock
from maquette.kernel.context import Context, Platform
from maquette.kernel.ports import Engines, Executor, ObjectStore, RemoteStore
from maquette.kernel.settings import Settings


def engines(settings: Settings) -> Engines:
    return UvEngines(settings.home)


def executor(settings: Settings) -> Executor:
    return LocalExecutor(sandbox=settings.sandbox)


def store(
    root: Path, aliases: Mapping[str, tuple[Path, bool]] | None = None, only: Collection[str] | None = None
) -> ObjectStore:
    """The buckets below `root`, or `only` these; `aliases` are folders that stand for a bucket: (path, writable)."""
    named = {bucket: Alias(path, writable) for bucket, (path, writable) in (aliases or {}).items()}
    return LocalStore(root, named, only)


def remote_store(endpoint: str, access: str, secret: str) -> RemoteStore:
    """The buckets of an endpoint that speaks S3."""
    from maquette.drivers.stores.s3 import S3Store  # a client library that local buckets need not wait for

    return S3Store(endpoint, access, secret)


def context(settings: Settings, aliases: Mapping[str, tuple[Path, bool]] | None = None) -> Context:
    return Context(settings, store(settings.home.buckets, aliases), engines(settings), executor(settings))


def platform(settings: Settings, clock: Clock = system_clock) -> Platform:
    """What the server and the worker act in."""
    from maquette.kernel.database import Database  # half a second that `maquette run` need not wait

    rows = Database(settings.database, settings.durability == "power")
    doors = context(settings)
    return Platform(settings, doors.store, doors.engines, doors.executor, rows, clock)
