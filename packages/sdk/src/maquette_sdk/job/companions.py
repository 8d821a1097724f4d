"""Servers beside a run, started at the first connection to a socket that is open from the beginning."""

from __future__ import annotations

import functools
import os
import signal
import socket
import time
from typing import Any, Callable, Dict, List, Optional

from maquette_sdk.job import children
from maquette_sdk.job.endings import shell_code
from maquette_sdk.job.loop import Loop

HOST = "127.0.0.1"
BACKLOG = 128
SOCKET_DESCRIPTOR = 3
QUICK_SECONDS = 1.0  # one that lives no longer than this has failed to start
LONGEST_WAIT = 10.0
END_SECONDS = 10.0  # for requests under way when the run ends
MOST_COMPLAINTS = 5


class Server:
    """One companion: its listening socket, and its process once somebody has knocked."""

    def __init__(self, spec: Dict[str, Any], folder: str, cookie: Dict[str, str]) -> None:
        self.name = str(spec["name"])
        self.command: List[str] = [part.replace("{fd}", str(SOCKET_DESCRIPTOR)) for part in spec["command"]]
        self.environment: Dict[str, str] = {**spec["environment"], **cookie}
        self.log = os.path.join(folder, self.name + ".log")
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind((HOST, 0))
        self.listener.listen(BACKLOG)
        self.port = int(self.listener.getsockname()[1])
        self.pid: Optional[int] = None
        self.began = 0.0
        self.failures = 0
        self.wait_until = 0.0

    @property
    def address(self) -> str:
        return "{}:{}".format(HOST, self.port)

    def wants_to_start(self) -> bool:
        """Is nobody serving the socket, and is it time to look at it?"""
        return self.pid is None and time.monotonic() >= self.wait_until

    def start(self) -> Optional[str]:
        """Starts it; returns why it could not be."""
        self.began = time.monotonic()
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            streams = {0: children.NOTHING, 1: log, 2: log, SOCKET_DESCRIPTOR: self.listener.fileno()}
            child = children.start(self.command, self.environment, "/", streams)
        finally:
            os.close(log)
        self.pid = child.pid
        return child.problem

    def ended(self) -> None:
        """Its process has been reaped; one that keeps failing is tried less and less often."""
        quick = time.monotonic() - self.began < QUICK_SECONDS
        self.failures = self.failures + 1 if quick else 0
        self.wait_until = time.monotonic() + min(LONGEST_WAIT, 0.1 * 2**self.failures if quick else 0.0)
        self.pid = None

    def signal(self, number: int) -> None:
        """To all its processes, unless it has ended."""
        if self.pid is not None:
            os.killpg(self.pid, number)


class Companions:
    """All companions of a run. `say` writes a line into its log."""

    def __init__(self, servers: List[Server], loop: Loop, say: Callable[[str], None]) -> None:
        self.servers = servers
        self.loop = loop
        self.say = say
        self.closing = False

    def await_connections(self) -> None:
        """Watches the sockets that nobody serves; to be called now and then, for a companion may have ended."""
        for server in self.servers:
            if server.wants_to_start():
                self.loop.listen(server.listener.fileno(), functools.partial(self.start, server))

    def next_try(self) -> Optional[float]:
        """When a companion that failed may be tried again, if one is waiting for that."""
        now = time.monotonic()
        return min((one.wait_until for one in self.servers if one.pid is None and one.wait_until > now), default=None)

    def start(self, server: Server) -> None:
        self.loop.forget(server.listener.fileno())
        problem = server.start()
        if problem is not None:
            self.say("The companion '{}' could not be started: {}.".format(server.name, problem))

    def pids(self) -> List[int]:
        return [server.pid for server in self.servers if server.pid is not None]

    def reaped(self, pid: int, status: int) -> bool:
        """Was it a companion that has ended?"""
        for server in self.servers:
            if server.pid == pid:
                server.ended()
                if not self.closing and server.failures <= MOST_COMPLAINTS:
                    text = "The companion '{}' has ended with code {}; the next connection starts it again. See {}."
                    self.say(text.format(server.name, shell_code(status), os.path.basename(server.log)))
                return True
        return False

    def ask_to_end(self) -> None:
        """The run is over: nobody new is served, requests under way are."""
        self.closing = True
        self.close_sockets()
        for server in self.servers:
            server.signal(signal.SIGTERM)

    def close_sockets(self) -> None:
        for server in self.servers:
            if server.listener.fileno() >= 0:
                self.loop.forget(server.listener.fileno())
                server.listener.close()

    def end(self, reap: Callable[[], None]) -> None:
        """Waits for the companions to end, and kills those that do not."""
        deadline = time.monotonic() + END_SECONDS
        while self.pids() and time.monotonic() < deadline:
            self.loop.wait(0.05)
            reap()
        self.kill()

    def kill(self) -> None:
        for server in self.servers:
            server.signal(signal.SIGKILL)


def fill_in(environment: Dict[str, str], servers: List[Server]) -> Dict[str, str]:
    """Puts ports and addresses into the values; with several companions also as `{name.port}`, `{name.address}`."""
    words = {}
    for server in servers:
        words["{" + server.name + ".port}"] = str(server.port)
        words["{" + server.name + ".address}"] = server.address
    for server in servers[:1]:
        words["{port}"] = str(server.port)
        words["{address}"] = server.address
    filled = {}
    for name, value in environment.items():
        for word, text in words.items():
            value = value.replace(word, text)
        filled[name] = value
    return filled
