"""The platform's object store as an application: every key's bearer sees the buckets of its workspace."""

from __future__ import annotations

from starlette.types import ASGIApp

from maquette.buckets.obs import Endpoint, Parts
from maquette.kernel.context import Platform
from maquette.workspaces import keys
from maquette_sdk.objects import RESERVED


def store_door(ctx: Platform, by_session: bool = False) -> ASGIApp:
    """On its own port requests are signed; below `/obs/` of the main port the browser's session counts too."""

    def secret_of(access: str) -> str | None:
        key = keys.find_key(ctx, access)
        return key.secret if key else None

    return Endpoint(ctx.store, Parts(ctx.settings.home.buckets / RESERVED / "uploads"), secret_of, now=ctx.clock)
