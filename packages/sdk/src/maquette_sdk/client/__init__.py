"""A running Maquette from Python: buckets, training jobs, models, online services. Standard library only.

from maquette_sdk import Client

client = Client()                                   # as `maquette login` has left it
client.objects.upload("./flowers", "obs://pets/flowers/")
job = client.jobs.submit("./code", boot="train.py", data="obs://pets/flowers/", output="obs://pets/out/")
for line in job.follow():
    print(line)
print(job.state, job.metrics)
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

from maquette_sdk.client.account import Account, find_account
from maquette_sdk.client.algorithms import Algorithms
from maquette_sdk.client.buckets import Bucket, Buckets, Object, Objects
from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError
from maquette_sdk.client.jobs import Event, Job, Jobs
from maquette_sdk.client.models import Model, Models
from maquette_sdk.client.notebooks import Notebooks
from maquette_sdk.client.predictions import Answer, Files, PredictionRefused
from maquette_sdk.client.service import Happened, Service
from maquette_sdk.client.services import Services
from maquette_sdk.client.tensorboards import TensorBoards

__all__ = [
    "Account",
    "Answer",
    "Bucket",
    "Buckets",
    "Calls",
    "Client",
    "Event",
    "Happened",
    "Job",
    "Jobs",
    "MaquetteError",
    "Model",
    "Models",
    "Notebooks",
    "Object",
    "Objects",
    "PredictionRefused",
    "Service",
    "Services",
    "TensorBoards",
]


class Client:
    """A running Maquette, as one of its users.

    Without arguments it is the one that `MAQUETTE_URL`, `MAQUETTE_ACCESS_KEY` and `MAQUETTE_SECRET_KEY` name, else the
    one that `maquette login` has kept under `profile`. `certificate` is a file with the authority that signed the
    server's, where the system does not know it. Raises MaquetteError when nothing answers there, or the key is wrong.
    """

    def __init__(
        self,
        url: str = "",
        access: str = "",
        secret: str = "",
        profile: str = "default",
        certificate: Optional[str] = None,
    ) -> None:
        self.account = Account(url, access, secret) if url else find_account(profile)
        self.calls = Calls(self.account, certificate)
        self.buckets = Buckets(self.calls)
        self.objects = Objects(self.calls)
        self.algorithms = Algorithms(self.calls)
        self.jobs = Jobs(self.calls, self.buckets, self.objects)
        self.models = Models(self.calls, self.objects, self.jobs)
        self.services = Services(self.calls, self.models, self.jobs)
        self.notebooks = Notebooks(self.calls)
        self.tensorboards = TensorBoards(self.calls)

    @property
    def project_id(self) -> str:
        """The workspace that the key belongs to."""
        return self.calls.project_id

    def predict(
        self,
        service: str,
        files: Optional[Files] = None,
        fields: Optional[Mapping[str, Any]] = None,
        json: Any = None,
        path: str = "/",
    ) -> Any:
        """What an online service, by its name or id, answers; see `services.predict`."""
        return self.services.predict(service, files, fields, json, path)

    def close(self) -> None:
        """Ends its connections. `with Client() as client:` does it too."""
        self.calls.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
