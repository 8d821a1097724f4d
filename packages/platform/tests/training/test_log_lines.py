"""Lines by range, of logs of several tries, of long lines, and of bytes that are no text."""

import pytest

from maquette.kernel.errors import BadInput
from maquette.runs.logs import Log, Part
from maquette.training import log_lines
from maquette.training.log_lines import lines_of


@pytest.fixture
def logs(tmp_path):
    """`logs(*contents)` are the logs of as many tries."""

    def make(*contents):
        parts = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}.txt"
            path.write_bytes(content)
            parts.append(Part(path, len(content)))
        return Log(parts)

    return make


def walk(found, count, forward):
    """All pieces of a log from one end to the other."""
    base, contents = (0 if forward else None), []
    while (lines := lines_of(found, count, base, forward, True)).count:
        base = lines.end if forward else lines.start
        contents.append(lines.content)
    return contents if forward else contents[::-1]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("count", [1, 2, 7, 500])
def test_both_ways_give_the_whole_log_of_all_tries(logs, count, forward):
    parts = [b"".join(b"a%d\n" % n for n in range(13)), b"", b"b\n\n\nc\n", b"no end"]
    contents = walk(logs(*parts), count, forward)
    assert "".join(contents) == b"".join(parts).decode()
    inner = contents[:-1] if forward else contents[1:]
    assert all(content.count("\n") == count for content in inner if content.endswith("\n"))


def test_a_line_that_is_being_written_waits_until_the_run_has_ended(logs):
    found = logs(b"one\ntwo\nthr")
    assert lines_of(found, 10, None, True, False).content == "one\ntwo\n"
    assert lines_of(found, 10, None, True, True).content == "one\ntwo\nthr"
    assert lines_of(found, 10, 8, True, False).count == 0
    assert lines_of(found, 10, 8, True, True).content == "thr"
    assert lines_of(logs(b"half"), 10, None, True, False).count == 0


def test_an_answer_is_never_larger_than_a_megabyte(logs, monkeypatch):
    monkeypatch.setattr(log_lines, "LARGEST_BYTES", 1000)
    monkeypatch.setattr(log_lines, "PIECE_BYTES", 64)
    long = b"short\n" + b"x" * 5000 + b"\nlast\n"
    for forward in (True, False):
        contents = walk(logs(long), 500, forward)
        assert "".join(contents) == long.decode()
        assert max(map(len, contents)) <= 1000
    growing = logs(b"y" * 5000)
    assert lines_of(growing, 5, None, True, False).content == "y" * 1000


def test_bytes_that_are_no_text_are_shown_as_such(logs):
    found = lines_of(logs(b"\xff\xfe\x00\n\x80ok\n"), 5, None, True, True)
    assert (found.count, found.content) == (2, "��\x00\n�ok\n")


def test_a_run_without_a_log_has_no_lines():
    assert lines_of(Log([]), 5, None, True, False) == log_lines.Lines("", 0, 0, 0)


@pytest.mark.parametrize("base", [-1, 4])
def test_a_position_outside_is_refused(logs, base):
    with pytest.raises(BadInput, match="base_line"):
        lines_of(logs(b"abc"), 5, base, True, True)
