"""Every setting of Maquette, read once from the environment; `docs/settings.md` lists the same names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.errors import BadInput


@dataclass(frozen=True)
class Home:
    """The one folder in which Maquette keeps everything. Nothing is made before it is needed."""

    path: Path

    @property
    def buckets(self) -> Path:
        return self.path / "buckets"

    @property
    def engines(self) -> Path:
        return self.path / "engines"

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def cache(self) -> Path:
        return self.path / "cache"


@dataclass(frozen=True)
class Settings:
    """`MAQUETTE_HOME` where everything is kept · `MAQUETTE_SANDBOX` auto, required or off ·
    `MAQUETTE_DATA` real data for long tests and benchmarks."""

    home: Home
    sandbox: str = "auto"
    data: Path | None = None


def read_settings(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Settings:
    """Settings from the environment; an explicit `home` wins over `MAQUETTE_HOME`."""
    chosen = home or Path(environment.get("MAQUETTE_HOME") or Path.home() / ".maquette")
    sandbox = environment.get("MAQUETTE_SANDBOX", "auto")
    if sandbox not in ("auto", "required", "off"):
        raise BadInput(f"MAQUETTE_SANDBOX is '{sandbox}'. Set it to auto, required or off.", setting="MAQUETTE_SANDBOX")
    data = environment.get("MAQUETTE_DATA")
    return Settings(home=Home(chosen.expanduser().resolve()), sandbox=sandbox, data=Path(data) if data else None)
