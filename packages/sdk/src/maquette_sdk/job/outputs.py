"""Copies a run's output folders to where they belong, every so often and at the end.

The run may still be writing, and may be hostile: its folders are read by a supervisor that is perhaps root.
So every path is walked from the folder's own descriptor without following links; a link is resolved by hand and
counts only when it stays inside.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from typing import Any, Callable, Dict, List, NamedTuple, NoReturn, Optional, Set, Tuple

from maquette_sdk.job.loop import Loop
from maquette_sdk.job.sentences import say
from maquette_sdk.sentences import as_json, read

Parts = Tuple[str, ...]

OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # non-blocking: a pipe may stand there
OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
MOST_LINKS = 40
CHUNK_BYTES = 1 << 24


class Result(NamedTuple):
    """One pass over one output: how many files were copied, what is worth a line, and what failed."""

    copied: int
    remarks: List[str]
    problem: Optional[str]


class Unwritable(Exception):
    """The target cannot take a file; the rest of this pass would fail alike."""


class Output:
    """One output folder and its target; remembers between passes what it has copied and said."""

    def __init__(self, source: str, target: str, seen_as: str) -> None:
        self.source = source
        self.target = target
        self.seen_as = seen_as
        self.known: Dict[Parts, Tuple[int, int, int]] = {}
        self.said: Set[str] = set()
        self.remarks: List[str] = []
        self.copied = 0

    def copy(self) -> Result:
        """Copies what is new or changed. A file appears whole or not at all; nothing is deleted."""
        self.copied, self.remarks = 0, []
        problem = None
        try:
            with Folder(os.open(self.source, OPEN_FOLDER)) as root:
                self.root = root
                self.owner = owner_of(self.target)
                self.copy_folder(root, (), [()])
        except Unwritable as error:
            problem = say("output_not_copied", output=self.seen_as, target=self.target, reason=error)
        except OSError as error:
            problem = say("output_not_read", output=self.seen_as, reason=error.strerror)
        return Result(self.copied, self.remarks, problem)

    def copy_folder(self, folder: int, place: Parts, chain: List[Parts]) -> None:
        """Copies a folder to `place` in the target; `chain` are the real places of the folders we are in."""
        self.make_folder(place)
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            try:
                self.copy_entry(folder, name, place + (name,), chain)
            except FileNotFoundError:
                continue  # the run has removed it since
            except OSError as error:
                self.remark("'{}' could not be read: {}".format("/".join(place + (name,)), error.strerror))

    def copy_entry(self, folder: int, name: str, place: Parts, chain: List[Parts]) -> None:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            self.copy_file(folder, name, place, found)
        elif stat.S_ISDIR(found.st_mode):
            with Folder(os.open(name, OPEN_FOLDER, dir_fd=folder)) as inner:
                self.copy_folder(inner, place, chain + [chain[-1] + (name,)])
        elif stat.S_ISLNK(found.st_mode):
            self.copy_link(chain[-1] + (name,), place, chain)
        else:
            self.remark("'{}' is left out: it is no file, folder or link".format("/".join(place)))

    def copy_link(self, link: Parts, place: Parts, chain: List[Parts]) -> None:
        real = self.resolve(link)
        if real is None:
            self.remark("the link '{}' is left out: it points outside the output".format("/".join(place)))
            return
        if real in chain:
            self.remark("the link '{}' is left out: it leads into itself".format("/".join(place)))
            return
        with self.open_folder(real[:-1]) as parent:
            found = os.stat(real[-1], dir_fd=parent, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                with Folder(os.open(real[-1], OPEN_FOLDER, dir_fd=parent)) as inner:
                    self.copy_folder(inner, place, chain + [real])
            elif stat.S_ISREG(found.st_mode):
                self.copy_file(parent, real[-1], place, found)

    def resolve(self, link: Parts) -> Optional[Parts]:
        """The place, below the output folder, that a link leads to; None when it leads outside."""
        real: List[str] = []
        ahead = list(link)
        links = 0
        while ahead:
            name = ahead.pop(0)
            if name in ("", "."):
                continue
            if name == "..":
                if not real:
                    return None
                real.pop()
                continue
            with self.open_folder(tuple(real)) as folder:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if not stat.S_ISLNK(found.st_mode):
                    real.append(name)
                    continue
                text = os.readlink(name, dir_fd=folder)
            links += 1
            if links > MOST_LINKS:
                return None
            if text.startswith("/"):
                inner = self.inside(text)
                if inner is None:
                    return None
                real, text = [], inner
            ahead = text.split("/") + ahead
        return tuple(real)

    def inside(self, path: str) -> Optional[str]:
        """An absolute path as the run sees it, relative to the output folder; None when it is elsewhere."""
        for root in (self.seen_as.rstrip("/"), self.source.rstrip("/")):
            if path == root or path.startswith(root + "/"):
                return path[len(root) :].lstrip("/")
        return None

    def open_folder(self, place: Parts) -> Folder:
        """Opens a folder below the output folder, step by step, never through a link."""
        current = os.dup(self.root)
        for name in place:
            try:
                following = os.open(name, OPEN_FOLDER, dir_fd=current)
            finally:
                os.close(current)
            current = following
        return Folder(current)

    def copy_file(self, folder: int, name: str, place: Parts, found: os.stat_result) -> None:
        mark = (found.st_size, found.st_mtime_ns, found.st_ino)
        target = self.path(place)
        if self.is_there(target, mark, place):
            return
        descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
        try:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode):
                return  # swapped for something else since we looked
            self.write(descriptor, opened, target)
        finally:
            os.close(descriptor)
        self.known[place] = (opened.st_size, opened.st_mtime_ns, opened.st_ino)
        self.copied += 1

    def is_there(self, target: str, mark: Tuple[int, int, int], place: Parts) -> bool:
        """Some file systems keep times coarsely, so what we copied ourselves is also known by its source."""
        try:
            there = os.stat(target)
        except OSError:
            return False
        if there.st_size != mark[0] or not stat.S_ISREG(there.st_mode):
            return False
        return there.st_mtime_ns == mark[1] or self.known.get(place) == mark

    def write(self, source: int, found: os.stat_result, target: str) -> None:
        temporary = os.path.join(os.path.dirname(target), ".maquette-{}".format(os.getpid()))
        try:
            out = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                copy_bytes(source, out, found.st_size)
                os.fchmod(out, stat.S_IMODE(found.st_mode) & 0o777 | stat.S_IRUSR | stat.S_IWUSR)
                self.give(out)
                os.utime(out, ns=(found.st_atime_ns, found.st_mtime_ns))
            finally:
                os.close(out)
            os.replace(temporary, target)
        except OSError as error:
            remove_if_there(temporary)
            raise Unwritable(describe(error, target)) from error

    def make_folder(self, place: Parts) -> None:
        """Makes the target folder and those above it; new ones belong to whoever owns the nearest old one."""
        missing = []
        path = self.path(place)
        while not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for path in reversed(missing):
            try:
                os.mkdir(path)
                self.give(path)
            except OSError as error:
                raise Unwritable(describe(error, path)) from error

    def give(self, what: Any) -> None:
        if self.owner is not None:
            os.chown(what, self.owner[0], self.owner[1])

    def path(self, place: Parts) -> str:
        return os.path.join(self.target, *place)

    def remark(self, line: str) -> None:
        line = "Output {}: {}.".format(self.seen_as, line)
        if line not in self.said:
            self.said.add(line)
            self.remarks.append(line)


class Folder:
    """An open folder that closes itself; used as its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> int:
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def copy_bytes(source: int, target: int, size: int) -> None:
    """Copies at most `size` bytes: a file that grows faster than we copy must not keep us for ever."""
    done = 0
    while done < size:
        count = os.sendfile(target, source, done, min(CHUNK_BYTES, size - done))
        if count == 0:
            return
        done += count


def owner_of(path: str) -> Optional[Tuple[int, int]]:
    """Whom new files in `path` should belong to; None where we cannot give files away."""
    if os.geteuid() != 0:
        return None
    while not os.path.exists(path):
        path = os.path.dirname(path)
    found = os.stat(path)
    return found.st_uid, found.st_gid


def remove_if_there(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def describe(error: OSError, path: str) -> str:
    return "{} ({})".format(error.strerror, path)


class Outputs:
    """All outputs of a run, copied by a process of its own. `say` writes a line into the run's log."""

    def __init__(self, outputs: List[Output], seconds: float, loop: Loop, say: Callable[[str], None]) -> None:
        self.outputs = outputs
        self.seconds = seconds
        self.loop = loop
        self.say = say
        self.copier: Optional[Copier] = None
        self.copying = False
        self.next: Optional[float] = time.monotonic() + seconds if outputs else None
        self.problems: List[str] = []

    def due(self) -> bool:
        return self.next is not None and time.monotonic() >= self.next

    def order(self, leave_behind: Callable[[], None]) -> None:
        """Begins a pass over all outputs. `leave_behind`: see Copier."""
        if self.copier is None:
            self.copier = Copier(self.outputs, leave_behind)
            self.loop.listen(self.copier.answers, self.read)
        self.copier.order()
        self.copying = True
        self.next = None

    def read(self) -> None:
        """Takes the results of a pass when they are complete."""
        if self.copier is None:
            return
        try:
            results = self.copier.results()
        except EOFError as error:
            results = [Result(0, [], str(error))]
            self.loop.forget(self.copier.answers)
            self.copier.close()
            self.copier = None
        if results is None:
            return
        self.copying = False
        self.next = time.monotonic() + self.seconds
        self.problems = [result.problem for result in results if result.problem is not None]
        for line in [remark for result in results for remark in result.remarks] + self.problems:
            self.say(line)

    def finish(self, leave_behind: Callable[[], None], give_up: Callable[[], bool]) -> List[str]:
        """A last pass when all is written; returns what could not be copied.

        `give_up` is asked while we wait: a disk may never answer.
        """
        if not self.outputs:
            return []
        self.wait(give_up)
        self.order(leave_behind)
        self.wait(give_up)
        return self.problems

    def wait(self, give_up: Callable[[], bool]) -> None:
        while self.copying:
            self.loop.wait(1.0)
            if give_up() and self.copier is not None:
                os.kill(self.copier.pid, signal.SIGKILL)


class Copier:
    """A process of its own that copies the outputs when told to, so that a slow disk never holds up the log."""

    def __init__(self, outputs: List[Output], leave_behind: Callable[[], None]) -> None:
        """`leave_behind` is called in the new process to close what only the supervisor should hold."""
        orders, self.orders = os.pipe()
        self.answers, answers = os.pipe()
        self.unread = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.orders)
            os.close(self.answers)
            serve_copies(outputs, orders, answers, leave_behind)
        os.close(orders)
        os.close(answers)
        os.set_blocking(self.answers, False)

    def order(self) -> None:
        """Asks for one pass over all outputs."""
        os.write(self.orders, b"!")

    def results(self) -> Optional[List[Result]]:
        """The results of a pass, or None while it is not finished. Raises EOFError when the process has died."""
        try:
            chunk = os.read(self.answers, 1 << 16)
        except BlockingIOError:
            return None
        if not chunk:
            raise EOFError("The process that copies outputs has died.")
        self.unread += chunk
        line, newline, rest = self.unread.partition(b"\n")
        if not newline:
            return None
        self.unread = rest
        passed = json.loads(line.decode("utf-8"))
        return [Result(copied, remarks, problem and read(problem)) for copied, remarks, problem in passed]

    def close(self) -> None:
        os.close(self.orders)
        os.close(self.answers)


def serve_copies(outputs: List[Output], orders: int, answers: int, leave_behind: Callable[[], None]) -> NoReturn:
    """The copying process: one pass per order, until the supervisor closes its end or dies."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)  # meant for the supervisor, which still wants the outputs
        leave_behind()
        while os.read(orders, 1):
            answer = json.dumps(as_json([output.copy() for output in outputs])) + "\n"
            write_all(answers, answer.encode("utf-8"))
        code = 0
    finally:
        os._exit(code)


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
