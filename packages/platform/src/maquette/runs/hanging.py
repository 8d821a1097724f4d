"""Whether a run still moves: it does while it writes something or computes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from maquette.runs.folder import RunFolder
from maquette.runs.follow import tail
from maquette_sdk.job import folder as files

BUSY_SECONDS = 1.0
"""Of processor time between two looks; less is what any waiting process uses."""
LONGEST_SECONDS = 120.0
"""That lie between two looks, which are half a minute apart."""


@dataclass
class Pulse:
    """What was seen of a run. `looked_at` is when a look was begun last, `felt_at` when one came to its end, and
    `still_seconds` how long nothing had moved by then."""

    looked_at: float
    felt_at: float
    still_seconds: float = 0.0
    log_bytes: int = -1
    cpu_seconds: float = 0.0
    told: bool = False

    def feel(self, folder: RunFolder, now: float) -> float:
        """Looks again; for how many seconds nothing has moved. Where the clock was set meanwhile, nobody knows how long
        it is since the last look; a clock that was set forward makes no run hang."""
        passed, self.felt_at = min(max(0.0, now - self.felt_at), LONGEST_SECONDS), now
        log_bytes = folder.log.stat().st_size if folder.log.exists() else 0
        cpu_seconds = last_cpu_seconds(folder)
        if log_bytes != self.log_bytes or cpu_seconds - self.cpu_seconds > BUSY_SECONDS:
            self.still_seconds, self.told = 0.0, False
        else:
            self.still_seconds += passed
        self.log_bytes, self.cpu_seconds = log_bytes, cpu_seconds
        return self.still_seconds


def last_cpu_seconds(folder: RunFolder) -> float:
    """As the supervisor's last sample tells; a line that is half written does not count."""
    lines = tail(folder.path / files.USAGE, 4000).splitlines()
    for line in reversed(lines):
        try:
            return float(json.loads(line)["cpu_seconds"])
        except (ValueError, KeyError):
            continue
    return 0.0
