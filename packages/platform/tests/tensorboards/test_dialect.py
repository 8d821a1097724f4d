"""Visualization jobs as ModelArts' clients make, list and stop them."""

import pytest

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.identity import Role
from maquette.workspaces import actions

BODY = {"job_name": "curves", "train_url": "/pets/output/V0001/", "job_type": "tensorboard", "job_desc": "losses"}


@pytest.fixture
def job(call):
    """The number of one that was just made."""
    status, answer = call("POST", "", BODY)
    assert status == 200
    return answer["job_id"]


def status_of(call, job):
    return call("GET", f"/{job}")[1]["status"]


def test_one_is_made_and_opens_when_it_runs(floor, call, job):
    assert status_of(call, job) in (1, 7)
    floor.until(lambda: status_of(call, job) == 8)
    told = call("GET", f"/{job}")[1]
    path = told["service_url"].removeprefix("http://127.0.0.1")
    opened = floor.client(floor.token()).get(path)
    assert (opened.status_code, opened.text) == (200, path)
    assert (told["train_url"], told["job_desc"]) == ("/pets/output/V0001/", "losses")


def test_the_whole_workspace_may_look_and_nobody_else(floor, call, job):
    floor.until(lambda: status_of(call, job) == 8)
    path = call("GET", f"/{job}")[1]["service_url"].removeprefix("http://127.0.0.1")
    assert floor.client(floor.token(Role.VIEWER)).get(path).status_code == 200
    assert floor.client("nobody").get(path).status_code == 401
    parts = path.rstrip("/").split("/")
    guessed = "/".join([*parts[:-1], "0" * 32, ""])
    assert floor.client(floor.token()).get(guessed).status_code == 404


def test_it_is_stopped_and_started_again_at_another_address(floor, call, job):
    floor.until(lambda: status_of(call, job) == 8)
    before = call("GET", f"/{job}")[1]["service_url"]
    assert call("POST", f"/{job}/stop")[1]["is_success"]
    assert status_of(call, job) == 9
    floor.until(lambda: status_of(call, job) == 12)
    assert call("GET", f"/{job}")[1]["service_url"] == ""
    assert floor.client(floor.token()).get(before.removeprefix("http://127.0.0.1")).status_code == 503
    assert (
        call("POST", f"/{job}/restart", {"schedule": {"type": "stop", "time_unit": "HOURS", "duration": 2}})[0] == 200
    )
    floor.until(lambda: status_of(call, job) == 8)
    again = call("GET", f"/{job}")[1]
    assert again["service_url"] not in ("", before)
    assert again["schedule"]["duration"] == 2
    assert call("POST", f"/{job}/restart")[0] == 409


def test_it_is_stopped_while_its_engine_is_fetched(floor, call):
    floor.ctx.engines.held = True
    job = call("POST", "", BODY)[1]["job_id"]
    floor.until(lambda: floor.work.busy)
    assert call("POST", f"/{job}/stop")[1]["is_success"]
    floor.until(lambda: floor.clock.pass_seconds(1) or status_of(call, job) == 12)


def test_it_stops_by_itself_when_its_hours_are_over(floor, call, job):
    floor.until(lambda: status_of(call, job) == 8)
    floor.clock.pass_seconds(4 * 3600 - 60)
    floor.until(lambda: call("GET", f"/{job}")[1]["remaining_duration"] <= 60)
    assert status_of(call, job) == 8
    floor.clock.pass_seconds(61)
    floor.until(lambda: status_of(call, job) == 12)


def test_one_without_a_time_runs_until_it_is_stopped(floor, call):
    body = {**BODY, "schedule": [{"type": "stop", "time_unit": "HOURS", "duration": 0}]}
    job = call("POST", "", body)[1]["job_id"]
    floor.until(lambda: status_of(call, job) == 8)
    floor.clock.pass_seconds(20 * 3600)  # and the token for another four
    for _ in range(5):
        floor.work.step()
    assert status_of(call, job) == 8
    assert call("GET", f"/{job}")[1]["schedule"] is None


def test_it_is_described_and_removed_with_what_its_run_left(floor, call, job):
    assert call("PUT", f"/{job}", {"job_desc": "other"})[1]["is_success"]
    assert call("GET", f"/{job}")[1]["job_desc"] == "other"
    assert call("DELETE", f"/{job}")[0] == 409
    call("POST", f"/{job}/stop")
    floor.until(lambda: call("DELETE", f"/{job}")[0] == 200)
    assert call("GET", f"/{job}")[0] == 404
    assert list(floor.ctx.settings.home.runs.glob("*")) == []


def test_lists_are_paged_sorted_and_searched(call):
    for name in ("b_1", "a_1", "c_2"):
        call("POST", "", {**BODY, "job_name": name})

    def names(**query):
        answer = call("GET", "", **query)[1]
        return [job["job_name"] for job in answer["jobs"]], answer["job_total_count"]

    assert names(sortBy="job_name", order="asc") == (["a_1", "b_1", "c_2"], 3)
    assert names(sortBy="job_name", order="asc", per_page=2, page=2) == (["c_2"], 3)
    assert names(sortBy="job_name", order="asc", search_content="_1") == (["a_1", "b_1"], 2)
    assert names(search_content="%") == ([], 0)
    assert names(status="7") == (names()[0], 3)
    assert names(status="8|12") == ([], 0)


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"job_name": "no spaces please"}, 400, "job_name"),
        ({"job_name": "x" * 21}, 400, "job_name"),
        ({"job_name": ""}, 400, "job_name"),
        ({"job_desc": "x" * 257}, 400, "job_desc"),
        ({"job_type": "mindinsight"}, 400, "job_type"),
        ({"train_url": "pets/output/"}, 400, "address"),
        ({"train_url": "/none-such/output/"}, 404, None),
        ({"train_url": None}, 400, "train_url"),
        ({"schedule": {"type": "stop", "time_unit": "HOURS", "duration": 25}}, 400, "schedule.duration"),
        ({"schedule": {"type": "stop", "time_unit": "HOURS", "duration": -1}}, 400, "schedule.duration"),
        ({"schedule": {"type": "stop", "time_unit": "DAYS", "duration": 1}}, 400, None),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_shown_is_refused_by_the_field(call, changed, status, field):
    answered, told = call("POST", "", {**BODY, **changed})
    assert answered == status, told
    if field:
        assert field in (told["parameters"].get("field"), next(iter(told["parameters"])))


@pytest.mark.parametrize("query", [{"sortBy": "id; drop"}, {"status": "running"}, {"per_page": 0}, {"order": "up"}])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_cannot_be_made_is_refused(call, query):
    assert call("GET", "", **query)[0] == 400


def test_a_name_that_is_taken_is_told(call, job):
    status, told = call("POST", "", BODY)
    assert (status, told["parameters"]["field"]) == (409, "job_name")


def test_a_bucket_of_another_workspace_is_not_shown(floor, call):
    other = actions.make_workspace(floor.ctx, floor.who(floor.token()), "elsewhere")
    store_of_workspace(floor.ctx, other.id).make_bucket("theirs")
    status, told = call("POST", "", {**BODY, "train_url": "/theirs/output/"})
    assert (status, told["code"]) == (403, "refused")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_viewers_change_nothing(floor, call, job):
    viewer = floor.client(floor.token(Role.VIEWER))
    for method, path in (("POST", ""), ("PUT", f"/{job}"), ("DELETE", f"/{job}"), ("POST", f"/{job}/stop")):
        assert call(method, path, BODY, client=viewer)[0] == 403
    assert call("GET", f"/{job}", client=viewer)[0] == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_numbers_that_are_none_are_told(call):
    assert call("GET", "/99")[0] == 404
    assert call("GET", "/curves")[0] == 400
    assert call("GET", f"/{1 << 70}")[0] == 400
