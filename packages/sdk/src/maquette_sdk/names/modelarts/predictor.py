"""A service, as the SDK's `deploy_predictor` and `deploy_transformer` give it back."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.predictions import ask, make_request

from .service import Told
from .session import Session

SERVICES = "services"
LOCAL = "local"
POLL_SECONDS = 0.2
PATIENCE = "COMMON_REQUEST_TIME_OUT"
"""The variable for how many seconds a prediction may take."""
IMAGES, FILES, JSON = "images", "files", "json"


class Predictor:
    """A service by its `service_id`."""

    def __init__(self, session: Session, service_id: Optional[str] = None) -> None:
        self.session = session
        self.service_id = service_id
        self.field = ""

    # ── called ───────────────────────────────────────────────────────────────────────────────────

    def predict(self, data: Any = None, data_type: str = JSON, path: str = "/") -> Any:
        """What the service answers, decoded. `data` is the path of a file for `images` and `files`, or fields with
        their files and values, `{"image": "a.jpg", "show_mask": 1}`; for `json` it is an object, a JSON text, or the
        path of a file with it. Raises MaquetteError with the service's own words."""
        service = self.session.service
        service.seconds = float(os.environ.get(PATIENCE) or service.seconds)
        if data_type == JSON:
            request = make_request(json=read_json(data))
        elif data_type in (IMAGES, FILES):
            request = make_request(*self._form(data, data_type))
        else:
            raise ValueError("data_type is images, files or json, and not '{}'.".format(data_type))
        return ask(service, self._id(), request, path).value

    def _form(self, data: Any, data_type: str) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """Files and fields. A single file goes to the one that the model declares, else to that of `data_type`."""
        if not isinstance(data, Mapping):
            files = [data] if isinstance(data, (str, os.PathLike)) else list(data)
            return {self._declared_file() or data_type: files}, {}
        given = {name: value for name, value in data.items() if is_file(value)}
        return given, {name: value for name, value in data.items() if name not in given}

    def _declared_file(self) -> str:
        if not self.field:
            model_id = self.get_service_info()["config"][0]["model_id"]
            params = self._call("GET", "models/{}".format(model_id))["input_params"]
            files = [one["param_name"] for one in params if one["param_type"] == "file"]
            self.field = files[0] if len(files) == 1 else ""
        return self.field

    # ── looked at ────────────────────────────────────────────────────────────────────────────────

    def get_service_info(self) -> Told:
        """Its `status`, `access_address`, `config`, `invocation_times` and `failed_times`, among others."""
        return self._call("GET", self._service())

    def get_service_monitor(self) -> Told:
        """By version: calls, failures, and what it uses of the machine."""
        return self._call("GET", self._service() + "/monitor")

    def get_service_logs(self) -> Told:
        """Its changes under `logs`: `update_time`, `result` and `config`."""
        return self._call("GET", self._service() + "/logs")

    def get_service_events(self) -> Told:
        """What has happened to it, under `events`."""
        return self._call("GET", self._service() + "/events")

    @staticmethod
    def get_service_list(session: Session, is_show: bool = False, **query: Any) -> Told:
        """A page of services under `services`, `total_count` of them in all; by `service_name` (part of one),
        `service_id`, `model_id`, `infer_type`, `status`, `order`, `sort_by`, `offset` and `limit`."""
        told = session.service.call("GET", SERVICES, query=query)
        if is_show:
            for one in told["services"]:
                print("{service_name}  {status}  {service_id}".format(**one))
        return told

    @staticmethod
    def get_service_object_list(session: Session, is_show: bool = True, **query: Any) -> List[Predictor]:
        """The same as objects; printed too unless `is_show` is false."""
        found = Predictor.get_service_list(session, is_show, **query)["services"]
        return [Predictor(session, one["service_id"]) for one in found]

    # ── changed ──────────────────────────────────────────────────────────────────────────────────

    def wait(self) -> Predictor:
        """Until it is not deploying any more. Raises MaquetteError where it does not run then."""
        while True:
            told = self.get_service_info()
            if told["status"] in ("failed", "concerning"):
                raise MaquetteError("The service '{service_name}' is {status}. {error_msg}".format(**told))
            if told["status"] != "deploying":
                return self
            time.sleep(POLL_SECONDS)

    def update_service_config(
        self,
        description: Optional[str] = None,
        configs: Optional[Sequence[Mapping[str, Any]]] = None,
        status: Optional[str] = None,
    ) -> Told:
        """Other versions in `configs`, or `status` "running" or "stopped"; where both are given, the status is all
        that changes."""
        body: Dict[str, Any] = {"description": description, "status": status}
        if configs is not None:
            if any(one.get("specification") == LOCAL for one in configs):
                raise here_instead("A service of this machine")
            body["config"] = [dict(one) for one in configs]
        sent = {name: value for name, value in body.items() if value is not None}
        return self._call("PUT", self._service(), sent)

    def delete_service(self) -> Told:
        return self._call("DELETE", self._service())

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    def _call(self, method: str, path: str, body: Any = None) -> Told:
        return self.session.service.call(method, path, body)

    def _id(self) -> str:
        if not self.service_id:
            raise ValueError("Which service? Give service_id.")
        return self.service_id

    def _service(self) -> str:
        return "{}/{}".format(SERVICES, self._id())

    def __repr__(self) -> str:
        return "Predictor(service_id={!r})".format(self.service_id)


def here_instead(what: str, folder: str = "") -> RuntimeError:
    return RuntimeError(
        "{} is not offered by this SDK. Use `maquette serve {}`, which puts a model package of this machine "
        "online.".format(what, folder or "FOLDER")
    )


def is_file(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike)) and os.path.isfile(value)


def read_json(data: Any) -> Any:
    """What a JSON text, or the file at a path, holds; anything else as it is."""
    if not isinstance(data, str):
        return data
    try:
        if is_file(data):
            with open(data, encoding="utf-8") as file:
                return json.load(file)
        return json.loads(data)
    except ValueError as error:
        raise ValueError("data is no JSON, and not the path of a file with it ({}).".format(error)) from None
