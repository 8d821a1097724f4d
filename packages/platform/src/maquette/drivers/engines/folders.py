"""The folders in which environments lie: which are ready, who makes one now, how big they are, which are in use.

An environment is made in its final folder, because scripts in it name their interpreter by path. Its marker is written
last, so a folder without one is unfinished and is removed by whoever wants it next. A lock file beside the folders is
held while one is made, also by the uv that does it: a kill half way leaves the lock until that uv has ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maquette.drivers.engines.sentences import say
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import IsStopped, Stopped, Tell, never

PRIVATE = ".maquette"
MARKER = "ready.json"
USED = "used"
CONSTRAINTS = "constraints.txt"  # the era's list, where runs can read it
LOCKS = ".locks"
ASK_SECONDS = 0.3
OWN = "own.json"
INSTALLED = ".dist-info"


@dataclass(frozen=True)
class Folder:
    """One environment on disk. `size` counts every file, `freed` what its removal gives back: the rest is shared."""

    name: str
    path: Path
    ready: bool
    record: Mapping[str, Any]
    last_used: float
    size: int = 0
    freed: int = 0
    in_use: bool = False

    @property
    def packages(self) -> frozenset[str]:
        """What is installed, each as `name version`, by the folders that installers leave."""
        found = self.path.glob(f"lib/python*/site-packages/*{INSTALLED}")
        return frozenset(path.name.removesuffix(INSTALLED).replace("-", " ").replace("_", "-") for path in found)


def read_record(path: Path) -> dict[str, Any] | None:
    """What was noted when the environment was finished; None when it is not, or its interpreter is gone."""
    try:
        record = json.loads((path / PRIVATE / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if (path / "bin" / "python").exists() else None


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Written whole and on disk before it counts."""
    folder = path / PRIVATE
    folder.mkdir(exist_ok=True)
    temporary = folder / f"{MARKER}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MARKER)


def note_use(path: Path) -> None:
    with contextlib.suppress(OSError):  # a home that is read-only now still serves what it has
        (path / PRIVATE / USED).touch()


@contextlib.contextmanager
def locked(engines: Path, name: str, tell: Tell, stopped: IsStopped = never) -> Iterator[int]:
    """Holds the environment's lock; says so when somebody else makes it just now. Gives the lock's descriptor."""
    folder = engines / LOCKS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Unavailable(
            f"{engines} cannot be written ({error.strerror}). Choose another home with MAQUETTE_HOME or --home."
        ) from None
    try:
        wait_for(descriptor, name, tell, stopped)
        yield descriptor
    finally:
        os.close(descriptor)


def wait_for(descriptor: int, name: str, tell: Tell, stopped: IsStopped) -> None:
    if is_free(descriptor):
        return
    tell(say("waiting", name=name))
    while not is_free(descriptor):
        if stopped():
            raise Stopped
        time.sleep(ASK_SECONDS)


def is_free(descriptor: int) -> bool:
    """Whether nobody else had the lock; then it is held by this descriptor."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def is_locked(engines: Path, name: str) -> bool:
    path = engines / LOCKS / name
    if not path.exists():
        return False
    with path.open("r+") as file:
        return not is_free(file.fileno())


def remove(path: Path) -> None:
    """Out of sight in one step, so that a removal that is cut short leaves no environment that seems ready."""
    (path / PRIVATE / MARKER).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        raise Unavailable(f"{path} could not be removed. Remove it by hand; it is not used any more.")


def list_folders(engines: Path, measure: bool = True) -> list[Folder]:
    """All environments; with `measure` their files are counted now, else the size is as noted when they were made. One
    that somebody removes meanwhile is none any more."""
    if not engines.is_dir():
        return []
    paths = sorted(path for path in engines.iterdir() if path.is_dir() and not path.name.startswith("."))
    busy = paths_in_use(paths)
    found = [read_folder(path, measure, path in busy) for path in paths]
    return [folder for folder in found if folder is not None]


def read_folder(path: Path, measure: bool, in_use: bool) -> Folder | None:
    record = read_record(path)
    size, freed = disk_use(path) if measure or record is None else (int(record.get("size", 0)), 0)
    used = path / PRIVATE / USED
    try:
        last = (used if used.exists() else path).stat().st_mtime
    except FileNotFoundError:
        return None
    return Folder(path.name, path, record is not None, record or {}, last, size, freed, in_use)


def measured(folder: Folder) -> Folder:
    size, freed = disk_use(folder.path)
    return replace(folder, size=size, freed=freed)


def disk_use(path: Path) -> tuple[int, int]:
    """Bytes of all files, and of those that nothing else links to (the others stay in uv's cache). What goes while it
    is counted has no size."""
    size = freed = 0
    waiting = [str(path)]
    while waiting:
        with contextlib.suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                status = entry.stat(follow_symlinks=False)
                size += status.st_blocks * 512
                freed += status.st_blocks * 512 if status.st_nlink == 1 else 0
    return size, freed


def paths_in_use(paths: list[Path]) -> set[Path]:
    """Environments of running processes, by their command lines and the libraries they have loaded."""
    texts = {path: (str(path) + "/").encode() for path in paths}
    found: set[Path] = set()
    for process in Path("/proc").glob("[0-9]*"):
        for file in ("cmdline", "maps"):
            try:
                content = (process / file).read_bytes()
            except OSError:
                continue  # it has ended, or belongs to another user
            found |= {path for path, text in texts.items() if text in content}
    return found


def unused(folder: Folder, days: float, now: float | None = None) -> bool:
    """Whether prune may take it: unfinished, or not used for so many days."""
    if folder.in_use:
        return False
    return not folder.ready or (now or time.time()) - folder.last_used > days * 86400


def free_bytes(path: Path) -> int:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def read_own(engines: Path) -> dict[str, str]:
    """The user's own interpreters by name."""
    try:
        return dict(json.loads((engines / OWN).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except ValueError:
        raise Unavailable(f"{engines / OWN} cannot be read. Remove it and add your engines again.") from None


def write_own(engines: Path, own: Mapping[str, str]) -> None:
    engines.mkdir(parents=True, exist_ok=True)
    temporary = engines / f"{OWN}.{os.getpid()}"
    temporary.write_text(json.dumps(own, indent=1), encoding="utf-8")
    temporary.replace(engines / OWN)
