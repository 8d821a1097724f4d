"""The three algorithms: what they find, that they keep within bounds, and that they forget nothing."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maquette.training.search.domain import (
    ALGORITHMS,
    ANNEAL,
    BAYES,
    TPE,
    Choices,
    Continuous,
    Reward,
    Search,
    Trial,
    TrialState,
    best_of,
)
from maquette.training.search.sampling import ask

LOSS = Reward("loss", False, "loss=(.*)")
SAMPLES = 20
SEEDS = range(8)


def branin(point):
    x, y = float(point["x"]), float(point["y"])
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def bowl(point):
    return sum((float(point[name]) - middle) ** 2 for name, middle in (("a", 0.3), ("b", -0.5), ("c", 0.1)))


def network(point):
    """Loss by learning rate, batch size, optimizer and momentum, as if one had trained."""
    rate = abs(math.log10(float(point["lr"])) + 3)
    batch = abs(math.log2(float(point["batch"])) - 5) / 2
    return rate + batch + {"sgd": 1, "adam": 0, "rmsprop": 0.4}[point["optimizer"]] + abs(float(point["m"]) - 0.9)


SPACES = {
    "branin": ((Continuous("x", -5, 10), Continuous("y", 0, 15)), branin, 0.0),
    "a bowl seen through noise": (tuple(Continuous(name, -1, 1) for name in "abc"), bowl, 0.05),
    "a grid": (
        (
            Choices("lr", ("0.1", "0.01", "0.001", "0.0001", "0.00001")),
            Choices("batch", ("8", "16", "32", "64", "128")),
            Choices("optimizer", ("sgd", "adam", "rmsprop")),
            Continuous("m", 0, 1, 11),
        ),
        network,
        0.0,
    ),
}
WAYS = [
    (BAYES, {}),
    (BAYES, {"kind": "ei"}),
    (BAYES, {"kind": "poi", "xi": "0.01"}),
    (TPE, {"n_initial_points": "6"}),
    (TPE, {}),
    (ANNEAL, {}),
]


def searched(space, algorithm, asked=SAMPLES, seed=1, goal=LOSS, **given):
    return Search(space, (goal,), algorithm, {"num_samples": str(asked), "seed": str(seed), **given})


def played(search, function, noise=0.0):
    """All trials of a search, one after the other."""
    random = np.random.default_rng(int(search.setting("seed")))
    trials = []
    for number in range(search.samples):
        point = ask(search, trials)
        trials.append(Trial(number, point, TrialState.SUCCEEDED, (function(point) + noise * random.normal(),)))
    return trials


def at_random(space, random):
    point = {}
    for parameter in space:
        texts = parameter.texts()
        value = random.uniform(parameter.lower, parameter.upper) if not texts else None
        point[parameter.name] = texts[random.integers(len(texts))] if texts else parameter.text(value)
    return point


def random_search(space, function, noise, seed):
    random = np.random.default_rng(1000 + seed)
    points = [at_random(space, random) for _ in range(SAMPLES)]
    return function(min(points, key=lambda point: function(point) + noise * random.normal()))


@pytest.mark.parametrize(("algorithm", "given"), WAYS, ids=lambda value: str(value))
@pytest.mark.parametrize("name", SPACES)
def test_each_algorithm_beats_drawing_at_random(name, algorithm, given):
    space, function, noise = SPACES[name]
    found, drawn = [], []
    for seed in SEEDS:
        search = searched(space, algorithm, seed=seed, **given)
        found.append(function(best_of(played(search, function, noise), LOSS).point))
        drawn.append(random_search(space, function, noise, seed))
    assert statistics.mean(found) < 0.8 * statistics.mean(drawn)
    assert sum(one <= other for one, other in zip(found, drawn, strict=True)) > len(SEEDS) / 2


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_learning_rate_is_searched_by_its_magnitude(algorithm):
    """Drawn evenly from 0.000001 to 1, nine of ten would lie above 0.1."""
    space = (Continuous("lr", 1e-6, 1), Choices("batch", ("16", "32", "64")))
    found = []
    for seed in SEEDS:
        trials = played(searched(space, algorithm, seed=seed), lambda point: abs(math.log10(float(point["lr"])) + 4))
        found.append(best_of(trials, LOSS).reward)
        assert all(1e-6 <= float(trial.point["lr"]) <= 1 for trial in trials)
    assert statistics.mean(found) < 0.3


def test_more_can_be_better_too():
    space, function, _ = SPACES["branin"]
    goal = Reward("score", True, "score=(.*)")
    for algorithm in ALGORITHMS:
        search = searched(space, algorithm, goal=goal)
        best = best_of(played(search, lambda point: -function(point)), goal)
        assert function(best.point) < 6


# ── what is always so ────────────────────────────────────────────────────────────────────────────

PARAMETERS = st.one_of(
    st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)).map(lambda pair: Continuous("x", pair[0], sum(pair))),
    st.tuples(st.floats(1e-12, 1), st.floats(100, 1e12)).map(lambda pair: Continuous("x", pair[0], pair[0] * pair[1])),
    st.tuples(st.integers(-1000, 1000), st.integers(1, 5000)).map(
        lambda pair: Continuous("x", pair[0], sum(pair), whole=True)
    ),
    st.tuples(st.floats(-10, 10), st.floats(0.1, 10), st.integers(2, 30)).map(
        lambda given: Continuous("x", given[0], given[0] + given[1], given[2])
    ),
    st.lists(st.floats(-1e3, 1e3).map(repr), min_size=1, max_size=6, unique_by=float).map(
        lambda values: Choices("x", tuple(values))
    ),
    st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=6, unique=True).map(
        lambda values: Choices("x", tuple(values))
    ),
)
REPORTS = st.one_of(
    st.just(()), st.tuples(st.sampled_from([0.0, 1.0, -1e9, 1e300, math.nan, math.inf]) | st.floats(-1, 1))
)


ONE_VALUE_ONLY = [Choices("x", ("0.0",)), Continuous("x", 0.0, 1.0)]
TWO_REWARDS = [(TrialState.SUCCEEDED, (0.0,))] * 2


@settings(max_examples=60, deadline=None)
@example(ONE_VALUE_ONLY, BAYES, "ucb", TWO_REWARDS, 0)
@example(ONE_VALUE_ONLY, TPE, "ucb", TWO_REWARDS, 0)
@example(ONE_VALUE_ONLY, ANNEAL, "ucb", TWO_REWARDS, 0)
@given(
    st.lists(PARAMETERS, min_size=1, max_size=3),
    st.sampled_from(sorted(ALGORITHMS)),
    st.sampled_from(["ucb", "ei", "poi"]),
    st.lists(st.tuples(st.sampled_from(list(TrialState)), REPORTS), max_size=8),
    st.integers(0, 3),
)
def test_every_point_lies_within_the_space_and_none_comes_twice(parameters, algorithm, kind, past, seed):
    space = tuple(
        Continuous(f"x{index}", each.lower, each.upper, each.points, each.whole)
        if isinstance(each, Continuous)
        else Choices(f"x{index}", each.values)
        for index, each in enumerate(parameters)
    )
    given_settings = {"kind": kind} if algorithm == BAYES else {}
    search = searched(space, algorithm, asked=len(past) + 1, seed=seed, **given_settings)
    trials = []
    for state, reports in past[: search.samples - 1]:
        trials.append(Trial(len(trials), ask(search, trials), state, reports))
    point = ask(search, trials)
    assert ask(search, trials) == point
    for parameter in space:
        value = point[parameter.name]
        if parameter.texts():
            assert value in parameter.texts()
        else:
            assert parameter.lower <= float(value) <= parameter.upper
    assert point not in [trial.point for trial in trials]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_search_that_is_taken_up_again_goes_on_as_if_nothing_had_been(algorithm):
    space, function, _ = SPACES["branin"]
    search = searched(space, algorithm, asked=12)
    whole = played(search, function)
    for cut in (0, 3, 11):
        assert ask(searched(space, algorithm, asked=12), whole[:cut]) == whole[cut].point


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_seed_is_another_search(algorithm):
    space, function, _ = SPACES["branin"]
    one, other = (played(searched(space, algorithm, asked=6, seed=seed), function) for seed in (1, 2))
    assert [trial.point for trial in one] != [trial.point for trial in other]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_trials_that_run_beside_each_other_are_different(algorithm):
    space, function, _ = SPACES["branin"]
    search = searched(space, algorithm)
    trials = played(searched(space, algorithm, asked=12), function)
    for number in range(12, 16):
        trials.append(Trial(number, ask(search, trials), TrialState.RUNNING))
    xs = sorted(float(trial.point["x"]) for trial in trials[12:])
    assert len({tuple(trial.point.values()) for trial in trials}) == 16
    assert xs[-1] - xs[0] > 0.05


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_region_in_which_every_trial_fails_is_left(algorithm):
    """The left half crashes, as a learning rate may that is too high."""
    search = searched((Continuous("x", 0, 1),), algorithm, asked=30)
    trials = []
    for number in range(30):
        point = ask(search, trials)
        failed = float(point["x"]) < 0.5
        state = TrialState.FAILED if failed else TrialState.SUCCEEDED
        trials.append(Trial(number, point, state, () if failed else ((float(point["x"]) - 0.8) ** 2,)))
    learned = [trial.state is TrialState.FAILED for trial in trials[15:]]
    assert sum(learned) < 7


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_when_all_have_failed_the_search_goes_on(algorithm):
    search = searched((Continuous("x", 0, 1), Choices("y", ("a", "b"))), algorithm)
    trials = []
    for number in range(8):
        trials.append(Trial(number, ask(search, trials), TrialState.FAILED))
    assert len({tuple(trial.point.values()) for trial in trials}) == 8


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_small_space_is_used_up_without_a_repetition_or_what_was_left_out(algorithm):
    space = (Choices("x", ("1", "2", "3")), Choices("y", ("a", "b")), Continuous("z", 0, 1, 2))
    search = Search(space, (LOSS,), algorithm, {"num_samples": "100"}, ({"x": "2", "z": "1"},))
    trials = played(search, lambda point: float(point["x"]))
    assert len({tuple(trial.point.values()) for trial in trials}) == len(trials) == 10
    assert not any(trial.point["x"] == "2" and trial.point["z"] == "1.0" for trial in trials)


def test_equal_rewards_are_no_trouble():
    for algorithm in ALGORITHMS:
        trials = played(searched((Continuous("x", 0, 1),), algorithm, asked=12), lambda point: 0.5)
        assert len({trial.point["x"] for trial in trials}) == 12
