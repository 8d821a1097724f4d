"""Which hyperparameter decides."""

import numpy as np
import pytest

from maquette.training.search.domain import TPE, Choices, Continuous, Reward, Search, Trial, TrialState
from maquette.training.search.importance import importances

LOSS = Reward("loss", False, "loss=(.*)")
SPACE = (Continuous("lr", -1, 1), Continuous("decay", -1, 1), Choices("optimizer", ("sgd", "adam")))
SEARCH = Search(SPACE, (LOSS,), TPE)


def trials(function, count=30, seed=0):
    random = np.random.default_rng(seed)
    points = [
        {"lr": repr(x), "decay": repr(y), "optimizer": ("sgd", "adam")[random.integers(2)]}
        for x, y in random.uniform(-1, 1, size=(count, 2)).tolist()
    ]
    return [Trial(number, point, TrialState.SUCCEEDED, (function(point),)) for number, point in enumerate(points)]


@pytest.mark.parametrize("seed", range(3))
def test_what_decides_has_the_largest_share(seed):
    found = importances(SEARCH, trials(lambda point: float(point["lr"]) ** 2, seed=seed))
    assert max(found, key=lambda name: found[name].mean) == "lr"
    assert found["lr"].mean > 0.8
    assert 0 < sum(each.mean for each in found.values()) <= 1.001


def test_a_word_can_decide_too():
    found = importances(SEARCH, trials(lambda point: float(point["optimizer"] == "sgd") + 0.01 * float(point["lr"])))
    assert max(found, key=lambda name: found[name].mean) == "optimizer"


def test_the_same_trials_have_the_same_shares():
    same = trials(lambda point: float(point["decay"]))
    assert importances(SEARCH, same) == importances(SEARCH, same)


def test_nothing_is_said_of_too_few_trials_or_of_equal_rewards():
    assert importances(SEARCH, trials(lambda point: float(point["lr"]), count=3)) == {}
    assert importances(SEARCH, trials(lambda point: 0.5)) == {}
    failed = [Trial(trial.number, trial.point, TrialState.FAILED) for trial in trials(lambda point: 1.0)]
    assert importances(SEARCH, failed) == {}


def test_a_hyperparameter_that_was_never_varied_has_no_share():
    same = [
        Trial(trial.number, {**trial.point, "optimizer": "sgd"}, trial.state, trial.reports)
        for trial in trials(lambda point: float(point["lr"]))
    ]
    assert importances(SEARCH, same)["optimizer"].mean == 0
