"""The examples as training jobs of a server: code and made data in a bucket, started in the dialect of their time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from maquette import worker
from maquette.buckets.actions import GrantedStore, Rights
from maquette.server import make_app
from maquette.training import jobs
from maquette.workspaces import actions, sessions
from maquette.workspaces.sessions import Caller, open_session

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
LONGEST_SECONDS = 900
SECONDS = 0.5
TENSORFLOW_1, TENSORFLOW_2 = "TF-1.13.1-python3.6", "TF-2.1.0-python3.6"
SMALL_DEEPLAB = """
import os, runpy, sys
os.environ.update(DEEPLAB_CROP_SIZE="33", DEEPLAB_BATCH_SIZE="4", DEEPLAB_EPOCH_NUM="2", DEEPLAB_PER_PRINT_TIMES="2",
                  DEEPLAB_SAVE_CHECKPOINT_STEPS="2", DEEPLAB_INFER_SCALE_SIZES="[0.75, 1.0]")
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "main.py"), run_name="__main__")
"""


@pytest.fixture
def clock():
    """A process tells its own times, so the platform's have to be the same."""
    return time.time


@pytest.fixture
def database_url(tmp_path, test_home):
    """Rows in a file; and the engines that tests share, in the home that is made after this."""
    (test_home / "engines").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")
    return f"sqlite:///{tmp_path}/rows.db"


class Project:
    """The owner's calls, and the buckets."""

    def __init__(self, ctx, client, who):
        self.ctx, self.client, self.who = ctx, client, who
        self.store = GrantedStore(ctx, Rights(ctx), who)

    def call(self, generation, method, path, body=None, **query):
        answer = self.client.request(method, f"/{generation}/{self.who.workspace_id}/{path}", json=body, params=query)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def upload(self, folder, bucket, prefix):
        if bucket not in self.store.buckets():
            self.store.make_bucket(bucket)
        for place, _, names in os.walk(folder, followlinks=True):
            for path in (Path(place) / name for name in names if not place.endswith("__pycache__")):
                self.store.put(bucket, prefix + path.relative_to(folder).as_posix(), [path.read_bytes()])

    def keys(self, bucket, prefix=""):
        return [info.key for info in self.store.list(bucket, prefix).objects]

    def read(self, bucket, key):
        _, file = self.store.open(bucket, key)
        with file:
            return file.read()

    # ── the first generation ──

    def train_v1(self, name, engine, boot, data="", status=10, **parameters):
        """A job on `/examples/NAME/code`; its version when it has ended, and its log."""
        config = {
            "worker_server_num": 1,
            "app_url": f"/examples/{name}/code/",
            "boot_file_url": f"/examples/{name}/code/{boot}",
            "parameter": [{"label": label, "value": value} for label, value in parameters.items()],
            "data_url": data,
            "spec_code": "modelarts.vm.cpu.2u",
            "engine_id": engine,
            "train_url": f"/examples/{name}/{Path(boot).stem}/",
            "log_url": f"/examples/{name}/log/",
        }
        made = self.call("v1", "POST", "training-jobs", {"job_name": f"{name}-{Path(boot).stem}", "config": config})
        path = f"training-jobs/{made['job_id']}/versions/{made['version_id']}"
        shown = self.until(lambda: self.call("v1", "GET", path), lambda shown: shown["status"] in (10, 11, 12, 14))
        log = self.log_v1(path)
        assert shown["status"] == status, log
        job = self.until(lambda: self.call("v1", "GET", path), lambda _: self.is_settled(made["job_id"]))
        assert self.read("examples", f"{name}/log/job-{made['job_name']}-V0001.0").decode() == log
        return job, log

    def log_v1(self, path):
        """All of it, line by line as a console reads on."""
        name = self.call("v1", "GET", f"{path}/log/file-names")["log_file_list"][0]
        content, base = "", "0"
        while (told := self.call("v1", "GET", f"{path}/aom-log", log_file=name, base_line=base, lines=500))["lines"]:
            content, base = content + told["content"], told["end_line"]
        return content

    def is_settled(self, number):
        job = jobs.find_job(self.ctx, self.who.workspace_id, number)
        return jobs.latest_version(self.ctx, job).run.settled

    def until(self, ask, done):
        deadline = time.monotonic() + LONGEST_SECONDS
        while not done(shown := ask()):
            assert time.monotonic() < deadline, shown
            time.sleep(SECONDS)
        return shown


@pytest.fixture
def project(platform):
    """A server's calls, with a worker beside them."""
    with platform.database.write() as rows:
        token = open_session(platform, rows, *actions.owner_of_all(platform), "token", Caller()).ticket
    stopped = threading.Event()
    working = threading.Thread(target=worker.work, args=(platform, stopped))
    working.start()
    with TestClient(make_app(platform), "http://127.0.0.1", headers={"x-auth-token": token}) as client:
        yield Project(platform, client, sessions.who_has(platform, token, "token"))
    stopped.set()
    working.join()


def figures(job):
    return json.loads(job["model_metric_list"])["total_metric"]["total_metric_values"]


def make_data(example, *arguments):
    command = [sys.executable, EXAMPLES / example / "make_data.py", *map(str, arguments)]
    subprocess.run(command, capture_output=True, check=True)


@pytest.mark.engine(TENSORFLOW_1)
@pytest.mark.every_engine
def test_cats_and_dogs_as_a_job_of_the_first_generation(project, tmp_path):
    make_data("cats_and_dogs", "--output", tmp_path / "data", "--drawn", "20")
    project.upload(EXAMPLES / "cats_and_dogs" / "train", "examples", "cats/code/")
    project.upload(tmp_path / "data", "examples", "cats/data/")
    job, log = project.train_v1(
        "cats", TENSORFLOW_1, "dog_and_cat_train.py", "/examples/cats/data/", size=32, batch_size=8, max_epochs=6
    )
    assert job["engine_name"] == "TensorFlow"
    assert len(re.findall(r"^Epoch \d/6$", log, re.MULTILINE)) == 6
    accuracy = figures(job)["accuracy"]
    assert f"test accuracy: {accuracy:.4f}" in log
    assert accuracy >= 0.75
    keys = project.keys("examples", "cats/dog_and_cat_train/V0001/")
    assert "cats/dog_and_cat_train/V0001/model/saved_model.pb" in keys
    assert any("/events." in key for key in keys)
    assert job["system_metric_list"]["memUsage"]


@pytest.mark.engine(TENSORFLOW_2)
@pytest.mark.every_engine
def test_ade20k_as_jobs_of_the_first_generation(project):
    project.upload(EXAMPLES / "ade20k_service" / "train", "examples", "ade20k/code/")
    _, log = project.train_v1("ade20k", TENSORFLOW_2, "random_weights.py")
    weights = "ade20k/random_weights/V0001/deeplabv3_xception65_ade20k.h5"
    assert weights in project.keys("examples", "ade20k/random_weights/"), log
    job, log = project.train_v1("ade20k", TENSORFLOW_2, "saved_model.py", "/examples/ade20k/random_weights/V0001/")
    model = "ade20k/saved_model/V0001/model/"
    assert {model + "saved_model.pb", model + "variables/variables.index"} <= set(project.keys("examples", model)), log
    assert (job["engine_version"], job["model_metric_list"]) == (TENSORFLOW_2, "{}")


@pytest.mark.engine("mindspore")
@pytest.mark.every_engine
def test_voc_deeplab_as_jobs_of_the_first_generation(project, tmp_path):
    code = tmp_path / "code"
    shutil.copytree(EXAMPLES / "voc_deeplab" / "deeplabv3", code, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "small.py").write_text(SMALL_DEEPLAB)
    project.upload(code, "examples", "voc/code/")
    make_data("voc_deeplab/deeplabv3", f"--train_url={tmp_path / 'voc2012'}", "--train=12", "--val=3")
    project.upload(tmp_path / "voc2012", "examples", "voc/voc2012/")
    job, log = project.train_v1("voc", "mindspore", "small.py", "/examples/voc/voc2012/")
    losses = [float(loss) for loss in re.findall(r"^epoch: \d+, step: \d+, outputs are (\S+)$", log, re.MULTILINE)]
    assert losses[-1] < losses[0]
    assert 0 <= figures(job)["mIoU"] <= 1
    assert f"mIoU {figures(job)['mIoU']:.4f}" in log
    names = [Path(key).name for key in project.keys("examples", "voc/small/V0001/ckpt/")]
    assert [name for name in names if name.endswith(".ckpt")] == [
        "checkpoint_deeplabv3-2_1.ckpt", "checkpoint_deeplabv3-2_3.ckpt",
    ]  # fmt: skip


@pytest.mark.engine("tf1.13")
@pytest.mark.every_engine
def test_frozen_yolo_as_jobs_of_the_first_generation(project):
    project.upload(EXAMPLES / "frozen_yolo" / "code", "examples", "yolo/code/")
    project.train_v1("yolo", "tf1.13", "make_data.py")
    _, log = project.train_v1("yolo", "tf1.13", "convert.py", "/examples/yolo/make_data/V0001/")
    keys = project.keys("examples", "yolo/convert/V0001/model/")
    names = {Path(key).name for key in keys}
    assert {"frozen_darknet_yolov3_model.pb", "config.json", "customize_service.py"} <= names, log


@pytest.mark.engine("pytorch")
@pytest.mark.every_engine
def test_flowers_as_a_job_of_the_second_generation(project, tmp_path):
    make_data("flowers_resnet", tmp_path / "data_set", "--each=12")
    project.upload(tmp_path / "data_set", "flowers-resnet", "data_set/")
    project.upload(EXAMPLES / "flowers_resnet" / "code", "flowers-resnet", "code/")
    place = "obs://flowers-resnet/"
    outputs = [
        {"name": name, "remote": {"obs": {"obs_url": f"{place}{folder}/"}}}
        for name, folder in (("train_url", "train"), ("eval_url", "eval"))
    ]
    body = {
        "kind": "job",
        "metadata": {"name": "flowers", "description": "as the author trained it"},
        "algorithm": {
            "code_dir": f"{place}code/",
            "boot_file": f"{place}code/train.py",
            "engine": {"engine_id": "pytorch"},
            "parameters": [{"name": "epochs", "value": "5"}, {"name": "batch_size", "value": "8"}],
            "inputs": [],
            "outputs": outputs,
            "environments": {"OMP_NUM_THREADS": "2"},
        },
        "spec": {
            "resource": {"flavor_id": "modelarts.vm.cpu.2u", "node_count": 1},
            "log_export_path": {"obs_url": f"{place}log/"},
        },
    }
    path = f"training-jobs/{project.call('v2', 'POST', 'training-jobs', body)['metadata']['id']}"
    shown = project.until(
        lambda: project.call("v2", "GET", path),
        lambda shown: shown["status"]["phase"] in ("Completed", "Failed", "Terminated", "Abnormal"),
    )
    log = project.call("v2", "GET", f"{path}/tasks/worker-0/logs/preview")["content"]
    assert shown["status"]["phase"] == "Completed", log
    assert log.count("epoch") >= 5
    keys = project.keys("flowers-resnet")
    assert any(key.startswith("model/") and key.endswith(".pth") for key in keys), keys
    reports = [key for key in keys if key.endswith("model_analysis_results.json")]
    accuracies = [
        json.loads(project.read("flowers-resnet", key))["en-us"]["common"]["acc"]["value"]["Accuracy"]
        for key in reports
    ]
    assert reports and all(0 <= accuracy <= 1 for accuracy in accuracies)
    assert any(key.startswith("log/modelarts-job-") for key in project.keys("flowers-resnet", "log/"))
