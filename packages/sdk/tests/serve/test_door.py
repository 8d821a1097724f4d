"""The note beside the socket: which call an instance is at, also after its death."""

from __future__ import annotations

import os

import pytest

from maquette_sdk.serve.pace import MOST_TOGETHER
from maquette_sdk.serve.protocol import ID_BYTES, NOTE_BYTES


@pytest.fixture
def path(tmp_path):
    return tmp_path / "i.sock.call"


@pytest.fixture
def make_note(monkeypatch, path):
    """A note at that path, as an instance makes it."""
    import maquette_sdk

    monkeypatch.syspath_prepend(maquette_sdk.__path__[0] + "/names")
    from maquette_sdk.serve.door import Note

    return lambda: Note(str(path))


def test_a_note_has_its_size_from_the_beginning_and_says_nothing(make_note, path):
    make_note()
    assert path.read_bytes() == bytes(NOTE_BYTES)


@pytest.mark.parametrize(
    ("id", "kept"), [("7f3-1", b"7f3-1"), ("图", "图".encode()), ("x" * 100, b"x" * ID_BYTES), ("", b"")]
)
def test_a_note_is_the_id_padded_with_zeros_and_never_longer(make_note, path, id, kept):
    note = make_note()
    note.write("an older and longer id than the next")
    note.write(id)
    assert path.read_bytes() == kept.ljust(NOTE_BYTES, b"\0")


def test_a_note_of_several_calls_has_a_line_for_each(make_note, path):
    note = make_note()
    note.write("7f3-1", "7f3-2", "x" * 100)
    assert path.read_bytes().rstrip(b"\0") == b"7f3-1\n7f3-2\n" + b"x" * ID_BYTES
    note.write("7f3-3")
    assert path.read_bytes() == b"7f3-3".ljust(NOTE_BYTES, b"\0")
    note.write()
    assert path.read_bytes() == bytes(NOTE_BYTES)
    note.write(*("y" * ID_BYTES for _ in range(MOST_TOGETHER)))
    assert path.read_bytes().rstrip(b"\0").count(b"y" * ID_BYTES) == MOST_TOGETHER


def test_a_note_of_an_instance_before_is_not_taken_for_ones_own(make_note, path):
    path.write_bytes(b"7f3-1".ljust(NOTE_BYTES, b"\0"))
    make_note()
    assert path.read_bytes() == bytes(NOTE_BYTES)


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_note_outlives_the_process_that_wrote_it(make_note, path, end):
    child = os.fork()
    if child == 0:
        make_note().write("7f3-2")
        exec(end)
    os.waitpid(child, 0)
    assert path.read_bytes().rstrip(b"\0") == b"7f3-2"
