"""A run's log by bytes, by lines and searched, whatever it holds and however long it is."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette.kernel.errors import BadInput
from maquette.runs import actions, logs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # files are the same on both


@pytest.fixture
def ctx(memory_floor):
    return memory_floor.ctx


def test_the_logs_of_all_tries_are_one_log(written, ctx):
    log = logs.open_log(ctx, written(b"one\ntwo\n", b"three\n"))
    assert (log.size, log.read(0, 99), log.read(4, 10), log.read(8, 9)) == (14, b"one\ntwo\nthree\n", b"two\nth", b"t")
    assert log.read(-5, 3) == b"one"
    assert log.read(20, 30) == log.read(9, 3) == b""


@pytest.mark.parametrize(
    ("base", "count", "order", "text", "first", "last"),
    [
        (None, 2, "desc", "c\nd\n", 3, 4),
        (None, 2, "asc", "a\nb\n", 1, 2),
        (2, 2, "asc", "c\nd\n", 3, 4),
        (3, 1, "desc", "b\n", 2, 2),
        (3, 50, "desc", "a\nb\n", 1, 2),
        (1, 5, "desc", "", 1, 0),
        (4, 5, "asc", "", 5, 4),
        (99, 5, "asc", "", 5, 4),
        (99, 1, "desc", "d\n", 4, 4),
        (None, 0, "desc", "", 5, 4),
        (None, 500, "asc", "a\nb\nc\nd\n", 1, 4),
    ],
)
def test_lines_after_a_line_and_before_it(written, ctx, base, count, order, text, first, last):
    found = logs.lines(ctx, written(b"a\nb\nc\n", b"d"), base, count, order)
    assert (found.text, found.first, found.last) == (text, first, last)


@pytest.mark.parametrize(
    ("asked", "field"),
    [((None, 10_001), "lines"), ((None, -1), "lines"), ((-1, 5), "base_line"), ((1, 5, "up"), "order")],
)
def test_lines_that_cannot_be_meant_are_refused_by_their_field(written, ctx, asked, field):
    with pytest.raises(BadInput) as refused:
        logs.lines(ctx, written(b"a\n"), *asked)
    assert refused.value.parameters["field"] == field


def test_a_run_that_has_written_nothing_has_an_empty_log(memory_floor, ctx):
    run = memory_floor.run(memory_floor.submit()[0])
    assert logs.open_log(ctx, run).size == 0
    assert logs.lines(ctx, run, None, 10).text == ""
    assert logs.search(ctx, run, "x").lines == []
    assert logs.last_bytes(ctx, run, 100) == ""


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_of_any_log_are_those_that_python_finds(database_url, data):
    """Also where lines cross the blocks in which they are counted."""
    whole = b"".join(
        data.draw(st.lists(st.sampled_from([b"\n", b"x", b"\xff\xfe", "猫\n".encode(), b"y" * 37]), max_size=60))
    )
    size = data.draw(st.integers(3, 64))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logs, "BLOCK_BYTES", size)
        check_lines(whole)


def check_lines(whole):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.txt")
        path.write_bytes(whole)
        index, expected = logs.Index(path), whole.split(b"\n")
        if expected[-1] == b"":
            expected.pop()
        assert index.lines(len(whole)) == len(expected)
        starts = [index.start_of(line, len(whole)) for line in range(len(expected) + 1)]
        assert [whole[a:b].removesuffix(b"\n") for a, b in itertools.pairwise(starts)] == expected


def test_lines_are_counted_on_as_a_log_grows(written, ctx):
    run = written(b"")
    path = actions.folders(ctx, run)[0].log
    numbers = random.Random(7)
    lines = [bytes(numbers.choices(b"abcdef", k=numbers.randrange(400_000))) for _ in range(20)]
    with path.open("ab") as file:
        for count, line in enumerate(lines, 1):
            file.write(line + b"\n")
            file.flush()
            found = logs.lines(ctx, run, count - 1, 1, "asc")
            assert (found.first, found.last, found.text.encode()) == (count, count, line + b"\n")


def test_a_line_without_end_is_cut_and_takes_no_memory(written, ctx):
    found = logs.lines(ctx, written(b"x" * (9 << 20)), None, 1)
    assert len(found.text) <= logs.LONGEST_TEXT + 1


def test_search_tells_each_line_once_and_where_to_go_on(written, ctx):
    run = written(b"Epoch 1 epoch 1\nloss 2\nEPOCH 2\n", "epoch 3 猫\nloss\n".encode())
    first = logs.search(ctx, run, "epoch", limit=2)
    assert (list(first.lines), first.next_line) == ([(1, "Epoch 1 epoch 1"), (3, "EPOCH 2")], 4)
    rest = logs.search(ctx, run, "epoch", from_line=first.next_line)
    assert (list(rest.lines), rest.next_line) == ([(4, "epoch 3 猫")], None)
    assert list(logs.search(ctx, run, "猫").lines) == [(4, "epoch 3 猫")]
    assert list(logs.search(ctx, run, "猫", from_line=5).lines) == []


def test_search_goes_through_logs_of_many_blocks(written, ctx):
    lines = [b"%07d %s" % (n, b"needle" if n % 50_021 == 0 else b"hay") for n in range(1, 400_001)]
    run = written(b"\n".join(lines[:200_000]) + b"\n", b"\n".join(lines[200_000:]))
    found, line = [], 1
    while line is not None:
        page = logs.search(ctx, run, "NEEDLE", line, limit=3)
        found, line = found + list(page.lines), page.next_line
    assert [number for number, _ in found] == list(range(50_021, 400_001, 50_021))
    assert all(text.startswith(f"{number:07d}") for number, text in found)


@pytest.mark.parametrize("text", ["", "a\nb"])
def test_search_for_nothing_or_for_more_than_a_line_is_refused(written, ctx, text):
    with pytest.raises(BadInput, match="in one line"):
        logs.search(ctx, written(b"a\n"), text)


def test_the_last_bytes_begin_with_a_whole_character(written, ctx):
    run = written("一二三\n".encode())
    assert [logs.last_bytes(ctx, run, count) for count in (3, 4, 5, 6, 7, 99)] == [
        "\n", "三\n", "三\n", "三\n", "二三\n", "一二三\n",
    ]  # fmt: skip
