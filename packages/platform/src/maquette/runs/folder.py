"""What a run is on disk and what it sees: one folder, and the paths that ModelArts code relies on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import maquette_sdk
from maquette.kernel.ports import Place
from maquette_sdk.job import folder as files

OPT = "/opt/maquette"
SDK = f"{OPT}/sdk"
SITE = f"{OPT}/site"
BIN = f"{OPT}/bin"
UV = f"{OPT}/uv"
BUCKETS = f"{OPT}/buckets"
STAGING = f"{OPT}/staging"

JOB_FOLDER = "/home/work/user-job-dir"
MODELARTS = "/home/ma-user/modelarts"

SDK_FOLDER = Path(maquette_sdk.__file__).parent

WRITABLE = ("/cache", "/home/work", "/home/ma-user", "/home/mind", "/tmp", SITE)  # noqa: S108 – the run's own
"""Folders that every run has to itself and may write."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run: its log, its end, and `view`, the part of the run's world that is its own."""

    id: str
    path: Path

    @property
    def view(self) -> Path:
        return self.path / "view"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def staging(self) -> Path:
        """Where the run writes what is to be committed to buckets; on their file system, so that a rename does it."""
        return self.path.parent.parent / "staging" / self.id

    def ended_at(self) -> float | None:
        """When all that belongs to the run's end was done, its outputs copied, where it has come so far."""
        end = self.path / files.EXIT
        return end.stat().st_mtime if end.exists() else None

    def inside(self, target: str) -> Path:
        """Where a path that the run sees lies on this machine."""
        return self.view / target.lstrip("/")

    def places(self) -> tuple[Place, ...]:
        """The folders every run sees besides its engine: its own writable ones and its commands."""
        own = tuple(Place(self.inside(target), target, writable=True) for target in WRITABLE)
        return (*own, Place(self.inside(BIN), BIN), Place(self.inside(SDK), SDK))

    def make(self) -> None:
        """Makes the folders and the links that let both generations of ModelArts paths lead to one place."""
        for target in (
            *WRITABLE,
            BIN,
            SDK,
            JOB_FOLDER,
            f"{MODELARTS}/inputs",
            f"{MODELARTS}/outputs",
            f"{MODELARTS}/log",
        ):
            self.inside(target).mkdir(parents=True, exist_ok=True)
        self.inside("/home/work/modelarts").symlink_to("../ma-user/modelarts")
        self.inside(f"{MODELARTS}/user-job-dir").symlink_to("../../work/user-job-dir")
        self.inside(f"{SDK}/maquette_sdk").symlink_to(SDK_FOLDER)  # which every run sees at its own path
        for name, line in COMMANDS.items():
            command = self.inside(f"{BIN}/{name}")
            command.write_text(f"#!/bin/sh\n{line}\n")
            command.chmod(0o755)


COMMANDS = {
    "pip": 'exec python -m pip "$@"',
    "pip3": 'exec python -m pip "$@"',
    "uv": 'exec "$MAQUETTE_UV" "$@"',
}
