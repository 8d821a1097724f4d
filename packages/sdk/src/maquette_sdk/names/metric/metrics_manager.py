"""The metrics that a serving script may look for by name; a run keeps none."""

from __future__ import annotations

from typing import Any, Dict


class MetricsManager:
    """`metrics` maps names such as `<model>_LatencyInference` to objects with `update(milliseconds)`."""

    metrics: Dict[str, Any] = {}
