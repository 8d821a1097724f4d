"""What only the executor without processes does."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from maquette.drivers.executors.memory import MemoryExecutor, Running
from maquette.kernel.ports import Cause, Exit, Limits, Process


def process(folder: Path, limits: Limits | None = None) -> Process:
    return Process(
        id="run",
        folder=folder / "run",
        command=("train",),
        directory="/",
        environment={"EPOCHS": "2"},
        places=(),
        limits=limits or Limits(),
    )


def end(executor: MemoryExecutor, folder: Path) -> Exit:
    deadline = time.monotonic() + 120
    while (ended := executor.exit(folder)) is None:
        assert time.monotonic() < deadline
    return ended


def test_a_program_is_handed_its_process(tmp_path: Path) -> None:
    executor = MemoryExecutor(lambda running: int(running.process.environment["EPOCHS"]))
    executor.start(process(tmp_path))
    assert end(executor, tmp_path / "run").code == 2


def test_without_a_program_every_run_succeeds(tmp_path: Path) -> None:
    executor = MemoryExecutor()
    executor.start(process(tmp_path))
    assert end(executor, tmp_path / "run").code == 0


def test_a_program_that_fails_is_a_run_that_fails(tmp_path: Path) -> None:
    def program(running: Running) -> int:
        raise ValueError("no images")

    executor = MemoryExecutor(program)
    executor.start(process(tmp_path))
    ended = end(executor, tmp_path / "run")
    assert (ended.code, ended.cause, ended.message) == (1, Cause.EXIT, "The program failed: no images.")
    assert "ValueError: no images" in (tmp_path / "run" / "log.txt").read_text()


def test_what_a_run_left_behind_says_later_does_not_change_its_end(tmp_path: Path) -> None:
    let_go, threads = threading.Event(), []

    def program(running: Running) -> int:
        threads.append(threading.current_thread())
        let_go.wait()
        return 0

    executor = MemoryExecutor(program)
    executor.start(process(tmp_path, Limits(seconds=0.05)))
    ended = end(executor, tmp_path / "run")
    assert ended.cause is Cause.TIME
    let_go.set()
    while not threads or threads[0].is_alive():
        time.sleep(0.01)
    assert executor.exit(tmp_path / "run") == ended
