"""How much each hyperparameter decides: its share in the variance of the reward over the whole space (fANOVA).

The reward is described by the Gaussian process of the Bayesian search, whatever searched. Drawing the trials again and
again tells how sure a share is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maquette.training.search import coding
from maquette.training.search.domain import Search, Trial
from maquette.training.search.gaussian import Process, fitted, leveled

LEAST_TRIALS = 4
MOST_TRIALS = 100
DRAWS = 10
PLACES = 128
STEPS = 12


@dataclass(frozen=True)
class Importance:
    """The share of one hyperparameter, taken alone, in the variance of the reward, and how sure that is.

    What all shares together lack of one is what hyperparameters do only together.
    """

    mean: float
    deviation: float


def importances(search: Search, trials: Sequence[Trial]) -> Mapping[str, Importance]:
    """Nothing, while there are too few trials with a reward, or all rewards are the same."""
    rewarded = [(trial, trial.reward) for trial in trials if trial.state.ended and trial.reward is not None]
    rewarded = rewarded[-MOST_TRIALS:]
    if len(rewarded) < LEAST_TRIALS or len({reward for _, reward in rewarded}) < 2:
        return {}
    cube = coding.Cube({parameter.name: coding.distribution(parameter) for parameter in search.parameters})
    places = cube.place(cube.rows(coding.codes(search.parameters, trial.point) for trial, _ in rewarded))
    heights, _ = leveled(np.array([reward for _, reward in rewarded]))
    random = np.random.default_rng(0)
    shares = []
    for _ in range(DRAWS):
        drawn = random.integers(len(heights), size=len(heights))
        if np.ptp(heights[drawn]) > 0:
            shares.append(shares_of(fitted(places[drawn], heights[drawn], random), cube, random))
    means, deviations = np.mean(shares, axis=0), np.std(shares, axis=0)
    found = {
        name: Importance(float(mean), float(deviation))
        for name, mean, deviation in zip(cube.names, means, deviations, strict=True)
    }
    never_varied = {name for name in cube.names if len({trial.point[name] for trial, _ in rewarded}) == 1}
    return {name: Importance(0.0, 0.0) if name in never_varied else each for name, each in found.items()}


def shares_of(process: Process, cube: coding.Cube, random: np.random.Generator) -> list[float]:
    """For each hyperparameter: how far the mean height over the space moves when it alone is moved."""
    rows = cube.draw(random, PLACES)
    whole = float(process.at(cube.place(rows))[0].var())
    shares = []
    for column in range(len(cube.names)):
        moved = np.tile(rows, (STEPS, 1))
        moved[:, column] = np.repeat(cube.draw(random, STEPS)[:, column], PLACES)
        means = process.at(cube.place(moved))[0].reshape(STEPS, PLACES).mean(axis=1)
        shares.append(min(float(means.var()) / whole, 1.0) if whole > 0 else 0.0)
    return shares if math.fsum(shares) <= 1 else [share / math.fsum(shares) for share in shares]
