"""The demo's training job: made and followed with ModelArts' published client where it is installed, else with ours."""

from __future__ import annotations

import importlib
import importlib.metadata
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from maquette.kernel.errors import MaquetteError
from maquette_sdk.client import Client

ENGINE = "pytorch"
BOOT_FILE = "train.py"
CODE, IMAGES, OUTPUT = "code/", "images/", "output/"
"""Where in the bucket these lie."""
VENDOR = "huaweicloudsdkmodelarts"
TASK = "worker-0"
GOING_ON = ("Creating", "Pending", "Running", "Terminating")
LINES = 500
POLL_SECONDS = 0.3
CONNECT_SECONDS, ANSWER_SECONDS = 5, 60


@dataclass(frozen=True)
class Wanted:
    """A job of this name, on the code and images of a bucket, on so many cores."""

    name: str
    bucket: str
    cores: int

    @property
    def flavour(self) -> str:
        return f"modelarts.vm.cpu.{self.cores}u"

    def place(self, prefix: str) -> str:
        return f"/{self.bucket}/{prefix}"


class Jobs(Protocol):
    """What a client is called, and how it has a job done."""

    told: str

    def run(self, wanted: Wanted) -> Iterator[str]:
        """The lines of its log as they come. Raises MaquetteError where it does not succeed."""


def jobs_of(client: Client) -> Jobs:
    try:
        return VendorJobs(client)
    except ImportError:
        return OwnJobs(client)


class VendorJobs:
    """With `huaweicloudsdkmodelarts`, as its documentation has it. Raises ImportError where it is not installed."""

    def __init__(self, client: Client) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of its texts are no Python of today
            v1: Any = importlib.import_module(f"{VENDOR}.v1")
            credentials: Any = importlib.import_module("huaweicloudsdkcore.auth.credentials").BasicCredentials
            config: Any = importlib.import_module("huaweicloudsdkcore.http.http_config").HttpConfig
            self.refused: Any = importlib.import_module("huaweicloudsdkcore.exceptions.exceptions").SdkException
        account = client.account
        builder = v1.ModelArtsClient.new_builder().with_endpoint(account.url)
        builder = builder.with_credentials(credentials(account.access, account.secret, client.project_id))
        self.client = builder.with_http_config(config(timeout=(CONNECT_SECONDS, ANSWER_SECONDS))).build()
        self.model = v1.model
        self.told = f"{VENDOR} {importlib.metadata.version(VENDOR)}"

    def run(self, wanted: Wanted) -> Iterator[str]:
        with self.asked():
            m = self.model
            job = self.client.create_training_job(m.CreateTrainingJobRequest(body=self.job(wanted))).metadata.id
            phase, base_line = "", None
            while True:
                # Asked for before the lines: those of a job that has ended are all there.
                status = self.client.show_training_job_details(m.ShowTrainingJobDetailsRequest(job)).status
                if status.secondary_phase != phase and status.phase in GOING_ON:
                    phase = status.secondary_phase
                    yield f"[{phase}]"
                while (page := self.page(job, base_line)).lines:
                    base_line = page.end_line
                    yield from page.content.splitlines()
                if status.phase not in GOING_ON:
                    break
                time.sleep(POLL_SECONDS)
        if status.phase != "Completed":
            reason = status.running_records[-1].end_reason if status.running_records else status.secondary_phase
            raise MaquetteError(f"The training job has ended as {status.phase}: {reason}")

    def job(self, wanted: Wanted) -> Any:
        m = self.model
        images = m.InputDataInfo(obs=m.InputDataInfoObs(obs_url=wanted.place(IMAGES)))
        output = m.Remote(obs=m.RemoteObs(obs_url=wanted.place(OUTPUT)))
        return m.Job(
            kind="job",
            metadata=m.JobMetadata(name=wanted.name, description="Made by `maquette demo`"),
            algorithm=m.JobAlgorithm(
                code_dir=wanted.place(CODE),
                boot_file=wanted.place(CODE + BOOT_FILE),
                engine=m.JobEngine(engine_id=ENGINE),
                inputs=[m.Input(name="data_url", remote=images)],
                outputs=[m.Output(name="train_url", remote=output)],
            ),
            spec=m.Spec(resource=m.SpecResource(flavor_id=wanted.flavour, node_count=1)),
        )

    def page(self, job: str, base_line: str | None) -> Any:
        asked = {"lines": LINES, "order": "asc", "base_line": base_line}
        return self.client.show_training_job_logs_from_aom(
            self.model.ShowTrainingJobLogsFromAomRequest(training_job_id=job, task_id=TASK, **asked)
        )

    @contextmanager
    def asked(self) -> Iterator[None]:
        try:
            yield
        except self.refused as error:
            told = getattr(error, "error_msg", None) or error
            raise MaquetteError(f"{self.told} was answered: {told}") from error


class OwnJobs:
    """With `maquette_sdk.Client`."""

    told = "maquette_sdk"

    def __init__(self, client: Client) -> None:
        self.client = client

    def run(self, wanted: Wanted) -> Iterator[str]:
        job = self.client.jobs.submit(
            f"obs:/{wanted.place(CODE)}", boot=BOOT_FILE, data=f"obs:/{wanted.place(IMAGES)}",
            output=f"obs:/{wanted.place(OUTPUT)}", engine=ENGINE, name=wanted.name, flavour=wanted.flavour,
            description="Made by `maquette demo`",
        )  # fmt: skip
        yield from job.follow()
        if job.state != "succeeded":
            raise MaquetteError(f"The training job has ended as {job.state}: {job.version['runs'][0]['message']}")
