"""Training jobs of a Maquette: submitted, followed, looked at, tried again with changes."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Union

from maquette_sdk.client.buckets import Buckets, Objects
from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError

LEFT_OUT = (".git", "__pycache__", ".venv", ".ipynb_checkpoints")
POLL_SECONDS = 0.5
JOBS = "/v2/{project_id}/training-jobs"
OWN = "/maquette/{project_id}/training-jobs"
RUNS = "/maquette/{project_id}/runs"
RETRIES = "fault-tolerance/job-retry-num"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENDED = ("succeeded", "failed", "stopped", "lost")
Places = Union[str, Mapping[str, str]]


class Event(NamedTuple):
    """Something that happened to a job; `at` in seconds since 1970."""

    at: float
    level: str
    message: str


class Job:
    """A training job and its versions. What is told is as it was at the last `refresh`, which the waiting methods do
    themselves."""

    def __init__(self, calls: Calls, id: str) -> None:
        self.calls = calls
        self.id = id
        self.refresh()

    def refresh(self) -> Job:
        self.about: Dict[str, Any] = self.calls.json("GET", self._path())
        self.version: Dict[str, Any] = self.calls.json("GET", self._own("/versions/latest"))
        return self

    @property
    def name(self) -> str:
        return str(self.about["metadata"]["name"])

    def versions(self) -> List[Dict[str, Any]]:
        """All its versions, the newest first. `version` is the latest with more: its `specification`, `runs`,
        `engine`, `packages` and `results`."""
        found: List[Dict[str, Any]] = self.calls.json("GET", self._own("/versions"))["versions"]
        return found

    @property
    def state(self) -> str:
        """queued, preparing, running, succeeded, failed, stopped or lost; of the latest version."""
        return str(self.version["state"])

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED and all(run["settled"] for run in self.version["runs"])

    @property
    def metrics(self) -> Optional[Dict[str, float]]:
        """The figures of `metric.json`, once it has ended."""
        found: Optional[Dict[str, float]] = self.version["metrics"]
        return found

    @property
    def advice(self) -> List[str]:
        """Sentences that tell a way out, where the latest version failed in a way that is known."""
        return list(self.version.get("advice", []))

    def wait(self, seconds: Optional[float] = None) -> Job:
        """Until the latest version has ended and its results are kept. Raises TimeoutError."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.refresh().has_ended:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError("The job '{}' is {} after {} s.".format(self.name, self.state, seconds))
            time.sleep(POLL_SECONDS)
        return self

    def follow(self, node: int = 0) -> Iterator[str]:
        """The lines of its log as they are written, from the first to the last; then it has ended, and `state` and
        `metrics` tell how."""
        path = "{}/log/stream".format(self._run(node))
        position, rest = "", ""
        while True:
            for event in events(self.calls.lines(path, {"Last-Event-ID": position} if position else {})):
                position = event.id
                *lines, rest = (rest + event.data.get("text", "")).split("\n")
                yield from lines
                if event.name == "end":
                    if rest:
                        yield rest
                    self.wait()
                    return

    def log(self, node: int = 0) -> str:
        """All that its log holds now."""
        path = "{}/log".format(self._run(node)).replace("{project_id}", self.calls.project_id)
        return self.calls.send("GET", path).decode("utf-8", "replace")

    def events(self, node: int = 0) -> List[Event]:
        told = self.calls.json("GET", "{}/events".format(self._run(node)))
        return [Event(one["at"], one["level"], one["message"]) for one in told]

    def usage(self, node: int = 0) -> Dict[str, Any]:
        """What it has used of the machine so far."""
        found: Dict[str, Any] = self.calls.json("GET", "{}/usage".format(self._run(node)))
        return found

    def stop(self) -> None:
        """Asks it to stop. It is given time to clean up; `wait` tells when it has."""
        self.calls.json("POST", self._path("/actions"), {"action_type": "terminate"})

    def again(self, parameters: Optional[Mapping[str, Any]] = None, **changes: Any) -> Job:
        """Another version of it, on the very code of the latest one, with these parameters in the place of its own.
        `changes` may name `code`, `boot_file`, `engine`, `inputs`, `outputs`, `environment`, `flavour`, `nodes`,
        `seconds`, `priority` and `restarts`."""
        self.calls.json("POST", self._own("/versions"), dict(changes, parameters=dict(parameters or {})))
        return self.refresh()

    def describe(self, description: str) -> None:
        self.calls.json("PUT", self._path(), {"description": description})

    def delete(self) -> None:
        """With its versions and logs. Its outputs stay in their buckets."""
        self.calls.json("DELETE", self._path())

    def _path(self, rest: str = "") -> str:
        return "{}/{}{}".format(JOBS, self.id, rest)

    def _run(self, node: int) -> str:
        return "{}/{}".format(RUNS, self.version["runs"][node]["id"])

    def _own(self, rest: str = "") -> str:
        return "{}/{}{}".format(OWN, self.id, rest)


class Jobs:
    """`client.jobs`"""

    def __init__(self, calls: Calls, buckets: Buckets, objects: Objects) -> None:
        self.calls = calls
        self.buckets = buckets
        self.objects = objects

    def submit(
        self,
        code: str = "",
        boot: str = "",
        data: Places = "",
        output: Places = "",
        parameters: Optional[Mapping[str, Any]] = None,
        engine: str = "",
        name: str = "",
        flavour: str = "",
        nodes: int = 1,
        restarts: int = 0,
        environment: Optional[Mapping[str, str]] = None,
        log: str = "",
        description: str = "",
        search: Optional[Mapping[str, Any]] = None,
        algorithm: str = "",
        hours: float = 0,
        priority: int = 1,
    ) -> Job:
        """Queues a job. What is a folder or file of this machine, code or data, is uploaded to the workspace's own
        bucket first; what is an address (`obs://…`) is used where it is.

        `data` and `output` are the values of `--data_url` and `--train_url`, or of several arguments by their names;
        without `output` there is one in the workspace's bucket. `engine` is any name that ModelArts prints; without it
        the code's imports decide. `algorithm` is one of the workspace by its id or name: code, script and engine are
        then its own, and its outputs are those that are given. `search` makes it a search for the best parameters, in
        the form of ModelArts' `auto_search`. After a failure it is started again up to `restarts` times, and after so
        many `hours` it is stopped. Of those that wait the highest `priority`, 1 to 3, is next. Raises MaquetteError,
        and then nothing was queued.
        """
        check_code(code, boot, engine, algorithm)
        own = self.algorithm_id(algorithm) if algorithm else ""
        name = name or default_name(code or algorithm)
        self.check_new(name)
        given, outputs = by_name(data, "data_url"), by_name(output, "train_url")
        elsewhere = bool(outputs or algorithm) and all(is_address(one) or not one for one in (code, *given.values()))
        at = "" if elsewhere else "obs://{}/{}/".format(self.bucket(), name)
        inputs = {key: self.brought(value, at + key) for key, value in given.items()}
        outputs = outputs or ({} if algorithm else {"train_url": at + "output/"})
        body = {
            "kind": "job",
            "metadata": {"name": name, "description": description, "annotations": {RETRIES: str(restarts)}},
            "algorithm": {
                **({"id": own} if algorithm else self.sent_code(code, boot, engine, at)),
                "parameters": [{"name": key, "value": str(value)} for key, value in (parameters or {}).items()],
                "inputs": [{"name": key, "remote": {"obs": {"obs_url": value}}} for key, value in inputs.items()],
                "outputs": [{"name": key, "remote": {"obs": {"obs_url": value}}} for key, value in outputs.items()],
                "environments": dict(environment or {}),
                "policies": {"auto_search": dict(search)} if search else {},
            },
            "spec": {
                "resource": {"flavor_id": flavour, "node_count": nodes},
                "log_export_path": {"obs_url": log},
                "auto_stop": {"time_unit": "HOURS", "duration": hours},
                "schedule_policy": {"priority": priority},
            },
        }
        return self.get(self.calls.json("POST", JOBS, body)["metadata"]["id"])

    def sent_code(self, code: str, boot: str, engine: str, at: str) -> Dict[str, Any]:
        place = code if is_address(code) else self.upload_code(code, at + "code")
        return {"code_dir": place, "boot_file": boot, "engine": {"engine_id": engine}}

    def algorithm_id(self, name: str) -> str:
        """Of an algorithm by its id, or its name."""
        if ID.fullmatch(name):
            return name
        seen = 0
        while True:
            query = {"searches": "name:" + name, "offset": seen, "limit": 50}
            page = self.calls.json("GET", "/v2/{project_id}/algorithms", query=query)
            for one in page["items"]:
                if one["metadata"]["name"] == name:
                    return str(one["metadata"]["id"])
            seen += len(page["items"])
            if seen >= page["total"] or not page["items"]:
                raise MaquetteError("There is no algorithm '{}' in this workspace.".format(name), 404)

    def check_new(self, name: str) -> None:
        """Before anything is uploaded: a job of this name may still wait to read what lies there."""
        if self.calls.json("GET", "/v2/{project_id}/training-job-names", query={"job_name": name})["is_duplicate"]:
            raise MaquetteError("There is a job '{}' already. Choose another name.".format(name), 409)

    def get(self, id: str) -> Job:
        """By its id, or its name."""
        if ID.fullmatch(id):
            return Job(self.calls, id)
        found = [one for one in self.list(id) if one["metadata"]["name"] == id]
        if not found:
            raise MaquetteError("There is no job '{}'. List them with `maquette jobs list`.".format(id), 404)
        return Job(self.calls, found[0]["metadata"]["id"])

    def list(self, search: str = "", limit: int = 1000) -> List[Dict[str, Any]]:
        """The newest first, as ModelArts tells them; `search` is looked for in their names."""
        found: List[Dict[str, Any]] = []
        while True:
            filters = [{"key": "name", "operator": "like", "value": [search]}] if search else []
            body = {
                "offset": len(found) // 50,
                "limit": 50,
                "sort_by": "create_time",
                "order": "desc",
                "filters": filters,
            }
            page = self.calls.json("POST", "/v2/{project_id}/training-job-searches", body)
            found += page["items"]
            if len(found) >= min(limit, page["total"]) or not page["items"]:
                return found[:limit]

    def engines(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.calls.json("GET", "/v2/{project_id}/training-job-engines")["items"]
        return found

    def flavours(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.calls.json("GET", "/v2/{project_id}/training-job-flavors")["flavors"]
        return found

    def bucket(self) -> str:
        """Where submitted code and data go: a bucket of this workspace that is made when it is needed."""
        name = "jobs-" + self.calls.project_id[:8]
        if name not in [bucket.name for bucket in self.buckets.list()]:
            self.buckets.make(name)
        return name

    def brought(self, value: str, address: str) -> str:
        if is_address(value) or not value:
            return value
        self.objects.upload(value, address + "/")
        return address + ("/" if os.path.isdir(value) else "/" + os.path.basename(value))

    def upload_code(self, folder: str, address: str) -> str:
        """The code as it is now: what an earlier job of this name left there goes."""
        if not os.path.isdir(folder):
            raise MaquetteError("There is no code folder '{}'.".format(folder))
        target = "{}/{}/".format(address, os.path.basename(os.path.abspath(folder)))
        for one in list(self.objects.list(target)):
            self.objects.delete(one.address)
        self.objects.upload(folder, target, LEFT_OUT)
        return target


class Sent(NamedTuple):
    """One server-sent event."""

    name: str
    id: str
    data: Dict[str, Any]


def events(lines: Iterator[str]) -> Iterator[Sent]:
    """Server-sent events out of the lines of a stream; comments, which keep it alive, are left out."""
    fields: Dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = fields.get(name, "") + value.lstrip(" ")
        else:
            if "data" in fields:
                yield Sent(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}


def by_name(places: Places, default: str) -> Dict[str, str]:
    if isinstance(places, str):
        return {default: places} if places else {}
    return dict(places)


def is_address(text: str) -> bool:
    return text.lower().startswith(("obs://", "s3://"))


def check_code(code: str, boot: str, engine: str, algorithm: str) -> None:
    """A job runs a code folder's script or an algorithm, whose script and engine are its own."""
    given = [name for name, value in (("code", code), ("boot", boot), ("engine", engine)) if value]
    if algorithm and given:
        told = "An algorithm has code, script and engine of its own. Leave out '{}'.".format(given[0])
        raise MaquetteError(told, 400, details={"field": given[0]})
    for field, told in (
        ("code", "There is nothing to run. Name a code folder, or an algorithm."),
        ("boot", "Name the script to start, inside the code folder, as 'boot'."),
    ):
        if not algorithm and field not in given:
            raise MaquetteError(told, 400, details={"field": field})


def default_name(code: str) -> str:
    """The folder's name and the time, which no other job has."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", code.rstrip("/").rsplit("/", 1)[-1]).strip("-") or "job"
    return "{}-{}".format(base[:40], time.strftime("%Y%m%d-%H%M%S"))
