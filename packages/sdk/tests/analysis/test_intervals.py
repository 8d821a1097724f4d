from __future__ import annotations

import numpy as np
import pytest

from maquette_sdk.analysis.intervals import Intervals, weakness


def test_ten_equal_intervals_hold_every_value_once() -> None:
    intervals = Intervals(np.array([0.0, 0.5, 1.0, 9.99, 10.0, np.nan]))
    assert intervals.edges.tolist() == list(range(11))
    assert intervals.which.tolist() == [0, 0, 1, 9, 9, -1]
    assert intervals.centres[0] == 0.5 and intervals.counts().tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_means_are_unknown_where_nothing_is() -> None:
    intervals = Intervals(np.array([0.0, 0.0, 10.0, np.nan, 5.0]))
    means = intervals.means(np.array([1.0, 0.0, 1.0, 1.0, np.nan]))
    assert means[0] == 0.5 and means[9] == 1.0 and np.isnan(means[1:9]).all()


def test_one_value_has_its_interval() -> None:
    intervals = Intervals(np.array([7.0, 7.0]))
    assert (intervals.edges[0], intervals.edges[-1]) == (6.5, 7.5) and intervals.counts().sum() == 2


@pytest.mark.parametrize(("below", "edge"), [(True, 3.0), (False, 7.0)])
def test_the_worse_side_is_found(below: bool, edge: float) -> None:
    values = np.linspace(0, 10, 200)
    quality = np.where((values < edge) == below, 0.5, 0.9)
    found = weakness(Intervals(values), quality)
    assert found is not None and (found.below, found.edge) == (below, pytest.approx(edge))
    assert (found.quality, found.elsewhere) == (pytest.approx(0.5), pytest.approx(0.9))


@pytest.mark.parametrize("seed", range(20))
def test_chance_is_not_told_as_a_weakness(seed: int) -> None:
    random = np.random.default_rng(seed)
    assert weakness(Intervals(random.random(300)), (random.random(300) < 0.8).astype(float)) is None


def test_few_samples_and_small_differences_are_not_told() -> None:
    values = np.append([0.0] * 9, [10.0] * 100)
    assert weakness(Intervals(values), np.where(values < 5, 0.0, 1.0)) is None
    values = np.linspace(0, 10, 200)
    assert weakness(Intervals(values), np.where(values < 5, 0.88, 0.9)) is None
