"""`image_object_detection`: from the lists of a script to the parts of a report."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

from ..pictures import measure
from .report import Report
from .samples import Samples, by_image, read, tell_if_x_comes_first

__all__ = ["analyse", "read"]


def analyse(samples: Samples, names: List[Any], places: List[str]) -> Tuple[Dict[str, Any], Iterator[Dict[str, Any]]]:
    measured = measure(names, by_image(samples.true, samples.pictures), samples.shares)
    if measured:
        tell_if_x_comes_first(samples.true, measured.sizes)
    report = Report(samples, measured)
    return report.sections(), report.records(places)
