"""The SDK's estimator against a real server and worker: scripts as people wrote them, run from outside."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maquette.kernel import home
from maquette.kernel.identity import Role
from maquette.workspaces import actions, keys, sessions

TRAIN = """
import argparse, json, time
import moxing as mox
parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
parser.add_argument("--seconds", type=float, default=0)
args, _ = parser.parse_known_args()
print("hello from", args.train_url, mox.file.list_directory(args.data_url))
mox.file.write(args.train_url + "metric.json", json.dumps({"total_metric": {"total_metric_values": {"accuracy": 0.9}}}))
time.sleep(args.seconds)
"""

LIFE = """
import json, sys, time
from modelarts.session import Session
from modelarts.estimator import JOB_STATE, Estimator

session = Session(access_key="{access}", secret_key="{secret}", project_id="{project}", region_name="cn-north-4")
session.obs.upload_dir(src_local_dir="code", dst_obs_dir="obs://pets/")
session.obs.upload_file("x.txt", "/pets/train/")
estimator = Estimator(modelarts_session=session,
                      code_dir="/pets/code/",
                      boot_file="/pets/code/train.py",
                      log_url="/pets/log/",
                      hyperparameters=[dict(label="seconds", value="0")],
                      output_path="/pets/output/",
                      train_instance_type="modelarts.vm.cpu.1u",
                      train_instance_count=1,
                      job_description="with ModelArts SDK")
assert Estimator.get_job_list(session, per_page=10, page=1, order="asc", search_content="first")["job_total_count"] == 0
job_instance = estimator.fit(inputs="/pets/train/", wait=True, job_name="first")
info = job_instance.get_job_info()
log_file_list = job_instance.get_job_log_file_list()
log = job_instance.get_job_log(log_file=log_file_list["log_file_list"][-1]).get("content")

estimator.hyperparameters = [dict(label="seconds", value="600")]
second = estimator.create_job_version(job_id=job_instance.job_id, pre_version_id=job_instance.version_id,
                                      inputs="/pets/train/", wait=False, job_desc="a second version")
while second.get_job_info()["status"] != 8:
    time.sleep(0.1)
versions = estimator.get_job_version_info()
status = second.stop_job_version()
while JOB_STATE[second.get_job_info().status] != "JOBSTAT_KILLED":
    time.sleep(0.1)
estimator.update_job_description(description="changed")
jobs = Estimator.get_job_list(modelarts_session=session, status=12, per_page=10, page=1)
by_id = Estimator(session, job_id=str(second.job_id), version_id=str(second.version_id))
objects = by_id.get_job_version_object_list(is_show=False)
while (metrics := job_instance.get_job_info()["model_metric_list"]) == "{}":
    time.sleep(0.1)
session.obs.download_file("obs://pets/output/V0001/metric.json", "got/")
for wait in range(3000):
    try:
        by_id.delete_job_version()
        Estimator.delete_job_by_id(modelarts_session=session, job_id=job_instance.job_id)
        break
    except Exception as error:
        assert "goes on" in str(error), error
        time.sleep(0.1)
left = Estimator.get_job_list(session)["job_total_count"]
print("RESULT", json.dumps(dict(
    status=info["status"], log=log, versions=[one["version_name"] for one in versions["versions"]],
    description=jobs["jobs"][0].job_desc, objects=len(objects), metrics=json.loads(metrics), left=left,
    resource=info["resource_id"], got=json.load(open("got/metric.json")))))
"""

CHOICES = """
import json
from modelarts.session import Session
from modelarts.estimator import Estimator

session = Session()
config = Estimator(session, code_dir="/pets/code/", boot_file="train.py", output_path="/pets/out/",
                   framework_type="PyTorch", framework_version="PyTorch-1.0.0-python3.6",
                   train_instance_type="modelarts.vm.cpu.2u", train_instance_count=1,
                   hyperparameters=[dict(label="lr", value="0.001")])
saved = config.create_job_configs(config_name="my_job_config", inputs="/pets/data/", config_desc="my job config")
config.update_job_configs(config_name="my_job_config", inputs="/pets/other/", config_desc="update")
shown = config.get_job_configs_info()
listed = Estimator.get_job_configs_list(modelarts_session=session, search_content="my")
deleted = config.delete_job_configs()
refused = []
for change in (dict(dataset_id="d", dataset_version_id="v"), dict(inputs="/pets/none/")):
    try:
        config.fit(job_name="never", **change)
    except Exception as error:
        refused.append(str(error))
print("RESULT", json.dumps(dict(
    types=Estimator.get_train_instance_types(modelarts_session=session),
    frameworks=Estimator.get_framework_list(modelarts_session=session), shown=shown,
    listed=[one["config_name"] for one in listed["configs"]], deleted=deleted["is_success"],
    algorithms=Estimator.get_built_in_algorithms(session), refused=refused)))
"""

BOARDS = """
import json
from modelarts.session import Session
from modelarts.estimator import VisualizationJob

Session.set_endpoint(iam_endpoint="x", obs_endpoint="x", modelarts_endpoint="{url}", region_name="r")
session = Session(username="{user}", password="{password}", region_name="r")
job = VisualizationJob(modelarts_session=session)
board = job.create_visualization_job(train_url="/pets/train/", job_name="visualization_job", job_desc="my own")
board.update_visualization_job(job_desc="update")
info = VisualizationJob(session, visualization_id=str(board.job_id)).get_visualization_job_info()
listed = VisualizationJob.get_visualization_job_object_list(modelarts_session=session)
board.stop_visualization_job()
stopped = board.get_visualization_job_info()["status"]
board.delete_visualization_job()
left = VisualizationJob.get_visualization_job_list(session)["jobs"]
print("RESULT", json.dumps(dict(name=board.job_name, description=info["job_desc"], listed=len(listed),
                                stopped=stopped, left=left)))
"""


@pytest.fixture
def clock():
    """A process tells its own times, so the platform's have to be the same."""
    return time.time


@pytest.fixture
def key(project):
    made, secret = keys.make_key(project.ctx, project.who.user_id, project.who.workspace_id)
    return {"access": made.access, "secret": secret, "project": project.who.workspace_id}


@pytest.fixture
def script(live, project, key, tmp_path):
    """`script(text)` runs it from outside, in a folder with code and data, and gives what it has found out."""
    folder = tmp_path / "mine"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "train.py").write_text(TRAIN)
    (folder / "x.txt").write_text("1")
    project.put("pets", **{"train/y.txt": "2", "data/z.txt": "3"})

    def run(text, **variables):
        (folder / "submit.py").write_text(text)
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MOX_SILENT_MODE": "1", **variables}
        done = subprocess.run(
            [sys.executable, "-m", "maquette_sdk.modelarts", "submit.py"],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        before, _, result = done.stdout.rpartition("RESULT ")
        return json.loads(result) | {"printed": before}

    return run


def filled(text, **values):
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.mark.engine("sklearn")
def test_a_script_of_five_years_ago_drives_the_life_of_a_job(script, live, working, key):
    found = script(filled(LIFE, **key), MAQUETTE_URL=live.url)
    assert found["status"] == 10
    assert "hello from s3://pets/output/V0001/ ['x.txt', 'y.txt']" in found["log"]
    assert "hello from s3://pets/output/V0001/" in found["printed"]  # as wait=True prints it
    assert (found["versions"], found["objects"], found["left"]) == (["V0002", "V0001"], 2, 0)
    assert found["description"] == "changed"
    assert (
        found["metrics"]["total_metric"]["total_metric_values"]
        == {"accuracy": 0.9}
        == (found["got"]["total_metric"]["total_metric_values"])
    )
    assert found["resource"].startswith("job")


def test_choices_and_saved_parameters_are_read_with_the_keys_of_the_environment(script, live, key):
    variables = {
        "MAQUETTE_URL": live.url, "MAQUETTE_ACCESS_KEY": key["access"], "MAQUETTE_SECRET_KEY": key["secret"],
    }  # fmt: skip
    found = script(CHOICES, **variables)
    assert found["types"][0] == "modelarts.vm.cpu.1u"
    assert {"framework_type": "TensorFlow", "framework_version": "TF-2.1.0-python3.6"} in found["frameworks"]
    assert (found["shown"]["data_url"], found["shown"]["config_desc"]) == ("/pets/other/", "update")
    assert found["shown"]["parameter"] == [{"label": "lr", "value": "0.001"}]
    assert (found["listed"], found["deleted"], found["algorithms"]) == (["my_job_config"], True, [])
    datasets, code = found["refused"]
    assert datasets.startswith("There are no data sets here yet.")
    assert "correct app_url" in code


def test_visualization_jobs_are_made_listed_stopped_and_deleted_by_name_and_password(script, live, project):
    _, link = actions.make_user(project.ctx, "somebody", project.who.workspace_id, Role.MEMBER)
    sessions.sign_in_by_link(project.ctx, link, "correct horse")
    found = script(filled(BOARDS, url=live.url, user="somebody", password="correct horse"))
    assert (found["name"], found["description"], found["listed"]) == ("visualization_job", "update", 1)
    assert (found["stopped"] in (9, 12), found["left"]) == (True, [])


HERE = """
import json
from modelarts.session import Session
from modelarts.estimator import Estimator

estimator = Estimator(Session(), code_dir="code", boot_file="code/train.py", train_instance_type="local",
                      train_instance_count=1, output_path="out", framework_type="Scikit Learn",
                      hyperparameters=[dict(label="seconds", value="0")])
job = estimator.fit(inputs=".", wait=True, job_name="here")
print("RESULT", json.dumps(dict(job.get_job_info(), metric=json.load(open("out/V0001/metric.json")))))
"""


@pytest.mark.engine("sklearn")
def test_a_local_job_really_runs_on_this_machine(script, tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = script(HERE, MAQUETTE_HOME=str(tmp_path / "home"), PATH=path)
    assert (found["status"], found["return_code"]) == (10, 0)
    assert found["metric"]["total_metric"]["total_metric_values"]["accuracy"] == 0.9
    assert "hello from s3://" in found["printed"]


PARENT = """
import argparse
from modelarts.session import Session
from modelarts.estimator import Estimator

parser = argparse.ArgumentParser()
parser.add_argument("--child", default="no")
args, _ = parser.parse_known_args()
print("child:", args.child)
if args.child == "no":
    session = Session()
    estimator = Estimator(session, code_dir="/pets/code/", boot_file="/pets/code/train.py", output_path="/pets/out/",
                          train_instance_type="modelarts.vm.cpu.1u", train_instance_count=1,
                          hyperparameters=[dict(label="child", value="yes")])
    child = estimator.fit(wait=True, job_name="child")
    print([(job.job_name, job.status) for job in Estimator.get_job_list(session)["jobs"]], child.job_id)
"""


@pytest.mark.engine("sklearn")
def test_a_job_starts_another_without_any_key(project, live, platform, working):
    home.tell_where(platform.settings.home, live.url)  # as `maquette up` does
    project.put("pets", **{"code/train.py": PARENT})
    config = {
        "app_url": "/pets/code/", "boot_file_url": "train.py", "spec_id": 1, "train_url": "/pets/out/",
    }  # fmt: skip
    project.done("POST", "training-jobs", {"job_name": "parent", "config": config})
    until = time.monotonic() + 300
    while (shown := project.done("GET", "training-jobs/1/versions/1"))["status"] not in (10, 11):
        assert time.monotonic() < until
        time.sleep(0.1)
    name = "job-parent-V0001.0"
    log = project.done("GET", "training-jobs/1/versions/1/aom-log", log_file=name, base_line="0", lines=500)["content"]
    assert shown["status"] == 10, log
    assert "child: no\n" in log and "child: yes\n" in log  # its own, and what it has read of the other's
    assert "[('child', 10), ('parent', 8)] 2" in log
