"""The `pip` of a run: a small front to uv that installs into the run's own site folder, under the engine's era.

Scripts use it as `pip`, `pip3`, `python -m pip`, `pip.main([...])` and `pip._internal.main([...])`.
The engine's environment is shared and read-only; what is installed here is seen by this run alone and comes first.
"""

from __future__ import annotations

__version__ = "24.0"


def main(args: list[str] | None = None) -> int:
    """Run one pip command line; returns its exit code."""
    from ._internal.cli.main import main as run

    return run(args)
