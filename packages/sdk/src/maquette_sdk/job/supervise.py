"""Watches one run from start to end, outside its sandbox: `python -I -S supervise.py spec.json`.

Returns as soon as a process of its own has taken the run over; that process needs nobody and writes all it knows
into the run's folder (see folder.py). SIGTERM asks the run to stop, a second one or SIGUSR1 kills it.
"""

from __future__ import annotations

import os
import sys


def main(spec: str) -> int:
    # At the end: nothing of ours may stand in for a module of the standard library.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from maquette_sdk.job.supervision import take_over

    return take_over(spec)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
