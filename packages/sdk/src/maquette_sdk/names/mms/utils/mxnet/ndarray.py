"""Answers from NDArrays."""

from __future__ import annotations

from typing import Any, Dict, List


def top_probability(data: Any, labels: Any, top: int = 5) -> List[Dict[str, Any]]:
    """The likeliest labels of the first row: `[{"probability": …, "class": …}, …]`."""
    row = data.asnumpy().reshape(data.shape[0], -1)[0]
    return [{"probability": float(row[index]), "class": labels[int(index)]} for index in row.argsort()[::-1][:top]]
