"""Where old scripts look for pip's `main`."""

from __future__ import annotations


def main(args: list[str] | None = None) -> int:
    """As `pip.main`."""
    from .cli.main import main as run

    return run(args)
