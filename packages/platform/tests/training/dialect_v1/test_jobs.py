"""Every call about jobs and versions, with bodies as the API reference prints them."""

import pytest
from sqlalchemy import update

from maquette.runs import actions as runs
from maquette.runs import table
from maquette.training import jobs

PRINTED_VERSION = {
    "version_id", "version_name", "pre_version_id", "engine_type", "engine_name", "engine_id", "engine_version",
    "status", "app_url", "boot_file_url", "create_time", "parameter", "duration", "spec_id", "core", "cpu", "gpu_num",
    "gpu_type", "worker_server_num", "data_url", "train_url", "log_url", "data_source", "model_metric_list",
    "system_metric_list", "start_time", "pool_id", "pool_name",
}  # fmt: skip


def newest(project, number):
    job = jobs.find_job(project.ctx, project.who.workspace_id, number)
    return jobs.latest_version(project.ctx, job)


def test_a_job_is_made_with_its_first_version(usr, job_body):
    made = usr.done("POST", "training-jobs", job_body(engine_id="XGBoost-0.80-Sklearn-0.18.1-python3.6"))
    assert made.pop("resource_id").startswith("job")
    assert made == {
        "is_success": True, "job_id": 1, "job_name": "TestModelArtsJob", "status": 7,
        "create_time": 1_800_000_000_000, "version_id": 1, "version_name": "V0001",
    }  # fmt: skip
    spec = newest(usr, 1).specification
    assert (spec.dialect, spec.code, spec.boot_file) == ("v1", "obs://usr/app/", "boot.py")
    assert [(one.name, one.address) for one in (*spec.inputs, *spec.outputs)] == [
        ("data_url", "obs://usr/data/"),
        ("train_url", "obs://usr/train/"),
    ]
    assert [one.token for one in spec.parameters] == ["--learning_rate=0.01", "--batch_size=32"]
    assert (spec.engine, spec.flavour, spec.log) == (
        "XGBoost-0.80-Sklearn-0.18.1-python3.6", "modelarts.vm.cpu.1u", "obs://usr/log/",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"app_url": "obs://usr/app"}, {"code": "obs://usr/app/"}),
        ({"app_url": "s3://usr/app/", "boot_file_url": "s3://usr/app/boot.py"}, {"code": "obs://usr/app/"}),
        ({"boot_file_url": "other.py"}, {"boot_file": "other.py"}),
        ({"spec_id": "2"}, {"flavour": "modelarts.vm.cpu.2u"}),
        ({"spec_id": None}, {"flavour": ""}),
        ({"spec_id": "modelarts.vm.cpu.2u"}, {"flavour": "modelarts.vm.cpu.2u"}),
        ({"spec_code": "modelarts.vm.cpu.8u"}, {"flavour": "modelarts.vm.cpu.8u"}),
        ({"engine_id": None}, {"engine": ""}),
        ({"engine_id": 6}, {"engine": "TF-1.13.1-python3.6"}),
        ({"engine_id": None, "engine_name": "PyTorch", "engine_version": "PyTorch-1.0.0-python3.6"},
         {"engine": "PyTorch-1.0.0-python3.6"}),
        ({"engine_id": None, "engine_name": "XGBoost-Sklearn"}, {"engine": "XGBoost-Sklearn"}),
        ({"log_url": None, "train_url": None}, {"log": "", "outputs": ()}),
        ({"data_url": None}, {"inputs": ()}),
        ({"worker_server_num": "2"}, {"nodes": 2}),
        ({"train_url": "/usr"}, {}),
        ({"pool_id": "pool9928813f", "user_command": "", "volumes": []}, {}),
    ],
)  # fmt: skip
def test_a_config_may_be_written_in_all_of_these_ways(usr, job_body, changes, found):
    usr.done("POST", "training-jobs", job_body(**changes))
    spec = newest(usr, 1).specification
    assert {name: getattr(spec, name) for name in found} == found


@pytest.mark.parametrize(
    ("value", "token"), [(0.01, "--k=0.01"), (3, "--k=3"), (True, "--k=True"), ("", "--k="), (None, "--k=")]
)
def test_a_parameters_value_may_be_of_any_kind(usr, job_body, value, token):
    made = usr.done("POST", "training-jobs", job_body(parameter=[{"label": "k", "value": value}]))
    assert [one.token for one in newest(usr, made["job_id"]).specification.parameters] == [token]


def test_data_sources_are_shown_as_they_came(usr, job_body):
    sources = [{"type": "obs", "data_url": "/usr/data/"}]
    usr.done("POST", "training-jobs", job_body(data_url=None, data_source=sources))
    assert usr.done("GET", "training-jobs/1/versions/1")["data_source"][0]["data_url"] == "/usr/data/"
    assert newest(usr, 1).specification.inputs[0].address == "obs://usr/data/"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"boot_file_url": "/usr/app/none.py"}, "boot_file_url", "Choose one of boot.py, other.py"),
        ({"boot_file_url": "/usr/elsewhere/boot.py"}, "boot_file_url", "inside the code folder"),
        ({"boot_file_url": "../boot.py"}, "boot_file_url", "inside the code folder"),
        ({"boot_file_url": ""}, "boot_file_url", "name the script"),
        ({"app_url": "/usr/nothing/", "boot_file_url": "boot.py"}, "app_url", "correct app_url"),
        ({"app_url": "/no-such-bucket/app/", "boot_file_url": "boot.py"}, "app_url", "no bucket 'no-such-bucket'"),
        ({"app_url": None}, "app_url", "name a folder"),
        ({"app_url": "/U/app/"}, "app_url", "names no bucket"),
        ({"data_url": "/usr/dta/"}, "data_url", "There is no data"),
        ({"train_url": "/no-such-bucket/out/"}, "train_url", "no bucket 'no-such-bucket'"),
        ({"train_url": "/usr/data/out/"}, "train_url", "lies inside the input"),
        ({"engine_id": 0}, "engine_id", "There is no engine 0"),
        ({"engine_id": "no-such-engine"}, "engine_id", "No engine is called"),
        ({"engine_id": 1}, "engine_id", "Python 2"),
        ({"spec_id": 7}, "spec_id", "There is no flavour 7"),
        ({"spec_id": "modelarts vm"}, "spec_id", "is no flavour"),
        ({"worker_server_num": 0}, "config.worker_server_num", "has to be at least 1"),
        ({"parameter": [{"label": "a b", "value": "1"}]}, "config.parameter.0.label", "another form"),
        ({"data_source": [{"type": "obs", "data_url": "/usr/data/"}]}, "data_source", "twice"),
        ({"data_url": None, "data_source": [{"data_url": "/usr/data/"}, {"data_url": "/usr/app/"}]},
         "data_source", "one source"),
    ],
)  # fmt: skip
def test_what_could_never_run_is_refused_by_its_field(usr, job_body, changes, field, said):
    status, answer = usr.call("POST", "training-jobs", job_body(**changes))
    assert (status, answer["is_success"], answer["error_code"]) == (400, False, "ModelArts.0103")
    assert answer["parameters"]["field"] == field
    assert said in answer["error_message"]
    assert usr.done("GET", "training-jobs")["job_total_count"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_image_url": "100.125.5.235:20202/jobmng/custom-cpu-base:1.0"}, "user_image_url"),
        ({"dataset_id": "38277e62", "dataset_version_id": "2ff0d6ba"}, "dataset_id"),
        ({"data_source": [{"type": "dataset", "dataset_id": "38277e62"}]}, "dataset_id"),
        ({"model_id": 4}, "model_id"),
        ({"volumes": [{"nfs": {"id": "43b3", "dest_path": "/home/work/nas"}}]}, "volumes"),
    ],
)
def test_what_there_is_not_here_is_refused_with_the_way_out(usr, job_body, changes, field):
    status, answer = usr.call("POST", "training-jobs", job_body(**changes))
    assert (status, answer["parameters"]["field"], answer["is_success"]) == (403, field, False)


def test_a_name_that_is_taken_and_one_that_is_none_are_refused(usr, job_body):
    usr.done("POST", "training-jobs", job_body())
    status, answer = usr.call("POST", "training-jobs", job_body())
    assert (status, answer["error_code"], answer["parameters"]["field"]) == (409, "ModelArts.0103", "job_name")
    assert "There is a job 'TestModelArtsJob' already" in answer["error_message"] == answer["error_msg"]
    status, answer = usr.call("POST", "training-jobs", job_body(name="a b"))
    assert (status, answer["parameters"]["field"]) == (400, "job_name")


def test_another_workspace_is_not_this_one(usr, job_body):
    body = job_body() | {"workspace_id": "af261af2218841ec960b01ab3cf1a5fa"}
    status, answer = usr.call("POST", "training-jobs", body)
    assert (status, answer["parameters"]["field"]) == (400, "workspace_id")


def test_a_job_may_wait_for_its_first_version(usr, job_body, config_body):
    made = usr.done("POST", "training-jobs", job_body(create_version=False))
    assert (made["status"], "version_id" in made) == (1, False)
    assert usr.done("GET", "training-jobs")["jobs"][0]["version_count"] == 0
    version = usr.done("POST", f"training-jobs/{made['job_id']}/versions", {"config": config_body()})
    assert version["version_name"] == "V0001"


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


def test_jobs_are_listed_as_the_reference_asks(usr, job_body):
    for name in ("c-job", "a-job", "b_job", "other"):
        usr.done("POST", "training-jobs", job_body(name))
    answer = usr.done(
        "GET", "training-jobs", status=7, per_page=2, page=1, sortBy="job_name", order="asc", search_content="job"
    )
    assert [one["job_name"] for one in answer["jobs"]] == ["a-job", "b_job"]
    assert answer["job_total_count"] == 4  # the description of all of them has the word
    assert {"quotas", "job_count_limit", "is_success"} <= set(answer)
    assert answer["jobs"][0] == {
        "job_id": 2, "job_name": "a-job", "job_desc": "This is a ModelArts job", "version_id": 2, "status": 7,
        "create_time": 1_800_000_000_000, "duration": 0, "version_count": 1,
    }  # fmt: skip
    last = usr.done("GET", "training-jobs", per_page=3, page=2, order="desc")
    assert [one["job_name"] for one in last["jobs"]] == ["a-job"]


@pytest.mark.parametrize("name", ["job_name", "job_desc", "status", "duration", "create_time", "version_count"])
def test_jobs_are_sorted_by_each_name_that_the_reference_has(usr, job_body, name):
    for job_name in ("a-job", "b-job"):
        usr.done("POST", "training-jobs", job_body(job_name))
    for order in ("asc", "desc"):
        listed = usr.done("GET", "training-jobs", sortBy=name, order=order)["jobs"]
        assert [one["job_name"] for one in listed] == sorted(("a-job", "b-job"), reverse=order == "desc")


@pytest.mark.parametrize(("status", "count"), [("7", 1), ("7|8", 1), ("8", 0), ("3|5|6|13", 0), ("", 1)])
def test_jobs_are_found_by_the_numbers_of_their_states(usr, job_body, status, count):
    usr.done("POST", "training-jobs", job_body())
    assert usr.done("GET", "training-jobs", status=status)["job_total_count"] == count


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": 0}, {"per_page": 1001}, {"page": 0}, {"page": 65_536}, {"order": "up"}, {"sortBy": "user"},
        {"status": "running"}, {"status": "99"}, {"search_content": "x" * 101},
    ],
)  # fmt: skip
def test_a_query_that_is_none_is_refused(usr, query):
    status, answer = usr.call("GET", "training-jobs", **query)
    assert (status, answer["is_success"]) == (400, False)
    assert answer["parameters"]["field"] == next(iter(query))


def test_a_description_is_changed(usr, job_body):
    usr.done("POST", "training-jobs", job_body())
    usr.done("PUT", "training-jobs/1", {"job_desc": "another"})
    assert usr.done("GET", "training-jobs")["jobs"][0]["job_desc"] == "another"
    assert usr.call("PUT", "training-jobs/1", {"job_desc": "x" * 257})[0] == 400


# ── versions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_versions(usr, job_body, config_body):
    usr.done("POST", "training-jobs", job_body())
    engine = {"engine_name": "XGBoost-Sklearn", "engine_version": "XGBoost-0.80-Sklearn-0.18.1-python3.6"}
    body = {"job_desc": "This is a ModelArts job", "config": config_body(pre_version_id=1, spec_id=2, **engine)}
    assert usr.done("POST", "training-jobs/1/versions/", body)["version_name"] == "V0002"
    return usr


def test_versions_are_listed_with_all_that_is_printed(two_versions):
    answer = two_versions.done("GET", "training-jobs/1/versions", per_page=5, page=1)
    assert (answer["job_id"], answer["job_name"], answer["version_count"]) == (1, "TestModelArtsJob", 2)
    second, first = answer["versions"]
    assert set(second) >= PRINTED_VERSION
    assert (second["version_name"], second["pre_version_id"], first["pre_version_id"]) == ("V0002", 1, 0)
    assert isinstance(second["system_metric_list"], str)
    assert len(two_versions.done("GET", "training-jobs/1/versions", per_page=1, page=2)["versions"]) == 1
    assert len(two_versions.done("GET", "training-jobs/1/versions", per_page=1)["versions"]) == 2


def test_a_version_is_shown_with_all_that_is_printed(two_versions):
    answer = two_versions.done("GET", "training-jobs/1/versions/2")
    assert set(answer) >= PRINTED_VERSION | {"job_id", "job_name", "job_desc", "is_success", "spec_code"}
    assert (answer["engine_type"], answer["engine_name"]) == (9, "XGBoost-Sklearn")
    assert (answer["app_url"], answer["boot_file_url"]) == ("/usr/app/", "/usr/app/boot.py")
    assert (answer["data_url"], answer["train_url"], answer["log_url"]) == ("/usr/data/", "/usr/train/", "/usr/log/")
    assert answer["parameter"][0] == {"label": "learning_rate", "value": "0.01"}
    assert (answer["spec_id"], answer["core"], answer["gpu_num"], answer["gpu_type"]) == (2, "2", 0, "")
    assert (answer["model_metric_list"], answer["duration"], answer["start_time"]) == ("{}", 0, 0)
    assert answer["system_metric_list"]["cpuUsage"] == []


def test_ids_may_be_numbers_texts_or_those_of_the_second_generation(two_versions):
    job = jobs.find_job(two_versions.ctx, two_versions.who.workspace_id, 1)
    version = jobs.latest_version(two_versions.ctx, job)
    for job_id in ("1", job.id):
        for version_id in (str(version.number), version.id, "V0002"):
            path = f"training-jobs/{job_id}/versions/{version_id}"
            assert two_versions.done("GET", path)["version_name"] == "V0002"


@pytest.mark.parametrize(
    "path",
    [
        "training-jobs/99/versions", "training-jobs/1/versions/99", "training-jobs/no/versions",
        "training-jobs/1/versions/V0009", "training-jobs/1/versions/V", "training-jobs/1/versions/Vx",
        "training-jobs/1/versions/V99999999999999999999", f"training-jobs/{10**30}/versions",
        "training-jobs/%C2%B2/versions", "training-job-configs/none",
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_in_the_first_generations_shape(two_versions, path):
    status, answer = two_versions.call("GET", path)
    assert (status, answer["is_success"]) == (404, False)
    assert answer["error_message"]


def test_a_version_names_the_one_that_it_is_made_from(two_versions, config_body):
    status, answer = two_versions.call("POST", "training-jobs/1/versions", {"config": config_body()})
    assert (status, answer["parameters"]["field"]) == (400, "pre_version_id")
    body = {"config": config_body(pre_version_id="77")}
    assert two_versions.call("POST", "training-jobs/1/versions", body)[0] == 404


def test_a_version_that_waits_is_stopped_at_once_and_can_be_removed(two_versions):
    two_versions.done("POST", "training-jobs/1/versions/2/stop")
    assert two_versions.done("GET", "training-jobs/1/versions/2")["status"] == 12
    two_versions.done("POST", "training-jobs/1/versions/2/stop")
    assert two_versions.done("GET", "training-jobs", status="12")["job_total_count"] == 1


def test_a_job_whose_version_goes_on_is_not_removed(two_versions):
    two_versions.done("POST", "training-jobs/1/versions/2/stop")
    for path in ("training-jobs/1", "training-jobs/1/versions/1"):
        status, answer = two_versions.call("DELETE", path)
        assert (status, answer["is_success"]) == (409, False)
        assert "Stop it first" in answer["error_message"]
    assert two_versions.done("GET", "training-jobs/1/versions")["version_count"] == 2


def test_logs_are_named_by_the_version(two_versions):
    answer = two_versions.done("GET", "training-jobs/1/versions/2/log/file-names")
    assert answer["log_file_list"] == ["job-TestModelArtsJob-V0002.0"]


@pytest.fixture
def written(two_versions):
    """The second version's log, written by a run that goes on."""
    run = newest(two_versions, 1).run
    with two_versions.ctx.database.write() as rows:
        rows.execute(update(table.runs).where(table.runs.c.id == run.id).values(state="running", tries=1))
    folder = runs.folder_of(two_versions.ctx, run.id, 1)
    folder.path.mkdir(parents=True)
    folder.log.write_text("".join(f"line {number}\n" for number in range(1, 101)) + "half a li")
    return two_versions


def read(project, **query):
    query = {"log_file": "job-TestModelArtsJob-V0002.0", **query}
    return project.done("GET", "training-jobs/1/versions/2/aom-log", **query)


def test_a_log_is_read_from_its_newest_lines_upwards_and_on(written):
    newest = read(written)
    assert (newest["lines"], newest["content"].split("\n")[0]) == (50, "line 51")
    assert newest["content"].endswith("line 100\n")
    before = read(written, base_line=newest["start_line"], order="asc", lines=500)
    assert (before["lines"], before["start_line"]) == (50, "0")
    after = read(written, base_line=newest["end_line"], order="desc")
    assert (after["lines"], after["content"]) == (0, "")
    again = read(written, base_line="0", order="desc", lines=2)
    assert again["content"] == "line 1\nline 2\n"
    assert read(written, lines=0)["content"] == ""


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"lines": 501}, 400, "lines"),
        ({"lines": -1}, 400, "lines"),
        ({"order": "up"}, 400, "order"),
        ({"base_line": "x"}, 400, "base_line"),
        ({"base_line": "1551252759254000002"}, 400, "base_line"),
        ({"base_line": "99999"}, 400, "base_line"),
        ({"log_file": "job-x.0"}, 404, "log_file"),
    ],
)
def test_a_range_that_is_none_is_refused(written, query, status, field):
    query = {"log_file": "job-TestModelArtsJob-V0002.0", **query}
    found, answer = written.call("GET", "training-jobs/1/versions/2/aom-log", **query)
    assert (found, answer["parameters"]["field"]) == (status, field)


def test_who_has_no_identity_is_told_in_the_first_generations_shape(usr):
    del usr.client.headers["x-auth-token"]
    status, answer = usr.call("GET", "training-jobs")
    assert (status, answer["is_success"], answer["error_code"]) == (401, False, "APIG.0301")
