"""Links to logs: whole, for five minutes, and no others."""

import pytest

from maquette.kernel.errors import Refused
from maquette.runs.domain import Needs, Order, Run, State, Wish
from maquette.training.log_links import OPEN_SECONDS, check_link, link_to, pieces


@pytest.fixture
def run():
    order = Order("w", "training", "version", "name", Needs())
    return Run("r1", order, State.RUNNING, 1, 1, 0.0, {}, Wish.NOTHING, None, None, "", 0, (), "", False, "", False)


def parts(link):
    path, _, query = link.partition("?")
    return path, dict(one.split("=") for one in query.split("&"))


def test_a_link_opens_until_its_time_is_over(platform, run, clock):
    path, told = parts(link_to(platform, "http://h/", run, download=False))
    assert path == "http://h/maquette/w/training-logs/r1"
    until = int(told["until"])
    clock.pass_seconds(OPEN_SECONDS)
    check_link(platform, "r1", until, told["signature"])
    clock.pass_seconds(1)
    with pytest.raises(Refused, match="has run out, or is not whole"):
        check_link(platform, "r1", until, told["signature"])


@pytest.mark.parametrize(
    "changed",
    [("r2", 0, None), ("r1", 60, None), ("r1", 0, ""), ("r1", 0, "0" * 64), ("r1", 0, "ü"), ("r1", 0, "é" * 64)],
)
def test_a_link_that_nobody_has_given_out_says_nothing_more(platform, run, changed):
    _, told = parts(link_to(platform, "http://h", run, download=True))
    id, later, signature = changed
    assert told["download"] == "true"
    with pytest.raises(Refused, match="has run out, or is not whole"):
        check_link(platform, id, int(told["until"]) + later, told["signature"] if signature is None else signature)


def test_logs_come_as_long_as_they_were(tmp_path):
    for name, text in (("a", b"one\n"), ("b", b"two\nthree\n")):
        (tmp_path / name).write_bytes(text)
    assert b"".join(pieces([tmp_path / "a", tmp_path / "b"], [4, 4])) == b"one\ntwo\n"
    assert b"".join(pieces([tmp_path / "a"], [100])) == b"one\n"
