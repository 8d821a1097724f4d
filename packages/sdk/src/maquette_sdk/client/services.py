"""Online services of a Maquette: models deployed, found and called; and batch services over a bucket."""

from __future__ import annotations

import json as jsons
import re
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

from maquette_sdk.client.buckets import split
from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.jobs import Jobs, is_address
from maquette_sdk.client.models import Models
from maquette_sdk.client.predictions import Files, PredictionRefused, ask, make_request
from maquette_sdk.client.service import BATCH, PATH, REAL_TIME, Deployed, Service, config_of, schedule_of, told

PAGE = 100
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
        config = config_of(self.models, models, told(instances, specification, variables))
        body = {
            "service_name": name or self.default_name(config),
            "description": description,
            "infer_type": REAL_TIME,
            "config": config,
            "schedule": schedule_of(stop_hours),
        }
        return Service(self.calls, self.models, self.calls.json("POST", PATH, body)["service_id"])

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
        (one,) = config_of(self.models, model, told(instances, specification, variables))
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
        return Service(self.calls, self.models, self.calls.json("POST", PATH, body)["service_id"])

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
        return Service(self.calls, self.models, self.id_of(id))

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

    def path_of(self, model_id: str) -> str:
        """Of the api that a model declares first."""
        apis = jsons.loads(self.models.get(model_id).about["apis"])
        return str(apis[0].get("url") or "/") if apis else "/"

    def default_name(self, config: Sequence[Mapping[str, Any]]) -> str:
        """The model's, in the letters that a service's name may have."""
        model = self.models.get(config[0]["model_id"])
        return re.sub(r"[^A-Za-z0-9_-]+", "-", model.name).strip("-")[:64] or "service"
