"""Notebooks of the first generation: instances of a profile, with storage in a bucket."""

import pytest

PATH = "/demanager/instances"
BODY = {
    "name": "old-bench",
    "profile_id": "Multi-Engine 1.0 (python3)-gpu",
    "flavor": "modelarts.bm.cpu.2u",
    "spec": {
        "storage": {"type": "obs", "location": {"path": "/pets/notes/"}},
        "auto_stop": {"enable": True, "duration": 3600},
    },
}


@pytest.fixture
def instance(call):
    status, answer = call("POST", PATH, BODY)
    assert status == 200, answer
    return answer["id"]


def shown(call, id):
    return call("GET", f"{PATH}/{id}")[1]


def test_one_is_made_opened_stopped_and_started(floor, call, instance):
    floor.until(lambda: shown(call, instance)["status"] == "RUNNING")
    told = shown(call, instance)
    path = told["spec"]["annotations"]["url"].removeprefix("http://127.0.0.1")
    assert floor.client(floor.token()).get(path).text == path
    assert told["spec"]["storage"]["location"]["path"] == "/pets/notes/"
    assert 0 < told["spec"]["auto_stop"]["remain_time"] <= 3600
    stopping = call("POST", f"{PATH}/{instance}/action", {"action": "stop"})[1]
    assert stopping == {"current_status": "STOPPING", "previous_state": "RUNNING"}
    floor.until(lambda: shown(call, instance)["status"] == "STOPPED")
    assert call("POST", f"{PATH}/{instance}/action", {"action": "start"})[1]["previous_state"] == "STOPPED"
    floor.until(lambda: shown(call, instance)["status"] == "RUNNING")


def test_when_it_stops_by_itself_can_be_changed_and_switched_off(floor, call, instance):
    floor.until(lambda: shown(call, instance)["status"] == "RUNNING")
    off = {"description": "x", "spec": {"auto_stop": {"enable": False, "duration": 3600}}}
    assert call("PUT", f"{PATH}/{instance}", off)[1]["spec"]["auto_stop"]["stop_timestamp"] == 0
    floor.clock.pass_seconds(20 * 3600)
    floor.work.step()
    floor.work.step()
    assert (shown(call, instance)["status"], shown(call, instance)["description"]) == ("RUNNING", "x")


def test_they_are_listed_and_removed(floor, call, instance):
    listed = call("GET", PATH)[1]
    assert ([one["id"] for one in listed["instances"]], listed["total_count"]) == ([instance], 1)
    call("POST", f"{PATH}/{instance}/action", {"action": "stop"})
    floor.until(lambda: call("DELETE", f"{PATH}/{instance}")[0] == 200)
    assert call("GET", PATH)[1]["total_count"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_is_refused(call, instance):
    def made(**changed):
        return call("POST", PATH, {**BODY, "name": "another", **changed})[0]

    assert call("POST", f"{PATH}/{instance}/action", {"action": "dance"})[0] == 400
    assert made(spec={"storage": {"type": "tape"}}) == 400
    assert made(spec={"auto_stop": {"enable": True, "duration": 5}}) == 400
    assert made(spec={"storage": {"type": "obs", "location": {"path": "/none-such/"}}}) == 404
    assert made(profile_id="TF-1.8.0-python2.7") == 400
    assert call("GET", PATH, sortby="id")[0] == 400
