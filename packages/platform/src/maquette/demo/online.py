"""The demo's model and service: imported from what the job left, deployed, called, its counts read back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from maquette.demo.client import NotReady, Predictions
from maquette.kernel.errors import MaquetteError
from maquette_sdk.client import Client, Model, Service

FLAVOUR = "modelarts.vm.cpu.1u"
POLL_SECONDS = 0.05
LOOK_SECONDS = 1.0
COUNTS_SECONDS = 20.0
"""A server writes its counts down every few seconds."""
APP_CODES = "/maquette/{project_id}/app-codes"


def import_model(client: Client, name: str) -> Model:
    """What the job of this name has left; it may still be putting that away."""
    client.jobs.get(name).wait()
    return client.models.import_model(name=name, job=name, description="Made by `maquette demo`").wait()


def findings(model: Model) -> str:
    """What the checker has found, counted."""
    check: dict[str, Any] = model.about["check"]
    counted = [f"{number} {kind}{'s' * (number != 1)}" for kind, number in check["counts"].items()]
    return f"{'sound' if check['sound'] else 'not sound'}: {', '.join(counted)}"


def deploy(client: Client, model: Model, name: str) -> Service:
    return client.services.deploy(model.id, name=name, specification=FLAVOUR, description="Made by `maquette demo`")


def make_app_code(client: Client, name: str) -> str:
    return str(client.calls.json("POST", APP_CODES, {"name": name})["code"])


def until_answered(service: Service, predictions: Predictions, image: Path) -> None:
    """Until it gives its first answer. Raises MaquetteError with the reason where it never will."""
    next_look = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            predictions.predict(image)
            return
        except NotReady:
            time.sleep(POLL_SECONDS)
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + LOOK_SECONDS
            if service.refresh().status not in ("deploying", "running"):
                raise MaquetteError(f"The service is {service.status}: {service.error}")


def counted(service: Service, calls: int) -> dict[str, Any]:
    """Its statistics in all, once they have come to so many calls. Raises MaquetteError where they do not."""
    deadline = time.monotonic() + COUNTS_SECONDS
    while (total := service.statistics()["total"])["calls"] < calls:
        if time.monotonic() > deadline:
            raise MaquetteError(f"The service has answered {calls} calls and counted {total['calls']}.")
        time.sleep(POLL_SECONDS)
    if (total["calls"], total["failures"]) != (calls, 0):
        told = f"{total['calls']} calls and {total['failures']} failures"
        raise MaquetteError(f"The service has answered {calls} calls and counted {told}.")
    return dict(total)
