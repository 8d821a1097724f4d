"""The table of what was done: a step, its seconds, what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

HEADINGS = ("step", "seconds", "what came of it")


@dataclass
class Steps:
    """What was done so far."""

    rows: list[tuple[str, float, str]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Times a step; what the block puts into the list is shown as its figures."""
        click.secho(f"● {name}", bold=True)
        figures: list[str] = []
        start = time.monotonic()
        yield figures
        self.rows.append((name, time.monotonic() - start, ", ".join(figures)))

    def show(self) -> None:
        total = sum(seconds for _, seconds, _ in self.rows)
        name, seconds = (max(len(HEADINGS[0]), *(len(row[0]) for row in self.rows)), len(HEADINGS[1]))
        rest = max(len(HEADINGS[2]), *(len(row[2]) for row in self.rows))
        line = f"  {'─' * name}  {'─' * seconds}  {'─' * rest}"
        click.echo()
        click.secho(f"  {HEADINGS[0]:<{name}}  {HEADINGS[1]}  {HEADINGS[2]}", bold=True)
        click.echo(line)
        for row in self.rows:
            click.echo(f"  {row[0]:<{name}}  {row[1]:{seconds}.1f}  {row[2]}")
        click.echo(line)
        click.secho(f"  {'total':<{name}}  {total:{seconds}.1f}", bold=True)


def show_line(line: str) -> None:
    """What a step says while it goes on."""
    click.secho(f"  │ {line}", dim=True)
