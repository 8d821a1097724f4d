"""`train_instance_type="local"`: a job of the SDK as `maquette run` on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any, List, Mapping, Sequence

from .service import Told, in_a_run
from .session import Session
from .training_job import COMPLETED, TrainingJob

LOCAL = "local"
BAD = 11


class LocalJob(TrainingJob):
    """One that has run here; only what it is can be asked."""

    def __init__(self, session: Session, name: str, command: Sequence[str], code: int) -> None:
        super().__init__(session)
        self.command = list(command)
        self.returncode = code
        self.job_name = name

    def get_job_info(self) -> Told:
        return Told(
            is_success=True, job_name=self.job_name, status=BAD if self.returncode else COMPLETED,
            return_code=self.returncode,
        )  # fmt: skip

    def _job(self) -> str:
        raise RuntimeError("The job '{}' has run here, and no server knows of it.".format(self.job_name))

    def _version(self) -> str:
        return self._job()


def train_here(
    session: Session, name: str, code_dir: str, boot_file: str, inputs: str, output: str, engine: str,
    hyperparameters: Sequence[Mapping[str, Any]], nodes: int,
) -> LocalJob:  # fmt: skip
    """Runs it to its end, its log on standard output. RuntimeError where it has not ended well."""
    command = [*program(), "run", folder(code_dir), "--boot", boot_in(code_dir, boot_file), "--dialect", "v1"]
    command += ["--output", place(output or name)]
    command += ["--data", place(inputs)] if inputs else []
    command += ["--engine", engine] if engine else []
    command += ["--nodes", str(nodes)] if nodes > 1 else []
    command += ["--"] + ["--{}={}".format(one["label"], one.get("value", "")) for one in hyperparameters]
    code = subprocess.call(command)
    if code:
        raise RuntimeError("The job '{}' has ended with exit code {}. Its log is above.".format(name, code))
    return LocalJob(session, name, command, code)


def program() -> List[str]:
    found = shutil.which("maquette")
    if found is None:
        told = "train_instance_type='local' needs the command `maquette`, which {}."
        where = "no run has: train with a flavour instead" if in_a_run() else "is not on the PATH: install Maquette"
        raise RuntimeError(told.format(where))
    return [found]


def folder(code_dir: str) -> str:
    if not os.path.isdir(code_dir):
        raise ValueError("code_dir: '{}' is no folder of this machine, which a local job needs.".format(code_dir))
    return code_dir


def boot_in(code_dir: str, boot_file: str) -> str:
    """As its folder calls it; ModelArts' scripts name it whole."""
    if os.path.isabs(boot_file) or not os.path.isfile(os.path.join(code_dir, boot_file)):
        return os.path.relpath(os.path.abspath(boot_file), os.path.abspath(code_dir))
    return boot_file


def place(path: str) -> str:
    """A folder of this machine where there is one, else `/bucket/key` as an address. A relative path is of here."""
    if "://" in path or not path.startswith("/") or os.path.exists(os.path.dirname(path.rstrip("/"))):
        return path
    return "obs:/" + path
