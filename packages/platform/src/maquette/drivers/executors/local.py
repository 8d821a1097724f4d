"""Runs as child processes of this machine, each watched by a supervisor of its own, sandboxed where that works."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import maquette_sdk
from maquette.drivers import sandbox
from maquette.drivers.executors import accounts, lost, machine, nesting
from maquette.drivers.executors.rewriting import rewriter
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused, Unavailable
from maquette.kernel.ports import Capacity, Cause, Companion, Exit, Process, Sync
from maquette_sdk.job import folder as files
from maquette_sdk.job import processes
from maquette_sdk.sentences import read

SUPERVISE = Path(maquette_sdk.__file__).parent / "job" / "supervise.py"
SYNC_SECONDS = 30.0
SAMPLE_SECONDS = 1.0
TAKE_OVER_SECONDS = 60.0
NUMBERS = {"ma-user": (1000, 100), "work": (1101, 1101)}
"""User and group of the accounts that ModelArts' two generations have, where a user namespace allows to choose."""


class LocalExecutor:
    """Starts a supervisor per run, which owns the run from then on; everything else is read from its folder.

    `sandbox`: `auto` uses bubblewrap where it works, `required` refuses to run without, `off` never uses it.
    `python` runs the supervisors. `search` is where bubblewrap is looked for, PATH by default.
    """

    def __init__(
        self,
        sandbox: str = "auto",
        python: str = sys.executable,
        search: str | None = None,
        sync_seconds: float = SYNC_SECONDS,
        sample_seconds: float = SAMPLE_SECONDS,
    ) -> None:
        if sandbox not in ("auto", "required", "off"):
            raise BadInput(f"The sandbox is '{sandbox}'. Set it to auto, required or off.", setting="MAQUETTE_SANDBOX")
        self.sandbox = sandbox
        self.python = python
        self.search = search
        self.sync_seconds = sync_seconds
        self.sample_seconds = sample_seconds

    def capacity(self) -> Capacity:
        return machine.capacity()

    def free_memory(self) -> int:
        return machine.free_memory()

    def isolation(self) -> tuple[str, ...]:
        """What runs here are not isolated from; empty when they are sandboxed."""
        probe = self._probe()
        return () if probe.works else not_isolated(probe.reason, os.geteuid() == 0)

    def start(self, process: Process) -> None:
        """Returns once a supervisor has taken the run over.

        Raises BadInput for a place that cannot be had, Conflict for a folder in which a run was started before,
        Unavailable when runs must be sandboxed and cannot be.
        """
        probe = self._probe()
        if self.sandbox == "required" and not probe.works:
            raise Unavailable(f"Runs must be sandboxed here, and cannot be: {probe.reason}")
        check(process)
        process.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with claimed(process.folder) as lock, contextlib.ExitStack() as held:
            account, number = self._account(process, probe)
            if number is not None:
                held.callback(os.close, number)
            spec = self._spec(process, probe, account)
            spec["descriptors"] = [lock] if number is None else [lock, number]
            files.write_json(str(process.folder), files.SPEC, spec, mode=0o600)
            self._supervise(process, spec["descriptors"])

    def exit(self, folder: Path) -> Exit | None:
        """None while it runs. A run whose supervisor was killed is lost, and what is left of it is ended now."""
        ended = read_exit(folder)
        if ended is not None:
            return ended
        if not (folder / files.LOCK).exists():
            raise not_started(folder)
        lock = files.lock(str(folder), shared=True)
        if lock is None:
            return None
        try:
            if not (folder / files.SPEC).exists():
                raise not_started(folder)
            return read_exit(folder) or lost.clean_up(folder)  # it may have ended just before it let go of the lock
        finally:
            os.close(lock)

    def stop(self, folder: Path, now: bool = False) -> None:
        """Asks it to stop and kills it after the grace period, or kills it now. One that has ended is left alone."""
        if self.exit(folder) is not None:
            return
        record = files.read_json(str(folder), files.SUPERVISOR)
        if record is None or not processes.alive(record["pid"], record["started"]):
            raise Conflict(f"The run in {folder} is just being started. Stop it in a moment.", folder=str(folder))
        try:
            os.kill(record["pid"], processes.KILL_NOW if now else processes.STOP)
        except PermissionError:
            raise Refused(f"The run in {folder} belongs to another user, who alone may stop it.") from None

    # ── what the supervisor is told ──────────────────────────────────────────────────────────────

    def _probe(self) -> sandbox.Probe:
        if self.sandbox == "off":
            return sandbox.Probe(reason="Sandboxes are switched off (MAQUETTE_SANDBOX=off).")
        return sandbox.probe(self.search)

    def _account(self, process: Process, probe: sandbox.Probe) -> tuple[sandbox.Account, int | None]:
        """Whom the run will be, and the descriptor that keeps its number, if it has one of its own."""
        if os.geteuid() != 0:
            uid, gid = NUMBERS.get(process.user_name, (1000, 1000))
            return sandbox.Account(uid, gid, process.user_name, process.home, drops=False), None
        try:
            uid, number = accounts.take()
        except Unavailable:
            if probe.works:
                raise
            return sandbox.Account(0, 0, process.user_name, process.home, drops=False), None
        groups = machine.gpu_groups(tuple(machine.gpu_devices())) if process.gpus else ()
        return sandbox.Account(uid, uid, process.user_name, process.home, drops=True, groups=groups), number

    def _spec(self, process: Process, probe: sandbox.Probe, account: sandbox.Account) -> dict[str, Any]:
        environment = {
            **machine.base_environment(os.environ, process.home, process.user_name, process.gpus),
            **process.environment,
        }
        seen = sandboxed if probe.works else unsandboxed
        part = seen(replace(process, environment=environment), probe, account)
        return {
            "id": process.id,
            "folder": str(process.folder.absolute()),
            "command": part.command,
            "directory": part.directory,
            "environment": part.environment,
            "sandbox": part.sandbox,
            "user": {"uid": account.uid, "gid": account.gid, "groups": account.groups} if account.drops else None,
            "owned": [os.path.realpath(place.source) for place in process.places if place.writable],
            "read": [str(place.source.absolute()) for place in process.places if not place.writable],
            "enter": part.enter,
            "limits": asdict(process.limits),
            "gpus": process.gpus,
            "syncs": [sync_spec(process, sync) for sync in process.syncs],
            "sync_seconds": self.sync_seconds,
            "sample_seconds": self.sample_seconds,
            "companions": [companion_spec(companion) for companion in process.companions],
        }

    def _supervise(self, process: Process, descriptors: list[int]) -> None:
        done = subprocess.run(
            [self.python, "-I", "-S", str(SUPERVISE), str(process.folder.absolute() / files.SPEC)],
            env=machine.supervisor_environment(os.environ),
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TAKE_OVER_SECONDS,
            start_new_session=True,  # Ctrl-C is for whoever follows the run, who then stops it
            check=False,
        )
        if done.returncode != 0:
            (process.folder / files.SPEC).unlink()
            raise Unavailable(
                f"The supervisor of run {process.id} did not start: {done.stderr.strip()}", run=process.id
            )


def check(process: Process) -> None:
    """Refuses what no executor could start."""
    if not process.command:
        raise BadInput("The run has no command.", field="command")
    for place in process.places:
        if not place.target.startswith("/"):
            raise BadInput(f"A place needs an absolute path in the run, not '{place.target}'.", place=place.target)
        if not place.source.exists():
            raise BadInput(
                f"What the run should see at {place.target} does not exist: {place.source}.", place=place.target
            )


@dataclass(frozen=True)
class Part:
    """The part of a spec that depends on whether there is a sandbox."""

    command: list[str]
    directory: str
    environment: Mapping[str, str]
    sandbox: dict[str, Any] | None = None
    enter: tuple[str, ...] = ()
    """Where a run without a sandbox must be able to get to, so that it can do without the rights of root."""


def sandboxed(process: Process, probe: sandbox.Probe, account: sandbox.Account) -> Part:
    host_name = re.sub(r"[^a-z0-9-]+", "-", process.id.lower())[:40].strip("-") or "run"
    generated = process.folder.absolute() / "etc"
    generated.mkdir(exist_ok=True)
    hosts = Path("/etc/hosts")
    texts = sandbox.accounts_of(account)
    texts["hosts"] = sandbox.hosts_with(hosts.read_text() if hosts.exists() else "127.0.0.1 localhost", host_name)
    for name, text in texts.items():
        (generated / name).write_text(text)
    here = machine.look({**os.environ, **process.environment}, process.gpus > 0)
    seen = sandbox.view(process, here, generated)
    for point in seen.to_make:
        nesting.make_mount_point(point)
    return Part(
        list(process.command),
        process.directory,
        process.environment,
        {
            "program": probe.bubblewrap,
            "options": sandbox.options(seen, account, host_name, process.directory, probe.sizes),
            "become": sandbox.become(account, probe.setpriv),
        },
    )


def unsandboxed(process: Process, probe: sandbox.Probe, account: sandbox.Account) -> Part:
    """Without a view of its own the run gets real paths in everything it is told."""
    rewrite = rewriter(process.places)
    nesting.link_nested(process.places)
    environment = {name: rewrite(value) for name, value in process.environment.items()}
    if not process.gpus:
        environment.setdefault("CUDA_VISIBLE_DEVICES", "")
    paths = [[place.target, str(place.source.absolute())] for place in process.places]
    environment["MAQUETTE_PATHS"] = json.dumps(paths)  # for what is told in files, which nobody rewrites
    command = [rewrite(part) for part in process.command]
    enter = {str(place.source.absolute().parent) for place in process.places if place.writable}
    if command[0].startswith("/"):
        enter.add(command[0])
    return Part(command, rewrite(process.directory), environment, enter=tuple(sorted(enter)))


def sync_spec(process: Process, sync: Sync) -> dict[str, str]:
    source, target = str(sync.source.absolute()), str(sync.target.absolute())
    return {"source": source, "target": target, "seen_as": seen_as(process, sync.source)}


def companion_spec(companion: Companion) -> dict[str, Any]:
    environment = {**machine.supervisor_environment(os.environ), **companion.environment}
    return {"name": companion.name, "command": companion.command, "environment": environment}


def seen_as(process: Process, source: Path) -> str:
    """The path at which the run sees a folder of the host; the folder itself when no place holds it."""
    path = str(source.absolute())
    holding = [place for place in process.places if sandbox.is_within(path, str(place.source.absolute()))]
    if not holding:
        return path
    place = max(holding, key=lambda one: len(str(one.source.absolute())))
    inner = posixpath.relpath(path, place.source.absolute())
    return posixpath.normpath(posixpath.join(place.target, inner))


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[int]:
    """Holds the folder's lock while the run is handed to its supervisor, which goes on holding it."""
    lock = files.lock(str(folder))
    if lock is None or (folder / files.SPEC).exists():
        if lock is not None:
            os.close(lock)
        raise Conflict(f"A run was started in {folder} before. Give each run a folder of its own.", folder=str(folder))
    try:
        yield lock
    finally:
        os.close(lock)


def not_started(folder: Path) -> NotFound:
    return NotFound(f"No run was started in {folder}.", folder=str(folder))


def read_exit(folder: Path) -> Exit | None:
    told = files.read_json(str(folder), files.EXIT)
    if told is None:
        return None
    names = ("code", "started_at", "ended_at", "peak_memory_bytes")
    message = read(told.get("told") or told["message"])
    return Exit(cause=Cause(told["cause"]), message=message, **{name: told[name] for name in names})


def not_isolated(reason: str, root: bool) -> tuple[str, ...]:
    """What people should know about runs without a sandbox, one sentence each."""
    who = "root" if root else "the user who started it"
    sentences = [
        reason,
        f"A run sees the whole file system and can read and change what {who} can.",
        f"A run sees the other processes of this machine and can end those of {who}.",
        "Paths such as /cache and /home/work are not made for a run: what it is told is rewritten to its own folders,"
        " paths written in a script are not.",
    ]
    if root:
        sentences.append(
            "Runs give up the rights of root only where an unprivileged user can reach their folders and their Python."
        )
    return tuple(sentences)
