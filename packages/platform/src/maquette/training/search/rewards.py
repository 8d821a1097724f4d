"""A trial's figures, found in its log by regular expressions while it grows.

A user's expression may need longer than the sun will last for one line. `regex`, which understands what Python's `re`
does, gives up after a time that is told; so the worker can lose a moment by a bad expression, never its day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex as patterns

from maquette.kernel.errors import BadInput
from maquette.training.search.domain import Reward
from maquette.training.search.sentences import say

SECONDS_A_LINE = 0.2
LONGEST_LINE = 8192
LONGEST_REGEX = 1024
LONG = 2000
PIECES = ("a", "0", " ", ".", "aB0_", "loss: 0.5 ", "a 1,")
PROBES = (*(piece * (LONG // len(piece)) for piece in PIECES), "a" * 60)
LINE_ENDS = re.compile(rb"\r\n|\n|\r")  # progress bars end their lines by a carriage return
FIGURE = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|(?<![a-z])[-+]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)


def check_regex(expression: str, field: str) -> None:
    """Refuses what does not compile or captures nothing."""
    if len(expression) > LONGEST_REGEX:
        raise BadInput(say("regex_long", field=field, most=LONGEST_REGEX), field=field)
    try:
        compiled = patterns.compile(expression)
    except (patterns.error, OverflowError, RecursionError) as error:
        raise BadInput(say("regex", field=field, expression=repr(expression), error=error), field=field) from error
    if not compiled.groups:
        raise BadInput(say("regex_group", field=field, expression=repr(expression)), field=field)


def check_speed(expression: str, field: str) -> None:
    """Refuses what is seen to be too slow on lines that are hard for such expressions."""
    compiled = patterns.compile(expression)
    for probe in PROBES:
        try:
            compiled.search(probe, timeout=SECONDS_A_LINE)
        except TimeoutError as error:
            raise BadInput(too_slow(expression, field), field=field) from error


def too_slow(expression: str, field: str) -> str:
    return say("regex_slow", field=field, expression=repr(expression), seconds=SECONDS_A_LINE)


@dataclass(frozen=True)
class Report:
    """A figure that was printed: which reward, and its value."""

    name: str
    value: float


class Reader:
    """Follows one log: `feed` takes its next bytes, `close` what stands behind the last line end.

    A line longer than 8 KiB is read to that length. `consumed` counts the bytes up to the last line end, from where
    another reader may go on. An expression that turns out too slow raises BadInput.
    """

    def __init__(self, rewards: Sequence[Reward]) -> None:
        self._expressions = [(reward.name, patterns.compile(reward.regex)) for reward in rewards]
        self._rest = b""
        self._fed = 0
        self.consumed = 0

    def feed(self, data: bytes) -> list[Report]:
        *lines, self._rest = LINE_ENDS.split(self._rest + data)
        self._fed += len(data)
        if lines:
            self.consumed = self._fed - len(self._rest)
        # What is beyond the limit will not be looked at, so it is not kept either.
        self._rest = self._rest[: LONGEST_LINE + 1]
        return self._read(lines)

    def close(self) -> list[Report]:
        rest, self._rest = self._rest, b""
        return self._read([rest])

    def _read(self, lines: Iterable[bytes]) -> list[Report]:
        reports = []
        for line in lines:
            text = line[:LONGEST_LINE].decode("utf-8", "replace")
            reports += [
                Report(name, value) for name, found in self._expressions for value in figures_in(text, found) if text
            ]
        return reports


def figures_in(line: str, expression: patterns.Pattern[str]) -> list[float]:
    """What the first group of each match says, as numbers; `tensor(0.07, device=…)` says 0.07."""
    values = []
    try:
        for match in expression.finditer(line, timeout=SECONDS_A_LINE):
            captured = next((group for group in match.groups() if group is not None), "")
            figure = FIGURE.search(captured)
            if figure:
                values.append(float(figure.group()))
    except TimeoutError as error:
        raise BadInput(too_slow(expression.pattern, "regex"), field="regex") from error
    return values
