"""`Model` and `Predictor` of the ModelArts SDK: models imported and put online, and services called.

session = Session()
model = Model(session, model_name="flowers", model_version="1.0.0", source_location="/pets/out/V0001/")
predictor = model.deploy_predictor(service_name="flowers", configs=[ServiceConfig(model.model_id, instance_count=1)])
print(predictor.predict(data="rose.jpg", data_type="images"))
"""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from maquette_sdk.client.buckets import Buckets
from maquette_sdk.client.errors import MaquetteError

from .not_here import refuse
from .predictor import LOCAL, Predictor, here_instead
from .service import Service, Told, in_a_run
from .session import Session

__all__ = ["Model", "Predictor"]

MODELS = "models"
SERVICES = "services"
POLL_SECONDS = 0.2
LOCAL_SOURCE, OBS_SOURCE = "LOCAL_SOURCE", "OBS_SOURCE"
DESCRIBED = (
    "model_name", "model_version", "source_job_id", "source_job_version", "source_type", "model_type",
    "model_algorithm", "description", "execution_code", "runtime", "input_params", "output_params", "dependencies",
    "model_metrics", "apis", "initial_config", "workspace_id", "model_docs", "install_type", "template",
)  # fmt: skip
TEXTS = ("model_metrics", "apis", "initial_config")
"""What the server takes as JSON in a text."""
Json = Union[str, Mapping[str, Any], Sequence[Any]]


class Model:
    """A model that there is by `model_id`; otherwise one that is imported now, which the constructor waits for.

    `source_location` is a folder of a bucket; with `source_location_type="LOCAL_SOURCE"` one of this machine, which is
    uploaded first. With `publish=False` nothing happens until `publish_model`.
    """

    def __init__(
        self,
        session: Session,
        model_id: Optional[str] = None,
        publish: bool = True,
        model_name: Optional[str] = None,
        model_version: Optional[str] = None,
        source_location: Optional[str] = None,
        source_location_type: str = OBS_SOURCE,
        environment: Any = None,
        source_job_id: Optional[str] = None,
        source_job_version: Optional[str] = None,
        source_type: Optional[str] = None,
        model_type: Optional[str] = None,
        model_algorithm: Optional[str] = None,
        description: Optional[str] = None,
        execution_code: Optional[str] = None,
        runtime: Optional[str] = None,
        input_params: Optional[Sequence[Mapping[str, Any]]] = None,
        output_params: Optional[Sequence[Mapping[str, Any]]] = None,
        dependencies: Optional[Sequence[Mapping[str, Any]]] = None,
        model_metrics: Optional[Json] = None,
        apis: Optional[Json] = None,
        initial_config: Optional[Json] = None,
        workspace_id: Optional[str] = None,
        model_docs: Optional[Sequence[Mapping[str, Any]]] = None,
        install_type: Optional[Sequence[str]] = None,
        template: Optional[Mapping[str, Any]] = None,
    ) -> None:
        given = dict(locals())
        self.session = session
        self.model_id = model_id
        self.model_name = model_name or time.strftime("model-%m%d-%H%M%S")
        self.source_location = source_location
        self.source_location_type = source_location_type
        if model_id:
            return
        self.described = described_model(dict(given, model_name=self.model_name))
        if publish:
            self.publish_model()

    # ── made and removed ─────────────────────────────────────────────────────────────────────────

    def publish_model(self, obs_location: Optional[str] = None) -> Model:
        """Imports what was described. A local folder goes to `obs_location` first, or to a new folder of the
        workspace's own bucket, which is printed. Raises MaquetteError with what is wrong with the package."""
        where = self.source_location
        if self.source_location_type == LOCAL_SOURCE:
            where = self._upload(where or "", obs_location)
        body = dict(self.described, **({"source_location": where} if where else {}))
        self.model_id = self._service().call("POST", MODELS, body)["model_id"]
        self._wait()
        return self

    def _upload(self, folder: str, obs_location: Optional[str]) -> str:
        if not os.path.isdir(folder):
            raise ValueError("source_location: '{}' is no folder of this machine.".format(folder))
        service = self._service()
        target = obs_location or "{}/{}".format(own_bucket(self.session), time.strftime("model-%m%d-%H%M%S"))
        address = target if "://" in target else "obs://" + target.lstrip("/")
        self.session.obs.files.copy_parallel(folder, address.rstrip("/") + "/")
        print("{} is uploaded to {} of {}.".format(folder, address, service.account.url))
        return address.rstrip("/") + "/"

    def _wait(self) -> None:
        """Until it is imported."""
        while True:
            told = self.get_model_info()
            if told["model_status"] == "failed":
                raise MaquetteError("The model '{model_name}' was not imported: {error}".format(**told))
            if told["model_status"] == "published":
                return
            time.sleep(POLL_SECONDS)

    def delete_model(self) -> Told:
        told = self._service().call("DELETE", self._model())
        if told["delete_failed_list"]:
            raise MaquetteError("{model_name} {model_version} stays: {reason}".format(**told["delete_failed_list"][0]))
        return told

    # ── looked at ────────────────────────────────────────────────────────────────────────────────

    def get_model_id(self) -> Optional[str]:
        return self.model_id

    def get_model_info(self) -> Told:
        return self._service().call("GET", self._model())

    @staticmethod
    def get_model_list(session: Session, is_show: bool = False, **query: Any) -> Told:
        """A page of models under `models`, `total_count` of them in all; by `model_name` (part of one),
        `model_version`, `model_status`, `model_type`, `not_model_type`, `order`, `sort_by`, `offset` and `limit`."""
        told = session.service.call("GET", MODELS, query=query)
        if is_show:
            for one in told["models"]:
                print("{model_name}  {model_version}  {model_status}  {model_id}".format(**one))
        return told

    @staticmethod
    def get_model_object_list(session: Session, is_show: bool = True, **query: Any) -> List[Model]:
        """The same as objects; printed too unless `is_show` is false."""
        found = Model.get_model_list(session, is_show, **query)["models"]
        return [Model(session, model_id=one["model_id"], model_name=one["model_name"]) for one in found]

    @staticmethod
    def configure_tf_infer_environ(device_type: str = "CPU") -> None:
        raise here_instead("Model.configure_tf_infer_environ prepares services of this machine, which")

    # ── put online ───────────────────────────────────────────────────────────────────────────────

    def deploy_predictor(
        self,
        service_name: Optional[str] = None,
        infer_type: str = "real-time",
        configs: Optional[Sequence[Mapping[str, Any]]] = None,
        description: Optional[str] = None,
        vpc_id: Optional[str] = None,
        subnet_network_id: Optional[str] = None,
        security_group_id: Optional[str] = None,
        cluster_id: Optional[str] = None,
        pool_name: Optional[str] = None,
        schedule: Optional[Sequence[Mapping[str, Any]]] = None,
        workspace_id: Optional[str] = None,
        wait: bool = True,
    ) -> Predictor:
        """An online service of this model, or of the versions in `configs`, when it answers; at once without `wait`.
        Raises MaquetteError with the reason where it does not come to run. Networks and pools are taken and not
        needed."""
        configs = configs or [{"model_id": self.model_id, "weight": 100, "instance_count": 1}]
        if self.model_id is None or any(one.get("specification") == LOCAL for one in configs):
            raise here_instead("A service of this machine", self.source_location or "")
        predictor = self._deploy(described_service(service_name, infer_type, configs, description, schedule))
        return predictor.wait() if wait else predictor

    def deploy_transformer(
        self,
        service_name: Optional[str] = None,
        infer_type: str = "batch",
        configs: Optional[Sequence[Mapping[str, Any]]] = None,
        description: Optional[str] = None,
        vpc_id: Optional[str] = None,
        subnet_network_id: Optional[str] = None,
        security_group_id: Optional[str] = None,
        cluster_id: Optional[str] = None,
        pool_name: Optional[str] = None,
        workspace_id: Optional[str] = None,
    ) -> Predictor:
        """A batch service on what `configs` say. It goes on by itself; `get_service_info()` tells how far it is."""
        if not configs:
            raise ValueError("What is to be answered? Give configs=[TransformerConfig(…)].")
        return self._deploy(described_service(service_name, infer_type, configs, description, None))

    def _deploy(self, body: Mapping[str, Any]) -> Predictor:
        return Predictor(self.session, self._service().call("POST", SERVICES, body)["service_id"])

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    def _service(self) -> Service:
        return self.session.service

    def _model(self) -> str:
        if not self.model_id:
            raise ValueError("This model is not published yet. Call publish_model().")
        return "{}/{}".format(MODELS, self.model_id)

    def __repr__(self) -> str:
        return "Model(model_id={!r}, model_name={!r})".format(self.model_id, self.model_name)


def described_model(given: Mapping[str, Any]) -> Dict[str, Any]:
    """What the server is told of a model; what nobody has said is left out."""
    if given["environment"] is not None:
        raise refuse("environment, of modelarts.model.Model,")
    if given["source_location_type"] not in (OBS_SOURCE, LOCAL_SOURCE):
        raise ValueError("source_location_type is {} or {}.".format(OBS_SOURCE, LOCAL_SOURCE))
    told = {name: as_text(given[name]) if name in TEXTS else given[name] for name in DESCRIBED}
    return {name: value for name, value in told.items() if value is not None}


def described_service(
    name: Optional[str], infer_type: str, configs: Sequence[Mapping[str, Any]], description: Optional[str],
    schedule: Optional[Sequence[Mapping[str, Any]]],
) -> Dict[str, Any]:  # fmt: skip
    body: Dict[str, Any] = {
        "service_name": name or time.strftime("service-%m%d-%H%M%S"),
        "infer_type": infer_type,
        "config": [dict(one) for one in configs],
        "description": description or "",
    }
    if schedule is not None:
        body["schedule"] = [schedule] if isinstance(schedule, Mapping) else list(schedule)
    return body


def own_bucket(session: Session) -> str:
    """The bucket in which this workspace's uploads go; made when it is needed, which no run may."""
    name = "jobs-" + session.service.project_id[:8]
    if not in_a_run():
        buckets = Buckets(session.service)
        if name not in [bucket.name for bucket in buckets.list()]:
            buckets.make(name)
    return name


def as_text(value: Optional[Json]) -> Optional[str]:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
