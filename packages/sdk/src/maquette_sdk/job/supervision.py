"""The life of a supervisor: takes a run over, starts it, watches it, ends it, and writes down how it ended."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from typing import Any, Callable, Dict, List, NoReturn, Optional

from maquette_sdk import sentences
from maquette_sdk.job import children, companions, endings, folder, limits, outputs, ownership, processes, sandboxed
from maquette_sdk.job.endings import End
from maquette_sdk.job.logfile import Log
from maquette_sdk.job.loop import Inlet, Loop
from maquette_sdk.job.sentences import say
from maquette_sdk.job.usage import Usage, gpus_of_this_machine

KILL_SECONDS = 10.0


def take_over(spec_path: str) -> int:
    """Starts a process that watches the run of this spec, and returns once it has begun; 0 when it has."""
    told, telling = os.pipe()
    if os.fork() == 0:
        os.close(told)
        detach_and_supervise(spec_path, telling)
    os.close(telling)
    with open(told, encoding="utf-8") as file:
        answer = file.read()
    if answer == "ready":
        return 0
    sys.stderr.write(answer or "The supervisor ended before it began.")
    return 1


def detach_and_supervise(spec_path: str, telling: int) -> NoReturn:
    try:
        os.setsid()
        with open(spec_path, encoding="utf-8") as file:
            spec = json.load(file)
        detach_streams(spec["folder"])
        for descriptor in spec["descriptors"]:
            os.set_inheritable(descriptor, False)  # locks that live as long as we do, and no longer
        supervision = Supervision(spec)
        supervision.record()
        os.write(telling, b"ready")
        os.close(telling)
    except BaseException as error:  # noqa: BLE001 – whoever started us is waiting for the reason
        os.write(telling, "{}: {}".format(type(error).__name__, error).encode("utf-8"))
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    code = 1
    try:
        supervision.run()
        code = 0
    except BaseException:  # noqa: BLE001 – the run must not outlive us, and its end must be told
        sys.excepthook(*sys.exc_info())
        supervision.give_up()
    finally:
        sys.stderr.flush()
        os._exit(code)


def detach_streams(path: str) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(os.path.join(path, folder.SUPERVISOR_LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, here in ((0, nothing), (1, log), (2, log)):
        os.dup2(here, number)
    os.close(nothing)
    os.close(log)


class Supervision:
    """One run and all that belongs to it."""

    def __init__(self, spec: Dict[str, Any]) -> None:
        self.spec = spec
        self.folder: str = spec["folder"]
        self.sandbox: Optional[Dict[str, Any]] = spec["sandbox"]
        self.user = ownership.User.of(spec["user"])
        self.cookie = {processes.COOKIE: os.urandom(16).hex()}
        self.loop = Loop()
        self.log = Log(os.path.join(self.folder, folder.LOG), spec["limits"]["log_bytes"])
        folder.keep_room(self.folder)
        gpus = gpus_of_this_machine(spec["gpus"])
        self.usage = Usage(os.path.join(self.folder, folder.USAGE), spec["sample_seconds"], gpus)
        servers = [companions.Server(one, self.folder, self.cookie) for one in spec["companions"]]
        self.companions = companions.Companions(servers, self.loop, self.log.say)
        folders = [outputs.Output(one["source"], one["target"], one["seen_as"]) for one in spec["syncs"]]
        self.outputs = outputs.Outputs(folders, spec["sync_seconds"], self.loop, self.log.say)
        self.family = processes.Family(os.getpid())
        self.memory_kills = endings.memory_kills_of_machine()
        self.notes: List[str] = []
        # What is known of the program:
        self.main = 0
        self.status: Optional[int] = None
        self.inlets: List[Inlet] = []
        self.sandbox_status = b""
        self.sandbox_init = 0
        self.started_at = time.time()
        self.ended_at = 0.0
        # Who wants it to end, and why:
        self.next_look = 0.0
        self.stop_signals = 0
        self.kill_signals = 0
        self.kill_at: Optional[float] = None
        self.end: Optional[End] = None
        processes.become_subreaper()
        self.listen_to_signals()
        self.limits = limits.Limits(spec["limits"], group_name(spec["id"]), overhead=2 if self.sandbox else 0)

    # ── from start to end ────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Starts the run, watches it, and returns when its end is written."""
        self.start()
        while not self.is_over():
            self.loop.wait(self.patience())
            self.watch()
        self.ended_at = self.ended_at or time.time()
        self.kill_leftovers()
        for inlet in self.inlets:
            inlet.drain()  # all writers are dead: what is there now is all there will be
        self.name_the_end()
        self.companions.ask_to_end()
        self.notes += self.outputs.finish(self.leave_to_supervisor, self.is_given_up())
        self.companions.end(self.reap)
        self.kill_leftovers()  # what companions have left behind has become ours too
        self.notes += self.limits.remove()
        self.write_end()

    def give_up(self) -> None:
        """The supervisor itself has failed: nothing of the run may be left, and somebody must learn of it."""
        self.companions.kill()
        self.kill_leftovers()
        self.limits.remove()
        self.end = End("lost", say("supervisor_failed", log=folder.SUPERVISOR_LOG))
        self.ended_at = time.time()
        self.write_end()

    # ── start ────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Starts the run's program, or ends at once with the reason."""
        try:
            become = self.prepare_user()
        except OSError as error:
            self.fail_to_start(say("not_given", reason=error.strerror, path=error.filename))
            return
        if self.stop_signals or self.kill_signals:
            self.end = End("stopped", say("stopped_before"))
            self.status = 128 + signal.SIGTERM << 8
            return
        self.started_at = time.time()
        child = self.start_program(become)
        self.main = child.pid
        self.limits.started()
        if child.problem is not None:
            self.fail_to_start(say("cannot_start", reason=child.problem))
        self.companions.await_connections()
        self.record()

    def prepare_user(self) -> Optional[ownership.User]:
        """Hands the run's folders over; returns whom the program has to become by itself, without a sandbox."""
        user = self.user
        if user is None:
            return None
        if self.sandbox is None:
            os.chmod(self.folder, 0o711)  # noqa: S103 – to pass through, not to look around
            missing = ownership.unreachable(user, self.spec["read"], self.spec["enter"])
            if missing is not None:
                self.log.say("The run keeps the rights of root: an unprivileged user cannot reach {}.".format(missing))
                return None
        for path in self.spec["read"]:
            if self.sandbox is not None and ownership.is_closed(path, user):
                self.log.say("The run may be unable to read {}: it is open to its owner only.".format(path))
        left = 0
        for path in self.spec["owned"]:
            left += ownership.give(path, user)
            if self.sandbox is None and os.path.isdir(path):
                os.chmod(path, 0o700)  # other runs are other users
        if left:
            self.log.say("{} files have a second name outside the run's folders and stay read-only.".format(left))
        return user if self.sandbox is None else None

    def start_program(self, become: Optional[ownership.User]) -> children.Child:
        environment = companions.fill_in(self.spec["environment"], self.companions.servers)
        environment.update(self.cookie)
        command, directory = self.spec["command"], self.spec["directory"]
        output, writing = os.pipe()
        streams = {0: children.NOTHING, 1: writing, 2: writing}
        inherited = [writing]
        if self.sandbox is not None:
            start = sandboxed.in_sandbox(self.sandbox, command, environment, self.cookie)
            command, environment, directory = start.command, start.environment, "/"
            told, telling = os.pipe()
            streams[sandboxed.ARGUMENTS] = memory_file(start.options)
            streams[sandboxed.STATUS] = telling
            inherited += [streams[sandboxed.ARGUMENTS], telling]
            self.inlets.append(Inlet(self.loop, told, self.read_sandbox_status))

        def prepare() -> None:
            self.limits.enter()
            if become is not None:
                become.become()

        child = children.start(command, environment, directory, streams, prepare)
        for descriptor in inherited:
            os.close(descriptor)
        self.inlets.append(Inlet(self.loop, output, self.log.write))
        return child

    def read_sandbox_status(self, data: bytes) -> None:
        self.sandbox_status += data
        found = re.search(rb'"child-pid": *(\d+)', self.sandbox_status)
        self.sandbox_init = int(found.group(1)) if found else 0

    def fail_to_start(self, message: str) -> None:
        self.end = End("failed_to_start", message)
        self.log.say(message)
        if not self.main:
            self.status = 127 << 8

    def record(self) -> None:
        """Writes down how to find us and what we leave behind if we are killed."""
        me = processes.entry(os.getpid())
        run = processes.entry(self.main) if self.main else None
        folder.write_json(
            self.folder,
            folder.SUPERVISOR,
            {
                "pid": os.getpid(),
                "started": me.started if me else 0,
                "boot": processes.boot(),
                "started_at": self.started_at,
                "cookie": self.cookie[processes.COOKIE],
                "user": self.user.uid if self.user else None,
                "groups": self.limits.paths(),
                "session": self.main,
                "session_started": run.started if run else 0,
            },
        )

    # ── waiting and watching ─────────────────────────────────────────────────────────────────────

    def listen_to_signals(self) -> None:
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only to wake us; see reap
        signal.signal(processes.STOP, self.on_stop)
        signal.signal(processes.KILL_NOW, self.on_kill)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def on_stop(self, number: int, frame: object) -> None:
        self.stop_signals += 1
        self.kill_signals += self.stop_signals > 1

    def on_kill(self, number: int, frame: object) -> None:
        self.kill_signals += 1

    def patience(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [self.usage.next, self.kill_at, self.outputs.next, self.companions.next_try()]
        if self.end is None:
            due += [self.limits.deadline, self.next_look if self.limits.needs_watching() else None]
        return min(moment for moment in due if moment is not None) - now

    def watch(self) -> None:
        self.reap()
        now = time.monotonic()
        if self.status is not None and self.kill_at is None:
            return
        if self.end is None and (now >= self.next_look or self.limits.out_of_time() is not None):
            self.next_look = now + limits.WATCH_SECONDS
            self.look_at_limits()
        self.look_at_signals()
        if self.kill_at is not None and now >= self.kill_at:
            self.kill_run()
        if now >= self.usage.next:
            self.sample()
        if self.outputs.due():
            self.outputs.order(self.leave_to_supervisor)
        self.companions.await_connections()

    def is_over(self) -> bool:
        """The program has ended; while the run is being stopped, its other processes may still clean up."""
        if self.status is None:
            return False
        return self.kill_at is None or not self.inhabitants()

    def members(self) -> List[processes.Entry]:
        """The living processes of the run, its sandbox included; all are below us, for orphans are handed to us."""
        return self.family.members(self.servants())

    def inhabitants(self) -> List[processes.Entry]:
        """The processes of the run without those that make its sandbox."""
        sandbox = (self.main, self.sandbox_init) if self.sandbox is not None else ()
        return [entry for entry in self.members() if entry.pid not in sandbox]

    def servants(self) -> List[int]:
        """Processes below us that are not the run's."""
        copier = self.outputs.copier
        return self.companions.pids() + ([copier.pid] if copier is not None else [])

    def living(self) -> List[int]:
        """The numbers of all members, for killing them: nothing remembered, every process looked at."""
        return [entry.pid for entry in processes.descendants(processes.table(), os.getpid(), self.servants())]

    def look_at_limits(self) -> None:
        crossed = self.limits.crossed(self.members)
        if crossed is None:
            return
        self.end = End(crossed.cause, crossed.message)
        self.log.say(crossed.message)
        if crossed.cause == "time":
            self.ask_to_end()
        else:
            self.kill_run()

    def look_at_signals(self) -> None:
        if self.stop_signals and self.end is None:
            self.end = End("stopped", say("stopped"))
            self.ask_to_end()
        if self.kill_signals:
            self.end = self.end or End("stopped", say("stopped"))
            self.kill_run()

    def ask_to_end(self) -> None:
        """SIGTERM to everything in the run; the sandbox's own processes must live to tell how it ended."""
        self.kill_at = time.monotonic() + self.limits.grace_seconds
        for entry in self.inhabitants():
            processes.tell(entry.pid, signal.SIGTERM)

    def kill_run(self) -> None:
        self.kill_at = time.monotonic() + KILL_SECONDS
        self.kill_leftovers()

    def kill_leftovers(self) -> None:
        self.limits.forbid_forks()
        if self.sandbox_init and self.sandbox_init in self.living():
            processes.tell(self.sandbox_init, signal.SIGKILL)  # takes all of its sandbox with it, at once
        if not processes.kill_all(self.living, self.reap, KILL_SECONDS):
            self.notes.append(say("unkillable"))

    def reap(self) -> None:
        """Collects ended children: the program, companions, and orphans of the run."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if not self.companions.reaped(pid, status) and pid not in self.servants():
                self.usage.reaped(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
            if pid == self.main and self.status is None:
                self.status = status
                self.ended_at = time.time()

    def sample(self) -> None:
        try:
            self.usage.sample(self.inhabitants())
        except OSError as error:
            self.usage.next = float("inf")
            self.log.say("Usage is no longer recorded: {}.".format(error.strerror))

    def leave_to_supervisor(self) -> None:
        """In the copying process: sockets and pipes must end when the supervisor closes them."""
        for inlet in self.inlets:
            inlet.close()
        self.companions.close_sockets()

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    def is_given_up(self) -> Callable[[], bool]:
        """Tells whether somebody has asked again to kill what is left, which by now is the copying of outputs."""
        before = self.kill_signals
        return lambda: self.kill_signals > before

    def name_the_end(self) -> None:
        if self.end is None:
            self.end = self.natural_end()
            if self.end.cause in endings.WORTH_A_LINE:
                self.log.say(self.end.message)
        self.usage.seen(self.limits.peak_memory_bytes)

    def natural_end(self) -> End:
        assert self.status is not None
        if self.sandbox is not None and b"exit-code" not in self.sandbox_status:
            return End("failed_to_start", say("cannot_start", reason=self.log.last_line()))
        return endings.natural_end(self.status, self.limits, self.log.last_line(), self.memory_kills)

    def write_end(self) -> None:
        assert self.end is not None
        if self.log.problem:
            self.notes.append(self.log.problem)
        message = sentences.several(self.end.message, *self.notes)
        folder.give_room(self.folder)
        folder.write_json(
            self.folder,
            folder.EXIT,
            {
                "code": endings.shell_code(self.status) if self.status is not None else endings.KILLED_CODE,
                "cause": self.end.cause,
                "message": message,
                "told": sentences.told(message),
                "notes": self.notes,
                "started_at": self.started_at,
                "ended_at": self.ended_at,
                "peak_memory_bytes": self.usage.peak_memory_bytes,
                "log_bytes_dropped": self.log.dropped,
            },
            durable=True,
        )


def group_name(run: str) -> str:
    return "maquette-{}-{}".format(re.sub(r"[^A-Za-z0-9_-]", "-", run)[:64], os.getpid())


def memory_file(content: bytes) -> int:
    """A descriptor to read this from; the content is seen by nobody else."""
    descriptor = os.memfd_create("arguments")
    outputs.write_all(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
