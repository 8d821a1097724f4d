"""Keeps the figures of a benchmark as JSON, with the machine's load at that moment."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def keep(name: str, figures: dict[str, Any]) -> None:
    FOLDER.mkdir(exist_ok=True)
    document = {"name": name, "time": time.time(), "cores": os.cpu_count(), "load": os.getloadavg(), **figures}
    (FOLDER / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
