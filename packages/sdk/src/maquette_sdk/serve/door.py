"""The instance's door: connections, the queue of calls, signs of life. Everything but the package's code.

One thread accepts, one thread for each connection reads its frames and decodes their bodies. Calls wait in the
queue for the thread that runs the package's code, which sends its answers itself.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import queue
import socket
import threading
import time
from typing import Any, Callable, Dict, Optional, Set

from maquette_sdk.serve.output import say
from maquette_sdk.serve.protocol import (
    BODIES,
    ID_BYTES,
    NOTE,
    NOTE_BYTES,
    Frame,
    ProtocolError,
    answer_frame,
    frames,
    head,
)
from maquette_sdk.serve.service import JSON, Answer, Request, dumps

LOOK_UP_SECONDS = 0.5
"""A signal that arrives in the moment before this thread goes to sleep does not wake it; the code's handler is then run
when it looks up."""
WAITING, BEGUN, DROPPED = "waiting", "begun", "dropped"


class Line:
    """One connection. Any thread may send on it; what the other side does not take at once is sent by a thread."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.call: Optional[Call] = None
        self._sending = threading.Lock()

    def send(self, data: bytes) -> None:
        """Sends a frame without waiting for the other side to read it."""
        self._sending.acquire()
        rest = memoryview(data)
        try:
            rest = rest[self.raw.send(rest, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) :]
        except BlockingIOError:
            pass
        except OSError:
            rest = rest[:0]  # the client is gone; the thread that reads the connection sees its end
        if not rest:
            self._sending.release()
            return
        threading.Thread(target=self._finish, args=(rest,), daemon=True).start()

    def _finish(self, rest: memoryview) -> None:
        try:
            self.raw.sendall(rest, socket.MSG_NOSIGNAL)
        except OSError:
            pass  # the client is gone; the thread that reads the connection sees its end
        finally:
            self._sending.release()

    def close(self) -> None:
        """Ends the connection. Its descriptor is given back when nobody is sending on it any more."""
        with contextlib.suppress(OSError):
            self.raw.shutdown(socket.SHUT_RDWR)
        with self._sending:
            self.raw.close()


class Call:
    """One call, from its arrival to its answer."""

    __slots__ = ("arrived", "deadline", "id", "line", "most_together", "request", "state")

    def __init__(
        self, line: Line, id: str, deadline: float, arrived: float, request: Request, most_together: Optional[int]
    ) -> None:
        self.line = line
        self.id = id
        self.arrived = arrived
        self.deadline = arrived + deadline
        self.request: Optional[Request] = request
        self.most_together = most_together
        self.state = WAITING

    def answer(self, answer: Answer, began: bool = True, **more: int) -> None:
        """Sends the answer. The next call may come on the connection from now on."""
        self.line.call = None
        self.line.send(answer_frame(self.id, answer.status, JSON, answer.body, answer.times, began, **more))

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answers without the code having seen the call."""
        self.answer(Answer(status, dumps({"error_code": code, "error_msg": message}), {}), began=False)


class Calls:
    """The calls that wait, at most `limit` of them. One whose client has gone leaves at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting = 0
        self._queue: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def add(self, call: Call) -> bool:
        """False when the queue is full."""
        with self._lock:
            if self.waiting >= self.limit:
                return False
            self.waiting += 1
        self._queue.put(call)
        return True

    def drop(self, call: Call) -> None:
        """Forgets a call that has not begun, and what it brought."""
        with self._lock:
            if call.state != WAITING:
                return
            call.state = DROPPED
            call.request = None
            self.waiting -= 1

    def take(self) -> Call:
        """Waits for the next call that is to begin."""
        while True:
            call = self.take_soon(LOOK_UP_SECONDS)
            if call is not None:
                return call

    def take_soon(self, seconds: float = 0.0) -> Optional[Call]:
        """The next call that is to begin, if it comes within these seconds."""
        until = time.monotonic() + seconds
        while True:
            try:
                left = until - time.monotonic() if seconds else 0.0
                found = self._queue.get(left > 0, max(0.0, left))
            except queue.Empty:
                return None
            call = self._begin(found)
            if call is not None:
                return call

    def _begin(self, call: Call) -> Optional[Call]:
        """The call, unless its client has gone or its deadline has passed, which is answered here."""
        with self._lock:
            if call.state == DROPPED:
                return None
            call.state = BEGUN
            self.waiting -= 1
        if time.monotonic() < call.deadline:
            return call
        call.refuse(504, "ModelArts.4503", "The request waited for its turn until its time was over.")
        return None


class Note:
    """The file that says which calls the code is at, so that this is known even when the code ends the process."""

    def __init__(self, path: str) -> None:
        with open(path, "w+b") as file:
            file.write(bytes(NOTE_BYTES))
            file.flush()
            self._content = mmap.mmap(file.fileno(), NOTE_BYTES)

    def write(self, *ids: str) -> None:
        """No id between two calls; several where calls share a stage."""
        lines = [id.encode("utf-8", "surrogatepass")[:ID_BYTES] for id in ids]
        self._content[:] = b"\n".join(lines)[:NOTE_BYTES].ljust(NOTE_BYTES, b"\0")


class State:
    """What the instance tells of itself; written by the thread that runs the code, read by the others."""

    def __init__(self) -> None:
        self.ready = False
        self.error: Optional[str] = None
        self.served = 0
        self.failed = 0
        self.busy_since: Optional[float] = None
        self.room = 1
        self.error_told = threading.Event()


class Door:
    """Listens on a Unix socket. `read` makes a request of a frame."""

    def __init__(self, path: str, limit: int, read: Callable[[Frame], Request]) -> None:
        self.calls = Calls(limit)
        self.state = State()
        self.note = Note(path + NOTE)
        self._path = path
        self._read = read
        self._lines: Set[Line] = set()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def open(self) -> None:
        """Starts to answer pings and to take calls. Raises OSError where the socket cannot be made."""
        if os.path.exists(self._path):
            os.unlink(self._path)
        self._listening.bind(self._path)
        self._listening.listen(1024)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_to_the_parent)
        threading.Thread(target=self._accept, name="door", daemon=True).start()

    def _accept(self) -> None:
        while True:
            raw, _address = self._listening.accept()
            # The code may have set a default time-out for sockets; these wait as long as it takes.
            raw.setblocking(True)
            threading.Thread(target=self._attend, args=(raw,), name="reader", daemon=True).start()

    def _attend(self, raw: socket.socket) -> None:
        """Reads one connection to its end."""
        line = Line(raw)
        self._lines.add(line)
        try:
            for frame in frames(raw):
                self._handle(line, frame)
        except ProtocolError as error:
            say("A connection was closed. {}".format(error))
        except ConnectionError:
            pass  # the client is gone, which is what the end of a connection says too
        finally:
            if line.call is not None:
                self.calls.drop(line.call)
            self._lines.discard(line)
            line.close()

    def _handle(self, line: Line, frame: Frame) -> None:
        kind = frame.header["kind"]
        if kind == "ping":
            pong = self._pong()
            line.send(head(pong))
            if pong["error"] is not None:
                self.state.error_told.set()
        elif kind == "call":
            self._take(line, frame)
        else:
            raise ProtocolError("A frame of kind '{}' is none that an instance takes.".format(kind))

    def _take(self, line: Line, frame: Frame) -> None:
        arrived, header = time.monotonic(), frame.header
        if line.call is not None:
            raise ProtocolError("A second call came before the first was answered.")
        if header.get("body") not in BODIES or not isinstance(header.get("deadline"), (int, float)):
            raise ProtocolError("A call came without its body's kind or its deadline.")
        most = header.get("together")
        if most is not None and not (isinstance(most, int) and most > 0):
            raise ProtocolError("A call says 'together' with something else than a number from 1 on.")
        call = Call(line, str(header.get("id")), header["deadline"], arrived, self._read(frame), most)
        line.call = call
        request: Any = call.request
        if request.problem is not None:
            call.answer(request.problem, began=False)
        elif not self.calls.add(call):
            message = "{} requests are waiting already. Try again later.".format(self.calls.limit)
            call.refuse(429, "ModelArts.4206", message)

    def _pong(self) -> Dict[str, Any]:
        state, since = self.state, self.state.busy_since
        return {
            "kind": "pong",
            "ready": state.ready,
            "queued": self.calls.waiting,
            "busy": since is not None,
            "busy_seconds": 0.0 if since is None else round(time.monotonic() - since, 3),
            "served": state.served,
            "failed": state.failed,
            "error": state.error,
            "room": state.room,
        }

    def _leave_to_the_parent(self) -> None:
        """In a child that the code forked: the connections stay the parent's alone, so that their end is seen."""
        for raw in [self._listening] + [line.raw for line in self._lines]:
            raw.close()
