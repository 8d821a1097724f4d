"""Hyperparameters as the numbers that samplers think in, and back. This and the samplers need numpy and Optuna, which
only the worker loads, and only when there is a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from maquette.training.search.domain import Choices, Continuous, Parameter, Point

Codes = Mapping[str, float]
"""A float for what is continuous; else the place in the list of values, or the integer itself."""


def distribution(parameter: Parameter) -> BaseDistribution:
    texts = parameter.texts()
    if isinstance(parameter, Choices) and not parameter.ordered:
        return CategoricalDistribution(tuple(range(len(texts))))
    if texts:
        return IntDistribution(0, len(texts) - 1)
    assert isinstance(parameter, Continuous)
    if parameter.whole:
        return IntDistribution(int(parameter.text(parameter.lower)), int(parameter.text(parameter.upper)))
    return FloatDistribution(parameter.lower, parameter.upper)


def text(parameter: Parameter, code: float) -> str:
    texts = parameter.texts()
    if texts:
        return texts[int(code)]
    assert isinstance(parameter, Continuous)
    return parameter.text(float(code))


def code(parameter: Parameter, value: str) -> float:
    texts = parameter.texts()
    return texts.index(value) if texts else float(value)


def texts(parameters: Sequence[Parameter], codes: Codes) -> Point:
    return {parameter.name: text(parameter, codes[parameter.name]) for parameter in parameters}


def codes(parameters: Sequence[Parameter], point: Point) -> dict[str, float]:
    return {parameter.name: code(parameter, point[parameter.name]) for parameter in parameters}


class Cube:
    """The space as a cube with edges of one: numbers lie in proportion, each word has an edge of its own."""

    def __init__(self, space: Mapping[str, BaseDistribution]) -> None:
        self._space = {name: each for name, each in sorted(space.items())}
        self.names = tuple(self._space)
        self.width = sum(columns(each) for each in self._space.values())

    def place(self, rows: Sequence[Mapping[str, float]]) -> np.ndarray:
        """One line for each row of codes."""
        if not rows:
            return np.empty((0, self.width))
        parts = []
        for name, each in self._space.items():
            values = np.array([float(row[name]) for row in rows])
            if isinstance(each, CategoricalDistribution):
                parts.append(np.eye(len(each.choices))[values.astype(int)] / np.sqrt(2))
            else:
                low, high = edges(each)
                parts.append(((values - low) / (high - low) if high > low else values * 0)[:, None])
        return np.hstack(parts)

    def draw(self, random: np.random.Generator, count: int) -> list[dict[str, float]]:
        """So many rows of codes from anywhere in the space."""
        drawn = {}
        for name, each in self._space.items():
            if isinstance(each, CategoricalDistribution):
                drawn[name] = random.integers(len(each.choices), size=count).tolist()
            elif isinstance(each, IntDistribution):
                drawn[name] = random.integers(each.low, each.high + 1, size=count).tolist()
            else:
                low, high = edges(each)
                drawn[name] = random.uniform(low, high, size=count).tolist()
        return [{name: drawn[name][row] for name in drawn} for row in range(count)]

    def near(
        self, random: np.random.Generator, row: Mapping[str, float], spread: float, count: int
    ) -> list[dict[str, float]]:
        """So many rows of codes about one of them; `spread` is in edges of the cube."""
        drawn = {}
        for name, each in self._space.items():
            if isinstance(each, CategoricalDistribution):
                others = random.integers(len(each.choices), size=count)
                drawn[name] = np.where(random.uniform(size=count) < spread, others, int(row[name])).tolist()
                continue
            low, high = edges(each)
            moved = np.clip(row[name] + random.normal(0, spread * (high - low), size=count), low, high)
            drawn[name] = (np.rint(moved).astype(int) if isinstance(each, IntDistribution) else moved).tolist()
        return [{name: drawn[name][line] for name in drawn} for line in range(count)]


def columns(each: BaseDistribution) -> int:
    return len(each.choices) if isinstance(each, CategoricalDistribution) else 1


def edges(each: BaseDistribution) -> tuple[float, float]:
    assert isinstance(each, FloatDistribution | IntDistribution)
    return float(each.low), float(each.high)
