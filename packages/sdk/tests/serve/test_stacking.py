"""Arrays of several calls as one, and apart again. With PyTorch's tensors see `frameworks/test_pytorch.py`."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette_sdk.serve.stacking import (
    NotRows,
    Undecided,
    close,
    copy_of,
    form_of,
    key_of,
    places_of,
    rows_of,
    split,
    stack,
)

ones = numpy.ones
Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ones((1, 2)), ones((5, 2))),
        ({"a": ones(1), "b": ones((1, 3))}, {"a": ones(4), "b": ones((4, 3))}),
        (numpy.array([b"x"], object), numpy.array([b"long", b"y"], object)),
    ],
)
def test_values_that_differ_in_their_rows_alone_share(one, other):
    assert key_of(one) == key_of(other) is not None


@pytest.mark.parametrize(
    "other",
    [
        ones((1, 3)),
        ones((1, 2), "float32"),
        {"a": ones((1, 2))},
        OrderedDict(a=ones((1, 2))),
        {"b": ones((1, 2))},
        {"a": ones((1, 2)), "b": ones((1, 2))},
        {"b": ones((1, 2)), "a": ones((1, 2))},
    ],
)
def test_values_that_differ_otherwise_do_not(other):
    values = [ones((1, 2)), {"a": ones((1, 2))}, {"a": ones((1, 2)), "b": ones((1, 2))}]
    keys = [key_of(value) for value in values]
    assert keys.count(key_of(other)) <= 1
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    "value",
    [
        None, 1, "text", [1.0], ones(()), ones((0, 2)), {}, {"a": [1]}, {"a": ones(2), "b": ones(3)},
        {"a": ones(2), "b": 1}, (ones(2),), numpy.float32(1), ones(2).view(numpy.recarray),
    ],
)  # fmt: skip
def test_what_has_no_first_axis_is_not_stacked(value):
    assert key_of(value) is None


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6))
def test_what_was_stacked_comes_apart_as_it_was(sizes):
    start = numpy.cumsum([0, *sizes])
    values = [{"x": numpy.arange(begin, begin + size)[:, None]} for begin, size in zip(start, sizes, strict=False)]
    stacked = stack(values)
    assert rows_of(stacked) == sum(sizes)
    form = form_of(values[0], sizes[0])
    for value, part in zip(values, split(stacked, form, sizes), strict=True):
        assert part["x"].tolist() == value["x"].tolist()


ALONE = [
    ("an array", ones((1, 3)), ones((5, 3))),
    ("a list of rows", [[1.0, 2.0]], [[1.0, 2.0]] * 5),
    ("a list of different rows", [{"boxes": ones((7, 4))}], [{"boxes": ones((number, 4))} for number in range(5)]),
    ("two arrays", (ones((1, 3)), ones(1)), (ones((5, 3)), ones(5))),
    ("a list of two arrays", [ones((1, 3)), ones(1)], [ones((5, 3)), ones(5)]),
    ("a list of one array", [ones((1, 3))], [ones((5, 3))]),
    ("names", Pair(ones((1, 3)), None), Pair(ones((5, 3)), None)),
    ("a dict of lists", {"a": [1.0], "b": ["x"]}, {"a": [1.0] * 5, "b": list("vwxyz")}),
]


@pytest.mark.parametrize(("alone", "together"), [case[1:] for case in ALONE], ids=[case[0] for case in ALONE])
def test_each_part_has_the_form_that_one_call_alone_gives(alone, together):
    parts = split(together, form_of(alone, 1), [2, 1, 2])
    for part, size in zip(parts, [2, 1, 2], strict=True):
        assert type(part) is type(alone)
        form_of(part, size)


@pytest.mark.parametrize(
    "result", [1.0, "x", ones(()), ones(3), {"a": ones(2), "loss": 0.1}, {1: {2: object()}}, (ones(3),)]
)
def test_what_has_no_row_for_each_row_is_told(result):
    with pytest.raises(NotRows):
        form_of(result, 2)


@pytest.mark.parametrize(
    ("alone", "together"),
    [
        (ones((1, 3)), ones((1, 3))),
        ({"a": ones(1)}, {"a": ones(4), "b": ones(4)}),
        ([1.0], [1.0, 2.0, 3.0]),
        ((ones(1), ones(1)), (ones(4), ones(4), ones(4))),
        (None, 1),
        (ones(1), None),
        ([1.0], 5),
    ],
)
def test_a_result_of_another_form_than_alone_is_told(alone, together):
    with pytest.raises(NotRows):
        split(together, form_of(alone, 1), [2, 2])


def test_a_list_that_may_be_either_is_left_undecided():
    """Two maps of features, or the results of two rows?"""
    form = form_of([ones((2, 3)), ones((2, 5))], 2)
    with pytest.raises(Undecided):
        split([ones((2, 3)), ones((2, 5))], form, [1, 1])
    first, second = split([ones((4, 3)), ones((4, 5))], form, [1, 3])
    assert [len(one) for one in first] == [1, 1]
    assert [len(one) for one in second] == [3, 3]


CLOSE = [
    (ones(3), ones(3) + 1e-5, True),
    (ones(3), ones(3) + 1e-2, False),
    (ones(3), ones(4), False),
    (ones(3), ones(3, "float32"), False),
    (numpy.array([1e6, 0.0]), numpy.array([1e6, 1.0]), True),
    (ones(3, "float16"), ones(3, "float16") * 1.004, True),
    (numpy.array([1, 2]), numpy.array([1, 3]), False),
    (numpy.array(["a"]), numpy.array(["b"]), False),
    (numpy.array([numpy.nan, numpy.inf]), numpy.array([numpy.nan, numpy.inf]), True),
    ({"a": [[0.1, 0.2]]}, {"a": [[0.1, 0.2000001]]}, True),
    ({"a": [[0.1, 0.2]]}, {"a": [[0.1, 0.3]]}, False),
    ({"a": 1}, {"b": 1}, False),
    ([[0.5], [0.5, 1.0]], [[0.5], [0.5, 1.0]], True),
    ([[0.5], [0.5, 1.0]], [[0.5, 1.0], [0.5]], False),
    (["cat", 0.9], ["cat", 0.9000001], True),
    (["cat"], ["dog"], False),
    ([float("nan")], [float("nan")], True),
    ((1, None), (1, None), True),
    (1.0, "1.0", False),
    (numpy.float32(1), numpy.float32(1.00001), True),
    ([], [], True),
]


@pytest.mark.parametrize(("one", "other", "same"), CLOSE)
def test_results_are_the_same_but_for_rounding(one, other, same):
    assert close(one, other) is same
    assert close(other, one) is same


def test_a_copy_lies_elsewhere():
    value = {"x": ones((2, 2))}
    copy = copy_of(value)
    assert places_of(copy) != places_of(value)
    assert copy["x"].tolist() == value["x"].tolist()
