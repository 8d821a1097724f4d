"""Algorithms of a Maquette: training code with typed parameters, for jobs to be made from."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from maquette_sdk.client.calls import Calls

PATH = "/v2/{project_id}/algorithms"
PAGE = 50


class Algorithms:
    """`client.algorithms`: in ModelArts' own form, `{"metadata", "job_config", "resource_requirements", …}`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def create(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        """As ModelArts' call has it; raises MaquetteError with the `field` that is wrong."""
        made: Dict[str, Any] = self.calls.json("POST", PATH, dict(body))
        return made

    def list(self, search: str = "") -> List[Dict[str, Any]]:
        """The newest first; `search` is part of a name."""
        found: List[Dict[str, Any]] = []
        while True:
            searches = "name:" + search if search else ""
            query = {"offset": len(found), "limit": PAGE, "searches": searches}
            page = self.calls.json("GET", PATH, query=query)
            found += page["items"]
            if len(found) >= page["total"] or not page["items"]:
                return found

    def get(self, id: str) -> Dict[str, Any]:
        """By its id, or its name; with the tree of its code."""
        named = [one["metadata"]["id"] for one in self.list(id) if one["metadata"]["name"] == id]
        found: Dict[str, Any] = self.calls.json("GET", "{}/{}".format(PATH, named[0] if named else id))
        return found

    def change(self, id: str, body: Mapping[str, Any]) -> Dict[str, Any]:
        """What jobs that were made from it ran on stays as it was."""
        changed: Dict[str, Any] = self.calls.json("PUT", "{}/{}".format(PATH, id), dict(body))
        return changed

    def delete(self, id: str) -> None:
        self.calls.json("DELETE", "{}/{}".format(PATH, id))
