"""The space, the trials and the best of them: values only."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.training.search.domain import (
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
    best_report,
)

ACCURACY = Reward("acc", True, "acc=(.*)")
LOSS = Reward("loss", False, "loss=(.*)")
FIGURES = st.floats(-1e6, 1e6)


@given(FIGURES, FIGURES, st.integers(2, 50), st.booleans(), st.floats(-2, 3))
def test_a_continuous_value_never_leaves_its_bounds(one, other, points, whole, share):
    lower, upper = min(one, other), max(one, other)
    if math.floor(upper) <= math.ceil(lower):
        return
    for parameter in (
        Continuous("x", lower, upper),
        Continuous("x", lower, upper, points),
        Continuous("x", lower, upper, whole=True),
        Continuous("x", lower, upper, points, whole=True),
    ):
        value = float(parameter.text(lower + share * (upper - lower)))
        assert lower <= value <= upper
        if parameter.points or (parameter.whole and parameter.texts()):
            assert parameter.text(value) in parameter.texts()


def test_a_value_has_no_more_digits_than_make_sense():
    assert Continuous("lr", 0.001, 0.1).text(0.0010000000000000002) == "0.001"
    assert Continuous("lr", 0.001, 0.1).text(0.05512301741232006) == "0.0551230174123"


def test_points_lie_at_even_distances_and_include_both_bounds():
    assert Continuous("x", 0, 1, 5).texts() == ("0.0", "0.25", "0.5", "0.75", "1.0")


def test_numbers_are_in_order_and_words_as_they_come():
    assert Choices("batch", ("64", "8", "1e1")).texts() == ("8", "1e1", "64")
    assert Choices("optimizer", ("sgd", "adam", "10")).texts() == ("sgd", "adam", "10")


def test_there_are_no_more_trials_than_points():
    space = (Continuous("x", 0, 1, 3), Choices("y", ("a", "b")))
    assert Search(space, (LOSS,), settings={"num_samples": "100"}).samples == 6
    assert Search(space, (LOSS,), settings={"num_samples": "5"}).samples == 5
    assert Search(space, (LOSS,), settings={"num_samples": "100"}, skipped=({"y": "a"},)).samples == 3
    assert Search((*space, Continuous("z", 0, 1)), (LOSS,), settings={"num_samples": "100"}).samples == 100


def test_every_point_of_a_countable_space_is_there_once():
    points = list(Search((Continuous("x", 0, 1, 3), Choices("y", ("a", "b"))), (LOSS,)).points())
    assert len({tuple(point.items()) for point in points}) == len(points) == 6


def test_something_is_always_left_to_be_learned_from():
    space = (Continuous("x", 0, 1),)
    assert Search(space, (LOSS,), TPE, {"num_samples": "20"}).initial_points == 10
    assert Search(space, (LOSS,), TPE, {"num_samples": "20", "n_initial_points": "4"}).initial_points == 4
    assert Search(space, (LOSS,), BAYES, {"num_samples": "4"}).initial_points == 2
    assert Search(space, (LOSS,), BAYES, {"num_samples": "1"}).initial_points == 1


def test_what_is_not_set_is_as_modelarts_has_it():
    search = Search((Continuous("x", 0, 1),), (LOSS,), ANNEAL)
    assert (search.setting("avg_best_idx"), search.setting("shrink_coef"), search.samples) == ("2.0", "0.1", 20)
    assert not search.stops_early


@pytest.mark.parametrize(
    ("state", "reports", "reward"),
    [
        (TrialState.SUCCEEDED, (0.1, 0.3, 0.2), 0.2),
        (TrialState.STOPPED, (0.1,), 0.1),
        (TrialState.RUNNING, (0.1,), 0.1),
        (TrialState.FAILED, (0.1,), None),
        (TrialState.SUCCEEDED, (), None),
        (TrialState.SUCCEEDED, (0.1, math.nan), None),
        (TrialState.SUCCEEDED, (math.nan, 0.1), 0.1),
        (TrialState.SUCCEEDED, (math.inf,), None),
    ],
)
def test_a_trial_is_judged_by_the_last_figure_it_printed(state, reports, reward):
    assert Trial(0, {}, state, reports).reward == reward


def test_the_best_is_the_first_of_the_best_that_have_ended():
    trials = [
        Trial(0, {}, TrialState.SUCCEEDED, (0.5,)),
        Trial(1, {}, TrialState.STOPPED, (0.9,)),
        Trial(2, {}, TrialState.SUCCEEDED, (0.9,)),
        Trial(3, {}, TrialState.FAILED, (1.0,)),
        Trial(4, {}, TrialState.RUNNING, (2.0,)),
        Trial(5, {}, TrialState.SUCCEEDED, (0.1,)),
    ]
    assert best_of(trials, ACCURACY).number == 1
    assert best_of(trials, LOSS).number == 5
    assert best_of(trials[3:5], ACCURACY) is None


def test_the_best_report_need_not_be_the_last():
    assert best_report((0.1, 0.9, math.nan, 0.3), ACCURACY) == 0.9
    assert best_report((0.1, 0.9, 0.3), LOSS) == 0.1
    assert best_report((math.nan,), LOSS) is None
