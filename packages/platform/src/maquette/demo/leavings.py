"""What a demo makes and takes away again, all under one name; also what one that was broken off has left."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from maquette.demo.bucket import Buckets
from maquette.demo.online import APP_CODES
from maquette.kernel.errors import Conflict, MaquetteError
from maquette.kernel.settings import Home
from maquette_sdk.client import Client
from maquette_sdk.client import MaquetteError as Answered
from maquette_sdk.client.jobs import ENDED, RUNS

PREFIX = "demo-"
END_SECONDS = 60.0
POLL_SECONDS = 0.1


class Note:
    """Word in the home of the demo that is under way, so that the next one finds what it may not have removed."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        file.seek(0)
        self.name = file.read().strip()

    def write(self, name: str) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(name)
        self.file.flush()
        self.name = name

    def release(self) -> None:
        """Nothing of it is to be removed; another demo may begin."""
        self.write("")
        fcntl.flock(self.file, fcntl.LOCK_UN)


@contextlib.contextmanager
def alone(home: Home) -> Iterator[Note]:
    """One demo at a time in a home. Raises Conflict."""
    with (home.path / "demo.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = f"Another `maquette demo` is at work in '{home.path}'. Wait for its end, or choose another --home."
            raise Conflict(told) from None
        yield Note(file)


def new_name() -> str:
    return PREFIX + time.strftime("%Y%m%d-%H%M%S")


@dataclass(frozen=True)
class Leavings:
    """All of one name, each part removed where it is there: service, model, job, app code, bucket."""

    client: Client
    buckets: Buckets
    name: str

    def remove(self) -> list[str]:
        """What was there. Raises MaquetteError."""
        parts: dict[str, Callable[[], bool]] = {
            "service": self.service,
            "model": self.model,
            "job": self.job,
            "app code": self.app_code,
            "bucket": self.bucket,
        }
        return [what for what, gone in parts.items() if gone()]

    def service(self) -> bool:
        found = [one for one in self.client.services.list(self.name) if one["service_name"] == self.name]
        for one in found:
            service = self.client.services.get(one["service_id"])
            runs = [instance["run_id"] for instance in service.instances()]
            service.remove()
            self.await_end(runs)
        return bool(found)

    def stop_service(self) -> None:
        """Its instance would go on without Maquette."""
        service = self.client.services.get(self.name).stop()
        self.await_end([instance["run_id"] for instance in service.instances()])

    def await_end(self, runs: list[str]) -> None:
        until(lambda: all(map(self.has_ended, runs)), "The service's instance does not end.")

    def has_ended(self, run_id: str) -> bool:
        try:
            run = self.client.calls.json("GET", f"{RUNS}/{run_id}")
        except Answered as error:
            if error.status == 404:
                return True
            raise
        return run["state"] in ENDED

    def model(self) -> bool:
        found = [one for one in self.client.models.list(self.name) if one["model_name"] == self.name]
        for one in found:
            # One that is being imported cannot be removed, and one that failed can.
            with contextlib.suppress(Answered):
                self.client.models.get(one["model_id"]).wait(END_SECONDS)
            self.client.models.get(one["model_id"]).delete()
        return bool(found)

    def job(self) -> bool:
        found = [one for one in self.client.jobs.list(self.name) if one["metadata"]["name"] == self.name]
        for one in found:
            job = self.client.jobs.get(one["metadata"]["id"])
            if not job.has_ended:
                job.stop()
                job.wait(END_SECONDS)
            job.delete()
        return bool(found)

    def app_code(self) -> bool:
        found = [one for one in self.client.calls.json("GET", APP_CODES) if one["name"] == self.name]
        for one in found:
            self.client.calls.json("DELETE", f"{APP_CODES}/{one['id']}")
        return bool(found)

    def bucket(self) -> bool:
        found = self.name in self.buckets.names()
        if found:
            self.buckets.remove(self.name)
        return found


def until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + END_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise MaquetteError(otherwise)
        time.sleep(POLL_SECONDS)
