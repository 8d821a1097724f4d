"""Puts a run's paths where they really are, for machines on which a run cannot have its own view of the files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from maquette.kernel.ports import Place

BEFORE = r"""(?<![^\s=:;,'"\[\](){}<>])"""
AFTER = r"""(?=$|[/\s=:;,'"\[\](){}<>])"""


def rewriter(places: Sequence[Place]) -> Callable[[str], str]:
    """A function that replaces the targets of `places` in a text by their sources, the longest first.

    A target counts as one where a path may begin and end: alone, after `--name=`, in `a:b` lists, quoted in JSON
    or code. `s3://bucket/cache` is left alone, for `/cache` does not begin there.
    """
    sources = {normal(place.target): str(place.source.absolute()) for place in places}
    if not sources:
        return lambda text: text
    targets = "|".join(re.escape(target) for target in sorted(sources, key=len, reverse=True))
    pattern = re.compile(f"{BEFORE}({targets}){AFTER}")
    return lambda text: pattern.sub(lambda found: sources[found.group(1)], text)


def normal(target: str) -> str:
    return posixpath.normpath(target)
