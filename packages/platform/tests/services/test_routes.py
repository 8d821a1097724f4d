"""What ModelArts' calls about services do not tell, over HTTP: rolling back, instances, figures, how far a batch is."""

import time

import pytest

from maquette.kernel.identity import Role
from maquette.services import batches, registry
from maquette.services.counts import Counts
from maquette.services.deployment import Status, Target

ECHO = "return data"


@pytest.fixture
def clock():
    """Instances are waited for by the real time."""
    return time.time


@pytest.fixture
def call(floor, client_of):
    """`call(method, path, body)` by the owner: status and body; `call.get(path)` the body of what is well."""
    with client_of() as client:

        def ask(method, path, body=None, **query):
            answer = client.request(
                method, f"/maquette/{floor.who.workspace_id}{path}", json=body, params=query
            )  # fmt: skip
            return answer.status_code, answer.json()

        def get(path, **query):
            status, body = ask("GET", path, **query)
            assert status == 200, body
            return body

        ask.get = get
        ask.client = client
        yield ask


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def test_a_service_goes_back_to_what_it_was(call, floor):
    first, second = floor.model(ECHO), floor.model("return [data]")
    service = floor.deploy(first)
    assert call("POST", f"/services/{service.id}/roll-back")[0] == 404  # there is nothing before it
    floor.change(service, second)
    floor.until_settled(service)
    status, told = call("POST", f"/services/{service.id}/roll-back")
    assert (status, told["revision"], told["service_id"]) == (200, 3, service.id)
    assert floor.again(service).targets[0].model_id == first
    floor.until_settled(service)
    assert call("POST", f"/services/{service.id}/roll-back", {"revision": 2})[1]["revision"] == 4
    assert floor.again(service).targets[0].model_id == second


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"revision": 9}, 404, "no revision 9"),
        ({"revision": 0}, 400, "revision"),
        ({"revision": "x"}, 400, "revision"),
        ({"revision": 10**30}, 400, "revision"),
        ([], 400, "body"),
    ],
)
def test_what_cannot_be_gone_back_to_is_told(body, status, said, call, floor):
    service = floor.deploy(floor.model(ECHO), wait=False)
    found, told = call("POST", f"/services/{service.id}/roll-back", body)
    assert (found, said in told["error_msg"]) == (status, True)


def test_a_service_is_stopped_while_it_is_being_deployed(call, floor):
    service = floor.deploy(floor.model(ECHO, first="import time; time.sleep(600)"), wait=False)
    assert call("POST", f"/services/{service.id}/stop")[1]["status"] == "stopped"
    floor.until(lambda: registry.instances(floor.ctx, service) == [])
    assert floor.again(service).status is Status.STOPPED
    assert call("POST", f"/services/{service.id}/stop")[0] == 200  # what is stopped stays so


# ── told ─────────────────────────────────────────────────────────────────────────────────────────


def test_instances_are_told_with_their_runs_whose_logs_can_be_read(call, floor):
    model = floor.model("print('a call'); return data")
    service = floor.deploy(model)
    [one] = call.get(f"/services/{service.id}/instances")
    assert (one["model_id"], one["model_version"], one["state"]) == (model, "0.0.1", "running")
    assert (one["ready"], one["leaving"]) == (True, False)
    assert one["created_at"] <= one["ready_at"]
    assert floor.ask_service(service).status == 200
    path = f"/maquette/{floor.who.workspace_id}/runs/{one['run_id']}/log"
    floor.until(lambda: "a call" in call.client.get(path).text)
    registry.stop(floor.ctx, service)
    floor.until(lambda: call.get(f"/services/{service.id}/instances") == [])


def test_statistics_are_by_version_and_in_all(call, floor):
    first, second = floor.model("if data.get('bad'): raise KeyError('bad')\nreturn data"), floor.model("return [data]")
    service = floor.deploy(first)
    assert call.get(f"/services/{service.id}/statistics")["total"] == NOTHING | {"weight": 100, "instances": 1}
    for number in range(8):
        answer = floor.ask_service(service, {"bad": 1} if number < 2 else {"n": number})
        assert answer.status == (400 if number < 2 else 200)
    floor.until(lambda: call.get(f"/services/{service.id}/statistics")["total"]["calls"] == 8)
    floor.change(service, second)
    floor.until_settled(service)
    floor.until(lambda: isinstance(floor.ask_service(service).json, list))  # the server has seen it, too
    floor.until(lambda: call.get(f"/services/{service.id}/statistics")["versions"][0]["calls"] == 1)
    told = call.get(f"/services/{service.id}/statistics")
    new, old = told["versions"]
    assert (new["model_version"], new["weight"], new["calls"], new["failures"]) == ("0.0.2", 100, 1, 0)
    assert (old["model_version"], old["weight"], old["failures"], old["calls"] >= 8) == ("0.0.1", 0, 2, True)
    assert [one["model_name"] for one in told["versions"]] == ["cats", "cats"]
    total = told["total"]
    assert (total["calls"], total["failures"], total["weight"]) == (old["calls"] + 1, 2, 100)
    assert total["in_flight"] == 0
    assert 0 < total["p50_ms"] <= total["p95_ms"] <= total["p99_ms"]
    assert total["mean_ms"] > 0
    assert sum(one["count"] for one in total["histogram"]) == total["calls"]
    bounds = [one["le_ms"] for one in total["histogram"]]
    assert bounds == sorted(bounds)
    assert total["histogram"][0]["count"] > 0
    assert total["histogram"][-1]["count"] > 0


NOTHING = {
    "model_id": "", "model_name": "", "model_version": "", "calls": 0, "failures": 0, "mean_ms": None, "p50_ms": None,
    "p95_ms": None, "p99_ms": None, "in_flight": 0, "histogram": [],
}  # fmt: skip


def test_what_a_version_has_counted_stays_when_it_comes_back(call, floor):
    first, second = floor.model(ECHO), floor.model("return [data]")
    service = floor.deploy(first, wait=False)
    count(floor, service, first, 5)
    floor.change(service, second)
    count(floor, service, second, 2)
    floor.change(service, first)
    told = call.get(f"/services/{service.id}/statistics")["versions"]
    assert [(one["model_version"], one["weight"], one["calls"]) for one in told] == [("0.0.1", 100, 5), ("0.0.2", 0, 2)]


def count(floor, service, model_id, calls, seconds=0.01):
    counts = Counts()
    for _ in range(calls):
        counts.add(service.id, model_id, True, seconds)
    counts.save(floor.ctx)


# ── batches ──────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_deployed_through_modelarts_call_and_told_how_far_it_is(call, floor, batch_body):
    services = f"/v1/{floor.who.workspace_id}/services"
    made = call.client.post(services, json=batch_body())
    assert made.status_code == 200, made.json()
    id = made.json()["service_id"]
    shown = call.client.get(f"{services}/{id}").json()
    assert (shown["infer_type"], shown["access_address"], shown["schedule"]) == ("batch", "", [])
    [config] = shown["config"]
    assert (config["src_path"], config["dest_path"], config["mapping_type"]) == (
        "https://pets.obs.example.com/photos/", "https://pets.obs.example.com/found/", "file",
    )  # fmt: skip
    assert (config["req_uri"], config["src_type"], config["mapping_rule"]) == ("/", "", {})
    progress = call.get(f"/services/{id}/progress")
    assert set(progress) == {
        "phase", "percent", "total", "done", "failed", "requests", "failed_requests", "rate", "began_at", "ended_at",
        "seconds_left",
    }  # fmt: skip
    assert call.get(f"/services/{id}/failures") == []
    assert call.get(f"/services/{id}/results") == []
    assert call("GET", f"/services/{id}/results", limit=101)[0] == 400
    [listed] = call.client.get(services, params={"infer_type": "batch"}).json()["services"]
    assert (listed["service_id"], listed["config"][0]["dest_path"]) == (id, config["dest_path"])
    assert (listed["inputs"]["total"], listed["inputs"]["phase"]) == (0, "listing")
    other = call.client.post(services, json=batch_body(dest_path="obs://pets/found") | {"service_name": "other"})
    assert (other.status_code, other.json()["parameters"]["service"]) == (409, "night-shift")
    assert call.client.put(f"{services}/{id}", json={"status": "running"}).status_code == 409  # it goes on already
    assert call.client.put(f"{services}/{id}", json={"description": "at night"}).json() == {}
    assert call.client.get(f"{services}/{id}").json()["description"] == "at night"
    timed = {"schedule": [{"type": "stop", "time_unit": "HOURS", "duration": 1}]}
    assert call.client.put(f"{services}/{id}", json=timed).json()["parameters"]["field"] == "schedule"
    assert call("POST", f"/services/{id}/stop")[1]["status"] == "stopped"
    assert batches.batch_of(registry.find(floor.ctx, floor.who.workspace_id, id)).part == "image"


@pytest.fixture
def batch_body(floor):
    """`batch_body(**config)`: a batch over two files, as ModelArts' examples send one."""
    api = {
        "url": "/", "method": "post",
        "request": {
            "Content-type": "multipart/form-data",
            "data": {"type": "object", "properties": {"image": {"type": "file"}}},
        },
        "response": {"Content-type": "application/json", "data": {"type": "object", "properties": {}}},
    }  # fmt: skip
    for name in ("a.jpg", "b.jpg"):
        floor.store.put("pets", f"photos/{name}", [b"picture"])
    model = floor.model(ECHO, name="shop", apis=[api])

    def make(**config):
        given = {
            "model_id": model, "specification": "modelarts.vm.cpu.2u", "instance_count": 1,
            "src_path": "https://pets.obs.example.com/photos/", "dest_path": "https://pets.obs.example.com/found/",
            "req_uri": "/", "mapping_type": "file",
        } | config  # fmt: skip
        return {"service_name": "night-shift", "infer_type": "batch", "config": [given]}

    return make


def test_what_a_batch_cannot_work_through_is_told_by_its_field(call, floor, batch_body):
    services = f"/v1/{floor.who.workspace_id}/services"
    for change, field in (
        ({"src_path": "/pets/nothing/"}, "config.src_path"),
        ({"src_path": ""}, "config.src_path"),
        ({"dest_path": "/nobody/x/"}, "config.dest_path"),
        ({"mapping_type": "tar"}, "config.mapping_type"),
        ({"req_uri": "/other"}, "config.req_uri"),
        ({"src_type": "Table"}, "config.src_type"),
        ({"instance_count": 0}, "config.instance_count"),
    ):
        answer = call.client.post(services, json=batch_body(**change))
        assert (answer.status_code, answer.json()["parameters"].get("field")) == (400, field), answer.json()
    twice = batch_body()
    twice["config"] *= 2
    assert call.client.post(services, json=twice).json()["parameters"]["field"] == "config"
    timed = batch_body() | {"schedule": [{"type": "stop", "time_unit": "HOURS", "duration": 1}]}
    assert call.client.post(services, json=timed).json()["parameters"]["field"] == "schedule"
    assert call.client.get(services).json()["total_count"] == 0


def test_a_service_that_answers_calls_is_no_batch(call, floor):
    service = floor.deploy(floor.model(ECHO), wait=False)
    for method, path in (("GET", "progress"), ("GET", "failures"), ("GET", "results"), ("POST", "retry")):
        status, told = call(method, f"/services/{service.id}/{path}")
        assert (status, "it is no batch" in told["error_msg"]) == (404, True)


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_sees_figures_and_changes_nothing(floor, client_of):
    service = floor.deploy(floor.model(ECHO), wait=False)
    base = f"/maquette/{floor.who.workspace_id}/services"
    with client_of(Role.VIEWER) as viewer:
        for path in ("instances", "statistics"):
            assert viewer.get(f"{base}/{service.id}/{path}").status_code == 200
            assert viewer.get(f"{base}/nobody/{path}").status_code == 404
        for path in ("roll-back", "stop", "retry"):
            assert viewer.post(f"{base}/{service.id}/{path}").status_code == 403


def test_models_tell_which_services_run_them(call, floor):
    first, second, idle = floor.model(ECHO), floor.model("return [data]"), floor.model("return 1")
    both = floor.deploy(Target(first, weight=60), Target(second, weight=40), name="both")
    alone = floor.deploy(first, name="alone")
    told = call.get("/deployments", models=f"{first},{second},{idle}")
    named = [(one["service_name"], one["model_id"], one["service_id"], one["status"]) for one in told]
    assert named[0] == ("alone", first, alone.id, "running")
    assert sorted(named[1:]) == sorted(("both", model, both.id, "running") for model in (first, second))


@pytest.mark.parametrize("models", ["", "numbers", "x" * 36, ",".join(["0" * 36] * 101)])
def test_up_to_a_hundred_models_are_asked_about_at_once(call, models):
    status, told = call("GET", "/deployments", models=models)
    assert (status, told["parameters"]["field"]) == (400, "models")
