import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from maquette.kernel.errors import BadInput
from maquette.training.domain import (
    Channel,
    Dialect,
    Job,
    command_line,
    input_folder,
    job_environment,
    next_version,
    output_folder,
    read_metrics,
    read_variable,
)


def job(**changes):
    given = {
        "id": "0f1e",
        "name": "Proj",
        "code": "Proj",
        "boot_file": PurePosixPath("train.py"),
        "dialect": Dialect.V1,
        "inputs": (Channel("data_url", "s3://bucket/dataset/", "obs://bucket/dataset/"),),
        "outputs": (Channel("train_url", "s3://bucket/output/V0025/"),),
    }
    return Job(**{**given, **changes})


def test_a_v1_command_is_the_one_of_a_real_log():
    assert command_line(job(gpus=1)) == (
        "Proj/train.py",
        "--data_url=s3://bucket/dataset/",
        "--train_url=s3://bucket/output/V0025/",
        "--num_gpus=1",
    )


def test_a_v2_command_is_the_one_of_a_real_log():
    v2 = job(
        code="code",
        dialect=Dialect.V2,
        inputs=(Channel("data_url", input_folder("data_url", 0)),),
        outputs=(
            Channel("train_url", output_folder("train_url", 0)),
            Channel("eval_url", output_folder("eval_url", 1)),
        ),
        parameters=("--lr=0.1",),
    )
    assert command_line(v2) == (
        "code/train.py",
        "--data_url=/home/ma-user/modelarts/inputs/data_url_0/",
        "--train_url=/home/ma-user/modelarts/outputs/train_url_0/",
        "--eval_url=/home/ma-user/modelarts/outputs/eval_url_1/",
        "--lr=0.1",
    )


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"inputs": (), "outputs": ()}, ["--data_url="]),
        ({"inputs": (), "outputs": (), "dialect": Dialect.V2}, []),
        ({"inputs": (), "outputs": (), "without": frozenset({"data_url"})}, []),
        ({"inputs": (), "outputs": (), "parameters": ("--data_url=mine",)}, ["--data_url=mine"]),
        ({"inputs": (), "outputs": (), "parameters": ("--k=",)}, ["--data_url=", "--k="]),
        ({"outputs": (), "inputs": (), "gpus": 2, "parameters": ("--num_gpus=1",)}, ["--data_url=", "--num_gpus=1"]),
        (
            {"inputs": (), "outputs": (), "arguments_of_2022": True},
            ["--init_method=tcp://127.0.0.1:6666", "--data_url=", "--num_gpus=1"],
        ),
    ],
)
def test_arguments_are_added_once_and_only_where_modelarts_adds_them(changes, arguments):
    assert list(command_line(job(**changes))[1:]) == arguments


def test_a_script_in_a_sub_folder_keeps_its_path():
    assert command_line(job(boot_file=PurePosixPath("tools/train.py")))[0] == "Proj/tools/train.py"


@pytest.mark.parametrize("framework", ["MindSpore", "own"])
def test_mindspore_scripts_find_the_one_device_that_ascend_jobs_told_them(framework):
    variables = job_environment(replace(job(), framework=framework), {"DEVICE_ID": "3"})
    assert {name: variables[name] for name in ("DEVICE_ID", "RANK_ID", "RANK_SIZE")} == {
        "DEVICE_ID": "3",
        "RANK_ID": "0",
        "RANK_SIZE": "1",
    }


def test_scripts_of_other_frameworks_are_told_of_no_ascend_device():
    assert "RANK_ID" not in job_environment(replace(job(), framework="PyTorch"), {})


def test_variables_of_both_generations_are_there_and_the_users_own_win():
    variables = job_environment(job(), {"LOG_LEVEL": "DEBUG", "MINE": "1"})
    assert variables["DLS_TASK_NUMBER"] == variables["MA_NUM_HOSTS"] == "1"
    assert variables["VC_WORKER_HOSTS"].split(",")[0] == variables["MA_CURRENT_IP"]
    # Scripts put "/name" behind these two.
    assert variables["DATA_URL"] == "bucket/dataset"
    assert variables["DLS_DATA_URL"] == "s3://bucket/dataset/"
    # Where it is missing, scripts take the machine for somebody's desk and never import moxing.
    assert variables["DLS_LOCAL_CACHE_PATH"] == "/cache"
    assert variables["MA_JOB_DIR"] == "/home/ma-user/modelarts/user-job-dir"
    assert (variables["LOG_LEVEL"], variables["MINE"]) == ("DEBUG", "1")
    given = json.loads(variables["MA_INPUTS"])["inputs"][0]
    assert given["parameter"] == {"label": "data_url", "value": "s3://bucket/dataset/"}
    assert given["data_source"]["obs"]["obs_url"] == "obs://bucket/dataset/"


@pytest.mark.parametrize(
    ("existing", "version"),
    [([], "V0001"), (["V0001", "V0003", "notes"], "V0004"), (["V9999"], "V10000"), (["V001", "v0007"], "V0001")],
)
def test_the_next_version_is_one_more_than_the_highest(existing, version):
    assert next_version(existing) == version


def test_metric_json_gives_its_total_figures():
    text = '{"total_metric": {"total_metric_values": {"accuracy": 0.82, "recall": null}}}'
    assert read_metrics(text) == {"accuracy": 0.82}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"total_metric": 1}', '{"total_metric":{"total_metric_values":{"accuracy":"high"}}}']
)
def test_a_metric_json_of_another_form_is_refused_with_the_form(text):
    with pytest.raises(BadInput, match="total_metric_values") as refused:
        read_metrics(text)
    assert refused.value.message.code == "training.no_figures"


@pytest.mark.parametrize("text", ["NAME", "=x", "1A=x", "A B=x", "$A=x"])
def test_a_variable_without_name_or_value_is_refused(text):
    with pytest.raises(BadInput, match="NAME=value"):
        read_variable(text)


def test_a_variables_value_may_hold_equal_signs():
    assert read_variable("A=b=c") == ("A", "b=c")
