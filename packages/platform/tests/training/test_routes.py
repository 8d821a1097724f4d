"""Versions of a job: what one ran on and left, what two have not in common, and the next one made from another."""

import io
import json
import time

import numpy as np
import pytest

pytestmark = pytest.mark.engine("sklearn")

SEARCH = {
    "reward_attrs": [{"name": "acc", "mode": "max", "regex": "acc: ([0-9.]+)"}],
    "search_params": [{"name": "lr", "param_type": "continuous", "lower_bound": "0.1", "upper_bound": "0.2"}],
    "algo_configs": [
        {"name": "tpe_search", "params": [{"key": "num_samples", "value": "2", "type": "Integer"}]},
    ],
}
SCRIPT = """
import argparse, os, shutil, subprocess, sys
parser = argparse.ArgumentParser()
for name in ("data_url", "train_url", "lr", "seed"):
    parser.add_argument("--" + name)
args = parser.parse_args()
site = os.environ["MAQUETTE_SITE"]
os.makedirs(os.path.join(site, "my_tool-1.2.dist-info"))
shutil.copytree(args.data_url, args.train_url, dirs_exist_ok=True)
print("lr", args.lr)
"""
FIGURES = {"total_metric": {"total_metric_values": {"accuracy": 0.75, "recall": None, "f1_score": float("nan")}}}
REPORT = {
    language: {
        "common": {"acc": {"title": title, "value": {"Accuracy": 0.75}}},
        "precision_performance": {"ROC": {}, "cm": {"cell_value": [[1, float("nan")]]}},
        "adversary": {},
    }
    for language, title in (("en-us", "Accuracy"), ("zh-cn", "精度"))
}
SAMPLES = [{"labels": [{"name": number}], "score": "1.0", "obs_path": f"s3://bkt/{number}.jpg"} for number in range(5)]


def arrays():
    file = io.BytesIO()
    np.savez(
        file,
        np_pred_list=np.array([0, 1, np.nan], dtype=np.float32),
        np_label_list=np.array([0, 1, 1], dtype=np.float32),
        np_name_list=np.array(["a.jpg", "b.jpg", "c.jpg"]),
        np_metric=np.array(["accuracy"]),
        np_label_map_dict=np.array(['{"0": "daisy"}']),
    )
    return file.getvalue()


@pytest.fixture
def database_url(tmp_path, engines_at_hand):
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def clock():
    return time.time


@pytest.fixture
def trained(project, working, job_body):
    """The id of a job whose first version has left all that one can leave."""
    left = {
        "metric.json": json.dumps(FIGURES),
        "model_analysis_results.json": json.dumps(REPORT),
        "all_samples.json": json.dumps(SAMPLES),
        "tmp_model_analysis.npz": arrays(),
    }
    return train(project, job_body, left)


@pytest.fixture
def evaluated(project, working, job_body):
    """The id of a job that was evaluated on two sets of pictures, each into a folder of its own."""
    reports = {name: {"en-us": {"common": {"acc": {"title": f"on {name}"}}}} for name in ("train", "val")}
    left = {f"{name}/model_analysis_results.json": json.dumps(report) for name, report in reports.items()}
    return train(project, job_body, left)


def train(project, job_body, left):
    """The id of a job that has left these files in its output."""
    project.put("bkt", **{"code/train.py": SCRIPT, **{f"left/{name}": content for name, content in left.items()}})
    inputs = [{"name": "data_url", "remote": {"obs": {"obs_url": "/bkt/left/"}}}]
    parameters = [{"name": "lr", "value": "0.1"}, {"name": "seed", "value": "7"}]
    body = job_body(algorithm={"inputs": inputs, "parameters": parameters})
    id = project.good("POST", "training-jobs", body)["metadata"]["id"]
    settled(project, id, "V0001")
    return id


def settled(project, id, version):
    """The version once its run has ended and what it left has been kept."""
    end = time.monotonic() + 300
    while True:
        found = shown(project, id, f"/{version}")
        if all(run["settled"] for run in found["runs"]):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.05)


def shown(project, id, path="", **query):
    return project.good("GET", f"training-jobs/{id}/versions{path}", version="maquette", **query)


def refused(project, id, path, **query):
    return project.refused("GET", f"training-jobs/{id}/versions{path}", version="maquette", **query)


def test_a_version_tells_what_it_ran_on_and_what_it_left(project, trained):
    one = shown(project, trained, "/V0001")
    assert (one["version"], one["state"], one["seed"], one["previous"]) == ("V0001", "succeeded", "7", None)
    assert one["metrics"] == {"accuracy": 0.75}
    assert one["installed"] == ["my-tool==1.2"]
    assert "my-tool==1.2" in one["packages"]
    assert any(package.startswith("scikit-learn==1.") for package in one["packages"])
    assert one["engine"]["engine"] == "sklearn-1.9.1"
    assert len(one["code_hash"]) == 64
    assert one["specification"]["parameters"] == [{"name": "lr", "value": "0.1"}, {"name": "seed", "value": "7"}]
    assert one["runs"][0]["split"]["run"] > 0
    assert shown(project, trained)["versions"][0]["version"] == "V0001"
    assert shown(project, trained, "/latest")["id"] == one["id"]
    found = shown(project, trained, "/V0001/metrics")
    assert (found["metrics"], found["file"]) == ({"accuracy": 0.75}, "obs://bkt/out/metric.json")
    assert (found["problem"], found["problem_told"]) == (None, None)


@pytest.mark.parametrize(("content", "code"), [("{}", "training.no_figures"), (b"\xff", "training.no_utf8")])
def test_what_is_wrong_with_its_figures_is_told_with_what_it_is_made_of(project, working, job_body, content, code):
    found = shown(project, train(project, job_body, {"metric.json": content}), "/V0001/metrics")
    assert found["metrics"] is None
    assert found["problem"].startswith("metric.json is no")
    assert (found["problem_told"]["code"], found["problem_told"]["parameters"]["file"]) == (code, "metric.json")


def test_the_analysis_files_are_read_part_by_part_and_page_by_page(project, trained):
    listed = shown(project, trained, "/V0001/analysis")
    assert listed["sections"] == ["common", "precision_performance", "adversary", "all_samples", "predictions"]
    part = shown(project, trained, "/V0001/analysis/common", language="zh-cn")
    assert part["content"]["acc"]["title"] == "精度"
    assert shown(project, trained, "/V0001/analysis/precision_performance")["content"]["cm"]["cell_value"] == [
        [1, None]
    ]
    page = shown(project, trained, "/V0001/analysis/all_samples", offset=3, limit=10)
    assert (page["total"], page["items"]) == (5, SAMPLES[3:])
    page = shown(project, trained, "/V0001/analysis/predictions", offset=1, limit=2)
    assert page["items"] == [
        {"predicted": 1.0, "label": 1.0, "name": "b.jpg"}, {"predicted": None, "label": 1.0, "name": "c.jpg"},
    ]  # fmt: skip
    assert page["texts"]["np_metric"] == "accuracy"
    status, field, told = refused(project, trained, "/V0001/analysis/colour")
    assert (status, field) == (404, "section")
    assert "It has common" in told


def test_of_several_evaluations_each_is_read_by_its_name(project, evaluated):
    listed = shown(project, evaluated, "/V0001/analysis")
    assert (listed["evaluations"], listed["sections"]) == (["train", "val"], ["common"])
    assert listed["files"] == {"model_analysis_results.json": "obs://bkt/out/train/model_analysis_results.json"}
    for name, read in (("", "train"), ("train", "train"), ("val", "val")):
        part = shown(project, evaluated, "/V0001/analysis/common", evaluation=name)
        assert part["content"]["acc"]["title"] == f"on {read}"
    status, field, told = refused(project, evaluated, "/V0001/analysis/common", evaluation="test")
    assert (status, field) == (404, "evaluation")
    assert "It has train, val." in told


@pytest.mark.parametrize(
    ("name", "content", "section", "status", "told"),
    [
        ("model_analysis_results.json", b"{", "common", 400, "is damaged"),
        ("model_analysis_results.json", b"[1]", "common", 400, "is no report"),
        ("model_analysis_results.json", b"[" * 100_000, "common", 400, "is damaged"),
        ("all_samples.json", b"{}", "all_samples", 400, "is no list of samples"),
        ("all_samples.json", b"\xff", "all_samples", 400, "is damaged"),
        ("tmp_model_analysis.npz", b"PK", "predictions", 400, "cannot be read"),
    ],
)
def test_a_damaged_file_is_told(project, trained, name, content, section, status, told):
    project.put("bkt", **{f"out/{name}": content})
    found = refused(project, trained, f"/V0001/analysis/{section}")
    assert (found[0], told in found[2]) == (status, True), found


def test_a_version_runs_again_on_the_very_same_code_and_with_changes(project, trained):
    project.put("bkt", **{"code/train.py": "raise SystemExit('other code')"})
    path = f"training-jobs/{trained}/versions"
    again = project.good("POST", path, {}, version="maquette")
    assert (again["version"], again["previous"]) == ("V0002", "V0001")
    changes = {
        "from": "V0001", "parameters": {"lr": 0.5, "seed": None, "epochs": 3}, "environment": {"A": "1"},
        "outputs": {"train_url": "obs://bkt/out3/"}, "restarts": 1,
    }  # fmt: skip
    project.good("POST", path, changes, version="maquette")
    second, third = settled(project, trained, "V0002"), settled(project, trained, "V0003")
    assert (second["state"], second["metrics"]) == ("succeeded", {"accuracy": 0.75})
    first = shown(project, trained, "/V0001")
    assert second["code_hash"] == first["code_hash"]
    assert third["state"] == "failed"  # its script takes no --epochs
    found = shown(project, trained, "/V0003/difference", **{"with": "V0001"})
    told = {one["name"]: (one["this"], one["other"]) for one in found["specification"]}
    assert told == {
        "parameters.lr": ("0.5", "0.1"), "parameters.seed": (None, "7"), "parameters.epochs": ("3", None),
        "environment.A": ("1", None), "outputs.train_url": ("obs://bkt/out3/", "obs://bkt/out/"), "restarts": (1, 0),
    }  # fmt: skip
    assert found["code"]["same"] is True
    assert shown(project, trained, "/V0002/difference", **{"with": "V0001"})["metrics"] == []


def test_a_version_searches_otherwise_than_the_one_before_or_not_at_all(project, trained):
    path = f"training-jobs/{trained}/versions"
    wider = {**SEARCH, "search_params": [{**SEARCH["search_params"][0], "upper_bound": "0.5"}]}
    given = (
        {"search": SEARCH, "seconds": 60, "log": "obs://bkt/log/"},
        {"search": wider},
        {"search": {}, "log": "", "seconds": 0},
    )
    found = []
    for changes in given:
        made = project.good("POST", path, changes, version="maquette")["version"]
        spec = shown(project, trained, f"/{made}")["specification"]
        found.append((spec["search"], spec["seconds"], spec["log"]))
    assert found == [(SEARCH, 60, "obs://bkt/log/"), (wider, 60, "obs://bkt/log/"), (None, None, "")]


def test_other_code_differs_file_by_file(project, trained):
    project.put("bkt", **{"code/train.py": SCRIPT + "print('more')\n", "code/new.py": ""})
    project.good("POST", f"training-jobs/{trained}/versions", {"code": "obs://bkt/code/"}, version="maquette")
    settled(project, trained, "V0002")
    code = shown(project, trained, "/V0002/difference", **{"with": "V0001"})["code"]
    assert code["same"] is False
    changed = {one["name"]: (one["this"] is not None, one["other"] is not None) for one in code["files"]}
    assert changed == {"new.py": (True, False), "train.py": (True, True)}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"from": "V0009"}, 404, None),
        ({"colour": "red"}, 400, "colour"),
        ({"boot_file": "/etc/passwd"}, 400, "boot_file"),
        ({"code": "obs://bkt/nothing/"}, 400, "code_dir"),
        ({"engine": "nosuch-1.0"}, 400, "engine"),
        ({"inputs": {"data_url": "obs://bkt/none/"}}, 400, "data_url"),
        ({"inputs": {"data_url": "here"}}, 400, "data_url"),
        ({"outputs": {"train_url": "obs://bkt/left/out/"}}, 400, "train_url"),
        ({"nodes": 99}, 400, "nodes"),
        ({"seconds": -1}, 400, "seconds"),
        ({"log": "here"}, 400, "log_export_path"),
        ({"search": {"search_params": []}}, 400, "auto_search.search_params"),
        ({"search": SEARCH, "nodes": 2}, 400, "node_count"),
    ],
)
def test_a_change_that_cannot_run_is_refused_by_its_field(project, trained, body, status, field):
    found = project.refused("POST", f"training-jobs/{trained}/versions", body, version="maquette")
    assert found[:2] == (status, field), found
    assert len(shown(project, trained)["versions"]) == 1


def test_versions_are_stopped_and_removed_one_by_one(project, trained):
    path = f"training-jobs/{trained}/versions"
    project.good("POST", path, {}, version="maquette")
    assert project.refused("DELETE", f"{path}/V0002", version="maquette")[0] == 409
    project.good("POST", f"{path}/V0002/stop", version="maquette", now=True)
    end = time.monotonic() + 300
    while project.call("DELETE", f"{path}/V0002", version="maquette")[0] != 204:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [one["version"] for one in shown(project, trained)["versions"]] == ["V0001"]
    assert refused(project, trained, "/V0002")[0] == 404
    assert project.refused("DELETE", f"{path}/latest", version="maquette")[1] == "version"
