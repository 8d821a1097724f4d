"""Whether a run still moves: it does while it writes something or computes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from maquette.runs.folder import RunFolder
from maquette.runs.follow import tail
from maquette_sdk.job import folder as files

BUSY_SECONDS = 1.0
"""Of processor time between two looks; less is what any waiting process uses."""


@dataclass
class Pulse:
    """What was seen of a run at the last look; `moved_at` is when it last did anything."""

    moved_at: float
    looked_at: float
    log_bytes: int = -1
    cpu_seconds: float = 0.0
    told: bool = False

    def feel(self, folder: RunFolder, now: float) -> float:
        """Looks again; for how many seconds nothing has moved."""
        log_bytes = folder.log.stat().st_size if folder.log.exists() else 0
        cpu_seconds = last_cpu_seconds(folder)
        if log_bytes != self.log_bytes or cpu_seconds - self.cpu_seconds > BUSY_SECONDS:
            self.moved_at, self.told = now, False
        self.looked_at, self.log_bytes, self.cpu_seconds = now, log_bytes, cpu_seconds
        return now - self.moved_at


def last_cpu_seconds(folder: RunFolder) -> float:
    """As the supervisor's last sample tells; a line that is half written does not count."""
    lines = tail(folder.path / files.USAGE, 4000).splitlines()
    for line in reversed(lines):
        try:
            return float(json.loads(line)["cpu_seconds"])
        except (ValueError, KeyError):
            continue
    return 0.0
