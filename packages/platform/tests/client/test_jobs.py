"""Training jobs through `maquette_sdk.client` and `maquette jobs`, with a real worker and a real engine."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from maquette import worker
from maquette.cli.jobs import read_search
from maquette.kernel.errors import BadInput
from maquette.training.search.reading import check_search
from maquette.training.search.templates import template
from maquette_sdk.client import MaquetteError
from maquette_sdk.client.jobs import events

SCRIPT = """
import argparse, json, os
parser = argparse.ArgumentParser()
for name in ("--data_url", "--train_url"):
    parser.add_argument(name)
parser.add_argument("--lr", type=float, default=0.0)
args = parser.parse_args()
print("files", sorted(os.listdir(args.data_url)), "lr", args.lr)
figures = {"total_metric": {"total_metric_values": {"accuracy": args.lr}}}
with open(os.path.join(args.train_url, "metric.json"), "w") as file:
    json.dump(figures, file)
"""

pytestmark = pytest.mark.engine("sklearn")


@pytest.fixture
def working(platform, test_home):
    """A worker beside the server, with the engines that all tests share."""
    engines = platform.settings.home.path / "engines"
    engines.symlink_to(Path(test_home) / "engines")
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


@pytest.fixture
def code(tmp_path):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "old.pyc").touch()
    return folder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"x")
    return folder


@pytest.fixture
def submit(client, working, code, data):
    def call(**options):
        return client.jobs.submit(
            str(code), "train.py", str(data), parameters={"lr": 0.25}, engine="sklearn", name="first", **options
        )

    return call


def test_a_local_folder_becomes_a_job_that_is_followed_to_its_figures(submit, client):
    job = submit()
    assert "files ['cat.jpg'] lr 0.25" in list(job.follow())
    assert (job.state, job.metrics) == ("succeeded", {"accuracy": 0.25})
    assert "files ['cat.jpg'] lr 0.25\n" in job.log()
    assert [event.message for event in job.events()][-1] == "The run has succeeded."
    assert [one["metadata"]["name"] for one in client.jobs.list("fir")] == ["first"]
    assert not any("__pycache__" in one.address for one in client.objects.list(f"obs://{client.jobs.bucket()}/"))


def test_the_next_version_runs_the_same_code_with_other_parameters(submit, client, code):
    job = submit().wait(300)
    (code / "train.py").write_text("raise SystemExit('this is not the code that ran')")
    client.objects.upload(str(code / "train.py"), job.version["specification"]["code"])
    job.again({"lr": 0.5}).wait(300)
    assert (job.version["version"], job.state, job.metrics) == ("V0002", "succeeded", {"accuracy": 0.5})
    assert [version["metrics"] for version in job.versions()] == [{"accuracy": 0.5}, {"accuracy": 0.25}]


def test_what_is_refused_leaves_no_job(submit, client):
    for options, field in (({"flavour": "modelarts.vm.gpu.8"}, "gpus"), ({"nodes": 17}, "spec.resource.node_count")):
        with pytest.raises(MaquetteError) as caught:
            submit(**options)
        assert caught.value.details["field"] == field
    assert client.jobs.list() == []


@pytest.fixture
def algorithm(client, code):
    """An algorithm of which jobs are made, beside one whose name begins like its own."""
    client.buckets.make("codes")
    client.objects.upload(str(code / "train.py"), "obs://codes/train.py")
    ids = {}
    for name in ("trees-2", "trees"):
        config = {"code_dir": "/codes/", "boot_file": "/codes/train.py", "engine": {"engine_id": "sklearn"}}
        config |= {
            "inputs": [{"name": "data_url"}],
            "outputs": [{"name": "train_url"}],
            "parameters_customization": True,
        }
        body = {"metadata": {"name": name}, "job_config": config}
        ids[name] = client.calls.json("POST", "/v2/{project_id}/algorithms", body)["metadata"]["id"]
    return ids["trees"]


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_job_of_an_algorithm_runs_its_code_and_keeps_hours_and_priority(client, algorithm, data, by):
    named = {"name": "trees", "id": algorithm}[by]
    out = {"train_url": "obs://codes/out/"}
    job = client.jobs.submit(algorithm=named, data=str(data), output=out, name="first", hours=1.5, priority=3)
    kept = job.version["specification"]
    assert (kept["algorithm"], kept["code"], kept["boot_file"]) == (algorithm, "obs://codes/", "train.py")
    assert (kept["seconds"], kept["priority"], kept["engine"]) == (5400, 3, "sklearn")


@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        ({}, "code", "nothing to run"),
        ({"code": "obs://codes/"}, "boot", "Name the script"),
        ({"code": "obs://codes/", "algorithm": "trees"}, "code", "Leave out 'code'"),
        ({"engine": "sklearn", "algorithm": "trees"}, "engine", "Leave out 'engine'"),
        ({"algorithm": "bushes"}, None, "no algorithm 'bushes'"),
        ({"algorithm": "tree"}, None, "no algorithm 'tree'"),
    ],
)
def test_a_job_of_no_code_or_of_two_is_refused(client, algorithm, options, field, told):
    with pytest.raises(MaquetteError, match=told) as caught:
        client.jobs.submit(**options)
    assert caught.value.details.get("field") == field
    assert client.jobs.list() == []


def test_a_name_that_is_taken_leaves_the_code_of_the_first_job_as_it_is(submit, client, code):
    job = submit()
    where = job.version["specification"]["code"]
    (code / "train.py").write_text("print('another')")
    with pytest.raises(MaquetteError, match="already") as caught:
        submit()
    assert caught.value.status == 409
    assert client.objects.read(where + "train.py").decode() == SCRIPT
    assert job.wait(300).state == "succeeded"


def test_a_job_is_stopped_and_removed(submit, client, code):
    (code / "train.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    job = submit()
    assert "begun" in job.follow()
    with pytest.raises(MaquetteError) as caught:
        job.delete()
    assert caught.value.status == 409
    job.stop()
    assert job.wait(300).state == "stopped"
    job.delete()
    with pytest.raises(MaquetteError, match="no job 'first'"):
        client.jobs.get("first")


def test_the_command_uploads_follows_and_ends_as_the_job_does(
    live, credentials, working, code, data, algorithm, tmp_path
):
    place = tmp_path / "maquette"
    place.mkdir()
    profile = {"url": live.url, "store": "", "project_id": "", "access": credentials[0], "secret": credentials[1]}
    (place / "profiles.json").write_text(json.dumps({"default": profile}))

    def jobs(*arguments):
        command = [str(Path(sys.executable).parent / "maquette"), "jobs", *arguments]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)

    submitted = ["submit", str(code), "--boot", "train.py", "--engine", "sklearn", "--name", "first"]
    done = jobs(*submitted, "--data", str(data), "--", "--lr=0.75")
    assert (done.returncode, "lr 0.75\n" in done.stdout) == (0, True), done.stderr
    assert "accuracy 0.7500" in done.stderr
    assert "first" in jobs("list").stdout
    assert "V0001" in jobs("show", "first").stdout
    assert "The run has succeeded." in jobs("events", "first").stdout
    assert "lr 0.75\n" in jobs("log", "first").stdout
    assert jobs("again", "first", "--", "--lr=1").returncode == 0
    failed = jobs("again", "first", "--", "--lr=much")
    assert (failed.returncode, "invalid float value" in failed.stdout) == (1, True)
    assert json.loads(jobs("show", "first", "--json").stdout)[0]["state"] == "failed"
    given = ("--output", "obs://codes/out/", "--hours", "2", "--priority", "2", "--no-wait", "--json")
    made = jobs("submit", "--algorithm", "trees", "--name", "of-trees", "--data", str(data), *given, "--", "--lr=0.5")
    assert made.returncode == 0, made.stderr
    kept = json.loads(made.stdout)["specification"]
    assert (kept["algorithm"], kept["seconds"], kept["priority"]) == (algorithm, 7200, 2)
    assert kept["parameters"] == [{"name": "lr", "value": "0.5"}]
    (code / "train.py").write_text("import easydict")
    missing = jobs("submit", str(code), "--boot", "train.py", "--engine", "sklearn", "--name", "second")
    told = "maquette: The engine has no module 'easydict'. Name its package 'easydict' in pip-requirements.txt"
    assert (missing.returncode, told in missing.stderr) == (1, True), missing.stderr
    assert told in jobs("log", "second").stderr
    assert f"V0001: {told.removeprefix('maquette: ')}" in jobs("show", "second").stderr
    twice = jobs(*submitted, "--data", str(data))
    assert (twice.returncode, "There is a job 'first' already" in twice.stderr) == (1, True)
    assert "modelarts.vm.cpu.2u" in jobs("flavours").stdout
    assert jobs("delete", "first").returncode == 0
    assert jobs("stop", "first").stderr.startswith("maquette: There is no job 'first'")


def test_events_are_read_line_by_line():
    lines = iter([": alive", "", "id: 3", 'data: {"text": "a\\n"}', "", "event: end", "id: 3", "data: {}", ""])
    assert [(one.name, one.id, one.data) for one in events(lines)] == [
        ("message", "3", {"text": "a\n"}),
        ("end", "3", {}),
    ]


FIRST_FAILS = """
import os
import moxing as mox
mark = "obs://pets/begun-" + os.environ["VC_TASK_INDEX"]
again = mox.file.exists(mark)
mox.file.write(mark, "x")
print("attempt", 2 if again else 1, "of node", os.environ["VC_TASK_INDEX"], flush=True)
if not again:
    if os.environ["VC_TASK_INDEX"] == "1":
        raise SystemExit("node 1 fails")
    import time
    time.sleep(600)
"""


def test_all_nodes_are_started_again_when_one_has_failed(submit, client, code):
    client.buckets.make("pets")
    (code / "train.py").write_text(FIRST_FAILS)
    job = submit(nodes=2, restarts=1, flavour="modelarts.vm.cpu.1u").wait(300)
    assert job.state == "succeeded"
    for node in (0, 1):
        assert [line for line in job.log(node).splitlines() if line.startswith("attempt")] == [
            f"attempt 1 of node {node}",
            f"attempt 2 of node {node}",
        ]


SEARCH = {
    "skip_search_params": "",
    "reward_attrs": [{"name": "accuracy", "mode": "max", "regex": r"accuracy ([\d.]+)"}],
    "search_params": [
        {
            "name": "lr",
            "param_type": "continuous",
            "lower_bound": "0.1",
            "upper_bound": "0.9",
            "discrete_points_num": "",
            "discrete_values": [],
        }
    ],
    "algo_configs": [{"name": "tpe_search", "params": [{"key": "num_samples", "value": "3", "type": "Integer"}]}],
}


def test_a_search_is_submitted_and_finds_the_best_of_its_trials(submit, code):
    script = (code / "train.py").read_text()
    (code / "train.py").write_text(script + '\nprint("accuracy", args.lr)\n')
    job = submit(search=SEARCH).wait(300)
    assert job.state == "succeeded"
    assert len(job.version["runs"]) == 3


def test_a_search_that_makes_no_sense_is_told_by_its_field(submit, client):
    with pytest.raises(MaquetteError) as caught:
        submit(search={**SEARCH, "algo_configs": [{"name": "no_search", "params": []}]})
    assert "no_search" in caught.value.message
    assert client.jobs.list() == []


@pytest.fixture
def search_file(tmp_path):
    def write(name, text):
        file = tmp_path / name
        file.write_text(text)
        return file

    return write


YAML = r"""
auto_search:             # as in ModelArts' API
  reward_attrs:
    - {name: accuracy, mode: max, regex: 'accuracy ([\d.]+)'}
  skip_search_params:
  search_params:
    - name: lr
      param_type: continuous
      lower_bound: 0.1
      upper_bound: 0.9
      discrete_points_num:
      discrete_values: []
  algo_configs:
    - name: tpe_search
      params: [{key: num_samples, value: 3, type: Integer}]
"""


def test_a_search_reads_the_same_from_yaml_as_from_json(search_file):
    whole = {"auto_search": SEARCH}
    for file in (search_file("s.yaml", YAML), search_file("s.YML", YAML), search_file("s.json", json.dumps(whole))):
        assert read_search(file) == SEARCH
        check_search(read_search(file))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s.yaml", YAML.replace("mode: max,", "mode: max,,"), "cannot be read as YAML (line 4: "),
        ("s.yaml", YAML.replace("    - name: lr\n", "   - name: lr\n      x"), "cannot be read as YAML (line 8: "),
        ("s.yaml", YAML + "\tmore: 1\n", "cannot be read as YAML (line 16: "),
        ("s.yaml", 'regex: "\\d+"', "cannot be read as YAML (line 1: found unknown escape character"),
        ("s.yaml", "a: \x07", "cannot be read as YAML (unacceptable character #x0007"),
        ("s.yaml", "just words", "holds no YAML object"),
        ("s.yaml", "", "holds no YAML object"),
        ("s.yaml", template("TPE"), "is of ModelArts' own YAML templates"),
        ("s.json", "{'a': 1}", "cannot be read as JSON (Expecting property name"),
        ("s.json", "[]", "holds no JSON object"),
        ("s.json", '{"auto_search": 3}', "holds no JSON object"),
    ],
)
def test_a_file_that_is_no_search_is_told_with_its_line(search_file, name, text, told):
    with pytest.raises(BadInput) as refused:
        read_search(search_file(name, text))
    assert told in refused.value.message


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        read_search(tmp_path / "none.yaml")
