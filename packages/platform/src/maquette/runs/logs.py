"""A run's log: what all its tries have written, one after the other, by bytes, by lines, and searched.

Logs only grow, so where lines begin is counted once and remembered.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.runs.actions import folders
from maquette.runs.domain import Run
from maquette.runs.sentences import say

BLOCK_BYTES = 1 << 20
LONGEST_TEXT = 4 << 20
"""No answer holds more bytes of a log, however long its lines are."""
LONGEST_FOUND = 1000
MOST_LINES = 10_000
MOST_REMEMBERED = 64


@dataclass(frozen=True)
class Lines:
    """Some lines, counted from 1: those from `first` to `last`, which is less than `first` where there are none."""

    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Found:
    """The lines (number, text) that hold a text; `next_line` is where to go on, or None at the end."""

    lines: Sequence[tuple[int, str]]
    next_line: int | None


@dataclass(frozen=True)
class Part:
    """What one try has written, and how much of it there was when it was looked at."""

    path: Path
    size: int


@dataclass(frozen=True)
class Log:
    """A run's log as it was when it was opened."""

    parts: Sequence[Part]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in pieces that are no burden to memory."""
        for part in self.parts:
            with part.path.open("rb") as file:
                file.seek(min(max(start, 0), part.size))
                left = min(end, part.size) - file.tell()
                while left > 0 and (piece := file.read(min(left, BLOCK_BYTES))):
                    left -= len(piece)
                    yield piece
            start, end = start - part.size, end - part.size

    def read(self, start: int, end: int) -> bytes:
        return b"".join(self.pieces(start, end))


def open_log(ctx: Platform, run: Run) -> Log:
    return Log([Part(folder.log, folder.log.stat().st_size) for folder in folders(ctx, run)])


def last_bytes(ctx: Platform, run: Run, count: int) -> str:
    """The end of the log, from the first character that is whole."""
    log = open_log(ctx, run)
    data = log.read(log.size - count, log.size)
    if log.size > count:
        data = data.lstrip(bytes(range(0x80, 0xC0)))  # what follows the first byte of a character in UTF-8
    return data.decode("utf-8", "replace")


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


def lines(ctx: Platform, run: Run, base_line: int | None, count: int, order: str = "desc") -> Lines:
    """Up to `count` lines, in the order in which they were written: with `asc` those after `base_line` (None: from the
    beginning), with `desc` those before it (None: the last ones)."""
    if not 0 <= count <= MOST_LINES:
        raise BadInput(say("lines", count=count, most=MOST_LINES), field="lines")
    if order not in ("asc", "desc"):
        raise BadInput(f"'order' is '{order}'. Set it to asc or desc.", field="order")
    if base_line is not None and base_line < 0:
        raise BadInput(f"'base_line' is {base_line}. Lines are counted from 1.", field="base_line")
    log = open_log(ctx, run)
    total = sum(index_of(part).lines(part.size) for part in log.parts)
    if order == "asc":
        first = min(base_line or 0, total)
        last = min(first + count, total)
    else:
        last = total if base_line is None else min(max(base_line - 1, 0), total)
        first = max(0, last - count)
    return Lines(text_of_lines(log, first, last), first + 1, last)


def text_of_lines(log: Log, first: int, last: int) -> str:
    """The lines `first` to before `last`, counted from 0."""
    data = b""
    for part in log.parts:
        index = index_of(part)
        here = index.lines(part.size)
        begin, end = max(0, min(first, here)), max(0, min(last, here))
        if begin < end and len(data) < LONGEST_TEXT:
            start = index.start_of(begin, part.size)
            stop = min(index.start_of(end, part.size), start + LONGEST_TEXT - len(data))
            data += Log([part]).read(start, stop)
            data += b"" if data.endswith(b"\n") else b"\n"  # a try may have ended in the middle of a line
        first, last = first - here, last - here
    return data.decode("utf-8", "replace")


class Index:
    """Where the lines of a growing file are: how many line ends lie before each of its blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.before = [0]
        self.changing = threading.Lock()

    def lines(self, size: int) -> int:
        """How many lines the first `size` bytes hold; the last may have no end yet."""
        ends = self.ends(size)
        return ends + (size > 0 and self.read(size - 1, 1) != b"\n")

    def ends(self, size: int) -> int:
        self.extend(size)
        block = min(size // BLOCK_BYTES, len(self.before) - 1)
        return self.before[block] + self.read(block * BLOCK_BYTES, size - block * BLOCK_BYTES).count(b"\n")

    def extend(self, size: int) -> None:
        with self.changing, self.path.open("rb") as file:
            file.seek((len(self.before) - 1) * BLOCK_BYTES)
            while len(self.before) * BLOCK_BYTES <= size:
                self.before.append(self.before[-1] + file.read(BLOCK_BYTES).count(b"\n"))

    def start_of(self, line: int, size: int) -> int:
        """The byte at which a line begins, counted from 0; the end of the file for the line after the last."""
        if line == 0:
            return 0
        self.extend(size)
        block = bisect_right(self.before, line - 1) - 1
        data = self.read(block * BLOCK_BYTES, BLOCK_BYTES)
        position = -1
        for _ in range(line - self.before[block]):
            position = data.find(b"\n", position + 1)
            if position < 0:
                return size
        return min(block * BLOCK_BYTES + position + 1, size)

    def read(self, start: int, count: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(count)


remembered: OrderedDict[tuple[str, int], Index] = OrderedDict()
remembering = threading.Lock()


def index_of(part: Part) -> Index:
    key = (str(part.path), os.stat(part.path).st_ino)  # noqa: PTH116 – asked for with every page of a log
    with remembering:
        index = remembered.setdefault(key, Index(part.path))
        remembered.move_to_end(key)
        while len(remembered) > MOST_REMEMBERED:
            remembered.popitem(last=False)
    return index


# ── search ───────────────────────────────────────────────────────────────────────────────────────


def search(ctx: Platform, run: Run, text: str, from_line: int = 1, limit: int = 100) -> Found:
    """The lines that hold a text, from this line on; large and small letters of ASCII are the same."""
    if not text or "\n" in text:
        raise BadInput(say("look_for"), field="text")
    needle, lines_before = text.encode("utf-8", "replace").lower(), 0
    found: list[tuple[int, str]] = []
    for part in open_log(ctx, run).parts:
        here = index_of(part).lines(part.size)
        if lines_before + here >= from_line:
            start_line = max(0, from_line - 1 - lines_before)
            for number, line in matches(part, needle, start_line):
                if len(found) == limit:
                    return Found(found, lines_before + number)
                found.append((lines_before + number, line[:LONGEST_FOUND].decode("utf-8", "replace")))
        lines_before += here
    return Found(found, None)


def matches(part: Part, needle: bytes, start_line: int) -> Iterator[tuple[int, bytes]]:
    """Number (from 1) and content of each line of a part that holds the needle."""
    line, last_told = start_line + 1, 0
    for block in blocks(part, index_of(part).start_of(start_line, part.size)):
        lowered, position, counted = block.lower(), 0, 0
        while (position := lowered.find(needle, position)) >= 0:
            line += block.count(b"\n", counted, position)
            counted = position
            begin, end = block.rfind(b"\n", 0, position) + 1, block.find(b"\n", position)
            end = len(block) if end < 0 else end
            if line != last_told:
                last_told = line
                yield line, block[begin:end]
            position = end
        line += block.count(b"\n", counted)


def blocks(part: Part, start: int) -> Iterator[bytes]:
    """The rest of a part in blocks of whole lines; only a line longer than a block is cut."""
    rest = b""
    for piece in Log([part]).pieces(start, part.size):
        data = rest + piece
        cut = data.rfind(b"\n") + 1 or (len(data) if len(data) > BLOCK_BYTES else 0)
        rest = data[cut:]
        if cut:
            yield data[:cut]
    if rest:
        yield rest
