"""Verbs that speak to a running Maquette: which one, and how what it answers is shown."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable
from maquette.kernel.profiles import DEFAULT
from maquette_sdk.client import Client
from maquette_sdk.client import MaquetteError as Answered

KINDS: Mapping[int, type[MaquetteError]] = {0: Unavailable, 400: BadInput, 404: NotFound, 409: Conflict}

profile_option = click.option("--profile", default=DEFAULT, show_default=True, help="Where one has signed in.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@contextmanager
def signed_in(profile: str) -> Iterator[Client]:
    """A client of where one has signed in; what it is answered becomes this command's one sentence."""
    try:
        with Client(profile=profile) as client:
            yield client
    except Answered as error:
        raise KINDS.get(error.status, Refused)(error.message, **error.details) from error


def show_table(lines: Sequence[Mapping[str, Any]], columns: Mapping[str, Callable[[Any], str]], as_json: bool) -> None:
    """A table for people, as wide as it has to be, or all of it as JSON."""
    if as_json:
        click.echo(json.dumps(list(lines), ensure_ascii=False, indent=1))
        return
    cells = [[name.upper() for name in columns]] + [[spell(line) for spell in columns.values()] for line in lines]
    widths = [max(map(wide, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell + " " * (width - wide(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def wide(text: str) -> int:
    """How many places of a terminal it takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def when(millis: float | None) -> str:
    """A moment of ModelArts' calls, as this machine's clock shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(millis / 1000)) if millis else ""
