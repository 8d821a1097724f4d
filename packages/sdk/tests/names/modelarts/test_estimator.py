"""What the estimator says before it asks a server, and training on this machine."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, List

import pytest


@pytest.fixture
def estimator(mox: Any, home: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("MAQUETTE_URL", raising=False)
    return importlib.import_module("modelarts.estimator")


@pytest.fixture
def session(estimator: Any) -> Any:
    return importlib.import_module("modelarts.session").Session()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command `maquette` that keeps what it is told; `told(code)` makes it end with this code."""
    kept = tmp_path / "told.json"

    def make(code: int = 0) -> Any:
        command = tmp_path / "bin" / "maquette"
        command.parent.mkdir(exist_ok=True)
        command.write_text(
            "#!{}\nimport json, sys\njson.dump(sys.argv[1:], open({!r}, 'w'))\nsys.exit({})\n".format(
                sys.executable, str(kept), code
            )
        )
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(command.parent) + os.pathsep + os.environ["PATH"])

    def read() -> List[str]:
        found: List[str] = json.loads(kept.read_text())
        return found

    make.read = read  # type: ignore[attr-defined]
    return make


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("")
    return tmp_path / "code"


def local(estimator: Any, session: Any, code: Path, **changes: Any) -> Any:
    options = {
        "code_dir": str(code), "boot_file": str(code / "train.py"), "train_instance_type": "local",
        "train_instance_count": 1, "output_path": "/pets/out/", "framework_version": "PyTorch-1.4.0-python3.6",
        "hyperparameters": [{"label": "lr", "value": "0.1"}, {"label": "empty"}],
    }  # fmt: skip
    options.update(changes)
    return estimator.Estimator(session, **options)


def test_a_local_job_is_maquette_run(estimator: Any, session: Any, code: Path, told: Any) -> None:
    told()
    job = local(estimator, session, code).fit(inputs="/pets/train/", job_name="here")
    assert told.read() == [
        "run", str(code), "--boot", "train.py", "--dialect", "v1", "--output", "obs://pets/out/",
        "--data", "obs://pets/train/", "--engine", "PyTorch-1.4.0-python3.6", "--", "--lr=0.1", "--empty=",
    ]  # fmt: skip
    assert job.get_job_info() == {"is_success": True, "job_name": "here", "status": 10, "return_code": 0}
    with pytest.raises(RuntimeError, match="no server knows of it"):
        job.stop_job_version()


def test_folders_of_this_machine_are_taken_as_they_are(estimator: Any, session: Any, code: Path, told: Any) -> None:
    told()
    changes = {"boot_file": "train.py", "output_path": str(code.parent / "out"), "train_instance_count": 2}
    local(estimator, session, code, **changes).fit(inputs="data")
    assert told.read()[2:4] + told.read()[6:10] == [
        "--boot", "train.py", "--output", str(code.parent / "out"), "--data", "data",
    ]  # fmt: skip
    assert "--nodes" in told.read()


def test_a_local_job_that_fails_says_so(estimator: Any, session: Any, code: Path, told: Any) -> None:
    told(3)
    with pytest.raises(RuntimeError, match="'here' has ended with exit code 3"):
        local(estimator, session, code).fit(job_name="here")


def test_a_local_job_needs_its_folder_and_its_command(
    estimator: Any, session: Any, code: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told()
    with pytest.raises(ValueError, match="is no folder of this machine"):
        local(estimator, session, code, code_dir="/pets/code/").fit()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RuntimeError, match="is not on the PATH: install Maquette"):
        local(estimator, session, code).fit()
    monkeypatch.setenv("MAQUETTE_BUCKETS", "{}")
    with pytest.raises(RuntimeError, match="no run has: train with a flavour instead"):
        local(estimator, session, code).fit()


def test_what_is_missing_is_asked_for(estimator: Any, session: Any) -> None:
    nothing = estimator.Estimator(session)
    with pytest.raises(ValueError, match="Which job"):
        nothing.get_job_info()
    with pytest.raises(ValueError, match="Which configuration"):
        nothing.get_job_configs_info()
    with pytest.raises(ValueError, match="Which one"):
        estimator.VisualizationJob(session).stop_visualization_job()
    with pytest.raises(TypeError, match="train_instances"):
        estimator.Estimator(session, train_instances=1)


def test_states_are_named_as_scripts_know_them(estimator: Any) -> None:
    assert [estimator.JOB_STATE[number] for number in (1, 7, 8, 10, 11, 12)] == [
        "JOBSTAT_INIT", "JOBSTAT_WAITING", "JOBSTAT_RUNNING", "JOBSTAT_COMPLETED", "JOBSTAT_FAILED", "JOBSTAT_KILLED",
    ]  # fmt: skip
