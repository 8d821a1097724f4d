"""What tasks tell, while they run and when nothing can be told; and what a run is given when a job asks for it."""

import time

import pytest

NONE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def waiting(project, job_body):
    return project.good("POST", "training-jobs", job_body())["metadata"]["id"]


def test_a_job_that_waits_has_an_empty_log_and_no_figures(project, waiting):
    log = project.good("GET", f"training-jobs/{waiting}/tasks/worker-0/logs/preview")
    assert log == {"content": "", "current_size": 0, "full_size": 0}
    lines = project.good("GET", f"training-jobs/{waiting}/logs/worker-0")
    assert lines == {"start_line": "0", "end_line": "0", "lines": 0, "content": ""}
    usage = project.good("GET", f"training-jobs/{waiting}/metrics/worker-0")["metrics"]
    assert usage[0] == {"metric": "cpuUsage", "value": []}
    assert project.good("GET", f"training-jobs/{waiting}/tasks") == []
    stages = project.good("GET", f"training-jobs/{waiting}/stages")["running_records"]
    assert [one["name"] for one in stages[0]["stages"]] == ["scheduling"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"level": "Error"}, 0),
        ({"pattern": "TURN"}, 1),
        ({"offset": 1}, 0),
        ({"start_time": "0", "end_time": "1"}, 0),
    ],
)
def test_events_are_filtered_and_paged(project, waiting, query, count):
    found = project.good("GET", f"training-jobs/{waiting}/events", **query)
    assert len(found["events"]) == count


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("events", {"limit": 101}, 400, "limit"),
        ("events", {"level": "Loud"}, 400, "level"),
        ("events", {"start_time": "1"}, 400, "start_time"),
        ("events", {"start_time": "now", "end_time": "then"}, 400, "start_time"),
        ("tasks/worker-9/logs/preview", {}, 404, "task_id"),
        ("tasks/worker-9/logs/url", {}, 404, "task_id"),
        ("metrics/ps-0", {}, 404, "task_id"),
        ("logs/worker-0", {"lines": 501}, 400, "lines"),
        ("logs/worker-0", {"base_line": "x"}, 400, "base_line"),
        ("logs/worker-0", {"base_line": "99"}, 400, "base_line"),
        ("logs/worker-0", {"order": "up"}, 400, "order"),
    ],
)
def test_what_nobody_can_be_told_is_told_by_its_field(project, waiting, path, query, status, field):
    found = project.refused("GET", f"training-jobs/{waiting}/{path}", **query)
    assert found[:2] == (status, field), found


def test_a_report_of_another_kind_is_refused(project, waiting):
    found = project.refused("POST", f"training-jobs/{waiting}/tasks/worker-0/reports/gossip", {"type": "x"})
    assert found[:2] == (400, "report_type")


SCRIPT = """
import os, sys
print("args", sys.argv[1:])
print("here", os.getcwd(), "extra", os.environ["extra"], os.listdir(os.environ["extra"]))
out = next(one for one in sys.argv if one.startswith("--train_url=")).partition("=")[2]
print("before", sorted(os.listdir(out)))
open(os.path.join(out, "after.txt"), "w").write("x")
"""


@pytest.mark.engine("sklearn")
def test_a_command_runs_in_its_folder_with_its_places_and_variables(project, job_body, working):
    project.put("bkt", **{"code/train.py": SCRIPT, "extra/y.txt": "y", "out/before.txt": "z"})
    body = job_body(
        algorithm={
            "boot_file": "",
            "command": "echo first $MODE; python ${MA_JOB_DIR}/code/train.py --own=1",
            "working_dir": "/home/ma-user/my work",
            "parameters": [{"name": "lr", "value": "a 'b'"}],
            "environments": {"MODE": "test"},
            "inputs": [
                {"name": "data_url", "local_dir": "/cache/data", "remote": {"obs": {"obs_url": "/bkt/data/"}}},
                {"name": "extra", "access_method": "env", "remote": {"obs": {"obs_url": "/bkt/extra/"}}},
            ],
            "outputs": [
                {"name": "train_url", "prefetch_to_local": True, "remote": {"obs": {"obs_url": "/bkt/out/"}}},
            ],
        }
    )
    id = project.good("POST", "training-jobs", body)["metadata"]["id"]
    end = time.monotonic() + 300
    while (shown := project.good("GET", f"training-jobs/{id}"))["status"]["phase"] in ("Pending", "Running"):
        assert time.monotonic() < end
        time.sleep(0.05)
    log = project.good("GET", f"training-jobs/{id}/tasks/worker-0/logs/preview")["content"]
    assert shown["status"]["phase"] == "Completed", log
    assert "first test" in log
    assert (
        "args ['--own=1', '--data_url=/cache/data/', '--train_url=/home/ma-user/modelarts/outputs/train_url_0/'" in log
    )
    assert """ "--lr=a 'b'"]""" in log
    assert "here /home/ma-user/my work extra /home/ma-user/modelarts/inputs/extra_1/ ['y.txt']" in log
    assert "before ['before.txt']" in log
    assert project.read("bkt", "out/after.txt") == "x"
    assert [one["local_dir"] for one in shown["algorithm"]["inputs"]] == [
        "/cache/data", "/home/ma-user/modelarts/inputs/extra_1",
    ]  # fmt: skip


@pytest.mark.engine("sklearn")
def test_a_script_that_fails_is_tried_again_as_often_as_asked_and_tells_its_code(project, job_body, working):
    project.put("bkt", **{"code/train.py": "raise SystemExit(3)"})
    body = job_body(metadata={"annotations": {"fault-tolerance/job-retry-num": "1"}})
    id = project.good("POST", "training-jobs", body)["metadata"]["id"]
    end = time.monotonic() + 300
    while (shown := project.good("GET", f"training-jobs/{id}"))["status"]["phase"] in ("Pending", "Running"):
        assert time.monotonic() < end
        time.sleep(0.05)
    status = shown["status"]
    assert (status["phase"], status["task_statuses"][0]["exit_code"]) == ("Failed", 3)
    assert [one["end_recover"] for one in status["running_records"]] == ["job_reschedule", ""]
    assert [one["schedule_count"] for one in project.good("GET", f"training-jobs/{id}/tasks")] == [1, 2]
    assert len(project.good("GET", f"training-jobs/{id}/tasks", schedule_count=2)) == 1
    stages = project.good("GET", f"training-jobs/{id}/stages")
    assert [one["stages"][-1]["name"] for one in stages["running_records"]] == ["end", "end"]
