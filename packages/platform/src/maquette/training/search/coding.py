"""Hyperparameters as the numbers that samplers think in, and back. This and the samplers need numpy and Optuna, which
only the worker loads, and only when there is a search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from maquette.training.search.domain import Choices, Continuous, Parameter, Point

Array = np.ndarray[Any, np.dtype[np.float64]]

Codes = Mapping[str, float]
"""A float for what is continuous, its logarithm where magnitudes are meant; else the place in the list of values, or
the integer itself."""


def distribution(parameter: Parameter) -> BaseDistribution:
    texts = parameter.texts()
    if isinstance(parameter, Choices) and not parameter.ordered:
        return CategoricalDistribution(tuple(range(len(texts))))
    if texts:
        return IntDistribution(0, len(texts) - 1)
    assert isinstance(parameter, Continuous)
    if parameter.whole:
        return IntDistribution(int(parameter.text(parameter.lower)), int(parameter.text(parameter.upper)))
    if parameter.by_magnitude:
        return FloatDistribution(math.log(parameter.lower), math.log(parameter.upper))
    return FloatDistribution(parameter.lower, parameter.upper)


def text(parameter: Parameter, code: float) -> str:
    texts = parameter.texts()
    if texts:
        return texts[int(code)]
    assert isinstance(parameter, Continuous)
    return parameter.text(math.exp(code) if parameter.by_magnitude else float(code))


def code(parameter: Parameter, value: str) -> float:
    texts = parameter.texts()
    if texts:
        return texts.index(value)
    assert isinstance(parameter, Continuous)
    return math.log(float(value)) if parameter.by_magnitude else float(value)


def texts(parameters: Sequence[Parameter], codes: Codes) -> Point:
    return {parameter.name: text(parameter, codes[parameter.name]) for parameter in parameters}


def codes(parameters: Sequence[Parameter], point: Point) -> dict[str, float]:
    return {parameter.name: code(parameter, point[parameter.name]) for parameter in parameters}


class Cube:
    """The space as a cube with edges of one: numbers lie in proportion, each word has an edge of its own.

    A row holds one code for each of `names`.
    """

    def __init__(self, space: Mapping[str, BaseDistribution]) -> None:
        self.names = tuple(sorted(space))
        self._space = [space[name] for name in self.names]
        self.width = sum(columns(each) for each in self._space)

    def rows(self, codes: Iterable[Mapping[str, float]]) -> Array:
        lines = [[float(each[name]) for name in self.names] for each in codes]
        return np.array(lines, dtype=float).reshape(len(lines), len(self.names))

    def codes(self, row: Array) -> dict[str, float]:
        """One row as Optuna wants it, integers as integers."""
        return {
            name: float(value) if isinstance(each, FloatDistribution) else int(value)
            for name, each, value in zip(self.names, self._space, row, strict=True)
        }

    def place(self, rows: Array) -> Array:
        """Where each row lies in the cube."""
        parts = []
        for column, each in enumerate(self._space):
            if isinstance(each, CategoricalDistribution):
                parts.append(np.eye(len(each.choices))[rows[:, column].astype(int)] / np.sqrt(2))
            else:
                low, high = edges(each)
                parts.append((rows[:, [column]] - low) / (high - low or 1))
        return np.hstack(parts)

    def draw(self, random: np.random.Generator, count: int) -> Array:
        """So many rows from anywhere in the space."""
        drawn = []
        for each in self._space:
            if isinstance(each, FloatDistribution):
                drawn.append(random.uniform(each.low, each.high, size=count))
            else:
                low, high = edges(each)
                drawn.append(random.integers(int(low), int(high) + 1, size=count).astype(float))
        return np.column_stack(drawn)

    def near(self, random: np.random.Generator, row: Array, spread: float, count: int) -> Array:
        """So many rows about one of them; `spread` is in edges of the cube."""
        drawn = []
        for column, each in enumerate(self._space):
            low, high = edges(each)
            if isinstance(each, CategoricalDistribution):
                others = random.integers(len(each.choices), size=count)
                drawn.append(np.where(random.uniform(size=count) < spread, others, row[column]))
                continue
            moved = np.clip(row[column] + random.normal(0, spread * (high - low), size=count), low, high)
            drawn.append(np.rint(moved) if isinstance(each, IntDistribution) else moved)
        return np.column_stack(drawn)


def columns(each: BaseDistribution) -> int:
    return len(each.choices) if isinstance(each, CategoricalDistribution) else 1


def edges(each: BaseDistribution) -> tuple[float, float]:
    """The lowest and the highest code."""
    if isinstance(each, CategoricalDistribution):
        return 0.0, len(each.choices) - 1.0
    assert isinstance(each, FloatDistribution | IntDistribution)
    return float(each.low), float(each.high)
