"""Parts of the records in `all_samples.json`."""

from __future__ import annotations

from typing import Any, Dict


def features_of(features: Dict[str, Any], one: int) -> Dict[str, Any]:
    """The features of one picture, without those that are not known (NaN)."""
    known = {name: float(values[one]) for name, values in features.items()}
    return {name: round(value, 5) for name, value in known.items() if value == value}


def score_text(score: Any) -> str:
    return str(round(float(score), 5))
