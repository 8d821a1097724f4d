"""Figures of the model server by name. Maquette keeps its own, so there are none here."""

from __future__ import annotations

from typing import Any, Dict


class MetricsManager:
    """Services ask `name in MetricsManager.metrics` before they update a figure; nothing is in it."""

    metrics: Dict[str, Any] = {}
