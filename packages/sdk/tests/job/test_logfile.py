"""The run's log."""

from __future__ import annotations

from pathlib import Path

from maquette_sdk.job.logfile import Log


def test_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 1000)
    log.write(b"\xff\x00\r")
    log.write(b"\n")
    assert (tmp_path / "log").read_bytes() == b"\xff\x00\r\n"


def test_a_line_of_the_supervisor_starts_at_the_beginning_of_a_line(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 1000)
    log.say("first")
    log.write(b"half a line")
    log.say("second")
    log.write(b"a line\n")
    log.say("third")
    assert (
        tmp_path / "log"
    ).read_text() == "[Maquette] first\nhalf a line\n[Maquette] second\na line\n[Maquette] third\n"
    assert log.last_line() == "[Maquette] third"


def test_what_goes_beyond_the_limit_is_dropped_with_one_line(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 10)
    for _ in range(3):
        log.write(b"12345678")
    assert (
        tmp_path / "log"
    ).read_bytes() == b"1234567812\n[Maquette] The log has reached 10 B; the rest of the output is dropped.\n"
    assert log.dropped == 14


def test_a_full_disk_does_not_end_the_run() -> None:
    log = Log("/dev/full", 1000)
    log.write(b"lost")
    log.say("lost too")
    assert log.problem == "Part of the log could not be written: No space left on device."


def test_the_last_line_of_nothing_is_empty(tmp_path: Path) -> None:
    assert Log(str(tmp_path / "log"), 10).last_line() == ""
