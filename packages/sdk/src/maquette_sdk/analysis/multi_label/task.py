"""`multi_label_classification`: from the lists of a script to the parts of a report."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

from ..pictures import measure
from . import report
from .samples import Samples, read

__all__ = ["analyse", "read"]


def analyse(samples: Samples, names: List[Any], places: List[str]) -> Tuple[Dict[str, Any], Iterator[Dict[str, Any]]]:
    measured = measure(names)
    features = measured.features if measured else {}
    return report.report(samples, features), report.records(samples, places, features)
