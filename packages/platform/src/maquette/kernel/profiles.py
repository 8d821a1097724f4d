"""Where somebody has signed in from this machine: endpoints and keys, in a file of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from maquette.kernel.errors import BadInput, NotFound

DEFAULT = "default"


@dataclass(frozen=True)
class Profile:
    """A Maquette, or an object store alone (then `url` and `project_id` are empty), and a key for it."""

    name: str
    url: str
    store: str
    project_id: str
    access: str
    secret: str


def place(environment: Mapping[str, str] = os.environ) -> Path:
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "maquette" / "profiles.json"


def read_profiles(file: Path) -> dict[str, Profile]:
    try:
        return {name: Profile(name, **fields) for name, fields in json.loads(file.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        told = f"'{file}' cannot be read. Remove it, and sign in again with `maquette login`."
        raise BadInput(told, file=str(file)) from None


def find_profile(file: Path, name: str) -> Profile:
    profiles = read_profiles(file)
    if name not in profiles:
        known = f" There are: {', '.join(profiles)}." if profiles else ""
        raise NotFound(f"There is no profile '{name}'. Sign in with `maquette login`.{known}", profile=name)
    return profiles[name]


def write_profiles(file: Path, profiles: Mapping[str, Profile]) -> None:
    """For its owner alone, and whole or not at all."""
    content = {name: {k: v for k, v in asdict(profile).items() if k != "name"} for name, profile in profiles.items()}
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = file.with_name(f"{file.name}.{os.getpid()}")
    half.touch(0o600)
    half.write_text(json.dumps(content, indent=1))
    half.replace(file)
