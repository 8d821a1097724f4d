"""ModelArts' calls about services, sent and signed by the published client of ModelArts."""

import time
import warnings

import pytest
from sqlalchemy import insert

from maquette.kernel.identity import Role
from maquette.models import registry as models
from maquette.services import registry
from maquette.services.counts import Counts
from maquette.services.deployment import Status, Target
from maquette.services.table import service_batches
from maquette.workspaces import keys

ECHO = "return data"
DETAILS = {
    "service_id", "service_name", "description", "tenant", "project", "owner", "publish_at", "update_time",
    "infer_type", "status", "progress", "access_address", "workspace_id", "additional_properties", "is_shared",
    "invocation_times", "failed_times", "shared_count", "operation_time", "config", "schedule", "transition_at",
    "is_free", "error_msg",
}  # fmt: skip
CONFIG = {
    "model_id", "model_name", "model_version", "source_type", "specification", "custom_spec", "status", "weight",
    "instance_count", "scaling", "envs", "additional_properties", "support_debug",
}  # fmt: skip
MONITOR = {
    "model_id", "model_name", "model_version", "invocation_times", "failed_times", "cpu_core_usage", "cpu_core_total",
    "cpu_memory_usage", "cpu_memory_total", "gpu_usage", "gpu_total", "gpu_memory_usage", "gpu_memory_total",
    "model_running_instance_count", "model_instance_count",
}  # fmt: skip


@pytest.fixture
def clock():
    """Clients sign and wait by the real time."""
    return time.time


class Refused(Exception):
    """The published client's error, as it reads it."""

    def __init__(self, error):
        super().__init__(error.error_msg)
        self.status, self.code, self.said = error.status_code, error.error_code, error.error_msg


@pytest.fixture
def sdk(floor):
    """`sdk(method, path, body, **query)`: a call by the published client. It has lost the methods of this generation,
    and still signs, sends and reads as it did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
        from huaweicloudsdkcore.sdk_response import SdkResponse
        from huaweicloudsdkmodelarts.v1 import ModelArtsClient
    made, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id)
    credentials = BasicCredentials(made.access, secret, floor.who.workspace_id)
    client = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(floor.live.url).build()
    answer = type("Answer", (SdkResponse,), {"openapi_types": {}, "attribute_map": {}})

    def call(method, path="", body=None, **query):
        try:
            found = client.do_http_request(
                method, f"/v1/{{project_id}}/services{path}", query_params=list(query.items()),
                header_params={"Content-Type": "application/json;charset=UTF-8"}, body=body, response_type=answer,
                collection_formats={},
            )  # fmt: skip
        except ServiceResponseException as error:
            raise Refused(error) from None
        return found.to_json_object()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield call


def of_version(model_id, **given):
    return {"model_id": model_id, "weight": 100, "specification": "modelarts.vm.cpu.2u", "instance_count": 1, **given}


def deploy(sdk, *config, name="mnist", **given):
    body = {"service_name": name, "description": "digits", "infer_type": "real-time", "config": list(config), **given}
    return sdk("POST", body=body)["service_id"]


def until(sdk, floor, id, *statuses):
    floor.until(lambda: sdk("GET", f"/{id}")["status"] in statuses)
    return sdk("GET", f"/{id}")


# ── a life ───────────────────────────────────────────────────────────────────────────────────────


def test_a_service_lives_from_deploy_to_removal(sdk, floor):
    first, second = floor.model(ECHO), floor.model("return [data]")
    id = deploy(
        sdk,
        of_version(first, weight="70", envs={"load_epoch": "0", "size": 3, "flip": True}),
        of_version(second, weight="30"),
        schedule=[{"type": "stop", "time_unit": "MINUTES", "duration": 90}],
        additional_properties={"smn_notification": {"topic_urn": "t", "events": [3]}}, workspace_id="0",
    )  # fmt: skip
    shown = until(sdk, floor, id, "running")
    assert set(shown) >= DETAILS
    assert all(set(one) == CONFIG for one in shown["config"])
    assert [(one["weight"], one["status"], one["model_version"]) for one in shown["config"]] == [
        (70, "ready", "0.0.1"), (30, "ready", "0.0.2"),
    ]  # fmt: skip
    assert shown["config"][0]["envs"] == {"load_epoch": "0", "size": "3", "flip": "true"}
    assert (shown["progress"], shown["description"], shown["error_msg"]) == (100, "digits", "")
    assert shown["schedule"] == [{"type": "stop", "time_unit": "MINUTES", "duration": 90}]
    assert shown["due_time"] - shown["publish_at"] == pytest.approx(90 * 60 * 1000, abs=60_000)
    assert shown["access_address"] == f"{floor.live.url}/v1/infers/{id}"
    answers = [floor.ask_service(registry.find(floor.ctx, floor.who.workspace_id, id)) for _ in range(10)]
    assert [answer.status for answer in answers] == [200] * 10
    floor.until(lambda: sdk("GET", f"/{id}")["invocation_times"] == 10)
    listed = sdk("GET", service_name="nis", status="running", infer_type="real-time", sort_by="service_name")
    assert (listed["total_count"], listed["services"][0]["invocation_times"]) == (1, 10)
    assert sdk("DELETE", f"/{id}") == {}
    with pytest.raises(Refused, match="no service") as gone:
        sdk("GET", f"/{id}")
    assert gone.value.status == 404


def test_an_update_is_in_its_log_with_what_it_consisted_of(sdk, floor):
    first, second = floor.model(ECHO), floor.model("return [data]")
    id = deploy(sdk, of_version(first))
    until(sdk, floor, id, "running")
    assert sdk("PUT", f"/{id}", {"config": [of_version(second)], "description": "better digits"}) == {}
    floor.until(lambda: sdk("GET", f"/{id}/logs")["logs"][0]["result"] == "SUCCESS")
    told = sdk("GET", f"/{id}/logs")
    assert [(one["revision"], one["config"][0]["model_id"]) for one in told["logs"]] == [(2, second), (1, first)]
    assert (told["service_name"], sdk("GET", f"/{id}")["description"]) == ("mnist", "better digits")
    moment = told["logs"][1]["update_time"]
    assert [one["revision"] for one in sdk("GET", f"/{id}/logs", update_time=moment)["logs"]] == [1]


def test_status_wins_over_config(sdk, floor):
    first, second = floor.model(ECHO), floor.model("return [data]")
    id = deploy(sdk, of_version(first))
    until(sdk, floor, id, "running")
    sdk("PUT", f"/{id}", {"status": "stopped", "config": [of_version(second)], "description": "rests"})
    shown = until(sdk, floor, id, "stopped")
    assert (shown["config"][0]["model_id"], shown["description"]) == (first, "rests")
    assert "due_time" not in shown
    sdk("PUT", f"/{id}", {"status": "running", "schedule": [{"type": "stop", "time_unit": "DAYS", "duration": 2}]})
    shown = until(sdk, floor, id, "running")
    assert shown["schedule"] == [{"type": "stop", "time_unit": "HOURS", "duration": 48}]
    sdk("PUT", f"/{id}", {"schedule": []})
    assert sdk("GET", f"/{id}")["schedule"] == []


def test_what_runs_is_not_started_and_what_is_deploying_not_stopped(sdk, floor):
    id = deploy(sdk, of_version(floor.model(ECHO)))
    until(sdk, floor, id, "running")
    with pytest.raises(Refused, match="is running") as started:
        sdk("PUT", f"/{id}", {"status": "running"})
    assert started.value.status == 409
    slow = floor.model(ECHO, first="import time; time.sleep(600)")
    id = deploy(sdk, of_version(slow), name="slow")
    with pytest.raises(Refused, match="is being deployed") as stopped:
        sdk("PUT", f"/{id}", {"status": "stopped"})
    assert stopped.value.status == 409
    assert sdk("GET", f"/{id}")["progress"] == 0
    registry.stop(floor.ctx, registry.find(floor.ctx, floor.who.workspace_id, id))
    assert sdk("GET", f"/{id}")["status"] == "stopped"


def test_events_are_told_by_kind_by_time_and_by_page(sdk, floor):
    id = deploy(sdk, of_version(floor.model(ECHO)))
    until(sdk, floor, id, "running")
    told = sdk("GET", f"/{id}/events")
    assert (told["total_count"], told["count"], told["service_id"]) == (3, 3, id)
    assert [one["code"] for one in told["events"]] == ["running", "instance_ready", "deploying"]
    assert {one["event_type"] for one in told["events"]} == {"normal"}
    ready = told["events"][1]["told"]
    assert (ready["code"], ready["message"]) == ("services.instance_ready", told["events"][1]["event_info"])
    assert set(ready["parameters"]) == {"version"}
    assert sdk("GET", f"/{id}/events", event_type="abnormal")["total_count"] == 0
    assert [one["code"] for one in sdk("GET", f"/{id}/events", order="asc", limit=1, offset=2)["events"]] == ["running"]
    assert sdk("GET", f"/{id}/events", event_info="IS READY")["total_count"] == 1
    first = told["events"][-1]["occur_time"]
    assert sdk("GET", f"/{id}/events", end_time=first - 1)["total_count"] == 0
    assert sdk("GET", f"/{id}/events", start_time=first)["total_count"] == 3


def test_the_monitor_tells_what_versions_have_and_how_they_were_called(sdk, floor):
    id = deploy(sdk, of_version(floor.model(ECHO), instance_count=2))
    until(sdk, floor, id, "running")
    told = sdk("GET", f"/{id}/monitor")
    [monitor] = told["monitors"]
    assert set(monitor) == MONITOR
    assert (monitor["model_instance_count"], monitor["model_running_instance_count"]) == (2, 2)
    assert (told["service_instance_count"], told["service_running_instance_count"]) == (2, 2)
    assert monitor["cpu_core_total"] > 0
    assert monitor["cpu_memory_total"] > 0


def test_a_flavour_told_by_its_figures_is_told_so_again(sdk, floor):
    spec = {"cpu": 1.5, "memory": 2500}
    id = deploy(sdk, of_version(floor.model(ECHO), specification="custom", custom_spec=spec, weight="100"))
    [config] = sdk("GET", f"/{id}")["config"]
    assert (config["specification"], config["custom_spec"]) == ("custom", {"cpu": 2.0, "memory": 2500})
    sdk("PUT", f"/{id}", {"config": [{name: value for name, value in config.items() if name != "weight"}]})
    assert sdk("GET", f"/{id}")["revision"] == 1  # the same again is no change


def test_what_is_told_can_be_sent_back(sdk, floor):
    """Consoles read, change one thing, and send everything."""
    id = deploy(sdk, of_version(floor.model(ECHO)))
    shown = sdk("GET", f"/{id}")
    sdk("PUT", f"/{id}", {"config": shown["config"], "schedule": shown["schedule"], "description": "other"})
    assert (sdk("GET", f"/{id}")["revision"], sdk("GET", f"/{id}")["description"]) == (1, "other")


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


def test_services_are_found_by_every_filter_and_page_by_page(sdk, floor):
    model, other = floor.model(ECHO), floor.model(ECHO, name="dogs")
    ids = [deploy(sdk, of_version(one), name=name) for name, one in (("a", model), ("b_1", other), ("c", model))]

    def found(**query):
        return [one["service_name"] for one in sdk("GET", **query)["services"]]

    assert found() == ["c", "b_1", "a"]
    assert found(order="asc", sort_by="publish_at") == ["a", "b_1", "c"]
    assert found(sort_by="service_name", order="desc", limit=2) == ["c", "b_1"]
    assert found(sort_by="service_name", order="desc", limit=2, offset=1) == ["a"]
    assert (found(service_name="_"), found(service_id=ids[2]), found(model_id=other)) == (["b_1"], ["c"], ["b_1"])
    assert (found(infer_type="batch"), found(status="finished"), found(service_id="nobody")) == ([], [], [])
    assert len(found(status="deploying,running,pending")) == 3
    sdk("DELETE", f"/{ids[0]},{ids[2]}")
    assert found() == ["b_1"]


def test_services_are_sorted_by_how_they_are_called(sdk, floor):
    one, two = floor.model(ECHO), floor.model("return [data]")
    often, rarely = (deploy(sdk, of_version(one), name=name) for name in ("often", "rarely"))
    deploy(sdk, of_version(one), name="never")
    counts = Counts()
    for service, model, ok in ((often, one, True), (often, two, True), (often, one, True), (rarely, one, False)):
        counts.add(service, model, ok, 0.01)
    counts.save(floor.ctx)
    names = lambda **query: [one["service_name"] for one in sdk("GET", **query)["services"]]  # noqa: E731
    assert names(sort_by="invocation_times") == ["often", "rarely", "never"]
    assert names(sort_by="invocation_times", order="asc") == ["never", "rarely", "often"]
    assert names(sort_by="failed_times", limit=1) == ["rarely"]


def test_batches_are_sorted_by_how_many_of_their_inputs_failed(sdk, floor):
    model = floor.model(ECHO)
    ids = {name: deploy(sdk, of_version(model), name=name) for name in ("none", "few", "many")}
    kept = {"phase": "ended", "round": 1, "total": 9}
    with floor.ctx.database.write() as rows:
        for name, failed in (("few", 2), ("many", 7)):
            rows.execute(insert(service_batches).values(service_id=ids[name], failed=failed, **kept))
    names = lambda **query: [one["service_name"] for one in sdk("GET", **query)["services"]]  # noqa: E731
    assert names(sort_by="failed_inputs") == ["many", "few", "none"]
    assert names(sort_by="failed_inputs", order="asc") == ["none", "few", "many"]
    with pytest.raises(Refused, match="failed_inputs"):
        sdk("GET", sort_by="failed")


def test_several_are_removed_together_or_not_at_all(sdk, floor):
    id = deploy(sdk, of_version(floor.model(ECHO)))
    with pytest.raises(Refused, match="'nobody'"):
        sdk("DELETE", f"/{id},nobody")
    assert sdk("GET", f"/{id}")["service_name"] == "mnist"


def test_flavours_of_this_machine_are_offered_and_pools_are_not(sdk, floor):
    told = sdk("GET", "/specifications")
    names = [one["specification"] for one in told["specifications"]]
    assert "modelarts.vm.cpu.1u" in names
    assert told["total_count"] == told["count"] == len(names)
    assert sdk("GET", "/specifications", limit=1, offset=len(names))["count"] == 0
    assert all(one["cpu_info"]["cpu"] > 0 and one["memory_info"]["memory"] >= 0 for one in told["specifications"])


def test_tags_are_added_listed_and_removed(sdk, floor):
    id = deploy(sdk, of_version(floor.model(ECHO)))
    sdk("POST", f"/{id}/tags/create", {"tags": [{"key": "team", "value": "vision"}, {"key": "x", "value": "1"}]})
    sdk("POST", f"/{id}/tags/create", {"tags": [{"key": "x", "value": "2"}]})
    assert sdk("GET", f"/{id}/tags")["tags"] == [{"key": "team", "value": "vision"}, {"key": "x", "value": "2"}]
    sdk("DELETE", f"/{id}/tags/delete", {"tags": [{"key": "x"}, {"key": "nobody's"}]})
    assert sdk("GET", "/tags")["tags"] == [{"key": "team", "values": ["vision"]}]
    with pytest.raises(Refused, match="at most 20 tags"):
        sdk("POST", f"/{id}/tags/create", {"tags": [{"key": str(number)} for number in range(20)]})


# ── refused ──────────────────────────────────────────────────────────────────────────────────────


REFUSED = [
    ({"service_name": "a b"}, 400, "'a b' is no name"),
    ({"service_name": "a" * 65}, 400, "1 to 64 letters"),
    ({"service_name": ""}, 400, "is no name"),
    ({"description": "x" * 101}, 400, "101 characters"),
    ({"infer_type": "edge"}, 403, "no devices at the edge"),
    ({"infer_type": "later"}, 400, "'later' is no infer_type"),
    ({"config": []}, 400, "config names none"),
    ({"config": None}, 400, "config"),
    ({"config": "x"}, 400, "config"),
    ({"schedule": [{"type": "start", "time_unit": "HOURS", "duration": 1}]}, 400, "schedule.0.type"),
    ({"schedule": [{"type": "stop", "time_unit": "WEEKS", "duration": 1}]}, 400, "schedule.0.time_unit"),
    ({"schedule": [{"type": "stop", "time_unit": "HOURS", "duration": -1}]}, 400, "schedule.0.duration"),
    ({"schedule": [{"type": "stop", "time_unit": "DAYS", "duration": 366}]}, 400, "stops by itself"),
]
REFUSED_CONFIG = [
    ({"weight": "99"}, 400, "weights make 99"),
    ({"weight": 101}, 400, "weights make 101"),
    ({"weight": "a lot"}, 400, "config.0.weight"),
    ({"weight": 10**30}, 400, "config.0.weight"),
    ({"instance_count": 0}, 400, "1 to 64 instances, not 0"),
    ({"instance_count": 65}, 400, "not 65"),
    ({"specification": "a flavour"}, 400, "is no flavour"),
    ({"specification": "modelarts.vm.gpu.p4"}, 403, "could never start"),
    ({"specification": "custom"}, 400, "needs custom_spec"),
    ({"specification": "custom", "custom_spec": {"cpu": 0, "memory": 1}}, 400, "custom_spec.cpu"),
    ({"specification": "custom", "custom_spec": {"cpu": 1, "memory": 1, "ascend_a310": 1}}, 403, "no Ascend"),
    ({"envs": {"1A": "x"}}, 400, "'1A' is no name"),
    ({"envs": {"A-B": "x"}}, 400, "'A-B' is no name"),
    ({"envs": {"MAQUETTE_PLAN": "x"}}, 400, "Maquette's own"),
    ({"envs": {"A": ["x"]}}, 400, "envs.A"),
    ({"envs": {"A": "x" * (17 << 10)}}, 400, "longer than"),
    ({"model_id": "nobody"}, 404, "no model 'nobody'"),
    ({"model_id": None}, 400, "model_id"),
]


def test_what_cannot_be_deployed_is_told_by_its_field_and_nothing_is_kept(sdk, floor):
    model = floor.model(ECHO)
    cases = [(change, status, said) for change, status, said in REFUSED]
    cases += [({"config": [{**of_version(model), **change}]}, status, said) for change, status, said in REFUSED_CONFIG]
    for change, status, said in cases:
        body = {"service_name": "mnist", "infer_type": "real-time", "config": [of_version(model)], **change}
        with pytest.raises(Refused) as refused:
            sdk("POST", body=body)
        assert (refused.value.status, said in refused.value.said) == (status, True), (change, refused.value.said)
        assert "\n" not in refused.value.said.strip()
    assert sdk("GET")["total_count"] == 0


def test_a_service_may_be_called_in_chinese_like_its_model(floor, sdk):
    deploy(sdk, of_version(floor.model(ECHO, name="花卉")), name="花卉-服务_1")
    assert [one["service_name"] for one in sdk("GET", service_name="花卉")["services"]] == ["花卉-服务_1"]


def test_versions_of_two_models_the_same_twice_and_a_name_that_is_taken_are_refused(sdk, floor):
    model, other = floor.model(ECHO), floor.model(ECHO, name="dogs")
    for config, said in (
        ([of_version(model, weight=50), of_version(other, weight=50)], "versions of one model"),
        ([of_version(model, weight=50), of_version(model, weight=50)], "named twice"),
        ([of_version(model, weight=60), of_version(other, weight=60)], "versions of one model"),
    ):
        with pytest.raises(Refused, match=said):
            deploy(sdk, *config)
    id = deploy(sdk, of_version(model))
    with pytest.raises(Refused, match="already") as taken:
        deploy(sdk, of_version(model))
    assert taken.value.status == 409
    with pytest.raises(Refused, match="weights make 40"):
        sdk("PUT", f"/{id}", {"config": [of_version(model, weight=40)]})
    assert sdk("GET", f"/{id}")["revision"] == 1


def test_a_model_that_is_being_imported_or_failed_is_not_deployed(sdk, floor):
    model = floor.model(ECHO)
    for status, code, said in (("publishing", 503, "still being imported"), ("failed", 400, "was not imported")):
        set_status(floor, model, status)
        with pytest.raises(Refused, match=said) as refused:
            deploy(sdk, of_version(model))
        assert refused.value.status == code


def set_status(floor, model_id, status):
    """As a worker leaves it that brings it in, or cannot."""
    with floor.ctx.database.write() as rows:
        rows.execute(models.update(models.models).where(models.models.c.id == model_id).values(status=status))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"sort_by": "weight"}, "'weight' is nothing to sort by"),
        ({"order": "up"}, "order"),
        ({"status": "asleep"}, "'asleep' is no status"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
    ],
)
def test_a_list_that_cannot_be_is_told_why(query, said, sdk):
    with pytest.raises(Refused, match=said) as refused:
        sdk("GET", **query)
    assert refused.value.status == 400


# ── models that services run ─────────────────────────────────────────────────────────────────────


def test_a_version_that_a_service_runs_stays_and_the_service_is_named(sdk, floor, client_of):
    first, second = floor.model(ECHO), floor.model(ECHO)
    for name in ("mnist", "digits"):
        deploy(sdk, of_version(first), name=name)
    with client_of() as client:
        path = f"/v1/{floor.who.workspace_id}/models/{first}"
        told = client.delete(path, params={"cascade": "true"}).json()
    assert told["delete_success_list"] == [second]
    [kept] = told["delete_failed_list"]
    assert kept["model_id"] == first
    assert kept["reason"] == (
        "The services 'digits' and 'mnist' run it. Remove them, or give them another version first."
    )
    names = {"first": "'digits'", "rest": "'mnist'"}
    assert kept["told"]["parameters"]["names"]["parameters"] == names
    assert models.folder_of(floor.ctx, first).is_dir()


def test_a_version_goes_once_no_service_runs_it_any_more(floor):
    first, second = floor.model(ECHO), floor.model(ECHO)
    service = floor.deploy(first, wait=False)
    model = models.find_model(floor.ctx, floor.who.workspace_id, first)
    assert models.remove_models(floor.ctx, model) == ([], [(model, models.Kept.IN_USE)])
    floor.change(service, second)
    assert models.remove_models(floor.ctx, model) == ([first], [])


def test_a_viewer_sees_services_and_changes_none(sdk, floor, client_of):
    id = deploy(sdk, of_version(floor.model(ECHO)))
    with client_of(Role.VIEWER) as client:
        path = f"/v1/{floor.who.workspace_id}/services"
        for rest in ("", f"/{id}", f"/{id}/events", f"/{id}/logs", f"/{id}/monitor", f"/{id}/tags", "/specifications"):
            assert client.get(path + rest).status_code == 200
        assert client.get(f"/v1/{floor.who.workspace_id}/clusters").json() == {
            "clusters": [], "count": 0, "total_count": 0,
        }  # fmt: skip
        assert client.post(path, json={}).status_code == 403
        assert client.put(f"{path}/{id}", json={"status": "stopped"}).status_code == 403
        assert client.delete(f"{path}/{id}").status_code == 403
    assert registry.find(floor.ctx, floor.who.workspace_id, id).status in (Status.DEPLOYING, Status.RUNNING)


def test_a_start_that_fails_is_told_in_the_service_and_in_its_versions(sdk, floor):
    broken = floor.model(ECHO, first="raise RuntimeError('no weights here')")
    id = deploy(sdk, of_version(broken))
    shown = until(sdk, floor, id, "failed")
    assert "no weights here" in shown["error_msg"]
    assert shown["config"][0]["status"] == "concerning"
    assert sdk("GET", f"/{id}/events", event_type="abnormal")["total_count"] >= 3
    assert sdk("GET", f"/{id}/logs")["logs"][0]["result"] == "FAIL"
    assert sdk("PUT", f"/{id}", {"status": "running"}) == {}


def test_targets_of_a_service_know_what_they_were_given(sdk, floor):
    id = deploy(sdk, {"model_id": floor.model(ECHO)})
    [target] = registry.find(floor.ctx, floor.who.workspace_id, id).targets
    assert (target.weight, target.instances, target.specification) == (100, 1, "")
    assert isinstance(target, Target)


def test_a_version_that_goes_just_before_it_is_deployed_is_told_and_nothing_is_kept(sdk, floor, monkeypatch):
    model = floor.model(ECHO)
    kept, completed = floor.model(ECHO), registry.completed

    def gone_meanwhile(ctx, workspace_id, target):
        found = completed(ctx, workspace_id, target)
        if target.model_id == model:
            models.remove_models(ctx, models.find_model(ctx, workspace_id, model))
        return found

    id = deploy(sdk, of_version(kept), name="other")
    monkeypatch.setattr(registry, "completed", gone_meanwhile)
    with pytest.raises(Refused, match="removed just now") as refused:
        deploy(sdk, of_version(model))
    assert (refused.value.status, sdk("GET")["total_count"]) == (404, 1)
    assert sdk("GET", f"/{id}")["revision"] == 1
