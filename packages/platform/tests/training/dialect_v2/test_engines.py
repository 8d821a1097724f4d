"""Engines and flavours as lists; experiments and quotas."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from maquette import wiring
from maquette.kernel.settings import read_settings
from maquette.training.engines import offered


def test_every_engine_that_is_listed_runs_under_each_of_its_names(project, job_body):
    items = project.good("GET", "training-job-engines")["items"]
    names = {one["engine_version"]: one for one in items}
    assert names["PyTorch-1.4.0-python3.6"]["v1_compatible"]
    assert names["horovod_0.22.1-pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64"]["engine_name"] == "Horovod"
    assert "Caffe-1.0.0-python2.7" not in names
    assert not {"TensorBoard", "JupyterLab"} & {one["engine_name"] for one in items}
    for number, one in enumerate(items):
        engine = {"engine_name": one["engine_name"], "engine_version": one["engine_version"]}
        made = project.good("POST", "training-jobs", job_body(f"job-{number}", algorithm={"engine": engine}))
        assert made["algorithm"]["engine"]["engine_version"] == one["engine_version"]


def test_an_own_python_is_listed_as_soon_as_it_is_named(platform, tmp_path):
    own = wiring.engines(read_settings({"MAQUETTE_HOME": str(tmp_path / "of-its-own")}))
    ctx = replace(platform, engines=own)
    before = {one.version for one in offered(ctx)}
    own.add("mine", Path(sys.executable))
    assert {one.version for one in offered(ctx)} - before == {"mine"}
    own.remove("mine")
    assert {one.version for one in offered(ctx)} == before


@pytest.mark.parametrize(
    ("engine", "kept"),
    [
        ({"engine_id": "pytorch-cp36-1.3.0"}, "pytorch-cp36-1.3.0"),
        ({"engine_name": "PyTorch", "engine_version": "1.8.0"}, "PyTorch-1.8.0"),
        ({"engine_name": "PyTorch"}, "PyTorch"),
        ({"engine_name": "Horovod", "engine_version": "0.16.2-TF-1.13.1-python3.6"}, "0.16.2-TF-1.13.1-python3.6"),
        ({}, ""),
    ],
)
def test_an_engine_is_named_in_several_ways(project, job_body, engine, kept):
    from maquette.training import jobs

    id = project.good("POST", "training-jobs", job_body(algorithm={"engine": engine}))["metadata"]["id"]
    found = jobs.latest_version(project.ctx, jobs.find_job(project.ctx, project.who.workspace_id, id))
    assert found.specification.engine == kept


def test_flavours_are_those_of_the_machine_by_type(project):
    flavours = project.good("GET", "training-job-flavors")["flavors"]
    cores = project.ctx.executor.capacity().cores
    assert max(one["flavor_info"]["cpu"]["core_num"] for one in flavours) == cores
    assert project.good("GET", "training-job-flavors", flavor_type="Ascend") == {"total_count": 0, "flavors": []}
    assert {
        one["flavor_type"] for one in project.good("GET", "training-job-flavors", flavor_type="cpu")["flavors"]
    } == {"CPU"}
    assert project.refused("GET", "training-job-flavors", flavor_type="TPU")[1] == "flavor_type"
    assert project.good("GET", "training-pool-flavors", flavor_id="modelarts.vm.cpu.999u")["cpu_core_num"] == cores


def test_jobs_are_put_into_experiments_by_id_or_name(project, job_body):
    made = project.good("POST", "training-experiments", {"metadata": {"name": "flowers", "description": "d"}})
    id = made["metadata"]["id"]
    for name, reference in (("one", {"id": id}), ("two", {"name": "flowers"}), ("three", {"name": "birds"})):
        body = job_body(name, metadata={"training_experiment_reference": reference})
        body["metadata"]["name"] = name
        found = project.good("POST", "training-jobs", body)["metadata"]["training_experiment_reference"]
        assert (found["name"], found["serial_number"]) == {
            "one": ("flowers", "1"), "two": ("flowers", "2"), "three": ("birds", "1"),
        }[name]  # fmt: skip
    listed = project.good("GET", "training-experiments", sort_by="name", order="asc")
    assert [(one["metadata"]["name"], one["statistic"]["job_count"]) for one in listed["items"]] == [
        ("birds", 1), ("flowers", 2),
    ]  # fmt: skip
    assert project.refused("POST", "training-experiments", {"metadata": {"name": "flowers"}})[0] == 409
    assert project.refused("POST", "training-experiments", {"metadata": {"name": "<b>"}})[1] == "name"
    assert project.refused("PUT", f"training-experiments/{id}", {"name": "birds"})[0] == 409
    assert project.refused("GET", "training-experiments", sort_by="colour")[1] == "sort_by"
    project.good("DELETE", f"training-experiments/{id}")
    assert project.refused("GET", f"training-experiments/{id}")[0] == 404
    assert project.good("POST", "training-job-searches", {})["total"] == 3


def test_there_are_no_quotas_but_what_is_used(project, job_body):
    project.good("POST", "training-jobs", job_body())
    assert project.good("GET", "training-quotas")["quotas"][0]["used"] == 1
    assert project.refused("GET", "training-quotas", resource="gpus")[1] == "resource"
    assert project.refused("PUT", "training-quotas", {"quotas": []})[:2] == (403, "quotas")
