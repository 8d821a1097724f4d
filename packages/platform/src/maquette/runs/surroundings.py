"""What every run is given besides its own folders: its engine, the SDK, the buckets and the variables to find them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from maquette.kernel.context import Context
from maquette.kernel.ids import new_secret
from maquette.kernel.ports import Companion, Environment, Place
from maquette.runs.folder import BIN, BUCKETS, SDK, SDK_FOLDER, SITE, STAGING, UV

STORE = "http://{address}"
NO_BUCKET = "."
"""No bucket has this name: who may use it alone may use none."""
REGION = "cn-north-4"


@dataclass(frozen=True)
class BucketAlias:
    """A folder that stands for a bucket during one run; the run sees it at `inside`."""

    bucket: str
    folder: Path
    inside: str
    writable: bool


@dataclass(frozen=True)
class Surroundings:
    places: tuple[Place, ...]
    environment: dict[str, str]
    companions: tuple[Companion, ...]


@dataclass(frozen=True)
class Buckets:
    """What a run sees of the store: folders that stand for buckets, and of the home's buckets `only` these (None: all,
    and it may make more)."""

    aliases: Sequence[BucketAlias] = ()
    only: Sequence[str] | None = None


def surroundings(ctx: Context, environment: Environment, staging: Path, buckets: Buckets) -> Surroundings:
    """The places, variables and companions of a run in this environment with these buckets."""
    keys = StoreKeys(access=f"MAQUETTERUN{new_secret()[:9].upper()}", secret=new_secret(), token=new_secret())
    return Surroundings(
        places=(*engine_places(environment), *store_places(ctx, staging, buckets)),
        environment={**engine_environment(environment), **store_environment(ctx, keys, buckets)},
        companions=(store_companion(ctx, keys, staging, buckets),),
    )


@dataclass(frozen=True)
class StoreKeys:
    """What lets one run, and nobody else, into the store for as long as it lives."""

    access: str
    secret: str
    token: str


def engine_places(environment: Environment) -> tuple[Place, ...]:
    prefixes = tuple(Place(prefix, str(prefix)) for prefix in environment.prefixes)
    return (Place(SDK_FOLDER, str(SDK_FOLDER)), Place(Path(uv.find_uv_bin()), UV), *prefixes)


def engine_environment(environment: Environment) -> dict[str, str]:
    """Finds the engine's Python, the SDK and the run's own packages, which come first."""
    path = [
        BIN,
        f"{SITE}/bin",
        str(environment.python.parent),
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
        "/usr/sbin",
        "/sbin",
    ]
    return {
        **environment.environment,
        **environment.pip_environment,
        "PATH": ":".join(path),
        "PYTHONPATH": f"{SDK}/maquette_sdk/job/startup:{SITE}",
        "MAQUETTE_SDK": SDK,
        "MAQUETTE_SITE": SITE,
        "MAQUETTE_UV": UV,
        # One machine is shared by many runs: threads that wait by spinning stop each other (60 × slower was seen).
        # A short spin bridges the gaps between the layers of a network: alone, a ResNet18 is as quick as with endless
        # spinning (13 ms; 26 with a spin of 300); where three share four cores it takes 70 ms instead of 50, not 1700.
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "2000",
        "UV_CACHE_DIR": "/tmp/uv-cache",  # noqa: S108 – the run's own /tmp
    }


def store_places(ctx: Context, staging: Path, buckets: Buckets) -> tuple[Place, ...]:
    home = ctx.settings.home.buckets
    home.mkdir(parents=True, exist_ok=True)
    own = [Place(home, BUCKETS)]
    if buckets.only is not None:
        own = [Place(home / name, f"{BUCKETS}/{name}") for name in buckets.only]
    aliases = (Place(alias.folder, alias.inside) for alias in buckets.aliases)
    return (*own, Place(staging, STAGING, writable=True), *aliases)


def store_environment(ctx: Context, keys: StoreKeys, buckets: Buckets) -> dict[str, str]:
    """Where moxing, and frameworks that speak S3 themselves, find the buckets."""
    names = ctx.store.buckets() if buckets.only is None else buckets.only
    known = {name: {"path": f"{BUCKETS}/{name}", "writable": True} for name in names}
    known.update({alias.bucket: {"path": alias.inside, "writable": alias.writable} for alias in buckets.aliases})
    return {
        "MAQUETTE_BUCKETS": json.dumps(known),
        "MAQUETTE_STAGING": STAGING,
        "MAQUETTE_STORE_URL": STORE,
        "MAQUETTE_STORE_TOKEN": keys.token,
        "AWS_ACCESS_KEY_ID": keys.access,
        "AWS_SECRET_ACCESS_KEY": keys.secret,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": STORE,
        "AWS_EC2_METADATA_DISABLED": "true",
        "S3_ENDPOINT": "{address}",
        "S3_USE_HTTPS": "0",
        "S3_VERIFY_SSL": "0",
    }


def store_companion(ctx: Context, keys: StoreKeys, staging: Path, buckets: Buckets) -> Companion:
    home = ctx.settings.home.buckets
    options = [f"--alias={alias.bucket}={alias.folder}{'' if alias.writable else ':ro'}" for alias in buckets.aliases]
    if buckets.only is not None:
        options += [f"--only={name}" for name in buckets.only or [NO_BUCKET]]
    return Companion(
        name="store",
        command=(
            sys.executable,
            *("-m", "maquette.cli.store_companion", "--fd", "{fd}"),
            *("--root", str(home), "--staging", str(staging), *options),
        ),
        environment={
            "MAQUETTE_STORE_ACCESS_KEY": keys.access,
            "MAQUETTE_STORE_SECRET_KEY": keys.secret,
            "MAQUETTE_STORE_TOKEN": keys.token,
        },
    )
