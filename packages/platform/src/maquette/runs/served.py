"""Runs that people open in a browser: a socket that nobody else reaches, a secret path, and who is let through to it.

The folder with the socket is private to the run and the server. It does not lie in the run's own folder, for the
path of a socket has at most 107 bytes; a link there leads to it.
"""

from __future__ import annotations

import contextlib
import hmac
import shutil
import socket
import tempfile
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request

from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound, Refused, Unavailable
from maquette.kernel.identity import Identity, Role
from maquette.kernel.ports import Place
from maquette.runs import actions
from maquette.runs.domain import Run, State
from maquette.runs.folder import RunFolder
from maquette.runs.sentences import say
from maquette.web.proxy import Find, Program, prefix_of

PRIVATE = "/opt/maquette/private"
SOCKET = "s"
LINK = "private"
MAKER_ONLY = "maker_only"
"""In a run's details: only who made it is let through. Else everybody of the workspace is."""
ASK_SECONDS = 0.5
STILL = {
    State.QUEUED: say("waits"),
    State.PREPARING: say("is_prepared"),
    State.RUNNING: say("is_starting"),
    State.FAILED: say("has_failed"),
}


# ── the socket ───────────────────────────────────────────────────────────────────────────────────


def make_private(folder: RunFolder) -> Place:
    """The folder with the run's socket, `PRIVATE` for the run itself."""
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = Path(tempfile.mkdtemp(prefix="maquette-"))
    (folder.path / LINK).symlink_to(made)
    return Place(made, PRIVATE, writable=True)


def private_folder(ctx: Platform, run: Run) -> Path:
    return (actions.folder_of(ctx, run.id, run.tries).path / LINK).resolve()


def discard_private(ctx: Platform, run: Run) -> None:
    """After its end, of all its tries."""
    for tries in range(1, run.tries + 1):
        link = actions.folder_of(ctx, run.id, tries).path / LINK
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
            link.unlink()


def answers_at(ctx: Platform, run: Run, path: str) -> str | None:
    """The run's address, once it answers a GET of this path below its prefix with anything but an error."""
    address = private_folder(ctx, run) / SOCKET
    asked = f"GET {prefix(ctx, run)}{path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
        line.settimeout(ASK_SECONDS)
        try:
            line.connect(str(address))
            line.sendall(asked.encode())
            head = line.recv(16)
        except OSError:
            return None
    return str(address) if head.split(b" ")[1:2] and head.split(b" ")[1][:1] in (b"2", b"3") else None


# ── the way to it ────────────────────────────────────────────────────────────────────────────────


def secret_of(ctx: Platform, run_id: str) -> str:
    """What nobody can guess of the run's path. It opens nothing without an identity."""
    return hmac.new(home.read_secret(ctx.settings.home), f"served {run_id}".encode(), sha256).hexdigest()[:32]


def prefix(ctx: Platform, run: Run) -> str:
    """The run's path on this server, with a slash at its end."""
    return prefix_of(run.workspace_id, run.id, secret_of(ctx, run.id))


def address_of(ctx: Platform, request: Request, run: Run) -> str:
    """Where the browser of whoever asks finds it, while it goes on."""
    return "" if run.has_ended else f"{str(request.base_url).rstrip('/')}{prefix(ctx, run)}"


def finder(ctx: Platform) -> Find:
    """Lets through to a run of their workspace whoever knows its path and may."""

    def find(who: Identity, run_id: str, secret: str) -> Program:
        if not hmac.compare_digest(secret.encode(), secret_of(ctx, run_id).encode()):
            raise NotFound(say("nothing_served"))
        run = actions.find(ctx, who.workspace_id, run_id)
        check_visitor(run, who)
        if not run.ready:
            standing = STILL.get(run.state, say("has_ended"))
            told = say("not_there" if run.has_ended else "not_yet", name=run.order.name, standing=standing)
            raise Unavailable(told, starting=not run.has_ended)
        return Program(f"'{run.order.name}'", prefix(ctx, run), Path(run.address))

    return find


def check_visitor(run: Run, who: Identity) -> None:
    """What runs commands as its maker is for its maker."""
    if not run.order.details.get(MAKER_ONLY):
        return
    if run.order.created_by != who.user_id:
        raise Refused(say("for_its_maker", name=run.order.name))
    if who.role < Role.MEMBER:
        raise Refused(say("needs_role", needed=Role.MEMBER.word, yours=who.role.word), role=Role.MEMBER.word)
