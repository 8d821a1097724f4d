"""Online services of a Maquette: models deployed, called, changed, looked at; and batch services over a bucket."""

from __future__ import annotations

import itertools
import json as jsons
import re
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Union

from maquette_sdk.client.buckets import split
from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.jobs import RUNS, Jobs, is_address
from maquette_sdk.client.models import Models
from maquette_sdk.client.predictions import Answer, Files, PredictionRefused, ask, make_request

PATH = "/v1/{project_id}/services"
OWN = "/maquette/{project_id}/services"
POLL_SECONDS = 0.2
LOOK_SECONDS = 0.25
"""As long as this servers may still pass calls to what a service was before."""
STILL_SECONDS = 3.0
STARTING = {
    "queued": "waits for its turn",
    "preparing": "is being prepared, which takes minutes where its engine is new here",
    "running": "loads its model",
}
"""What instances do that are not ready yet; told where it takes longer than STILL_SECONDS."""
PAGE = 100
FAILED_PAGE = 1000
WHOLE = 100
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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

    def __init__(self, services: Services, id: str) -> None:
        self.services = services
        self.calls = services.calls
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
        seen, told = set(self.events()), set()  # type: Set[Happened], Set[Tuple[str, str]]
        while True:
            self.refresh()
            events = self.events()  # asked for after the status: what led to it is among them
            yield from (one for one in events if one not in seen)
            seen.update(events)
            if time.monotonic() - began > STILL_SECONDS:
                yield from self._starting(told)
            if self.status != "deploying" and not (self.is_batch and self.status == "running"):
                break
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError("The service '{}' is {} after {} s.".format(self.name, self.status, seconds))
            time.sleep(POLL_SECONDS)
        if self.status in ("failed", "concerning"):
            state = "has failed" if self.status == "failed" else "does not run as it is wanted to"
            told_why = "The service '{}' {}. {}".format(self.name, state, self.error).strip()
            raise MaquetteError(told_why, code=self.status, details={"service": self.id})
        time.sleep(LOOK_SECONDS)

    def _starting(self, told: Set[Tuple[str, str]]) -> Iterator[Happened]:
        """How far instances are that are not ready yet, each state once."""
        for one in self.instances():
            known = (one["run_id"], one["state"])
            if not one["ready"] and not one["leaving"] and known not in told and one["state"] in STARTING:
                told.add(known)
                sentence = "An instance of {} {}. {}".format(
                    one["model_version"], STARTING[one["state"]], one["message"]
                )
                yield Happened(time.time(), False, sentence.strip(), one["run_id"])

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
            return self.services.config_of(models, dict(now[0], **given))
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


class Services:
    """`client.services`"""

    def __init__(self, calls: Calls, models: Models, jobs: Jobs) -> None:
        self.calls = calls
        self.models = models
        self.jobs = jobs
        self.known: Dict[str, str] = {}

    def deploy(
        self,
        models: Deployed,
        name: str = "",
        instances: int = 1,
        specification: str = "",
        variables: Optional[Mapping[str, str]] = None,
        stop_hours: float = 0.0,
        description: str = "",
    ) -> Service:
        """Begins to put a model online, or several versions of one, which share the calls by their weights:

            client.services.deploy("flowers").wait()
            client.services.deploy({"flowers:0.0.1": 90, "flowers:0.0.2": 10}, name="flowers")

        Each version gets so many instances with these variables. After `stop_hours` the service stops by itself; with
        0 it runs until it is stopped. Raises MaquetteError, and then nothing is kept.
        """
        config = self.config_of(models, told(instances, specification, variables))
        body = {
            "service_name": name or self.default_name(config),
            "description": description,
            "infer_type": REAL_TIME,
            "config": config,
            "schedule": schedule_of(stop_hours),
        }
        return Service(self, self.calls.json("POST", PATH, body)["service_id"])

    def deploy_batch(
        self,
        model: str,
        source: str,
        target: str,
        name: str = "",
        instances: int = 1,
        specification: str = "",
        variables: Optional[Mapping[str, str]] = None,
        mapping_rule: Optional[Mapping[str, Any]] = None,
        path: str = "",
        description: str = "",
    ) -> Service:
        """Begins to answer all that is in a folder of a bucket, or that a `.manifest` there names: one call a file, or
        where the model takes JSON one for each row of its `.csv` files, by `mapping_rule` or in the order of the
        model's inputs. Results come below `target`. A local `source` is uploaded to the workspace's bucket first."""
        split(target)  # before anything is uploaded
        (one,) = self.config_of(model, told(instances, specification, variables))
        del one["weight"]
        name = name or "{}-{}".format(self.default_name([one])[:40], time.strftime("%Y%m%d-%H%M%S"))
        one.update(
            src_type="ManifestFile" if source.endswith(".manifest") else "",
            src_path=self.jobs.brought(source, "obs://{}/{}/input".format(self.jobs.bucket(), name))
            if not is_address(source)
            else source,
            dest_path=target,
            req_uri=path or self.path_of(one["model_id"]),
            mapping_type="" if mapping_rule is None else "csv",
        )
        if mapping_rule is not None:
            one["mapping_rule"] = dict(mapping_rule)
        body = {"service_name": name, "description": description, "infer_type": BATCH, "config": [one]}
        return Service(self, self.calls.json("POST", PATH, body)["service_id"])

    def list(self, search: str = "", infer_type: str = REAL_TIME) -> List[Dict[str, Any]]:
        """The newest first; `search` is part of a name."""
        found: List[Dict[str, Any]] = []
        while True:
            query = {
                "service_name": search, "infer_type": infer_type, "offset": len(found) // PAGE, "limit": PAGE,
            }  # fmt: skip
            page = self.calls.json("GET", PATH, query=query)
            found += page["services"]
            if len(found) >= page["total_count"] or not page["services"]:
                return found

    def get(self, id: str) -> Service:
        """By its id, or its name."""
        return Service(self, self.id_of(id))

    def id_of(self, id: str) -> str:
        """Of a service that is named. Raises MaquetteError where there is none."""
        if ID.fullmatch(id):
            return id
        same = [one["service_id"] for one in self.list(id, infer_type="") if one["service_name"] == id]
        if not same:
            raise MaquetteError("There is no service '{}'. List them with `maquette services list`.".format(id), 404)
        return str(same[0])

    def predict(
        self,
        service: str,
        files: Optional[Files] = None,
        fields: Optional[Mapping[str, Any]] = None,
        json: Any = None,
        path: str = "/",
    ) -> Any:
        """What the service of this name or id answers to a form of files and fields, or to JSON:

            client.predict("flowers", files={"images": "rose.jpg"})
            client.predict("prices", json={"data": {"req_data": [{"rooms": 3}]}})

        A file is a path, an open file, or `(name, content)`. JSON is decoded, other answers are text or bytes. Raises
        PredictionRefused with the service's own words (`answer`) where it answers with an error.
        """
        request = make_request(files, fields, json)
        if service not in self.known:
            self.known[service] = self.id_of(service)
        try:
            return ask(self.calls, self.known[service], request, path).value
        except PredictionRefused as error:
            if error.status != 404 or not self.is_another(service):
                raise
        return ask(self.calls, self.known[service], request, path).value

    def is_another(self, name: str) -> bool:
        """Whether a service of this name that was known is gone, and another has the name."""
        before = self.known.pop(name)
        self.known[name] = self.id_of(name)
        return self.known[name] != before

    # ── what a call says of models ───────────────────────────────────────────────────────────────

    def config_of(self, models: Deployed, given: Mapping[str, Any]) -> List[Dict[str, Any]]:
        """Items of `config`, each with what is given for all of them."""
        if isinstance(models, str):
            models = {models: WHOLE}
        if isinstance(models, Mapping):
            models = [{"model_id": self.models.get(name).id, "weight": weight} for name, weight in models.items()]
        return [dict(given, **one) for one in models]

    def path_of(self, model_id: str) -> str:
        """Of the api that a model declares first."""
        apis = jsons.loads(self.models.get(model_id).about["apis"])
        return str(apis[0].get("url") or "/") if apis else "/"

    def default_name(self, config: Sequence[Mapping[str, Any]]) -> str:
        """The model's, in the letters that a service's name may have."""
        model = self.models.get(config[0]["model_id"])
        return re.sub(r"[^A-Za-z0-9_-]+", "-", model.name).strip("-")[:64] or "service"


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
