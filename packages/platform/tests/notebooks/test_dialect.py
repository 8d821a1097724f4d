"""Notebooks as ModelArts' published client makes and keeps them, and as others are refused them."""

import html

import pytest

from maquette.kernel.identity import Role
from maquette.workspaces import actions

BODY = {"name": "bench", "image_id": "pytorch&TF-1.13.1-python3.6", "flavor": "modelarts.vm.cpu.2u"}
HOUR = 3_600_000


@pytest.fixture
def notebook(call):
    """The id of one that was just made."""
    status, answer = call("POST", body=BODY)
    assert status == 201, answer
    return answer["id"]


def status_of(call, id):
    return call("GET", f"/notebooks/{id}")[1]["status"]


def path_of(call, id, **options):
    return call("GET", f"/notebooks/{id}", **options)[1]["url"].removeprefix("http://127.0.0.1")


@pytest.mark.filterwarnings("ignore")
def test_the_published_client_leads_a_notebook_through_its_life(floor, vendor):
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkmodelarts.v1 import model

    flavours = vendor.list_flavors(model.ListFlavorsRequest(category="CPU"))
    assert [one.vcpus for one in flavours.data] == [1, 2, 4]
    image = vendor.list_image(model.ListImageRequest()).data[0]
    body = model.NotebookCreateRequest(
        name="bench", image_id=image.id, flavor=flavours.data[1].id, description="for cats",
        volume=model.VolumeMountRequest(category="EFS", ownership="MANAGED", capacity=50),
        lease=model.LeaseReq(duration=2 * HOUR, type="timing"),
    )  # fmt: skip
    made = vendor.create_notebook(model.CreateNotebookRequest(body=body))

    def shown():
        return vendor.show_notebook(model.ShowNotebookRequest(id=made.id))

    assert (made.status, made.lease.duration, made.volume.capacity) == ("CREATING", 2 * HOUR, 50)
    floor.until(lambda: shown().status == "RUNNING")
    assert shown().url.startswith(floor.live.url)
    assert shown().image.id == image.id
    lease = vendor.renew_lease(model.RenewLeaseRequest(id=made.id, duration=3 * HOUR))
    assert lease.duration == vendor.show_lease(model.ShowLeaseRequest(id=made.id)).duration == 3 * HOUR
    changed = model.NotebookUpdateRequest(description="for dogs", name="bench-2")
    vendor.update_notebook(model.UpdateNotebookRequest(id=made.id, body=changed))
    assert (shown().name, shown().description) == ("bench-2", "for dogs")
    listed = vendor.list_notebooks(model.ListNotebooksRequest(status="RUNNING", name="bench"))
    assert ([one.id for one in listed.data], listed.total) == ([made.id], 1)
    assert vendor.list_all_notebooks(model.ListAllNotebooksRequest()).total == 1
    assert vendor.stop_notebook(model.StopNotebookRequest(id=made.id)).status == "STOPPING"
    floor.until(lambda: shown().status == "STOPPED")
    flavour = vendor.show_switchable_flavors(model.ShowSwitchableFlavorsRequest(id=made.id)).data[0].id
    vendor.update_notebook(model.UpdateNotebookRequest(id=made.id, body=model.NotebookUpdateRequest(flavor=flavour)))
    started = vendor.start_notebook(model.StartNotebookRequest(id=made.id, duration=HOUR))
    assert (started.flavor, started.lease.duration) == (flavour, HOUR)
    floor.until(lambda: shown().status == "RUNNING")
    vendor.stop_notebook(model.StopNotebookRequest(id=made.id))
    floor.until(lambda: shown().status == "STOPPED")
    assert vendor.delete_notebook(model.DeleteNotebookRequest(id=made.id)).status == "DELETED"
    with pytest.raises(ClientRequestException) as told:
        shown()
    assert told.value.status_code == 404


def test_it_is_for_its_maker_alone(floor, call, notebook):
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    path = path_of(call, notebook)
    assert floor.client(floor.token()).get(path).text == path
    colleague = floor.client(floor.token(Role.MEMBER))
    assert path_of(call, notebook, client=colleague) == ""
    told = colleague.get(path)
    assert (told.status_code, told.json()["code"]) == (403, "refused")
    assert floor.client("nobody").get(path).status_code == 401
    for method, below in (("POST", "/stop"), ("POST", "/start"), ("DELETE", ""), ("PATCH", "/lease")):
        assert call(method, f"/notebooks/{notebook}{below}", client=colleague, duration=2 * HOUR)[0] == 403
    assert call("PUT", f"/notebooks/{notebook}", {"name": "mine"}, client=colleague)[0] == 403


def test_an_owner_may_stop_the_notebook_of_a_member_but_not_enter_it(floor, call):
    member = floor.client(floor.token(Role.MEMBER))
    notebook = call("POST", body=BODY, client=member)[1]["id"]
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    path = path_of(call, notebook, client=member)
    assert floor.client(floor.token()).get(path).status_code == 403
    assert call("POST", f"/notebooks/{notebook}/stop")[0] == 200
    floor.until(lambda: status_of(call, notebook) == "STOPPED")
    assert call("POST", f"/notebooks/{notebook}/start")[0] == 403
    assert call("POST", f"/notebooks/{notebook}/start", client=member)[0] == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_member_who_comes_to_be_a_viewer_loses_the_notebook(floor, call):
    token = floor.token(Role.MEMBER)
    member = floor.client(token)
    notebook = call("POST", body=BODY, client=member)[1]["id"]
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    path = path_of(call, notebook, client=member)
    assert member.get(path).status_code == 200
    actions.set_member(floor.ctx, floor.workspace_id, floor.who(token).user_name, Role.VIEWER)
    assert member.get(path).status_code == 403


def test_it_is_stopped_while_its_engine_is_fetched(floor, call):
    floor.ctx.engines.held = True
    notebook = call("POST", body=BODY)[1]["id"]
    floor.until(lambda: floor.work.busy)
    assert call("POST", f"/notebooks/{notebook}/stop")[0] == 200
    floor.until(lambda: floor.clock.pass_seconds(1) or status_of(call, notebook) == "STOPPED")


def test_it_stops_by_itself_when_its_lease_is_over(floor, call, notebook):
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    floor.clock.pass_seconds(3000)
    assert call("PATCH", f"/notebooks/{notebook}/lease", duration=2 * HOUR)[0] == 200
    floor.clock.pass_seconds(7200 - 60)
    floor.work.step()
    floor.work.step()
    assert status_of(call, notebook) == "RUNNING"
    floor.clock.pass_seconds(61)
    floor.until(lambda: status_of(call, notebook) == "STOPPED")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_old_address_says_that_it_has_ended(floor, call, notebook):
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    path = path_of(call, notebook)
    call("POST", f"/notebooks/{notebook}/stop")
    floor.until(lambda: status_of(call, notebook) == "STOPPED")
    told = floor.client(floor.token()).get(path)
    assert (told.status_code, told.json()["code"]) == (503, "unavailable")
    assert "'bench' has ended" in told.json()["error_msg"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_browser_that_comes_too_early_reads_so_and_looks_again(floor, call, notebook):
    browser = floor.client(floor.token())
    told = browser.get(path_of(call, notebook), headers={"accept": "text/html"})
    assert (told.status_code, told.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "'bench' waits for its turn." in html.unescape(told.text)
    assert 'http-equiv="refresh"' in told.text
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    path = path_of(call, notebook)
    assert browser.get(path, headers={"accept": "text/html"}).text == path
    call("POST", f"/notebooks/{notebook}/stop")
    floor.until(lambda: status_of(call, notebook) == "STOPPED")
    assert "refresh" not in browser.get(path, headers={"accept": "text/html"}).text


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"name": "no good"}, 400, "name"),
        ({"name": None}, 400, "name"),
        ({"image_id": "TF-1.8.0-python2.7"}, 400, "image_id"),
        ({"image_id": "&"}, 400, "image_id"),
        ({"flavor": "one two"}, 400, "flavor_id"),
        ({"lease": {"duration": 1000, "type": "timing"}}, 400, "duration"),
        ({"lease": {"duration": HOUR, "type": "idle"}}, 400, "lease.type"),
        ({"endpoints": [{"service": "SSH", "key_pair_names": ["k"]}]}, 400, "endpoints"),
        ({"volume": {"category": "OBS", "uri": "obs://none-such/x/"}}, 404, None),
        ({"feature": "CODELAB"}, 400, "feature"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_is_refused_by_the_field_and_nothing_is_kept(call, changed, status, field):
    answered, told = call("POST", body={**BODY, **changed})
    assert (answered, told["parameters"].get("field") if field else None) == (status, field), told
    assert call("GET")[1]["total"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_gpus_than_there_are_is_refused_with_the_number(call):
    status, told = call("POST", body={**BODY, "flavor": "modelarts.vm.gpu.2"})
    assert (status, told["parameters"]["wanted"]) == (403, 2)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_is_given_once_by_each(floor, call, notebook):
    assert call("POST", body=BODY)[0] == 409
    member = floor.client(floor.token(Role.MEMBER))
    other = call("POST", body={**BODY, "name": "other"}, client=member)[1]["id"]
    assert call("PUT", f"/notebooks/{other}", {"name": "bench"}, client=member)[0] == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_while_it_runs_its_engines_stay(floor, call, notebook):
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    assert call("PUT", f"/notebooks/{notebook}", {"image_id": "mindspore"})[0] == 409
    assert call("POST", f"/notebooks/{notebook}/start")[0] == 409
    assert call("DELETE", f"/notebooks/{notebook}")[0] == 409
    assert call("PUT", f"/notebooks/{notebook}", {"description": "fine"})[0] == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_lists_are_of_ones_own_and_paged(floor, call):
    member = floor.client(floor.token(Role.MEMBER))
    for name in ("b", "a", "c"):
        call("POST", body={**BODY, "name": name})
    call("POST", body={**BODY, "name": "theirs"}, client=member)

    def names(path="/notebooks", **query):
        answer = call("GET", path, **query)[1]
        return [one["name"] for one in answer["data"]], answer["total"]

    assert names(sort_key="name", sort_dir="ASC") == (["a", "b", "c"], 3)
    assert names(sort_key="name", sort_dir="ASC", offset=2, limit=2) == (["c"], 3)
    assert names("/notebooks/all", sort_key="name", sort_dir="DESC") == (["theirs", "c", "b", "a"], 4)
    assert names("/notebooks/all", name="he") == (["theirs"], 1)
    assert names(status="RUNNING") == ([], 0)
    assert call("GET", sort_key="created_by")[0] == 400
    assert call("GET", status="AWAKE")[0] == 400


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_done_inside_is_not_noted_and_what_is_done_to_it_is(floor, call, notebook):
    floor.until(lambda: status_of(call, notebook) == "RUNNING")
    inside = floor.client(floor.token())
    assert inside.put(f"{path_of(call, notebook)}/api/contents/a").status_code == 501
    noted = inside.get(f"/maquette/{floor.workspace_id}/audit").json()
    assert [one["action"] for one in noted if "/v1/" in one["action"]] == ["POST /v1/{project_id}/notebooks"]
    assert not any("proxy" in one["subject"] for one in noted)
