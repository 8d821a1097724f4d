"""Paths of a run in what it is told, put where they really are."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.drivers.executors.rewriting import rewriter
from maquette.kernel.ports import Place

PLACES = (
    Place(Path("/runs/1/cache"), "/cache"),
    Place(Path("/runs/1/home"), "/home/ma-user"),
    Place(Path("/data/pets"), "/home/ma-user/modelarts/inputs/data_url_0/"),
    Place(Path("/engine"), "/engine"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/cache", "/runs/1/cache"),
        ("/cache/", "/runs/1/cache/"),
        ("/cache/a b", "/runs/1/cache/a b"),
        ("--data_url=/cache/x", "--data_url=/runs/1/cache/x"),
        ("--data_url=/home/ma-user/modelarts/inputs/data_url_0/", "--data_url=/data/pets/"),
        ("/home/ma-user/modelarts/inputs/other", "/runs/1/home/modelarts/inputs/other"),
        ("/cache/bin:/usr/bin:/home/ma-user/bin", "/runs/1/cache/bin:/usr/bin:/runs/1/home/bin"),
        ('{"path": "/cache/x", "list": ["/cache"]}', '{"path": "/runs/1/cache/x", "list": ["/runs/1/cache"]}'),
        ("open('/cache/x')", "open('/runs/1/cache/x')"),
        ("/engine/bin/python", "/engine/bin/python"),
        ("a=/cache;b=/cache,/cache", "a=/runs/1/cache;b=/runs/1/cache,/runs/1/cache"),
    ],
)
def test_targets_become_sources(text: str, expected: str) -> None:
    assert rewriter(PLACES)(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/cached/x",
        "s3://bucket/cache/x",
        "obs://cache/x",
        "/data/cache/x",
        "cache",
        "http://host/home/ma-user",
        "-Lx/cache",
    ],
)
def test_what_only_looks_like_a_target_is_left_alone(text: str) -> None:
    assert rewriter(PLACES)(text) == text


def test_without_places_nothing_changes() -> None:
    assert rewriter(())("/cache") == "/cache"
