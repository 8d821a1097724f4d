"""Which point to try next: a pure function of the search and the trials so far.

Nothing is kept between two questions. The study that Optuna's samplers read is made anew from the trials each time, so
a worker that dies takes nothing with it, and two workers would ask for the same point.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import optuna
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from maquette.training.search import coding
from maquette.training.search.annealing import AnnealingSampler
from maquette.training.search.domain import ANNEAL, BAYES, TPE, Point, Search, Trial
from maquette.training.search.gaussian import GaussianSampler

DRAWS = 20
OF_ITS_OWN = 10  # so many times the algorithm may name what was tried before; then chance decides
MOST_OF_THE_BEST = 25  # beyond this TPE's good half blurs; Optuna and hyperopt draw the same line

optuna.logging.set_verbosity(optuna.logging.WARNING)


def ask(search: Search, trials: Sequence[Trial]) -> Point:
    """The next point. No combination is tried twice, and none that the user left out."""
    tried = {tuple(sorted(trial.point.items())) for trial in trials}
    for draw in range(DRAWS):
        point = drawn(search, trials, draw)
        if tuple(sorted(point.items())) not in tried and not search.skips(point):
            return point
    return left_over(search, tried, np.random.default_rng([seed(search), len(trials)])) or point


def drawn(search: Search, trials: Sequence[Trial], draw: int) -> Point:
    number = len(trials)
    if not draw and search.algorithm != ANNEAL and number < search.initial_points:
        return spread_out(search, number)
    random = np.random.default_rng([seed(search), number, draw])
    space = {parameter.name: coding.distribution(parameter) for parameter in search.parameters}
    by_chance = draw >= OF_ITS_OWN or (search.algorithm != ANNEAL and number < search.initial_points)
    asked = study(search, trials, sampler(search, int(random.integers(2**31)), by_chance))
    return coding.texts(search.parameters, asked.ask(space).params)


def sampler(search: Search, random_seed: int, by_chance: bool) -> BaseSampler:
    if by_chance:
        return optuna.samplers.RandomSampler(random_seed)
    if search.algorithm == TPE:
        return parzen(float(search.setting("gamma")), random_seed)
    if search.algorithm == BAYES:
        kind, kappa, xi = search.setting("kind"), search.setting("kappa"), search.setting("xi")
        return GaussianSampler(kind, float(kappa), float(xi), random_seed)
    return AnnealingSampler(float(search.setting("avg_best_idx")), float(search.setting("shrink_coef")), random_seed)


def parzen(share: float, random_seed: int) -> TPESampler:
    """`share` of the trials are the good ones; Optuna's version 6 will not let one choose it any more."""

    def good(count: int) -> int:
        return min(math.ceil(share * count), MOST_OF_THE_BEST)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`gamma` has been deprecated", FutureWarning)
        return TPESampler(n_startup_trials=1, gamma=good, seed=random_seed)


def study(search: Search, trials: Sequence[Trial], using: BaseSampler | None = None) -> optuna.Study:
    """The trials as Optuna sees them. One that failed counts as worse than all others."""
    made = optuna.create_study(direction="maximize" if search.goal.highest else "minimize", sampler=using)
    space = {parameter.name: coding.distribution(parameter) for parameter in search.parameters}
    for trial in trials:
        made.add_trial(frozen(search, trial, space))
    return made


def frozen(search: Search, trial: Trial, space: dict[str, optuna.distributions.BaseDistribution]) -> FrozenTrial:
    reward = trial.reward if trial.state.ended else None
    if not trial.state.ended:
        state = TrialState.RUNNING
    else:
        state = TrialState.PRUNED if reward is None else TrialState.COMPLETE
    params = coding.codes(search.parameters, trial.point)
    return optuna.trial.create_trial(state=state, value=reward, params=params, distributions=space)


def seed(search: Search) -> int:
    return int(search.setting("seed"))


def spread_out(search: Search, number: int) -> Point:
    """The first points lie in different strips of every hyperparameter (a Latin square)."""
    random = np.random.default_rng([seed(search), 0])
    count = search.initial_points
    point = {}
    for parameter in search.parameters:
        share = (random.permutation(count) + random.uniform(size=count))[number] / count
        low, high = coding.edges(coding.distribution(parameter))
        texts = parameter.texts()
        place = min(int(share * len(texts)), len(texts) - 1) if texts else low + share * (high - low)
        point[parameter.name] = coding.text(parameter, place)
    return point


def left_over(search: Search, tried: set[tuple[tuple[str, str], ...]], random: np.random.Generator) -> Point | None:
    """Any point of a space that can be counted and is nearly used up; None for other spaces."""
    if search.count is None:
        return None
    points = [each for each in search.points() if tuple(sorted(each.items())) not in tried and not search.skips(each)]
    return points[random.integers(len(points))] if points else None
