"""Links to a run's log that open without a key, for a few minutes: for browsers, curl and people who are sent one."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from maquette.kernel.context import Platform
from maquette.kernel.errors import Refused
from maquette.kernel.home import read_secret
from maquette.runs.domain import Run
from maquette.training.sentences import say

OPEN_SECONDS = 300
PIECE_BYTES = 1 << 18


def link_to(ctx: Platform, server: str, run: Run, download: bool) -> str:
    """An address below `server`; `download` makes browsers keep it instead of showing it."""
    until = int(ctx.clock()) + OPEN_SECONDS
    shown = "&download=true" if download else ""
    path = f"/maquette/{run.workspace_id}/training-logs/{run.id}"
    return f"{server.rstrip('/')}{path}?until={until}&signature={signature(ctx, run.id, until)}{shown}"


def check_link(ctx: Platform, run_id: str, until: int, given: str) -> None:
    """Refused, in the same words, for a link that has run out and for one that nobody has given out."""
    right = hmac.compare_digest(signature(ctx, run_id, until).encode(), given.encode())
    if not right or until < ctx.clock():
        raise Refused(say("link_ended"))


def signature(ctx: Platform, run_id: str, until: int) -> str:
    return hmac.new(read_secret(ctx.settings.home), f"log {run_id} {until}".encode(), sha256).hexdigest()


def pieces(logs: Sequence[Path], sizes: Sequence[int]) -> Iterator[bytes]:
    """The logs one after the other, each as long as it was when it was asked for: they may be written on meanwhile."""
    for log, size in zip(logs, sizes, strict=True):
        with log.open("rb") as file:
            left = size
            while left and (piece := file.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece
