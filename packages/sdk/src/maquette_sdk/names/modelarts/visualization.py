"""`VisualizationJob` of the ModelArts SDK: a TensorBoard on a folder of a bucket."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

from .service import Told
from .session import Session
from .training_job import Id

JOBS = "visualization-jobs"


class VisualizationJob:
    """One that there is by `visualization_id`, or the way to make one."""

    def __init__(self, modelarts_session: Session, visualization_id: Id = None) -> None:
        self.modelarts_session = modelarts_session
        self.visualization_id = visualization_id
        self.job_name: Optional[str] = None
        self.status: Optional[int] = None
        self.create_time: Optional[int] = None
        self.service_url: Optional[str] = None

    @property
    def job_id(self) -> Id:
        return self.visualization_id

    def create_visualization_job(
        self,
        train_url: str,
        job_name: Optional[str] = None,
        job_desc: str = "",
        job_type: str = "tensorboard",
        schedule: Any = None,
    ) -> VisualizationJob:
        """Starts one on the logs in `train_url`; it opens at `service_url`."""
        body: Dict[str, Any] = {
            "train_url": train_url,
            "job_name": job_name or time.strftime("tb-%m%d-%H%M%S"),
            "job_desc": job_desc,
            "job_type": job_type,
        }
        if schedule is not None:
            body["schedule"] = schedule
        return made(self.modelarts_session, self._call("POST", JOBS, body))

    def get_visualization_job_info(self) -> Told:
        return self._call("GET", self._job())

    def update_visualization_job(self, job_desc: str) -> Told:
        return self._call("PUT", self._job(), {"job_desc": job_desc})

    def stop_visualization_job(self) -> Told:
        return self._call("POST", self._job() + "/stop")

    def restart_visualization_job(self) -> Told:
        return self._call("POST", self._job() + "/restart")

    def delete_visualization_job(self) -> Told:
        return self._call("DELETE", self._job())

    @staticmethod
    def get_visualization_job_list(modelarts_session: Session, **query: Any) -> Told:
        """A page of them under `jobs`; by `status`, `per_page`, `page`, `order`, `sortBy` and `search_content`."""
        return modelarts_session.service.call("GET", JOBS, query=query)

    @staticmethod
    def get_visualization_job_object_list(modelarts_session: Session, **query: Any) -> List[VisualizationJob]:
        told = VisualizationJob.get_visualization_job_list(modelarts_session, **query)
        return [made(modelarts_session, one) for one in told["jobs"]]

    def _call(self, method: str, path: str, body: Any = None) -> Told:
        return self.modelarts_session.service.call(method, path, body)

    def _job(self) -> str:
        if not self.visualization_id:
            raise ValueError("Which one? Give visualization_id, or make one with create_visualization_job().")
        return "{}/{}".format(JOBS, self.visualization_id)


def made(session: Session, told: Told) -> VisualizationJob:
    job = VisualizationJob(session, told["job_id"])
    job.job_name, job.status, job.create_time = told["job_name"], told["status"], told["create_time"]
    job.service_url = told.get("service_url")
    return job
