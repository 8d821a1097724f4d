"""`Estimator` of the ModelArts SDK: describes a training job, starts it, and speaks about it.

session = Session()
estimator = Estimator(session, code_dir="/pets/code/", boot_file="/pets/code/train.py", output_path="/pets/out/",
                      framework_type="PyTorch", framework_version="PyTorch-1.4.0-python3.6",
                      train_instance_type="modelarts.vm.cpu.2u", train_instance_count=1,
                      hyperparameters=[{"label": "lr", "value": "0.1"}])
job = estimator.fit(inputs="/pets/train/", wait=True, job_name="pets-1")
print(job.get_job_info()["status"], job.job_id, job.version_id)
"""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .local_training import LOCAL, LocalJob, train_here
from .service import Told
from .session import Session
from .training_job import COMPLETED, JOB_STATE, Id, TrainingJob
from .visualization import VisualizationJob

__all__ = ["JOB_STATE", "Estimator", "TrainingJob", "VisualizationJob"]

CONFIGS = "training-job-configs"


class Estimator(TrainingJob):
    """What a job is to run, or with `job_id` (and `version_id`) one that there is. After `fit` and `create_job_version`
    it speaks about what these have started.

    Places are written `/bucket/folder/`, or with `obs://` or `s3://`. `train_instance_type="local"` trains on this
    machine, without a server; places may then be folders.
    """

    def __init__(
        self,
        modelarts_session: Session,
        train_instance_count: int = 1,
        train_instance_type: Optional[str] = None,
        output_path: Optional[str] = None,
        code_dir: Optional[str] = None,
        boot_file: Optional[str] = None,
        framework_type: Optional[str] = None,
        framework_version: Optional[str] = None,
        model_name: Optional[str] = None,
        hyperparameters: Optional[Sequence[Mapping[str, Any]]] = None,
        log_url: Optional[str] = None,
        job_description: Optional[str] = None,
        user_image_url: Optional[str] = None,
        user_command: Optional[str] = None,
        environment: Any = None,
        job_id: Id = None,
        version_id: Id = None,
        pool_id: Optional[str] = None,
        nas_type: Optional[str] = None,
        nas_share_addr: Optional[str] = None,
        nas_mount_path: Optional[str] = None,
    ) -> None:
        super().__init__(modelarts_session, job_id, version_id)
        self.train_instance_count = train_instance_count
        self.train_instance_type = train_instance_type
        self.output_path = output_path
        self.code_dir = code_dir
        self.boot_file = boot_file
        self.framework_type = framework_type
        self.framework_version = framework_version
        self.model_name = model_name
        self.hyperparameters = hyperparameters
        self.log_url = log_url
        self.job_description = job_description
        self.user_image_url = user_image_url
        self.user_command = user_command
        self.environment = environment
        self.pool_id = pool_id
        self.nas_type = nas_type
        self.nas_share_addr = nas_share_addr
        self.nas_mount_path = nas_mount_path
        self.config_name = ""

    # ── started ──────────────────────────────────────────────────────────────────────────────────

    def fit(
        self,
        inputs: Optional[str] = None,
        dataset_id: Optional[str] = None,
        dataset_version_id: Optional[str] = None,
        wait: bool = False,
        job_name: Optional[str] = None,
        data_source: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> TrainingJob:
        """Starts a job. With `wait` it prints the log until the job has ended, and raises RuntimeError where it has not
        ended well."""
        name = job_name or time.strftime("job-%m%d-%H%M%S")
        if self.train_instance_type == LOCAL:
            return self._fit_here(inputs, name)
        body = {
            "job_name": name,
            "job_desc": self.job_description or "",
            "config": self._config(inputs, dataset_id, dataset_version_id, data_source),
        }
        return self._started(self._call("POST", "training-jobs", body), wait)

    def create_job_version(
        self,
        job_id: Id = None,
        pre_version_id: Id = None,
        inputs: Optional[str] = None,
        dataset_id: Optional[str] = None,
        dataset_version_id: Optional[str] = None,
        wait: bool = False,
        job_desc: Optional[str] = None,
        data_source: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> TrainingJob:
        """The next version of a job, made from an earlier one."""
        self.job_id = job_id or self.job_id
        config = self._config(inputs, dataset_id, dataset_version_id, data_source)
        body = {"job_desc": job_desc or "", "config": dict(config, pre_version_id=pre_version_id or self.version_id)}
        return self._started(self._call("POST", self._job() + "/versions", body), wait)

    def _started(self, told: Told, wait: bool) -> TrainingJob:
        self.job_id, self.version_id = told["job_id"], told["version_id"]
        job = TrainingJob(self.modelarts_session, self.job_id, self.version_id)
        if wait:
            ended = job.wait()
            if ended["status"] != COMPLETED:
                raise RuntimeError(
                    "The job '{}' has ended as {}. Its log says more.".format(
                        ended["job_name"], JOB_STATE[ended["status"]]
                    )
                )
        return job

    def _fit_here(self, inputs: Optional[str], name: str) -> LocalJob:
        engine = self.framework_version or self.framework_type or ""
        return train_here(
            self.modelarts_session, name, self.code_dir or "", self.boot_file or "", inputs or "",
            self.output_path or "", engine, self.hyperparameters or (), self.train_instance_count or 1,
        )  # fmt: skip

    def _config(
        self,
        inputs: Optional[str],
        dataset_id: Optional[str],
        dataset_version_id: Optional[str],
        data_source: Optional[Sequence[Mapping[str, Any]]],
    ) -> Dict[str, Any]:
        """What the server calls `config`; what was not said is left out."""
        config = {
            "worker_server_num": self.train_instance_count,
            "app_url": self.code_dir,
            "boot_file_url": self.boot_file,
            "parameter": list(self.hyperparameters or ()),
            "data_url": inputs,
            "dataset_id": dataset_id,
            "dataset_version_id": dataset_version_id,
            "data_source": data_source,
            "spec_code": self.train_instance_type,
            "engine_name": self.framework_type,
            "engine_version": self.framework_version,
            "model_id": self.model_name,
            "train_url": self.output_path,
            "log_url": self.log_url,
            "user_image_url": self.user_image_url,
            "user_command": self.user_command,
            "pool_id": self.pool_id,
            "nas_type": self.nas_type,
            "nas_share_addr": self.nas_share_addr,
            "nas_mount_path": self.nas_mount_path,
        }
        return {name: value for name, value in config.items() if value is not None}

    # ── saved parameters ─────────────────────────────────────────────────────────────────────────

    def create_job_configs(
        self,
        config_name: Optional[str] = None,
        inputs: Optional[str] = None,
        dataset_id: Optional[str] = None,
        dataset_version_id: Optional[str] = None,
        config_desc: Optional[str] = None,
        data_source: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> Estimator:
        """Saves what this describes under a name."""
        self.config_name = config_name or time.strftime("config-%m%d-%H%M%S")
        body = self._config(inputs, dataset_id, dataset_version_id, data_source)
        self._call("POST", CONFIGS, dict(body, config_name=self.config_name, config_desc=config_desc or ""))
        return self

    def update_job_configs(
        self,
        config_name: Optional[str] = None,
        inputs: Optional[str] = None,
        dataset_id: Optional[str] = None,
        dataset_version_id: Optional[str] = None,
        config_desc: Optional[str] = None,
        data_source: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> Told:
        body = self._config(inputs, dataset_id, dataset_version_id, data_source)
        return self._call("PUT", self._configuration(config_name), dict(body, config_desc=config_desc or ""))

    def get_job_configs_info(self, config_name: Optional[str] = None) -> Told:
        return self._call("GET", self._configuration(config_name))

    def delete_job_configs(self, config_name: Optional[str] = None) -> Told:
        return self._call("DELETE", self._configuration(config_name))

    def _configuration(self, config_name: Optional[str]) -> str:
        self.config_name = config_name or self.config_name
        if not self.config_name:
            raise ValueError("Which configuration? Give config_name.")
        return "{}/{}".format(CONFIGS, self.config_name)

    # ── without a job ────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def get_job_list(modelarts_session: Session, **query: Any) -> Told:
        """A page of jobs under `jobs`, `job_total_count` of them in all; by `status`, `per_page`, `page`, `order`,
        `sortBy` and `search_content`."""
        if "sort_by" in query:  # as it was called for those who signed in by name
            query["sortBy"] = query.pop("sort_by")
        return modelarts_session.service.call("GET", "training-jobs", query=query)

    @staticmethod
    def get_job_configs_list(modelarts_session: Session, **query: Any) -> Told:
        """A page of saved parameters under `configs`, `config_total_count` of them in all."""
        return modelarts_session.service.call("GET", CONFIGS, query=query)

    @staticmethod
    def get_train_instance_types(modelarts_session: Session) -> List[str]:
        """What `train_instance_type` may be, besides `local`."""
        told = modelarts_session.service.call("GET", "job/resource-specs", query={"job_type": "train"})
        return [one["spec_code"] for one in told["specs"]]

    @staticmethod
    def get_framework_list(modelarts_session: Session) -> List[Dict[str, str]]:
        """What `framework_type` and `framework_version` may be. Other names of ModelArts' are read too."""
        told = modelarts_session.service.call("GET", "job/ai-engines", query={"job_type": "train"})
        return [
            {"framework_type": one["engine_name"], "framework_version": one["engine_version"]}
            for one in told["engines"]
        ]

    @staticmethod
    def get_built_in_algorithms(modelarts_session: Session, **query: Any) -> List[Told]:
        found: List[Told] = modelarts_session.service.call("GET", "built-in-algorithms", query=query)["models"]
        return found

    @staticmethod
    def delete_job_by_id(modelarts_session: Session, job_id: Id) -> Told:
        return TrainingJob(modelarts_session, job_id).delete_job()
