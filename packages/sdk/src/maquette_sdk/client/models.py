"""Models of a Maquette: imported from a bucket, a training job or a local folder, and looked at."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List, Optional

from maquette_sdk.client.buckets import Objects, fetch_file
from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.jobs import LEFT_OUT, Jobs, default_name, is_address

PATH = "/v1/{project_id}/models"
POLL_SECONDS = 0.2
PAGE = 100


class Model:
    """A version of a model; `about` is what ModelArts' call tells of it, as it was at the last `refresh`."""

    def __init__(self, calls: Calls, id: str) -> None:
        self.calls = calls
        self.id = id
        self.refresh()

    def refresh(self) -> Model:
        self.about: Dict[str, Any] = self.calls.json("GET", "{}/{}".format(PATH, self.id))
        return self

    @property
    def name(self) -> str:
        return str(self.about["model_name"])

    @property
    def version(self) -> str:
        return str(self.about["model_version"])

    @property
    def status(self) -> str:
        """publishing, published or failed; `about["error"]` tells why, `about["check"]` all that was found."""
        return str(self.about["model_status"])

    def wait(self, seconds: Optional[float] = None) -> Model:
        """Until it is imported. Raises MaquetteError with the reason when it could not be, and TimeoutError."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self.refresh().status == "publishing":
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError("The model '{}' is being imported for {} s.".format(self.name, seconds))
            time.sleep(POLL_SECONDS)
        if self.status == "failed":
            raise MaquetteError(str(self.about["error"]), details={"check": self.about["check"]})
        return self

    def download(self, path: str = "") -> str:
        """Its package as a zip, into the file or the folder of this path, else here under its name and version; where
        it lies then. The file appears whole or not at all. Raises MaquetteError where there is one already."""
        name = "{}-{}.zip".format(self.name, self.version)
        path = os.path.join(path, name) if os.path.isdir(path or ".") else path
        if os.path.exists(path):
            raise MaquetteError("There is a file '{}' already. Name another, or remove it.".format(path), 409)
        asked = "/maquette/{}/models/{}/package".format(self.calls.project_id, self.id)
        fetch_file(self.calls, asked, path, "{} {}".format(self.name, self.version))
        return path

    def delete(self, all_versions: bool = False) -> None:
        query = {"cascade": "true"} if all_versions else None
        kept = self.calls.json("DELETE", "{}/{}".format(PATH, self.id), query=query)["delete_failed_list"]
        if kept:
            raise MaquetteError("{model_name} {model_version} stays: {reason}".format(**kept[0]), 409)


class Models:
    """`client.models`"""

    def __init__(self, calls: Calls, objects: Objects, jobs: Jobs) -> None:
        self.calls = calls
        self.objects = objects
        self.jobs = jobs

    def import_model(
        self, source: str = "", name: str = "", version: str = "", job: str = "", job_version: str = "", **fields: Any
    ) -> Model:
        """Begins the import of a package: a folder or zip in a bucket, a local folder (uploaded first), or what a
        training job has left. `fields` are those of ModelArts' call, such as `model_type`, `runtime` and
        `initial_config`. Raises MaquetteError, and then nothing is kept."""
        name = name or default_model_name(source or job)
        if source and not is_address(source):
            source = self.upload(source, name)
        body = dict(fields, model_name=name, model_version=version, source_location=source)
        if job:
            body.update(source_job_id=self.jobs.get(job).id, source_job_version=job_version)
        return Model(self.calls, self.calls.json("POST", PATH, body)["model_id"])

    def upload(self, path: str, name: str) -> str:
        """A folder goes to a new place of the workspace's bucket each time: an import may still be reading the last."""
        if not os.path.exists(path):
            raise MaquetteError("There is no package '{}'.".format(path))
        target = "obs://{}/models/{}/".format(self.jobs.bucket(), default_name(name))
        self.objects.upload(path, target, LEFT_OUT)
        return target + os.path.basename(path) if os.path.isfile(path) else target

    def list(self, search: str = "") -> List[Dict[str, Any]]:
        """The newest first; `search` is part of a name."""
        found: List[Dict[str, Any]] = []
        while True:
            query = {"model_name": search, "offset": len(found) // PAGE, "limit": PAGE}
            page = self.calls.json("GET", PATH, query=query)
            found += page["models"]
            if len(found) >= page["total_count"] or not page["models"]:
                return found

    def get(self, id: str) -> Model:
        """By its id, or its name, then the newest version; or as `name:0.0.1`."""
        name, _, version = id.partition(":")
        same = [one for one in self.list(name) if one["model_name"] == name and version in ("", one["model_version"])]
        return Model(self.calls, same[0]["model_id"] if same else id)


def default_model_name(source: str) -> str:
    parts = [part for part in source.rstrip("/").split("/") if part not in ("", "model")]
    return (parts[-1] if parts else "model").partition(".")[0][:64]
