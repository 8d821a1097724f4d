"""The life of a real job through the first generation's calls: two versions, figures, a log, a stop, an end."""

import json
import time
from urllib.parse import urlencode

import pytest
import urllib3

pytestmark = pytest.mark.engine("sklearn")

SCRIPT = """
import argparse, json, os, time
import moxing as mox

parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
parser.add_argument("--accuracy", type=float)
parser.add_argument("--seconds", type=float, default=0)
args = parser.parse_args()
print("train_url", args.train_url)
print("folder", os.getcwd())
mox.file.copy_parallel(args.data_url, "/cache/data")
lines = open("/cache/data/x.txt").read().split()
for number in range(120):
    print("step", number, flush=True)
mox.file.write(args.train_url + "model/weights.txt", " ".join(lines))
total = {"total_metric_values": {"accuracy": args.accuracy, "recall": 0.5}}
classes = [{"metric_meta": {"class_name": "dog", "class_id": 0}, "metric_values": {"recall": 0.5}}]
mox.file.write(args.train_url + "metric.json", json.dumps({"total_metric": total, "metric": classes}))
until = time.time() + args.seconds
while time.time() < until:
    time.sleep(0.05)
print("done")
"""


@pytest.fixture
def clock():
    """A process tells its own times, so the platform's have to be the same."""
    return time.time


@pytest.fixture
def served(live, project):
    """The project, called over a real port."""
    pool = urllib3.PoolManager(timeout=120, retries=False)

    class OverThePort:
        headers = project.client.headers

        def request(self, method, path, json=None, params=None):
            fields = {name: str(value) for name, value in (params or {}).items()}
            url = live.url + path + ("?" + urlencode(fields) if fields else "")
            return Answer(pool.request(method, url, json=json, headers=dict(self.headers)))

    class Answer:
        def __init__(self, answer):
            self.status_code, self.json = answer.status, lambda: json.loads(answer.data)

    project.client = OverThePort()
    return project


def wait_for(project, path, statuses, seconds=300):
    until = time.monotonic() + seconds
    while (shown := project.done("GET", path))["status"] not in statuses:
        assert time.monotonic() < until, shown
        time.sleep(0.1)
    return shown


def remove(project, path):
    """What a run has left is looked at for a moment after its end."""
    until = time.monotonic() + 300
    while project.call("DELETE", path)[0] == 409:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_job_runs_is_read_stopped_and_removed(served, working, job_body, config_body):
    served.put("usr", **{"app/boot.py": SCRIPT, "data/x.txt": "one two"})
    parameters = [{"label": "accuracy", "value": 0.75}]
    made = served.done("POST", "training-jobs", job_body(parameter=parameters))
    first = f"training-jobs/{made['job_id']}/versions/{made['version_id']}"
    shown = wait_for(served, first, {10, 11})
    logs = served.done("GET", f"{first}/log/file-names")["log_file_list"]
    log = served.done("GET", f"{first}/aom-log", log_file=logs[0], base_line="0", lines=500)["content"]
    assert shown["status"] == 10, log
    assert "train_url s3://usr/train/V0001/\nfolder /home/work/user-job-dir\n" in log
    assert log.index("step 0\n") < log.index("step 119\n") < log.index("done\n")

    assert 0 < shown["duration"] < 600_000
    assert shown["start_time"] >= shown["create_time"]
    assert shown["system_metric_list"]["interval"] == 1
    settled = wait_for_metrics(served, first)
    figures = json.loads(settled["model_metric_list"])
    assert figures["total_metric"]["total_metric_values"]["accuracy"] == 0.75
    assert figures["metric"][0]["metric_meta"]["class_name"] == "dog"
    newest = served.done("GET", f"{first}/aom-log", log_file=logs[0], lines=5)
    before = served.done(
        "GET", f"{first}/aom-log", log_file=logs[0], lines=3, base_line=newest["start_line"], order="asc"
    )
    assert "step" in before["content"] and before["lines"] == 3

    second_body = config_body(pre_version_id=made["version_id"])
    second_body["parameter"] = [{"label": "accuracy", "value": "0.8"}, {"label": "seconds", "value": "600"}]
    again = served.done("POST", f"training-jobs/{made['job_id']}/versions", {"config": second_body})
    second = f"training-jobs/{made['job_id']}/versions/{again['version_id']}"
    assert again["version_name"] == "V0002"
    wait_for(served, second, {8})
    assert served.call("DELETE", f"training-jobs/{made['job_id']}")[0] == 409
    served.done("POST", f"{second}/stop")
    assert wait_for(served, second, {12})["status"] == 12

    keys = [info.key for info in store(served).list("usr").objects]
    assert "train/V0001/model/weights.txt" in keys
    assert "log/job-TestModelArtsJob-V0001.0" in keys
    remove(served, second)
    assert served.done("GET", f"training-jobs/{made['job_id']}/versions")["version_count"] == 1
    remove(served, f"training-jobs/{made['job_id']}")
    assert served.done("GET", "training-jobs")["jobs"] == []
    assert "train/V0001/metric.json" in [info.key for info in store(served).list("usr").objects]


def store(project):
    return project.ctx.store


def wait_for_metrics(project, path):
    until = time.monotonic() + 300
    while (shown := project.done("GET", path))["model_metric_list"] == "{}":
        assert time.monotonic() < until, shown
        time.sleep(0.1)
    return shown


def test_a_job_that_fails_tells_its_reason_in_its_log(served, working, job_body):
    served.put("usr", **{"app/boot.py": "import sys\nprint('oh')\nsys.exit(3)\n", "data/x.txt": ""})
    made = served.done("POST", "training-jobs", job_body())
    path = f"training-jobs/{made['job_id']}/versions/V0001"
    assert wait_for(served, path, {10, 11})["status"] == 11
    log = served.done("GET", f"{path}/aom-log", log_file="job-TestModelArtsJob-V0001.0")["content"]
    assert "oh\n" in log


STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("not me", flush=True))
sys.stdout.buffer.write(bytes(range(256)) + b"\\n")
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""


def test_a_script_that_prints_bytes_and_ignores_a_stop_is_read_and_killed(served, working, job_body):
    served.put("usr", **{"app/boot.py": STUBBORN, "data/x.txt": ""})
    made = served.done("POST", "training-jobs", job_body())
    path = f"training-jobs/{made['job_id']}/versions/V0001"
    until = time.monotonic() + 300
    while "ready" not in (log := log_of(served, path, 0)):
        assert time.monotonic() < until, log
        time.sleep(0.1)
    assert "\x00\x01\x02" in log and "\ufffd" in log
    served.done("POST", f"{path}/stop")
    assert wait_for(served, path, {9, 12})["status"] in (9, 12)
    assert wait_for(served, path, {10, 11, 12})["status"] == 12
    assert "not me" in log_of(served, path, 0)


def test_each_node_has_a_log_of_its_own(served, working, job_body):
    script = "import os\nprint('node', os.environ['DLS_TASK_INDEX'], 'of', os.environ['DLS_TASK_NUMBER'])\n"
    served.put("usr", **{"app/boot.py": script, "data/x.txt": ""})
    made = served.done("POST", "training-jobs", job_body(worker_server_num=2))
    path = f"training-jobs/{made['job_id']}/versions/V0001"
    assert wait_for(served, path, {10, 11})["worker_server_num"] == 2
    assert [f"node {node} of 2\n" in log_of(served, path, node) for node in (0, 1)] == [True, True]


def log_of(project, path, node):
    names = project.done("GET", f"{path}/log/file-names")["log_file_list"]
    return project.done("GET", f"{path}/aom-log", log_file=names[node], base_line="0", lines=500)["content"]
