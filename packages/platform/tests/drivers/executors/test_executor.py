"""What every executor does, tried on each of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from maquette.drivers import sandbox
from maquette.drivers.executors.local import LocalExecutor
from maquette.drivers.executors.memory import MemoryExecutor, Running
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.ports import Cause, Executor, Exit, Limits, Place, Process, Sync

CODE = {
    "speaks": "print('hello'); print('a line of Chinese: 数据', flush=True)",
    "fails": "print('bad news', flush=True); raise SystemExit(3)",
    "waits": "import time; print('ready', flush=True); time.sleep(600)",
    "stubborn": "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)",
    "writes": "open('/out/model.txt', 'w').write('weights'); raise SystemExit(1)",
}


def act(running: Running) -> int:
    """The same behaviours as functions, for the executor without processes."""
    match running.process.environment["BEHAVIOUR"]:
        case "speaks":
            running.say("hello\na line of Chinese: 数据\n")
            return 0
        case "fails":
            running.say("bad news\n")
            return 3
        case "waits":
            running.say("ready\n")
            return 143 if running.stop.wait(600) else 0
        case "stubborn":
            running.say("ready\n")
            time.sleep(600)
            return 0
        case _:
            (running.process.syncs[0].source / "model.txt").write_text("weights")
            return 1


@dataclass
class Trial:
    executor: Executor
    base: Path

    def process(self, behaviour: str, limits: Limits | None = None) -> Process:
        cache, out = self.base / "cache", self.base / "out"
        cache.mkdir()
        out.mkdir()
        return Process(
            id="run",
            folder=self.base / "run",
            command=("/usr/bin/python3", "-c", CODE[behaviour].replace("/out/", f"{self.seen('/out', out)}/")),
            directory="/cache",
            environment={"BEHAVIOUR": behaviour},
            places=(Place(cache, "/cache", writable=True), Place(out, "/out", writable=True)),
            limits=limits or Limits(grace_seconds=1),
            syncs=(Sync(out, self.base / "kept"),),
        )

    def seen(self, target: str, source: Path) -> str:
        return str(source) if self.executor.isolation() else target

    def begin(self, behaviour: str, limits: Limits | None = None) -> Path:
        process = self.process(behaviour, limits)
        self.executor.start(process)
        return process.folder

    def end(self, folder: Path) -> Exit:
        return until(lambda: self.executor.exit(folder))

    def log(self, folder: Path) -> str:
        return (folder / "log.txt").read_text(encoding="utf-8")

    def ready(self, folder: Path) -> None:
        until(lambda: "ready" in self.log(folder) or None)


Found = TypeVar("Found")


def until(claim: Callable[[], Found | None], seconds: float = 120) -> Found:
    deadline = time.monotonic() + seconds
    while (found := claim()) is None:
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
    return found


@pytest.fixture(params=["sandboxed", "unsandboxed", "memory"])
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    if request.param == "memory":
        return Trial(MemoryExecutor(act), tmp_path)
    if request.param == "unsandboxed":
        return Trial(LocalExecutor(sandbox="off"), tmp_path)
    if not sandbox.probe().works:
        pytest.skip(sandbox.probe().reason)
    return Trial(LocalExecutor(sandbox="required"), tmp_path)


def test_a_run_that_succeeds_tells_code_cause_and_times(trial: Trial) -> None:
    before = time.time()
    ended = trial.end(trial.begin("speaks"))
    assert (ended.code, ended.cause) == (0, Cause.EXIT)
    assert before - 1 < ended.started_at <= ended.ended_at < time.time() + 1


def test_the_log_holds_what_the_run_says(trial: Trial) -> None:
    folder = trial.begin("speaks")
    trial.end(folder)
    assert trial.log(folder).endswith("hello\na line of Chinese: 数据\n")


def test_a_run_that_fails_tells_its_own_code(trial: Trial) -> None:
    ended = trial.end(trial.begin("fails"))
    assert (ended.code, ended.cause) == (3, Cause.EXIT)


def test_a_run_has_no_exit_while_it_runs(trial: Trial) -> None:
    folder = trial.begin("waits")
    trial.ready(folder)
    assert trial.executor.exit(folder) is None
    trial.executor.stop(folder, now=True)
    trial.end(folder)


def test_a_run_that_is_stopped_says_so(trial: Trial) -> None:
    folder = trial.begin("waits")
    trial.ready(folder)
    trial.executor.stop(folder)
    ended = trial.end(folder)
    assert (ended.code, ended.cause) == (143, Cause.STOPPED)


def test_a_stubborn_run_is_killed_after_the_grace_period(trial: Trial) -> None:
    folder = trial.begin("stubborn", Limits(grace_seconds=0.3))
    trial.ready(folder)
    trial.executor.stop(folder)
    ended = trial.end(folder)
    assert (ended.code, ended.cause) == (137, Cause.STOPPED)


def test_stopping_now_does_not_wait_for_the_grace_period(trial: Trial) -> None:
    folder = trial.begin("stubborn", Limits(grace_seconds=600))
    trial.ready(folder)
    trial.executor.stop(folder, now=True)
    assert trial.end(folder).cause is Cause.STOPPED


def test_stopping_twice_is_stopping_now(trial: Trial) -> None:
    folder = trial.begin("stubborn", Limits(grace_seconds=600))
    trial.ready(folder)
    trial.executor.stop(folder)
    time.sleep(0.05)
    trial.executor.stop(folder)
    assert trial.end(folder).cause is Cause.STOPPED


def test_a_run_that_takes_too_long_is_ended_with_that_cause(trial: Trial) -> None:
    ended = trial.end(trial.begin("stubborn", Limits(seconds=0.5, grace_seconds=0.2)))
    assert ended.cause is Cause.TIME


def test_outputs_are_copied_at_the_end_also_after_a_failure(trial: Trial) -> None:
    ended = trial.end(trial.begin("writes"))
    assert ended.code == 1
    assert (trial.base / "kept" / "model.txt").read_text() == "weights"


def test_stopping_a_run_that_has_ended_changes_nothing(trial: Trial) -> None:
    folder = trial.begin("fails")
    ended = trial.end(folder)
    trial.executor.stop(folder, now=True)
    assert trial.executor.exit(folder) == ended


def test_a_folder_in_which_nothing_was_started_is_not_found(trial: Trial) -> None:
    for ask in (trial.executor.exit, trial.executor.stop):
        with pytest.raises(NotFound, match="No run was started in"):
            ask(trial.base / "never")


def test_a_folder_holds_one_run_only(trial: Trial) -> None:
    process = trial.process("speaks")
    trial.executor.start(process)
    with pytest.raises(Conflict, match="folder of its own"):
        trial.executor.start(process)
    trial.end(process.folder)
    with pytest.raises(Conflict, match="folder of its own"):
        trial.executor.start(process)


def test_a_run_needs_a_command(trial: Trial) -> None:
    process = trial.process("speaks")
    with pytest.raises(BadInput, match="no command"):
        trial.executor.start(Process(**{**vars(process), "command": ()}))


def test_isolation_is_told_in_sentences(trial: Trial) -> None:
    assert all(sentence.endswith((".", ".)")) for sentence in trial.executor.isolation())
