"""The platform's object store as an application: every key's bearer sees the buckets of its workspace."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Scope

from maquette.buckets.actions import GrantedStore, Rights
from maquette.buckets.obs import Bearer, Endpoint, Parts
from maquette.kernel.context import Platform
from maquette.kernel.identity import Identity
from maquette.web.door import Identify, Unidentified
from maquette.workspaces import keys
from maquette_sdk.objects import RESERVED

TOKEN = "x-auth-token"  # noqa: S105  a header's name


class Bearers:
    """Finds who has an access key."""

    def __init__(self, ctx: Platform) -> None:
        self._ctx = ctx
        self._rights = Rights(ctx)

    def find(self, access: str) -> Bearer | None:
        key = keys.find_key(self._ctx, access)
        return self._bearer(key.identity, key.secret) if key else None

    def nobody(self, scope: Scope) -> Bearer:
        """Who does not sign reads what is open to everybody."""
        return self._bearer(None)

    def by_session(self, identify: Identify) -> Callable[[Scope], Bearer]:
        """Who is signed in, as the routes beside the store know them; else nobody. A token that is no good is told:
        its program can get another."""

        def find(scope: Scope) -> Bearer:
            request = Request(scope)
            try:
                return self._bearer(identify(request, b""))
            except Unidentified:
                if TOKEN in request.headers:
                    raise
                return self._bearer(None)

        return find

    def _bearer(self, who: Identity | None, secret: str = "") -> Bearer:
        store = GrantedStore(self._ctx, self._rights, who)
        return Bearer(store, secret, store)


def store_door(ctx: Platform, identify: Identify | None = None) -> ASGIApp:
    """Requests are signed, or read what is public; with `identify` a browser's session counts too."""
    bearers = Bearers(ctx)
    parts = Parts(ctx.settings.home.buckets / RESERVED / "uploads")
    unsigned = bearers.by_session(identify) if identify else bearers.nobody
    return Endpoint(bearers.find, parts, unsigned, now=ctx.clock)
