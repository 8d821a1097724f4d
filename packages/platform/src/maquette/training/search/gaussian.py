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

from maquette.training.search.coding import Cube

MOST_TO_LEARN_FROM = 200  # the cost grows with the third power
GUESSES = 32
ROUNDS = 5
CANDIDATES = 1500
ABOUT_THE_BEST = 5
SPREADS = (0.2, 0.05, 0.01)
LENGTH, LENGTH_WIDTH = math.log(0.4), 0.8  # the middle and width of the priors, as logarithms
NOISE, NOISE_WIDTH = math.log(1e-3), 2.0
LEAST_NOISE = 1e-6


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
        return self._most_promising(study, Cube(search_space))

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._at_random.sample_independent(study, trial, param_name, param_distribution)

    def _most_promising(self, study: Study, cube: Cube) -> dict[str, float]:
        rows, rewards = known(study)
        center, scale = rewards.mean(), max(float(rewards.std()), 1e-12)
        places, heights = cube.place(rows), (rewards - center) / scale
        process = fitted(places, heights, self._random)
        running = pending(study)
        process = with_pending(process, cube.place(running))
        tried = {tuple(sorted(row.items())) for row in (*rows, *running)}
        xi = self._xi / scale

        def promise(candidates: list[dict[str, float]]) -> np.ndarray:
            return self._promise(process, cube.place(candidates), float(heights.max()), xi)

        top = [rows[int(index)] for index in np.argsort(-heights)[:ABOUT_THE_BEST]]
        candidates = cube.draw(self._random, CANDIDATES)
        for spread in SPREADS:
            for row in top:
                candidates += cube.near(self._random, row, spread, CANDIDATES // 20)
            candidates = [row for row in candidates if tuple(sorted(row.items())) not in tried]
            promises = promise(candidates)
            top = [candidates[int(index)] for index in np.argsort(-promises, kind="stable")[:ABOUT_THE_BEST]]
        return top[0] if top else {}

    def _promise(self, process: Process, places: np.ndarray, best: float, xi: float) -> np.ndarray:
        mean, deviation = process.at(places)
        if self._kind == "ucb":
            return mean + self._kappa * deviation
        gain = mean - best - xi
        ratio = gain / deviation
        chance = 0.5 * (1 + erf(ratio / math.sqrt(2)))
        if self._kind == "poi":
            return chance
        return gain * chance + deviation * np.exp(-0.5 * ratio**2) / math.sqrt(2 * math.pi)


def known(study: Study) -> tuple[list[dict[str, float]], np.ndarray]:
    """What was tried and how high it came; a trial without a reward counts as the lowest."""
    sign = 1.0 if study.direction == StudyDirection.MAXIMIZE else -1.0
    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))[-MOST_TO_LEARN_FROM:]
    lowest = min(sign * each.value for each in ended if each.value is not None)
    heights = [lowest if each.value is None else sign * each.value for each in ended]
    return [dict(each.params) for each in ended], np.array(heights)


def pending(study: Study) -> list[dict[str, float]]:
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return [dict(each.params) for each in running if each.params]


# ── the process ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Process:
    """A Gaussian process that has seen some heights at some places."""

    places: np.ndarray
    heights: np.ndarray
    lengths: np.ndarray
    noise: float

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of the height at each place."""
        covariance = matern(self.places, self.places, self.lengths) + self.noise * np.eye(len(self.places))
        root = np.linalg.cholesky(covariance)
        across = matern(self.places, places, self.lengths)
        half = np.linalg.solve(root, across)
        mean = half.T @ np.linalg.solve(root, self.heights)
        return mean, np.sqrt(np.maximum(1 - (half**2).sum(axis=0), 1e-12))


def with_pending(process: Process, places: np.ndarray) -> Process:
    """Running trials are believed to come as high as is expected of them, so that others look elsewhere."""
    if not len(places):
        return process
    mean, _ = process.at(places)
    return Process(
        np.vstack([process.places, places]), np.concatenate([process.heights, mean]), process.lengths, process.noise
    )


def fitted(places: np.ndarray, heights: np.ndarray, random: np.random.Generator) -> Process:
    """Lengths and noise of highest posterior probability, by random steps that become smaller."""
    width = places.shape[1]
    middle = np.append(np.full(width, LENGTH), NOISE)
    widths = np.append(np.full(width, LENGTH_WIDTH), NOISE_WIDTH)
    best, highest = middle, -math.inf
    for round_ in range(ROUNDS):
        step = widths * 1.2 * 0.5**round_
        guesses = np.vstack([best, best + random.normal(size=(GUESSES, width + 1)) * step])
        heights_of = likelihood(guesses, places, heights) - 0.5 * (((guesses - middle) / widths) ** 2).sum(axis=1)
        index = int(np.argmax(heights_of))
        if heights_of[index] > highest:
            best, highest = guesses[index], float(heights_of[index])
    return Process(places, heights, np.exp(best[:-1]), math.exp(best[-1]) + LEAST_NOISE)


def likelihood(guesses: np.ndarray, places: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The logarithm of how likely the heights are, for each guess at lengths and noise."""
    found = []
    identity = np.eye(len(places))
    for guess in guesses:
        covariance = matern(places, places, np.exp(guess[:-1])) + (math.exp(guess[-1]) + LEAST_NOISE) * identity
        root = np.linalg.cholesky(covariance)
        found.append(-0.5 * (np.linalg.solve(root, heights) ** 2).sum() - np.log(np.diag(root)).sum())
    return np.array(found)


def matern(one: np.ndarray, other: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Matérn 5/2 covariance of each place of one with each of the other."""
    left, right = one / lengths, other / lengths
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2 * left @ right.T
    distance = np.sqrt(5 * np.maximum(squares, 0))
    return (1 + distance + distance**2 / 3) * np.exp(-distance)


def erf(values: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf, otypes=[float])(values)
