"""Nodes of one job start again as one, as they start, stop and fail as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from maquette.kernel.context import Platform
from maquette.runs.domain import ACTIVE, ENDED, Run
from maquette.runs.table import runs


def newest_attempt(ctx: Platform, run: Run) -> int:
    """That of the node that is ahead of the others; the run's own where it is alone."""
    if not run.order.group:
        return run.attempt
    together = select(func.max(runs.c.attempt)).where(runs.c.group == run.order.group)
    with ctx.database.read() as rows:
        return int(rows.execute(together).scalar_one() or run.attempt)


def is_behind(ctx: Platform, run: Run) -> bool:
    """Whether another node has begun the next attempt, which this one has to join."""
    return newest_attempt(ctx, run) > run.attempt


def can_begin_again(ctx: Platform, run: Run) -> bool:
    """Not when a node is over for good: the others would wait for it."""
    if not run.order.group:
        return True
    over = (runs.c.group == run.order.group) & (runs.c.id != run.id) & runs.c.state.in_(ENDED)
    with ctx.database.read() as rows:
        return not rows.execute(select(func.count()).where(over)).scalar_one()


def are_gathered(rows: Any, together: Sequence[Row[Any]]) -> bool:
    """Whether every node of the last attempt has ended: an old one would disturb the new ones."""
    attempt = max(row.attempt for row in together)
    old = (runs.c.group == together[0].group) & runs.c.state.in_(ACTIVE) & (runs.c.attempt < attempt)
    return not rows.execute(select(func.count()).where(old)).scalar_one()
