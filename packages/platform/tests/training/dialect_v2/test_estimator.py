"""The SDK's estimator of the second generation against a real server and worker: a script as people write it."""

import json
import os
import subprocess
import sys

import pytest

from maquette.workspaces import keys

TRAIN = """
import argparse, os, time
parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
parser.add_argument("--seconds", type=float, default=0)
args, _ = parser.parse_known_args()
print("hello from", sorted(os.listdir(args.data_url)), os.environ["MODE"], flush=True)
open(os.path.join(args.train_url, "kept.txt"), "w").write("kept")
time.sleep(args.seconds)
"""

LIFE = """
import json, time
from modelarts.estimatorV2 import JOB_STATE, Estimator
from modelarts.session import Session
from modelarts.train_params import InputData, OutputData, TrainingFiles

session = Session(access_key="{access}", secret_key="{secret}", project_id="{project}", region_name="cn-north-4")
session.obs.upload_dir(src_local_dir="code", dst_obs_dir="obs://pets/")

def estimator(seconds, **changes):
    options = dict(session=session, training_files=TrainingFiles(code_dir="obs:/" + "/pets/code", boot_file="train.py"),
                   log_url="obs:/" + "/pets/log/",
                   outputs=[OutputData(obs_path="obs://pets/output/", name="train_url")],
                   parameters=[dict(name="seconds", value=seconds)], framework_type="Scikit_Learn",
                   framework_version="scikit-learn", train_instance_type="modelarts.vm.cpu.1u", train_instance_count=1,
                   env_variables=dict(MODE="fast"), job_description="with ModelArts SDK", pool_id=None,
                   user_command=None)
    return Estimator(**dict(options, **changes))

inputs = [InputData(obs_path="obs://pets/train/", name="data_url")]
job = estimator(0).fit(inputs=inputs, wait=True, job_name="first")
info = job.get_job_info()
log = job.get_job_log()["content"]
metrics = [one["metric"] for one in job.get_job_metrics()["metrics"]]
job.update_job_configs(description="changed")
described = Estimator(session=session, job_id=job.job_id).get_job_info()["metadata"]["description"]

second = estimator(600, training_files=TrainingFiles("obs://pets/code/", "obs://pets/code/train.py")).fit(
    inputs=inputs, job_name="second")
while second.get_job_info()["status"]["phase"] != "Running":
    time.sleep(0.1)
listed = Estimator.get_job_list(session=session, offset=0, limit=10, sort_by="create_time", order="desc")
Estimator.control_job_by_id(session=session, job_id=second.job_id)
ended = second.wait(0.1)["status"]["phase"]

refused = []
for asked in (lambda: estimator(0, user_image_url="deep-learning-demo/mpi:3.0.0").fit(inputs=inputs, job_name="never"),
              lambda: estimator("slow").fit(inputs=inputs, wait=True, job_name="third"),
              lambda: Estimator(session).get_job_info()):
    try:
        asked()
    except Exception as error:
        refused.append(str(error))
Estimator.delete_job_by_id(session=session, job_id=job.job_id)
print("RESULT", json.dumps(dict(
    phase=info["status"]["phase"], name=info.metadata.name, log=log, metrics=metrics, described=described, ended=ended,
    listed=[one["metadata"]["name"] for one in listed["items"]], total=listed["total"], refused=refused,
    left=[one.metadata.name for one in Estimator.get_job_list(session)["items"]],
    kept=session.obs.is_obs_path_exists("obs://pets/output/kept.txt"), state=JOB_STATE[10],
    types=Estimator.get_train_instance_types(session), frameworks=Estimator.get_framework_list(session))))
"""


@pytest.mark.engine("sklearn")
def test_a_script_with_the_second_estimator_drives_the_life_of_a_job(project, live, working, tmp_path):
    made, secret = keys.make_key(project.ctx, project.who.user_id, project.who.workspace_id)
    project.put("pets", **{"train/y.txt": "2"})
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(TRAIN)
    text = LIFE
    for name, value in {"access": made.access, "secret": secret, "project": project.who.workspace_id}.items():
        text = text.replace(f"{{{name}}}", value)
    (tmp_path / "submit.py").write_text(text)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MAQUETTE_URL": live.url}
    done = subprocess.run(
        [sys.executable, "-m", "maquette_sdk.modelarts", "submit.py"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    printed, _, result = done.stdout.rpartition("RESULT ")
    found = json.loads(result)
    assert (found["phase"], found["name"], found["ended"]) == ("Completed", "first", "Terminated")
    assert "hello from ['y.txt'] fast" in found["log"]
    first, completed, _ = printed.partition("Training completed.")  # as wait=True prints it
    assert (first.count("hello from ['y.txt'] fast"), bool(completed)) == (1, True)
    assert (found["listed"], found["total"], found["left"]) == (["second", "first"], 2, ["third", "second"])
    assert (found["described"], found["kept"], found["state"]) == ("changed", True, "JOBSTAT_COMPLETED")
    assert "cpuUsage" in found["metrics"]
    assert "modelarts.vm.cpu.1u" in found["types"]
    assert {"framework_type", "framework_version"} == set(found["frameworks"][0])
    image, failed, nameless = found["refused"]
    assert "image_url" in image
    assert failed == "The job 'third' has ended as Failed. Its log says more."
    assert nameless.startswith("Which job?")
