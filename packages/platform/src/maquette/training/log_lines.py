"""Lines of a run's log by range: positions are bytes, which only those who were told them know."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.kernel.errors import BadInput
from maquette.runs.logs import Log

LARGEST_BYTES = 1 << 20
"""Of one answer: a script may print gigabytes without a line's end."""
PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Lines:
    """Some lines, and where in the whole log they begin and end."""

    content: str
    count: int
    start: int
    end: int


def lines_of(log: Log, count: int, base: int | None, forward: bool, ended: bool) -> Lines:
    """The next lines from `base` on, or those that end there; the newest where there is no base. A line that is still
    being written is left for later unless the run has ended."""
    whole = Reader(log)
    end = whole.size if ended else whole.after_last_line()
    if base is None:
        base, forward = end, False
    if not 0 <= base <= whole.size:
        raise BadInput(f"base_line: {base} is not in this log. Give what an answer told.", field="base_line")
    if count == 0:
        return Lines("", 0, base, base)
    start, stop = whole.forward(base, end, count) if forward else whole.backward(min(base, end), count)
    data = whole.read(start, stop)
    lines = data.count(b"\n") + (0 if data.endswith(b"\n") or not data else 1)
    return Lines(data.decode("utf-8", "replace"), lines, start, stop)


class Reader:
    """Looks for the ends of lines, forwards and backwards."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.size = log.size
        self.read = log.read

    def after_last_line(self) -> int:
        """Where the last whole line ends; a line longer than an answer counts as whole."""
        stop = self.size
        while stop > max(0, self.size - LARGEST_BYTES):
            start = max(0, stop - PIECE_BYTES)
            found = self.read(start, stop).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            stop = start
        return self.size if self.size > LARGEST_BYTES else 0

    def forward(self, base: int, end: int, count: int) -> tuple[int, int]:
        """From `base` to the end of the line that is `count` lines further."""
        searched = stop = base
        most = min(end, base + LARGEST_BYTES)
        while searched < most:
            piece, position = self.read(searched, min(searched + PIECE_BYTES, most)), 0
            while count and (position := piece.find(b"\n", position) + 1):
                stop, count = searched + position, count - 1
            if not count:
                return base, stop
            searched += len(piece)
        return base, most if most == end or stop == base else stop

    def backward(self, base: int, count: int) -> tuple[int, int]:
        """From the beginning of the line that is `count` lines before `base`."""
        start, least = base, max(0, base - LARGEST_BYTES)
        searched = base - 1  # the end of the last line is no beginning
        while searched > least:
            first = max(least, searched - PIECE_BYTES)
            piece, position = self.read(first, searched), searched - first
            while count and (position := piece.rfind(b"\n", 0, position)) >= 0:
                start, count = first + position + 1, count - 1
            if not count:
                return start, base
            searched = first
        return least if least == 0 or start == base else start, base
