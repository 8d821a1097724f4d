"""`Estimator` of the ModelArts SDK for jobs of the second generation: describes one, starts it, and speaks about it.

session = Session()
estimator = Estimator(session, training_files=TrainingFiles("obs://pets/code/", "train.py"),
                      outputs=[OutputData(obs_path="obs://pets/output/", name="train_url")],
                      parameters=[{"name": "lr", "value": "0.1"}],
                      framework_type="PyTorch", framework_version="pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64",
                      train_instance_type="modelarts.vm.cpu.2u", train_instance_count=1)
job = estimator.fit(inputs=[InputData(obs_path="obs://pets/train/", name="data_url")], wait=True, job_name="pets-1")
print(job.get_job_info()["status"]["phase"], job.job_id)
"""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .service import Told
from .session import Session
from .train_params import InputData, OutputData, TrainingFiles
from .training_job import JOB_STATE, MOST_LINES, POLL_SECONDS

__all__ = ["JOB_STATE", "Estimator", "TrainingJob"]

COMPLETED = "Completed"
ENDED = frozenset((COMPLETED, "Failed", "Terminated", "Abnormal"))
FIRST_TASK = "worker-0"


class TrainingJob:
    """A job that there is, by its `job_id`."""

    def __init__(self, session: Session, job_id: Optional[str] = None) -> None:
        self.session = session
        self.job_id = job_id

    def get_job_info(self) -> Told:
        """What it is: `metadata`, `status` with its `phase` and `duration` (ms), `algorithm` and `spec`."""
        return self._call("GET", self._job())

    def get_job_log(self, task_id: str = FIRST_TASK) -> Told:
        """The newest 5 MB of a node's log, in `content`."""
        return self._call("GET", "{}/tasks/{}/logs/preview".format(self._job(), task_id))

    def get_job_metrics(self, task_id: str = FIRST_TASK) -> Told:
        """What a node has used of the machine, minute by minute, under `metrics`."""
        return self._call("GET", "{}/metrics/{}".format(self._job(), task_id))

    def update_job_configs(self, description: str) -> Told:
        """Changes what is said of it."""
        return self._call("PUT", self._job(), {"description": description})

    def control_job(self, action_type: str = "terminate") -> Told:
        """Asks it to stop."""
        return self._call("POST", self._job() + "/actions", {"action_type": action_type})

    def delete_job(self) -> Told:
        """The job with all its versions. What it has put into buckets stays."""
        return self._call("DELETE", self._job())

    def wait(self, poll_seconds: float = POLL_SECONDS) -> Told:
        """Until it has ended; what it is then. The log of its first node is printed as it comes."""
        base = "0"
        while True:
            shown = self.get_job_info()
            base = self._print_log(base)
            if shown["status"]["phase"] in ENDED:
                return shown
            time.sleep(poll_seconds)

    def _print_log(self, base: str) -> str:
        """What has been written since the line `base`, and where that ends."""
        while True:
            query = {"base_line": base, "lines": MOST_LINES, "order": "asc"}
            told = self._call("GET", "{}/logs/{}".format(self._job(), FIRST_TASK), query=query)
            if not told["lines"]:
                return base
            print(told["content"], end="", flush=True)
            base = told["end_line"]

    def _call(self, method: str, path: str, body: Any = None, query: Any = None) -> Told:
        return self.session.service.call(method, path, body, query, "v2")

    def _job(self) -> str:
        if not self.job_id:
            raise ValueError("Which job? Give job_id to Estimator, or start one with fit().")
        return "training-jobs/{}".format(self.job_id)

    def __repr__(self) -> str:
        return "{}(job_id={!r})".format(type(self).__name__, self.job_id)


class Estimator(TrainingJob):
    """What a job is to run, or with `job_id` one that there is. After `fit` it speaks about what that has started.

    Places are written `obs://bucket/folder/`, `s3://…` or `/bucket/folder/`. `user_command` is run in the place of a
    boot file; `env_variables` are for the script.
    """

    def __init__(
        self,
        session: Session,
        training_files: Optional[TrainingFiles] = None,
        outputs: Optional[Sequence[OutputData]] = None,
        parameters: Optional[Sequence[Mapping[str, Any]]] = None,
        framework_type: Optional[str] = None,
        framework_version: Optional[str] = None,
        train_instance_type: Optional[str] = None,
        train_instance_count: int = 1,
        log_url: Optional[str] = None,
        job_description: Optional[str] = None,
        user_image_url: Optional[str] = None,
        user_command: Optional[str] = None,
        env_variables: Optional[Mapping[str, Any]] = None,
        pool_id: Optional[str] = None,
        volumes: Optional[Sequence[Mapping[str, Any]]] = None,
        local_code_dir: Optional[str] = None,
        working_dir: Optional[str] = None,
        job_id: Optional[str] = None,
    ) -> None:
        super().__init__(session, job_id)
        self.training_files = training_files
        self.outputs = outputs
        self.parameters = parameters
        self.framework_type = framework_type
        self.framework_version = framework_version
        self.train_instance_type = train_instance_type
        self.train_instance_count = train_instance_count
        self.log_url = log_url
        self.job_description = job_description
        self.user_image_url = user_image_url
        self.user_command = user_command
        self.env_variables = env_variables
        self.pool_id = pool_id
        self.volumes = volumes
        self.local_code_dir = local_code_dir
        self.working_dir = working_dir

    def fit(
        self, inputs: Optional[Sequence[InputData]] = None, wait: bool = False, job_name: Optional[str] = None
    ) -> TrainingJob:
        """Starts a job. With `wait` it prints the log until the job has ended, and raises RuntimeError where it has not
        ended well."""
        name = job_name or time.strftime("job-%m%d-%H%M%S")
        told = self._call("POST", "training-jobs", self.body(inputs or (), name))
        self.job_id = told["metadata"]["id"]
        job = TrainingJob(self.session, self.job_id)
        if wait:
            phase = job.wait()["status"]["phase"]
            if phase != COMPLETED:
                raise RuntimeError("The job '{}' has ended as {}. Its log says more.".format(name, phase))
        return job

    def body(self, inputs: Sequence[InputData], name: str) -> Dict[str, Any]:
        """What the server is sent; null stands for what was not said."""
        files = self.training_files
        algorithm = {
            "code_dir": files and files.code_dir,
            "boot_file": files and files.boot_path,
            "command": self.user_command,
            "parameters": [parameter(one) for one in self.parameters or ()],
            "inputs": [one.body() for one in inputs],
            "outputs": [one.body() for one in self.outputs or ()],
            "engine": {
                "engine_name": self.framework_type,
                "engine_version": self.framework_version,
                "image_url": self.user_image_url,
            },
            "environments": self.env_variables,
            "local_code_dir": self.local_code_dir,
            "working_dir": self.working_dir,
        }
        resource = {
            "flavor_id": self.train_instance_type, "node_count": self.train_instance_count, "pool_id": self.pool_id,
        }  # fmt: skip
        spec = {"resource": resource, "volumes": self.volumes, "log_export_path": {"obs_url": self.log_url}}
        metadata = {"name": name, "description": self.job_description}
        return {"kind": "job", "metadata": metadata, "algorithm": algorithm, "spec": spec}

    # ── without a job ────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def get_job_list(session: Session, **query: Any) -> Told:
        """A page of jobs under `items`, `total` of them in all; by `offset` (pages), `limit`, `sort_by`, `order` and
        `filters`."""
        return session.service.call("POST", "training-job-searches", query, version="v2")

    @staticmethod
    def get_train_instance_types(session: Session) -> List[str]:
        """What `train_instance_type` may be."""
        told = session.service.call("GET", "training-job-flavors", version="v2")
        return [one["flavor_id"] for one in told["flavors"]]

    @staticmethod
    def get_framework_list(session: Session) -> List[Dict[str, str]]:
        """What `framework_type` and `framework_version` may be. Other names of ModelArts' are read too."""
        told = session.service.call("GET", "training-job-engines", version="v2")
        return [
            {"framework_type": one["engine_name"], "framework_version": one["engine_version"]} for one in told["items"]
        ]

    @staticmethod
    def control_job_by_id(session: Session, job_id: str) -> Told:
        return TrainingJob(session, job_id).control_job()

    @staticmethod
    def delete_job_by_id(session: Session, job_id: str) -> Told:
        return TrainingJob(session, job_id).delete_job()


def parameter(sent: Mapping[str, Any]) -> Dict[str, Any]:
    """`{"name", "value"}`; the first generation's `label` is the same."""
    return {"name": sent.get("name", sent.get("label")), "value": sent.get("value", "")}
