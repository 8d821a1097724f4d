"""Bayesian search: a Gaussian process over the trials so far, and the point where trying promises most.

The settings are those of ModelArts' `bayes_opt_search`: `ucb` looks at mean + kappa · deviation, `ei` at the gain to
expect above best + xi, `poi` at the chance of one. The process has Matérn 5/2 covariance with a length for each
hyperparameter and a noise of its own; all are chosen by their likelihood under mild priors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from maquette.training.search.coding import Array, Cube

MOST_TO_LEARN_FROM = 200  # the cost grows with the third power
MOST_TO_FIT = 60
GUESSES = 32
ROUNDS = 5
CANDIDATES = 1500
ABOUT_THE_BEST = 5
SPREADS = (0.2, 0.05, 0.01)
LENGTH, LENGTH_WIDTH = math.log(0.4), 0.8  # the middle and width of the priors, as logarithms
NOISE, NOISE_WIDTH = math.log(1e-3), 2.0
LEAST_NOISE = 1e-6
FURTHEST_DOWN = 4.0
FAR = 30.0  # deviations, beyond which chances are none


class GaussianSampler(BaseSampler):
    def __init__(self, kind: str, kappa: float, xi: float, seed: int) -> None:
        self._kind, self._kappa, self._xi = kind, kappa, xi
        self._random = np.random.default_rng(seed)
        self._at_random = RandomSampler(seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        told = study.get_trials(deepcopy=False)
        return dict(told[0].distributions) if told else {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        rewarded = [each for each in study.get_trials(deepcopy=False) if each.value is not None]
        if len(rewarded) < 2:
            return {}
        cube = Cube(search_space)
        ended, rewards = known(study)
        rows, running = cube.rows(ended), cube.rows(pending(study, trial))
        heights, scale = leveled(rewards)
        process = with_pending(fitted(cube.place(rows), heights, self._random), cube.place(running))
        return self._most_promising(cube, process, np.vstack([rows, running]), heights, scale)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._at_random.sample_independent(study, trial, param_name, param_distribution)

    def _most_promising(
        self, cube: Cube, process: Process, tried: Array, heights: Array, scale: float
    ) -> dict[str, float]:
        """The best of many candidates that were not tried: first from everywhere, then about the best ones."""
        top = tried[np.argsort(-heights)[:ABOUT_THE_BEST]]
        candidates = cube.draw(self._random, CANDIDATES)
        for spread in SPREADS:
            about = [cube.near(self._random, row, spread, CANDIDATES // 20) for row in top]
            candidates = np.vstack([candidates, *about])
            order = np.argsort(
                -self._promise(process, cube.place(candidates), float(heights.max()), scale), kind="stable"
            )
            top = candidates[order[:ABOUT_THE_BEST]]
        known_rows = {row.tobytes() for row in tried}
        new = (row for row in candidates[order] if row.tobytes() not in known_rows)
        return cube.codes(next(new, top[0]))

    def _promise(self, process: Process, places: Array, best: float, scale: float) -> Array:
        mean, deviation = process.at(places)
        if self._kind == "ucb":
            return mean + self._kappa * deviation
        gain = mean - best - self._xi / scale
        ratio = np.clip(gain / deviation, -FAR, FAR)
        chance = 0.5 * (1 + erf(ratio / math.sqrt(2)))
        if self._kind == "poi":
            return chance
        bell = np.exp(-0.5 * ratio**2) / math.sqrt(2 * math.pi)
        return deviation * (ratio * chance + bell)


def known(study: Study) -> tuple[list[dict[str, float]], Array]:
    """What was tried and how high it came; a trial without a reward counts as the lowest."""
    sign = 1.0 if study.direction == StudyDirection.MAXIMIZE else -1.0
    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))[-MOST_TO_LEARN_FROM:]
    lowest = min((sign * each.value for each in ended if each.value is not None), default=0.0)
    rewards = [lowest if each.value is None else sign * each.value for each in ended]
    return [dict(each.params) for each in ended], np.array(rewards)


def pending(study: Study, asked: FrozenTrial) -> list[dict[str, float]]:
    """The trials that run; the one that is asked for is among Optuna's already, with what can only be one value."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return [dict(each.params) for each in running if each.number != asked.number]


def leveled(rewards: Array) -> tuple[Array, float]:
    """Heights of mean zero and deviation one, and what one means as a reward.

    A loss that exploded would make all others look the same, so what lies far below the middle is taken for less far.
    """
    peak = float(np.abs(rewards).max()) or 1.0
    shares = rewards / peak
    middle = float(np.median(shares))
    reach = max(float(shares.max()) - middle, middle - float(np.quantile(shares, 0.25)))
    if reach > 0:
        shares = np.maximum(shares, middle - FURTHEST_DOWN * reach)
    deviation = float(shares.std()) or 1.0
    return (shares - shares.mean()) / deviation, peak * deviation


# ── the process ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Process:
    """A Gaussian process that has seen some heights at some places."""

    places: Array
    heights: Array
    lengths: Array
    noise: float

    def at(self, places: Array) -> tuple[Array, Array]:
        """Mean and deviation of the height at each place."""
        covariance = matern(self.places, self.places, self.lengths) + self.noise * np.eye(len(self.places))
        root = np.linalg.cholesky(covariance)
        across = matern(self.places, places, self.lengths)
        half = np.linalg.solve(root, across)
        mean = half.T @ np.linalg.solve(root, self.heights)
        return mean, np.sqrt(np.maximum(1 - (half**2).sum(axis=0), 1e-12))


def with_pending(process: Process, places: Array) -> Process:
    """Running trials are believed to come as high as is expected of them, so that others look elsewhere."""
    if not len(places):
        return process
    mean, _ = process.at(places)
    return Process(
        np.vstack([process.places, places]), np.concatenate([process.heights, mean]), process.lengths, process.noise
    )


def fitted(places: Array, heights: Array, random: np.random.Generator) -> Process:
    """Lengths and noise of highest posterior probability, by random steps that become smaller."""
    width = places.shape[1]
    some = random.permutation(len(places))[:MOST_TO_FIT]
    middle = np.append(np.full(width, LENGTH), NOISE)
    widths = np.append(np.full(width, LENGTH_WIDTH), NOISE_WIDTH)
    best, highest = middle, -math.inf
    for round_ in range(ROUNDS):
        step = widths * 1.2 * 0.5**round_
        guesses = np.vstack([best, best + random.normal(size=(GUESSES, width + 1)) * step])
        prior = -0.5 * (((guesses - middle) / widths) ** 2).sum(axis=1)
        heights_of = likelihood(guesses, places[some], heights[some]) + prior
        index = int(np.argmax(heights_of))
        if heights_of[index] > highest:
            best, highest = guesses[index], float(heights_of[index])
    return Process(places, heights, np.exp(best[:-1]), math.exp(best[-1]) + LEAST_NOISE)


def likelihood(guesses: Array, places: Array, heights: Array) -> Array:
    """The logarithm of how likely the heights are, for each guess at lengths and noise."""
    found = []
    identity = np.eye(len(places))
    for guess in guesses:
        covariance = matern(places, places, np.exp(guess[:-1])) + (math.exp(guess[-1]) + LEAST_NOISE) * identity
        root = np.linalg.cholesky(covariance)
        found.append(-0.5 * (np.linalg.solve(root, heights) ** 2).sum() - np.log(np.diag(root)).sum())
    return np.array(found)


def matern(one: Array, other: Array, lengths: Array) -> Array:
    """Matérn 5/2 covariance of each place of one with each of the other."""
    left, right = one / lengths, other / lengths
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2 * left @ right.T
    distance = np.sqrt(5 * np.maximum(squares, 0))
    covariance: Array = (1 + distance + distance**2 / 3) * np.exp(-distance)
    return covariance


def erf(values: Array) -> Array:
    return np.array([math.erf(value) for value in values])
