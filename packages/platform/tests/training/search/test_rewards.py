"""Figures in a log that grows, and expressions that mean harm."""

import math
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.kernel.errors import BadInput
from maquette.training.search.domain import Reward
from maquette.training.search.rewards import LONGEST_LINE, Reader, Report, check_regex, check_speed

ACCURACY = Reward("acc", True, r"acc[=:]\s*([^,\s]+)")
LOSS = Reward("loss", False, r"loss[=:]\s*(tensor\([^)]*\)|[^,\s]+)")
LOG = (
    "epoch 1 loss=0.9, acc=0.1\nepoch 2 loss=0.5 acc=0.4\r\nprogress 1%\rprogress 2% acc: 41.5%\nacc=最后 0.5\nacc=0.6"
)
FIGURES = [0.1, 0.4, 41.5, 0.6]


def values(reports, name="acc"):
    return [report.value for report in reports if report.name == name]


def test_every_line_is_looked_at_and_all_rewards_are_told():
    reader = Reader([ACCURACY, LOSS])
    reports = reader.feed(LOG.encode()) + reader.close()
    assert values(reports) == FIGURES
    assert values(reports, "loss") == [0.9, 0.5]
    assert reports[:2] == [Report("acc", 0.1), Report("loss", 0.9)]


@given(st.lists(st.integers(0, len(LOG.encode())), max_size=12))
def test_it_does_not_matter_in_which_pieces_a_log_comes(cuts):
    places = [0, *sorted(cuts), len(LOG.encode())]
    reader = Reader([ACCURACY])
    pieces = [LOG.encode()[one:other] for one, other in pairwise(places)]
    reports = [report for piece in pieces for report in reader.feed(piece)]
    assert values(reports + reader.close()) == FIGURES


def test_a_line_is_told_only_when_it_is_whole():
    reader = Reader([ACCURACY])
    assert reader.feed(b"acc=0.9") == []
    assert values(reader.feed(b"5\n")) == [0.95]
    assert reader.close() == []


def test_reading_can_go_on_behind_the_last_whole_line():
    data = LOG.encode()
    for cut in range(len(data)):
        first = Reader([ACCURACY])
        reports = first.feed(data[:cut])
        second = Reader([ACCURACY])
        reports += second.feed(data[first.consumed :]) + second.close()
        assert values(reports) == FIGURES


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        ("acc=1e-3", 0.001),
        ("acc=-.5", -0.5),
        ("acc=92%", 92.0),
        ("acc=NaN", math.nan),
        ("acc=-inf", -math.inf),
        ("acc=tensor(0.0754,", 0.0754),
        ("acc=good", None),
        ("acc=financing", None),
        ("the accuracy is 0.5", None),
    ],
)
def test_a_figure_is_the_first_number_in_the_group(line, figure):
    found = values(Reader([ACCURACY]).feed(line.encode() + b"\n"))
    assert found == ([] if figure is None else [pytest.approx(figure, nan_ok=True)])


def test_binary_output_is_no_trouble():
    reader = Reader([ACCURACY])
    assert values(reader.feed(b"\x00\xff\xfe acc=0.5\xff\n" + bytes(range(256)) + b"\nacc=0.7\n")) == [0.5, 0.7]


def test_a_line_without_end_costs_no_memory():
    reader = Reader([ACCURACY])
    reader.feed(b"acc=0.5 ")
    for _ in range(200):
        assert reader.feed(b"x" * 100_000) == []
    assert len(reader._rest) <= LONGEST_LINE + 1
    assert values(reader.feed(b"acc=0.9\n")) == [0.5]


@pytest.mark.parametrize(
    "expression", ["acc=([0-9.]+)", r"(?<=acc: )(?P<value>\d\.\d+)", "(?i)ACC (.*)", r"精度[:：]\s*(\S+)"]
)
def test_what_python_understands_is_taken(expression):
    check_regex(expression, "regex")
    check_speed(expression, "regex")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(", "is no regular expression"),
        ("*a(b)", "is no regular expression"),
        (r"(a)\2", "is no regular expression"),
        ("acc: [0-9.]+", "has no group"),
        ("(?:acc)", "has no group"),
        ("(" + "a" * 2000 + ")", "longer than"),
    ],
)
def test_an_expression_that_is_of_no_use_is_refused(expression, said):
    with pytest.raises(BadInput, match=said) as refused:
        check_regex(expression, "reward_attrs[0].regex")
    assert refused.value.parameters["field"] == "reward_attrs[0].regex"


@pytest.mark.parametrize("expression", ["((a|aa)+)c", "((a|aa)+)[!?]"])
def test_an_expression_that_is_seen_to_be_slow_is_refused(expression):
    check_regex(expression, "regex")
    with pytest.raises(BadInput, match="takes more than") as refused:
        check_speed(expression, "reward_attrs[0].regex")
    assert refused.value.parameters["field"] == "reward_attrs[0].regex"


def test_a_slow_expression_that_nobody_foresaw_ends_in_time():
    reader = Reader([Reward("acc", True, r"((q|qq)+)w")])
    begun = time.process_time()
    with pytest.raises(BadInput, match="takes more than"):
        reader.feed(b"q" * 200 + b"\n")
    assert time.process_time() - begun < 5
