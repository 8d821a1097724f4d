"""The time, asked in one place so that tests can set it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since 1970."""

system_clock: Clock = time.time


def has_passed(seconds: float, since: float, now: float) -> bool:
    """Whether it is so long ago; also where the clock was set back meanwhile, or one would wait for that time again."""
    return not since <= now < since + seconds


def iso(seconds: float) -> str:
    """As ModelArts' identity service prints times: `2026-01-02T03:04:05.678000Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
