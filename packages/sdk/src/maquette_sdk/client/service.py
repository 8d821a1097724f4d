"""One service of a Maquette: waited for, changed, looked at, called."""

from __future__ import annotations

import itertools
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Union

from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.jobs import RUNS
from maquette_sdk.client.models import Models
from maquette_sdk.client.predictions import Answer, Files, ask, make_request

PATH = "/v1/{project_id}/services"
OWN = "/maquette/{project_id}/services"
POLL_SECONDS = 0.2
BUSY = ("running", "concerning")
"""A batch goes on in both: an instance that does not get ready leaves it the others."""
LOOK_SECONDS = 0.25
"""As long as this servers may still pass calls to what a service was before."""
STILL_SECONDS = 3.0
STARTING = {
    "queued": "waits for its turn",
    "preparing": "is being prepared, which takes minutes where its engine is new here",
    "running": "loads its model",
}
"""What instances do that are not ready yet; told where it takes longer than STILL_SECONDS."""
FAILED_PAGE = 1000
WHOLE = 100
KEPT = ("specification", "custom_spec", "instance_count", "envs")
"""What a version that takes the place of another has from it."""
REAL_TIME, BATCH = "real-time", "batch"
Deployed = Union[str, Mapping[str, int], Sequence[Mapping[str, Any]]]
"""A model by its id, its name (the newest version) or `name:0.0.1`; several of these with their weights; or items of
`config` as ModelArts has them."""


class Happened(NamedTuple):
    """Something that happened to a service; `at` in seconds since 1970, `abnormal` where it is none of the good, `run`
    the instance that it happened to."""

    at: float
    abnormal: bool
    message: str
    run: str = ""


class Service:
    """A service; `about` is what ModelArts' call tells of it, as it was at the last `refresh`."""

    def __init__(self, calls: Calls, models: Models, id: str) -> None:
        self.calls = calls
        self.models = models
        self.id = id
        self.refresh()

    def refresh(self) -> Service:
        self.about: Dict[str, Any] = self.calls.json("GET", self._path())
        return self

    @property
    def name(self) -> str:
        return str(self.about["service_name"])

    @property
    def status(self) -> str:
        """deploying, running, concerning, failed or stopped; and finished, of a batch. `error` tells why."""
        return str(self.about["status"])

    @property
    def error(self) -> str:
        return str(self.about.get("error_msg") or "")

    @property
    def address(self) -> str:
        """Where it takes predictions, as this client reaches it."""
        return "{}/v1/infers/{}".format(self.calls.account.url.rstrip("/"), self.id)

    @property
    def config(self) -> List[Dict[str, Any]]:
        """The versions it consists of, each with its `model_id`, `weight`, `instance_count` and `envs`."""
        found: List[Dict[str, Any]] = self.about["config"]
        return found

    # ── waited for ───────────────────────────────────────────────────────────────────────────────

    def wait(self, seconds: Optional[float] = None) -> Service:
        """Until it runs as it is wanted to; a batch until it is finished. Raises MaquetteError with the reason where it
        does not, and TimeoutError."""
        for _ in self.follow(seconds):
            pass
        return self

    def follow(self, seconds: Optional[float] = None) -> Iterator[Happened]:
        """What happens to it from now on, while it happens, until it is as `wait` wants it."""
        began = time.monotonic()
        deadline = None if seconds is None else began + seconds
        seen, told = set(self.events()), set()  # type: Set[Happened], Set[str]
        while True:
            self.refresh()
            events = self.events()  # asked for after the status: what led to it is among them
            yield from (one for one in events if one not in seen)
            seen.update(events)
            if time.monotonic() - began > STILL_SECONDS:
                yield from self._starting(told)
            if self.status != "deploying" and not (self.is_batch and self.status in BUSY):
                break
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError("The service '{}' is {} after {} s.".format(self.name, self.status, seconds))
            time.sleep(POLL_SECONDS)
        if self.status in ("failed", "concerning"):
            state = "has failed" if self.status == "failed" else "does not run as it is wanted to"
            told_why = "The service '{}' {}. {}".format(self.name, state, self.error).strip()
            raise MaquetteError(told_why, code=self.status, details={"service": self.id})
        time.sleep(LOOK_SECONDS)

    def _starting(self, told: Set[str]) -> Iterator[Happened]:
        """How far instances are that are not ready yet, each sentence once."""
        names = {one["model_id"]: one["model_name"] for one in self.config}
        for one in self.instances():
            if one["ready"] or one["leaving"] or one["state"] not in STARTING:
                continue
            version = "{} {}".format(names.get(one["model_id"], ""), one["model_version"]).strip()
            sentence = "An instance of {} {}. {}".format(version, STARTING[one["state"]], one["message"]).strip()
            if sentence not in told:
                told.add(sentence)
                yield Happened(time.time(), False, sentence, one["run_id"])

    @property
    def is_batch(self) -> bool:
        return self.about.get("infer_type") == BATCH

    # ── changed ──────────────────────────────────────────────────────────────────────────────────

    def update(
        self,
        models: Deployed = "",
        instances: Optional[int] = None,
        specification: Optional[str] = None,
        variables: Optional[Mapping[str, str]] = None,
        stop_hours: Optional[float] = None,
        description: Optional[str] = None,
    ) -> Service:
        """Changes what is named and leaves the rest. Other versions, instances and variables take over one by one, so
        that calls are answered all the while; `wait` tells when they have. `stop_hours=0` lets it run for good."""
        given = told(instances, specification, variables)
        body: Dict[str, Any] = {}
        if models or given:
            body["config"] = self._config(models, given)
        if stop_hours is not None:
            body["schedule"] = schedule_of(stop_hours)
        if description is not None:
            body["description"] = description
        if body:
            self._change(body)
        return self.refresh()

    def _config(self, models: Deployed, given: Mapping[str, Any]) -> List[Dict[str, Any]]:
        """Without models those it has; versions in their place get what the first of these had."""
        now = [{name: one[name] for name in KEPT if one.get(name)} for one in self.config]
        if models:
            if not isinstance(models, (str, Mapping)):
                return [dict(one, **given) for one in models]
            return config_of(self.models, models, dict(now[0], **given))
        shares = [{"model_id": one["model_id"], "weight": one["weight"]} for one in self.config]
        return [dict(share, **dict(one, **given)) for share, one in zip(shares, now)]

    def roll_back(self, revision: Optional[int] = None) -> Service:
        """To what it consisted of before, or at a revision of `updates`."""
        body = {} if revision is None else {"revision": revision}
        self.calls.json("POST", self._own("/roll-back"), body)
        return self.refresh()

    def start(self) -> Service:
        self._change({"status": "running"})
        return self.refresh()

    def stop(self) -> Service:
        """Calls that it has are finished. One that is being deployed may be stopped too."""
        self.calls.json("POST", self._own("/stop"))
        return self.refresh()

    def remove(self) -> None:
        """With its history and its counts."""
        self.calls.json("DELETE", self._path())

    def _change(self, body: Mapping[str, Any]) -> None:
        self.calls.json("PUT", self._path(), dict(body))

    # ── looked at ────────────────────────────────────────────────────────────────────────────────

    def events(self) -> List[Happened]:
        """What has happened to it, oldest first."""
        listed = self.calls.json("GET", self._path("/events"), query={"order": "asc"})["events"]
        return [
            Happened(
                one["occur_time"] / 1000, one["event_type"] != "normal", one["event_info"],
                one["parameters"].get("run", ""),
            )
            for one in listed
        ]  # fmt: skip

    def updates(self) -> List[Dict[str, Any]]:
        """Its changes, newest first, as ModelArts tells them: `update_time`, `result`, `config`."""
        found: List[Dict[str, Any]] = self.calls.json("GET", self._path("/logs"))["logs"]
        return found

    def statistics(self) -> Dict[str, Any]:
        """Calls, failures and latencies in all (`total`) and of its `versions`."""
        found: Dict[str, Any] = self.calls.json("GET", self._own("/statistics"))
        return found

    def instances(self) -> List[Dict[str, Any]]:
        """Those there are: `run_id`, `model_version`, `state`, `ready`, `message`."""
        found: List[Dict[str, Any]] = self.calls.json("GET", self._own("/instances"))
        return found

    def log(self, run_id: str = "", tail: int = 0) -> str:
        """What an instance has written, its last `tail` bytes where so many are asked for; of the newest instance
        unless one is named."""
        query = "?tail={}".format(tail) if tail else ""
        path = "{}/{}/log{}".format(RUNS, run_id or self._newest(), query)
        return self.calls.send("GET", path.replace("{project_id}", self.calls.project_id)).decode("utf-8", "replace")

    def _newest(self) -> str:
        found = self.instances()
        if not found:
            raise MaquetteError("The service '{}' has no instance. It is {}.".format(self.name, self.status), 404)
        return str(max(found, key=lambda one: one["created_at"])["run_id"])

    # ── called ───────────────────────────────────────────────────────────────────────────────────

    def predict(
        self,
        files: Optional[Files] = None,
        fields: Optional[Mapping[str, Any]] = None,
        json: Any = None,
        path: str = "/",
    ) -> Any:
        """What it answers to a form of files and fields, or to JSON. Raises PredictionRefused."""
        return self.ask(files, fields, json, path).value

    def ask(
        self,
        files: Optional[Files] = None,
        fields: Optional[Mapping[str, Any]] = None,
        json: Any = None,
        path: str = "/",
    ) -> Answer:
        """The same with its content type and how long its parts took."""
        return ask(self.calls, self.id, make_request(files, fields, json), path)

    # ── a batch ──────────────────────────────────────────────────────────────────────────────────

    def progress(self) -> Dict[str, Any]:
        """How far a batch is: `done` and `failed` of `total` inputs, `rate`, `seconds_left` and more."""
        found: Dict[str, Any] = self.calls.json("GET", self._own("/progress"))
        return found

    def failures(self) -> List[Dict[str, Any]]:
        """What a batch has no answer to: `source`, of a csv its `row`, `status` and `message`."""
        found: List[Dict[str, Any]] = []
        for number in itertools.count():
            query = {"offset": number * FAILED_PAGE, "limit": FAILED_PAGE}
            page = self.calls.json("GET", self._own("/failures"), query=query)
            found += page
            if not page:
                break
        return found

    def retry_failed(self) -> Service:
        """Begins a batch again for the inputs that have failed, and for those only."""
        self.calls.json("POST", self._own("/retry"))
        return self.refresh()

    def _path(self, rest: str = "") -> str:
        return "{}/{}{}".format(PATH, self.id, rest)

    def _own(self, rest: str) -> str:
        return "{}/{}{}".format(OWN, self.id, rest)


# ── what a call says of models ───────────────────────────────────────────────────────────────────


def config_of(models: Models, deployed: Deployed, given: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Items of `config`, each with what is given for all of them."""
    if isinstance(deployed, str):
        deployed = {deployed: WHOLE}
    if isinstance(deployed, Mapping):
        deployed = [{"model_id": models.get(name).id, "weight": weight} for name, weight in deployed.items()]
    return [dict(given, **one) for one in deployed]


def told(
    instances: Optional[int], specification: Optional[str], variables: Optional[Mapping[str, str]]
) -> Dict[str, Any]:
    """As `config` calls them; what is None is left out."""
    named = {
        "instance_count": instances,
        "specification": specification,
        "envs": None if variables is None else dict(variables),
    }
    return {name: value for name, value in named.items() if value is not None}


def schedule_of(hours: float) -> List[Dict[str, Any]]:
    """When it stops by itself, as ModelArts says it; nothing for never."""
    if not hours:
        return []
    minutes = max(1, round(hours * 60))
    return [{"type": "stop", "time_unit": "MINUTES", "duration": minutes}]
