"""Notebooks of a Maquette: JupyterLab with the kernels of some engines."""

from __future__ import annotations

from typing import Any, Dict, List

from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError

PATH = "/v1/{project_id}/notebooks"
OWN = "/maquette/{project_id}/notebooks"
PAGE = 100


class Notebooks:
    """`client.notebooks`: in ModelArts' own form; one whose `status` is RUNNING is opened at its `url`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def create(
        self, name: str, image: str = "pytorch", flavour: str = "", hours: float = 1.0, description: str = ""
    ) -> Dict[str, Any]:
        """One that is started at once. `image` names its engines, say `TF-2.1.0&Pytorch-1.4.0-python3.6`."""
        body = {
            "name": name,
            "image_id": image,
            "flavor": flavour,
            "description": description,
            "lease": {"duration": milliseconds(hours)},
        }
        made: Dict[str, Any] = self.calls.json("POST", PATH, body)
        return made

    def list(self, search: str = "") -> List[Dict[str, Any]]:
        """One's own, the newest first; `search` is part of a name."""
        found: List[Dict[str, Any]] = []
        while True:
            page = self.calls.json("GET", PATH, query={"offset": len(found), "limit": PAGE, "name": search})
            found += page["data"]
            if len(found) >= page["total"] or not page["data"]:
                return found

    def get(self, id: str) -> Dict[str, Any]:
        """By its name, or its id."""
        named = [one for one in self.list(id) if one["name"] == id]
        if named:
            return named[0]
        try:
            found: Dict[str, Any] = self.calls.json("GET", "{}/{}".format(PATH, id))
        except MaquetteError as error:
            if error.status != 404:
                raise
            told = "There is no notebook '{}'. List them with `maquette notebooks list`.".format(id)
            raise MaquetteError(told, 404) from None
        return found

    def start(self, id: str, hours: float = 0.0) -> Dict[str, Any]:
        """For as long as before, or for so many hours."""
        query = {"duration": milliseconds(hours)} if hours else {}
        started: Dict[str, Any] = self.calls.json("POST", "{}/{}/start".format(PATH, id), query=query)
        return started

    def stop(self, id: str) -> Dict[str, Any]:
        """What is in its work folder stays."""
        stopped: Dict[str, Any] = self.calls.json("POST", "{}/{}/stop".format(PATH, id))
        return stopped

    def renew(self, id: str, hours: float) -> Dict[str, Any]:
        """From now on it has so many hours."""
        query = {"duration": milliseconds(hours)}
        lease: Dict[str, Any] = self.calls.json("PATCH", "{}/{}/lease".format(PATH, id), query=query)
        return lease

    def delete(self, id: str) -> None:
        """With its files."""
        self.calls.json("DELETE", "{}/{}".format(PATH, id))

    def flavours(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.calls.json("GET", PATH + "/flavors")["flavors"]
        return found

    def push(self, id: str, folder: str = "", path: str = "") -> Dict[str, Any]:
        """Copies its work folder, or the part `path` of it, into a folder of a bucket; 100 MB at most."""
        return self._sync(id, "to_bucket", folder, path)

    def pull(self, id: str, folder: str = "", path: str = "") -> Dict[str, Any]:
        """Copies a folder of a bucket into its work folder; 100 MB at most."""
        return self._sync(id, "from_bucket", folder, path)

    def _sync(self, id: str, direction: str, folder: str, path: str) -> Dict[str, Any]:
        body = {"direction": direction, "folder": folder, "path": path}
        done: Dict[str, Any] = self.calls.json("POST", "{}/{}/sync".format(OWN, id), body)
        return done


def milliseconds(hours: float) -> int:
    return int(hours * 3600 * 1000)
