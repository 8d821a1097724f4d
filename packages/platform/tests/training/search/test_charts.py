"""The picture of a hyperparameter."""

import re
from xml.etree import ElementTree

import pytest

from maquette.training.search.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart
from maquette.training.search.domain import Choices, Continuous


def dots(picture):
    tree = ElementTree.fromstring(picture)
    return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in tree.iter("{http://www.w3.org/2000/svg}circle")]


def test_dots_lie_where_their_values_and_rewards_are():
    picture = chart(Continuous("m", 0, 1), "acc", [("0.0", 0.2), ("0.5", 0.6), ("1.0", 0.4)], (0.75, 0.125))
    left, middle, right = LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT
    lowest, highest = HEIGHT - BOTTOM, TOP
    assert dots(picture) == [(left, lowest), (middle, highest), (right, (lowest + highest) / 2)]
    assert "acc by m, share 0.75 ± 0.12" in picture


def test_magnitudes_lie_at_even_distances():
    (one, _), (two, _), (three, _) = dots(
        chart(Continuous("lr", 0.001, 0.1), "loss", [("0.001", 1), ("0.01", 1), ("0.1", 1)], None)
    )
    assert two - one == pytest.approx(three - two, abs=0.2)


def test_words_are_told_and_do_no_harm():
    picture = chart(Choices("<b>&", ("sgd", "<adam>")), 'a"b', [("sgd", 1), ("<adam>", 2)], None)
    assert len(dots(picture)) == 2
    assert "&lt;adam&gt;" in picture
    assert not re.search(r"<b>|<adam>", picture)
