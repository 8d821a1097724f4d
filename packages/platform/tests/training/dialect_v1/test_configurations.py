"""Saved job parameters, with bodies as the reference prints them."""

import pytest

PRINTED = {
    "config_name": "testConfig",
    "config_desc": "This is config",
    "worker_server_num": 1,
    "app_url": "/usr/app/",
    "boot_file_url": "/usr/app/boot.py",
    "parameter": [{"label": "learning_rate", "value": "0.01"}, {"label": "batch_size", "value": "32"}],
    "spec_id": 1,
    "dataset_id": "38277e62-9e59-48f4-8d89-c8cf41622c24",
    "dataset_version_id": "2ff0d6ba-c480-45ae-be41-09a8369bfc90",
    "engine_id": 6,
    "train_url": "/usr/train/",
    "log_url": "/usr/log/",
}


def test_a_configuration_is_kept_shown_changed_and_removed(project):
    assert project.done("POST", "training-job-configs", PRINTED) == {"is_success": True}
    shown = project.done("GET", "training-job-configs/testConfig")
    assert {name: shown[name] for name in PRINTED} == PRINTED
    assert (shown["spec_code"], shown["core"], shown["engine_version"]) == (
        "modelarts.vm.cpu.1u", "1", "TF-1.13.1-python3.6",
    )  # fmt: skip
    project.done("PUT", "training-job-configs/testConfig", {"config_desc": "update", "data_url": "/usr/data/"})
    changed = project.done("GET", "training-job-configs/testConfig")
    assert (changed["config_desc"], changed["data_url"], changed["app_url"]) == ("update", "/usr/data/", "")
    project.done("DELETE", "training-job-configs/testConfig")
    for method in ("GET", "DELETE", "PUT"):
        status, answer = project.call(method, "training-job-configs/testConfig", {} if method == "PUT" else None)
        assert (status, answer["is_success"]) == (404, False)


def test_configurations_are_listed_by_page(project):
    for name in ("configname_b", "configname_a", "other"):
        project.done("POST", "training-job-configs", PRINTED | {"config_name": name, "config_desc": ""})
    query = {"per_page": 10, "page": 1, "sortBy": "create_time", "order": "asc", "search_content": "configname"}
    answer = project.done("GET", "training-job-configs", **query)
    assert (answer["config_total_count"], [one["config_name"] for one in answer["configs"]]) == (
        2, ["configname_a", "configname_b"],
    )  # fmt: skip
    assert answer["configs"][0]["engine_name"] == "TensorFlow"
    assert project.done("GET", "training-job-configs", config_type="sample")["configs"] == []
    newest = project.done("GET", "training-job-configs", per_page=1, page=2)
    assert [one["config_name"] for one in newest["configs"]] == ["configname_b"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"config_name": "a b"}, 400, "config_name"),
        ({"config_desc": "x" * 257}, 400, "config_desc"),
        ({"spec_id": 77}, 400, "spec_id"),
        ({"engine_id": "none"}, 400, "engine"),
        ({"worker_server_num": 0}, 400, "worker_server_num"),
    ],
)
def test_a_configuration_that_is_none_is_refused(project, changes, status, field):
    found, answer = project.call("POST", "training-job-configs", PRINTED | changes)
    assert (found, answer["parameters"]["field"], answer["is_success"]) == (status, field, False)


def test_a_name_is_given_once(project):
    project.done("POST", "training-job-configs", PRINTED)
    status, answer = project.call("POST", "training-job-configs", PRINTED)
    assert (status, answer["parameters"]["field"]) == (409, "config_name")


def test_a_listing_that_is_none_is_refused(project):
    assert project.call("GET", "training-job-configs", sortBy="size")[0] == 400
    assert project.call("GET", "training-job-configs", config_type="all")[0] == 400
