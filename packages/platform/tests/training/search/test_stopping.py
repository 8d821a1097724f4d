"""The median rule: a trial that is worse than half of the others had been is given up."""

import math

import pytest

from maquette.training.search.domain import MEDIAN, TPE, Continuous, Reward, Search, Trial, TrialState
from maquette.training.search.stopping import hopeless

CURVES = [(0.1, 0.3, 0.5, 0.7), (0.1, 0.4, 0.6, 0.8), (0.2, 0.4, 0.5, 0.6), (0.3, 0.5, 0.9, 0.95)]


def search(highest=True, **settings):
    settings = {"scheduler": MEDIAN, **{key: str(value) for key, value in settings.items()}}
    return Search((Continuous("x", 0, 1),), (Reward("acc", highest, "acc=(.*)"),), TPE, settings)


def ended(curves=CURVES, state=TrialState.SUCCEEDED):
    return [Trial(number, {}, state, curve) for number, curve in enumerate(curves)]


def running(*reports):
    return Trial(9, {}, TrialState.RUNNING, reports)


@pytest.mark.parametrize(
    ("reports", "stopped"),
    [
        ((0.0, 0.05, 0.1), True),
        ((0.0, 0.3, 0.1), False),  # the best so far counts, and the median of the means is 0.37
        ((0.0, 0.4, 0.1), False),
        ((0.0, 0.1), False),  # within the grace period
        ((0.0, 0.05, 0.1, 0.2, 0.2), False),  # nobody has come so far
        ((math.nan, math.nan, math.nan), True),
    ],
)
def test_the_best_so_far_is_held_against_the_median_of_means(reports, stopped):
    curves = ended([(0.1, 0.2, 0.3, 0.4), (0.2, 0.3, 0.4, 0.5), (0.0, 0.2, 0.7, 0.9)])
    assert hopeless(search(), running(*reports), curves) is stopped


def test_less_can_be_better():
    losses = ended([tuple(1 - value for value in curve) for curve in CURVES])
    assert hopeless(search(highest=False), running(2.0, 1.5, 1.2), losses)
    assert not hopeless(search(highest=False), running(2.0, 0.2, 1.2), losses)


def test_nothing_is_stopped_unless_it_was_asked_for():
    plain = Search((Continuous("x", 0, 1),), (Reward("acc", True, "acc=(.*)"),), TPE)
    assert not hopeless(plain, running(0, 0, 0, 0), ended())


def test_a_trial_is_held_against_enough_others_that_ended_well():
    bad = running(0.0, 0.0, 0.0)
    assert not hopeless(search(), bad, ended(CURVES[:2]))
    assert hopeless(search(min_samples_required=2), bad, ended(CURVES[:2]))
    assert not hopeless(search(), bad, ended(state=TrialState.FAILED))
    assert not hopeless(search(), bad, ended(state=TrialState.RUNNING))
    assert hopeless(search(), bad, ended(state=TrialState.STOPPED))


def test_the_grace_period_is_in_reports():
    assert not hopeless(search(grace_period=5), running(0, 0, 0, 0), ended())
    assert hopeless(search(grace_period=1), running(0), ended())


def test_what_has_ended_is_not_stopped():
    assert not hopeless(search(), Trial(9, {}, TrialState.SUCCEEDED, (0, 0, 0)), ended())
