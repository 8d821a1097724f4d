"""Every setting of Maquette, read once from the environment; `docs/settings.md` shows this same table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One environment variable: its default as text, what it means, and the words it may be where these are few."""

    name: str
    default: str
    meaning: str
    words: tuple[str, ...] = ()


TABLE = (
    Setting(
        "MAQUETTE_HOME",
        "~/.maquette",
        "the one folder in which Maquette keeps everything; `--home` wins over it",
    ),
    Setting(
        "MAQUETTE_SANDBOX",
        "auto",
        "`auto`: isolate runs where bubblewrap works, else say what is not isolated; `required`: refuse to run without "
        "it; `off`: never",
        ("auto", "required", "off"),
    ),
    Setting(
        "MAQUETTE_DATABASE",
        "sqlite",
        "where rows are kept: `sqlite` is `maquette.db` in the home; else a URL such as "
        "`postgresql+pg8000://maquette:PASSWORD@db.example/maquette`",
    ),
    Setting(
        "MAQUETTE_DURABILITY",
        "process",
        "what an acknowledged change survives with SQLite: `process` the death of Maquette, `power` that of the "
        "machine too (each change waits for the disk)",
        ("process", "power"),
    ),
    Setting(
        "MAQUETTE_HOSTS",
        "",
        "names under which browsers and clients may call the server, with commas between; its own addresses always are",
    ),
    Setting(
        "MAQUETTE_LOG",
        "auto",
        "how the server logs: `text` for people, `json` one object a line, `auto`: text in a terminal, else json",
        ("auto", "text", "json"),
    ),
    Setting(
        "MAQUETTE_START_SECONDS",
        "600",
        "how long an instance of an online service may take until it answers; one that takes longer is ended",
    ),
    Setting(
        "MAQUETTE_SLEEP_MINUTES",
        "0",
        "after so long without a call the instances of an online service are ended, and started again by the next "
        "call; 0: never",
    ),
    Setting("MAQUETTE_DATA", "", "real images for long tests and benchmarks"),
    Setting("MAQUETTE_TEST_HOME", ".maquette-test", "where tests keep their engines"),
)
"""What `docs/settings.md` tells, in its order."""


@dataclass(frozen=True)
class Home:
    """The one folder in which Maquette keeps everything. Nothing is made before it is needed."""

    path: Path

    @property
    def buckets(self) -> Path:
        return self.path / "buckets"

    @property
    def engines(self) -> Path:
        """A link to a larger disk is followed: runs see the folder where it really lies."""
        return (self.path / "engines").resolve()

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def models(self) -> Path:
        """Packages of imported models."""
        return self.path / "models"

    @property
    def snapshots(self) -> Path:
        """Code that jobs ran on."""
        return self.path / "snapshots"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def rows(self) -> Path:
        return self.path / "maquette.db"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    @property
    def secret(self) -> Path:
        """The key that secrets are encrypted with at rest. Without it a backup opens no door."""
        return self.path / "secret.key"

    @property
    def lock(self) -> Path:
        """Held by the `maquette up` that uses this home."""
        return self.path / "up.lock"


@dataclass(frozen=True)
class Settings:
    """What was found in the environment; `database` is a URL."""

    home: Home
    sandbox: str = "auto"
    database: str = ""
    durability: str = "process"
    hosts: tuple[str, ...] = ()
    log: str = "auto"
    start_seconds: float = 600.0
    sleep_minutes: float = 0.0
    data: Path | None = None


def read_settings(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Settings:
    """Settings from the environment; an explicit `home` wins over `MAQUETTE_HOME`."""
    read = reader(environment)
    place = Home((home or Path(read("MAQUETTE_HOME"))).expanduser().resolve())
    data = read("MAQUETTE_DATA")
    return Settings(
        home=place,
        sandbox=read("MAQUETTE_SANDBOX"),
        database=database_url(read("MAQUETTE_DATABASE"), place),
        durability=read("MAQUETTE_DURABILITY"),
        hosts=tuple(host.strip().lower() for host in read("MAQUETTE_HOSTS").split(",") if host.strip()),
        log=read("MAQUETTE_LOG"),
        start_seconds=read_number("MAQUETTE_START_SECONDS", read("MAQUETTE_START_SECONDS")),
        sleep_minutes=read_number("MAQUETTE_SLEEP_MINUTES", read("MAQUETTE_SLEEP_MINUTES")),
        data=Path(data) if data else None,
    )


def reader(environment: Mapping[str, str]) -> Callable[[str], str]:
    table = {setting.name: setting for setting in TABLE}

    def read(name: str) -> str:
        setting = table[name]
        value = environment.get(name) or setting.default
        if setting.words and value not in setting.words:
            words = f"{', '.join(setting.words[:-1])} or {setting.words[-1]}"
            raise BadInput(f"{name} is '{value}'. Set it to {words}.", setting=name)
        return value

    return read


def read_number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise BadInput(f"{name} is '{text}'. Set it to a number from 0 on.", setting=name)
    return number


def database_url(text: str, home: Home) -> str:
    if text == "sqlite":
        return f"sqlite:///{home.rows}"
    scheme, found, _ = text.partition("://")
    if not found or scheme not in ("sqlite", "postgresql", "postgres", "postgresql+pg8000"):
        told = "Set it to sqlite, or to a URL such as postgresql+pg8000://maquette:PASSWORD@db.example/maquette."
        raise BadInput(f"MAQUETTE_DATABASE is '{hide_password(text)}'. {told}", setting="MAQUETTE_DATABASE")
    return text if scheme == "sqlite" else "postgresql+pg8000://" + text.partition("://")[2]


def hide_password(url: str) -> str:
    before, at, host = url.rpartition("@")
    scheme, found, user = before.partition("://")
    return f"{scheme}://{user.partition(':')[0]}:…@{host}" if at and found and ":" in user else url


def as_markdown(table: tuple[Setting, ...] = TABLE) -> str:
    """The table as `docs/settings.md` shows it."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in table:
        default = f"`{setting.default}`" if setting.default else ""
        lines.append(f"| `{setting.name}` | {default} | {setting.meaning} |")
    return "\n".join(lines)
