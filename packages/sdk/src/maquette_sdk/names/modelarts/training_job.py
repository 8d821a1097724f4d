"""A training job and one of its versions, as the SDK's `fit` gives them back."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Union

from .service import Told
from .session import Session

JOB_STATE: Dict[int, str] = {
    0: "JOBSTAT_UNKNOWN",
    1: "JOBSTAT_INIT",
    2: "JOBSTAT_IMAGE_CREATING",
    3: "JOBSTAT_IMAGE_FAILED",
    4: "JOBSTAT_SUBMIT_TRYING",
    5: "JOBSTAT_SUBMIT_FAILED",
    6: "JOBSTAT_DELETE_FAILED",
    7: "JOBSTAT_WAITING",
    8: "JOBSTAT_RUNNING",
    9: "JOBSTAT_KILLING",
    10: "JOBSTAT_COMPLETED",
    11: "JOBSTAT_FAILED",
    12: "JOBSTAT_KILLED",
    13: "JOBSTAT_CANCELED",
    14: "JOBSTAT_LOST",
    15: "JOBSTAT_SCALING",
    16: "JOBSTAT_SUBMIT_MODEL_FAILED",
    17: "JOBSTAT_DEPLOY_SERVICE_FAILED",
    18: "JOBSTAT_CHECK_INIT",
    19: "JOBSTAT_CHECK_RUNNING",
    20: "JOBSTAT_CHECK_COMPLETED",
    21: "JOBSTAT_CHECK_FAILED",
}
"""What the numbers in `status` mean."""
ENDED = frozenset((3, 5, 6, 10, 11, 12, 13, 14, 16, 17, 20, 21))
COMPLETED = 10
POLL_SECONDS = 1.0
LINES = 50
MOST_LINES = 500
Id = Union[int, str, None]


class TrainingJob:
    """`job_id` and `version_id` name it; both may be numbers or texts."""

    def __init__(self, modelarts_session: Session, job_id: Id = None, version_id: Id = None) -> None:
        self.modelarts_session = modelarts_session
        self.job_id = job_id
        self.version_id = version_id

    # ── what it is ───────────────────────────────────────────────────────────────────────────────

    def get_job_info(self) -> Told:
        """The version: its `status`, `duration` (ms), places, parameters, figures and use of the machine."""
        return self._call("GET", self._version())

    def get_job_version_info(self, **query: Any) -> Told:
        """All versions of the job, newest first, under `versions`."""
        return self._call("GET", self._job() + "/versions", query=query)

    def get_job_version_object_list(self, is_show: bool = True) -> List[TrainingJob]:
        """The same as objects; printed too unless `is_show` is false."""
        found = self.get_job_version_info()["versions"]
        if is_show:
            for one in found:
                print("{version_name}  version_id {version_id}  status {status}".format(**one))
        return [TrainingJob(self.modelarts_session, self.job_id, one["version_id"]) for one in found]

    def wait(self, poll_seconds: float = POLL_SECONDS) -> Told:
        """Until the version has ended; what it is then. Its log is printed as it comes."""
        logs: List[str] = []
        base = "0"
        while True:
            shown = self.get_job_info()
            logs = logs or self.get_job_log_file_list()["log_file_list"]
            base = self._print_log(logs[0], base)
            if shown["status"] in ENDED:
                self._print_log(logs[0], base)
                return shown
            time.sleep(poll_seconds)

    def _print_log(self, log_file: str, base: str) -> str:
        """What has been written since `base`, and where that ends."""
        while True:
            told = self.get_job_log(log_file, base_line=base, lines=MOST_LINES, order="desc")
            if not told["lines"]:
                return base
            print(told["content"], end="", flush=True)
            base = told["end_line"]

    # ── its log ──────────────────────────────────────────────────────────────────────────────────

    def get_job_log_file_list(self) -> Told:
        """The names of its logs, one for each node, under `log_file_list`."""
        return self._call("GET", self._version() + "/log/file-names")

    def get_job_log(
        self, log_file: str, base_line: str = "", lines: int = LINES, order: str = "", **options: Any
    ) -> Told:
        """Some lines of a log under `content`: the newest, those after `base_line`, or with `order="asc"` those before
        it. Where to go on is told by `end_line` and `start_line`."""
        query = {"log_file": log_file, "base_line": base_line, "lines": lines, "order": order or "desc"}
        told = self._call("GET", self._version() + "/aom-log", query=query)
        told["log"] = told["content"]  # as SDKs before 2020 had it
        return told

    # ── changed ──────────────────────────────────────────────────────────────────────────────────

    def stop_job_version(self) -> Told:
        return self._call("POST", self._version() + "/stop")

    def update_job_description(self, description: str) -> Told:
        return self._call("PUT", self._job(), {"job_desc": description})

    def delete_job_version(self) -> Told:
        """One version with its log. What it has put into buckets stays."""
        return self._call("DELETE", self._version())

    def delete_job(self) -> Told:
        """The job with all its versions."""
        return self._call("DELETE", self._job())

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    def _call(self, method: str, path: str, body: Any = None, query: Any = None) -> Told:
        return self.modelarts_session.service.call(method, path, body, query)

    def _job(self) -> str:
        if not self.job_id:
            raise ValueError("Which job? Give job_id to Estimator, or start one with fit().")
        return "training-jobs/{}".format(self.job_id)

    def _version(self) -> str:
        """The newest one where none was named."""
        if not self.version_id:
            found = self.get_job_version_info()["versions"]
            if not found:
                raise ValueError("The job {} has no version yet.".format(self.job_id))
            self.version_id = found[0]["version_id"]
        return "{}/versions/{}".format(self._job(), self.version_id)

    def __repr__(self) -> str:
        return "{}(job_id={!r}, version_id={!r})".format(type(self).__name__, self.job_id, self.version_id)
