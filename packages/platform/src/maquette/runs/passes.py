"""A run's own way to the server: a pass that opens training, models and services in its workspace, while it lives.

It is made of the run's id and the home's secret, so nothing has to be kept, taken back or swept.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

from starlette.requests import Request

from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.runs import actions
from maquette.runs.domain import ACTIVE, Run
from maquette.workspaces.actions import find_user, find_workspace_of

BEGINNING = "run."
OPENED = re.compile(
    r"/v[12]/[^/]+/(?:training-|visualization-jobs|algorithms|search-algorithms|built-in-algorithms|job/)"
    r"|/v1/[^/]+/(?:models|services|clusters)(?:/|$)|/maquette/[^/]+/services/|/v1/infers/"
)
"""The calls that a pass opens; all others, keys and buckets among them, it does not."""


def way_to_server(ctx: Platform, run: Run) -> dict[str, str]:
    """The variables by which `modelarts.session.Session()` finds the server; none where no server is known."""
    address = home.address(ctx.settings.home)
    if not address or not run.order.created_by:
        return {}
    return {
        "MAQUETTE_URL": address,
        "MAQUETTE_PROJECT_ID": run.workspace_id,
        "MAQUETTE_TOKEN": pass_of(ctx, run.workspace_id, run.id),
    }


def pass_of(ctx: Platform, workspace_id: str, run_id: str) -> str:
    named = f"{workspace_id}.{run_id}"
    proof = hmac.new(home.read_secret(ctx.settings.home), f"pass of run {named}".encode(), sha256).hexdigest()
    return f"{BEGINNING}{named}.{proof}"


def is_shown(request: Request) -> bool:
    return request.headers.get("x-auth-token", "").startswith(BEGINNING)


def by_pass(ctx: Platform, request: Request, body: bytes) -> Identity | None:
    """Who has the run made, as a member at most; None for a pass that is none, or of a run that does not live."""
    shown = request.headers["x-auth-token"]
    parts = shown.removeprefix(BEGINNING).split(".")
    if len(parts) != 3 or not OPENED.match(request.scope["path"]):
        return None
    if not hmac.compare_digest(pass_of(ctx, parts[0], parts[1]).encode(), shown.encode()):
        return None
    try:
        run = actions.find(ctx, parts[0], parts[1])
        user = find_user(ctx, run.order.created_by)
        _, role = find_workspace_of(ctx, user.id, run.workspace_id)
    except NotFound:
        return None
    if user.disabled or run.state not in ACTIVE:
        return None
    return Identity(user.id, user.name, run.workspace_id, min(role, Role.MEMBER), Proof.TOKEN, key_id=f"run {run.id}")
