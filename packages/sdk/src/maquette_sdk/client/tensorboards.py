"""TensorBoards of a Maquette: each shows what is written below one folder of a bucket."""

from __future__ import annotations

from typing import Any, Dict, List

from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError

PATH = "/v1/{project_id}/visualization-jobs"
PAGE = 100


class TensorBoards:
    """`client.tensorboards`: in ModelArts' own form; `status` 8 is running, and then `service_url` opens it."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def create(self, name: str, logs: str, description: str = "", hours: int = 4) -> Dict[str, Any]:
        """One on the folder `logs`, say `obs://pets/output/`. It stops after so many hours; 0 lets it run."""
        body = {"job_name": name, "train_url": logs, "job_desc": description, "schedule": {"duration": hours}}
        return self.get(str(self.calls.json("POST", PATH, body)["job_id"]))

    def list(self, search: str = "") -> List[Dict[str, Any]]:
        """The newest first; `search` is part of a name."""
        found: List[Dict[str, Any]] = []
        while True:
            query = {"per_page": PAGE, "page": len(found) // PAGE + 1, "search_content": search}
            page = self.calls.json("GET", PATH, query=query)
            found += page["jobs"]
            if len(found) >= page["job_total_count"] or not page["jobs"]:
                return found

    def get(self, id: str) -> Dict[str, Any]:
        """By its number, or its name."""
        if not id.isdigit():
            named = [one["job_id"] for one in self.list(id) if one["job_name"] == id]
            if not named:
                raise MaquetteError(
                    "There is no TensorBoard '{}'. List them with `maquette tensorboard`.".format(id), 404
                )
            id = str(named[0])
        found: Dict[str, Any] = self.calls.json("GET", "{}/{}".format(PATH, id))
        return found

    def stop(self, id: str) -> None:
        self.calls.json("POST", "{}/{}/stop".format(PATH, id))

    def start(self, id: str, hours: int = 4) -> Dict[str, Any]:
        """Anew, at another address."""
        self.calls.json("POST", "{}/{}/restart".format(PATH, id), {"schedule": {"duration": hours}})
        return self.get(id)

    def delete(self, id: str) -> None:
        """What it shows stays in its bucket."""
        self.calls.json("DELETE", "{}/{}".format(PATH, id))
