"""Whether the demo really worked: accuracy on images that the training script never saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAST_ACCURACY = 0.95
LARGEST_DIFFERENCE = 0.02


@dataclass(frozen=True)
class Verdict:
    accuracy: float
    reported: float
    problems: tuple[str, ...]


def judge(truth: Mapping[str, str], predictions: Mapping[str, str], reported: float) -> Verdict:
    """Recomputes the accuracy and compares it with what the script reported of itself."""
    right = sum(predictions.get(name) == label for name, label in truth.items())
    accuracy = right / len(truth)
    problems = []
    if accuracy < LEAST_ACCURACY:
        problems.append(f"accuracy on unseen images is {accuracy:.4f}, below {LEAST_ACCURACY}")
    if abs(accuracy - reported) > LARGEST_DIFFERENCE:
        problems.append(
            f"metric.json says {reported:.4f}, but unseen images give {accuracy:.4f}:"
            f" more than {LARGEST_DIFFERENCE} apart"
        )
    return Verdict(accuracy, reported, tuple(problems))
