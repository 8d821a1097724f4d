"""Online services from deploy to answer: who may call, which version answers, and what a death or a change costs."""

import asyncio
import contextlib
import http.client
import json
import shutil
import socket
import tempfile
import threading
import time
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, update

from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Access, Role
from maquette.models import registry as models
from maquette.runs import actions as runs
from maquette.runs.asking import THREADS
from maquette.runs.domain import Order
from maquette.runs.logs import last_bytes
from maquette.runs.table import runs as run_rows
from maquette.services import entrance, infers, registry
from maquette.services import work as service_work
from maquette.services.counts import counted
from maquette.services.deployment import Result, Status, Target
from maquette.services.table import service_instances
from maquette.workspaces import actions as workspaces
from maquette.workspaces import keys, sessions

ECHO = "return {'said': data, 'who': os.environ.get('WHO', '')}"


@pytest.fixture
def clock():
    """Clients sign and wait by the real time."""
    return time.time


@pytest.fixture
def token(floor):
    sessions.sign_in_by_link(floor.ctx, workspaces.owner_link(floor.ctx), "correct horse")
    return sessions.sign_in(floor.ctx, "admin", "correct horse", "token").ticket


@pytest.fixture
def sign(floor):
    """Headers as the vendor's own client signs a POST; it leaves the bodies of forms out of the signature."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.sdk_request import SdkRequest
        from huaweicloudsdkcore.signer.signer import Signer

    def call(access, secret, path, body, content_type="application/json"):
        headers = {"Content-Type": content_type}
        request = SdkRequest("POST", "http", f"127.0.0.1:{floor.port}", path, path, [], headers, body)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Signer(BasicCredentials(access, secret)).sign(request).header_params

    return call


def says(word):
    return f"return '{word}'"


# ── deployed ─────────────────────────────────────────────────────────────────────────────────────


def test_a_service_answers_and_tells_what_happened(floor):
    service = floor.deploy(Target(floor.model(ECHO), variables={"WHO": "me"}))
    answer = floor.ask_service(service, {"a": 1})
    assert (answer.status, answer.json) == (200, {"said": {"a": 1}, "who": "me"})
    assert "queued" in answer.headers["server-timing"]
    told = [event.code for event in reversed(registry.events(floor.ctx, service))]
    assert told == ["deploying", "instance_ready", "running"]
    assert [(one.revision, one.result) for one in registry.updates(floor.ctx, service)] == [(1, Result.SUCCESS)]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"weight": 99}, "config.weight"),
        ({"instances": 0}, "config.instance_count"),
        ({"instances": 65}, "config.instance_count"),
        ({"variables": {"1A": "x"}}, "config.envs"),
        ({"variables": {"A=B": "x"}}, "config.envs"),
        ({"variables": {"MAQUETTE_PLAN": "x"}}, "config.envs"),
        ({"specification": "no flavour!"}, "config.specification"),
    ],
)
def test_what_cannot_be_deployed_is_refused_by_its_field_and_leaves_nothing(floor, config, field):
    with pytest.raises(BadInput) as refused:
        floor.deploy(Target(floor.model(ECHO), **config))
    assert refused.value.parameters["field"] == field
    assert registry.list_all(floor.ctx, floor.who.workspace_id, registry.Query())[1] == 0


def test_versions_have_to_be_of_one_model_and_named_once(floor):
    cats, dogs = floor.model(ECHO), floor.model(ECHO, name="dogs")
    for pair in ((cats, dogs), (cats, cats)):
        with pytest.raises(BadInput, match=r"of one model|named twice"):
            floor.deploy(*(Target(id, 50) for id in pair))
    with pytest.raises(NotFound, match="There is no model"):
        floor.deploy("nobody")


def test_a_name_is_given_once(floor):
    model = floor.model(ECHO)
    floor.deploy(model, wait=False)
    with pytest.raises(Conflict, match="There is a service 'cats' already"):
        floor.deploy(model)


def test_a_model_that_is_deployed_is_not_removed(floor):
    model = models.find_model(floor.ctx, floor.who.workspace_id, floor.model(ECHO))
    service = floor.deploy(model.id)
    removed, kept = models.remove_models(floor.ctx, model)
    assert (removed, [one.id for one, _ in kept]) == ([], [model.id])
    registry.remove(floor.ctx, service)
    assert models.remove_models(floor.ctx, model)[0] == [model.id]


# ── who may call ─────────────────────────────────────────────────────────────────────────────────


def test_nobody_calls_without_an_identity_of_the_workspace(floor):
    service = floor.deploy(floor.model(ECHO))
    other = workspaces.make_workspace(floor.ctx, floor.who, "others")
    strange = keys.make_app_code(floor.ctx, other.id, "strange")[1]
    for headers, status, code in (
        ({}, 401, "APIG.0301"),
        ({"X-Auth-Token": "guess"}, 401, "APIG.0301"),
        ({"X-Apig-AppCode": "guess"}, 401, "APIG.0301"),
        ({"Authorization": "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=00"}, 401, "APIG.0301"),
        ({"X-Apig-AppCode": strange}, 404, "APIG.0101"),
    ):
        answer = floor.ask_service(service, headers=headers)
        assert (answer.status, answer.json["error_code"]) == (status, code), headers


def test_a_token_a_code_and_a_key_open_it(floor, token):
    service = floor.deploy(floor.model(ECHO))
    json_type = {"Content-Type": "application/json"}
    for headers in ({"X-Auth-Token": token}, {"x-apig-appcode": floor.code}, {"apikey": floor.code}):
        assert floor.ask_service(service, headers={**json_type, **headers}).status == 200


def test_a_key_for_buckets_opens_no_service(floor, sign):
    service = floor.deploy(floor.model(ECHO))
    key, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id, buckets={"pets": Access.READ})
    answer = floor.ask_service(service, headers=sign(key.access, secret, f"/v1/infers/{service.id}", b'{"n": 1}'))
    assert (answer.status, answer.json["error_code"]) == (403, "APIG.0302")


def test_a_signature_covers_the_body_unless_it_says_that_it_does_not(floor, sign):
    service = floor.deploy(floor.model(ECHO))
    path = f"/v1/infers/{service.id}"
    key, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id)
    good = sign(key.access, secret, path, b'{"n": 1}')
    assert floor.ask_service(service, headers=good).json["said"] == {"n": 1}
    assert floor.ask_service(service, {"n": 2}, headers=good).status == 401
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for known in (b"", b"n=2"):  # to the client while it signs: a form that is made later, or one that is there
        unsigned = sign(key.access, secret, path, known, form["Content-Type"])
        assert floor.ask("POST", path, "n=2", unsigned).json["said"] == {"n": "2"}
        assert floor.ask("POST", path + "x", "n=2", unsigned).status == 401


def test_a_viewer_may_call_and_one_who_was_removed_may_not_for_long(floor, monkeypatch):
    service = floor.deploy(floor.model(ECHO))
    _, link = workspaces.make_user(floor.ctx, "guest", floor.who.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(floor.ctx, link, "correct horse")
    token = sessions.sign_in(floor.ctx, "guest", "correct horse", "token").ticket
    headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
    assert floor.ask_service(service, headers=headers).status == 200
    keys.remove_app_code(
        floor.ctx, floor.who.workspace_id, keys.list_app_codes(floor.ctx, floor.who.workspace_id)[0].id
    )
    floor.until(lambda: floor.ask_service(service).status == 401)


def test_what_is_taken_away_through_a_server_opens_nothing_there_from_then_on(floor, token, monkeypatch):
    monkeypatch.setattr(entrance, "KNOWN_SECONDS", 600)
    service = floor.deploy(floor.model(ECHO))
    codes = f"/maquette/{floor.who.workspace_id}/app-codes"
    known = {"X-Auth-Token": token, "Content-Type": "application/json"}
    [code] = floor.ask("GET", codes, headers=known).json
    assert floor.ask_service(service).status == 200
    assert floor.ask("DELETE", f"{codes}/{code['id']}", headers=known).status == 204
    assert floor.ask_service(service).status == 401


def test_what_was_being_found_out_while_the_entrance_forgot_is_not_kept(floor):
    door = entrance.Entrance(floor.ctx, identify=None, limits=None)

    def find():
        door.forget()
        return "found before"

    assert asyncio.run(door.again("token", b"t", find)) == "found before"
    assert asyncio.run(door.again("token", b"t", lambda: "found now")) == "found now"


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


def test_paths_methods_and_services_that_are_not_there(floor):
    service = floor.deploy(floor.model(ECHO))
    code = {"X-Apig-AppCode": floor.code}
    assert floor.ask_service(service, path="/").status == 200
    assert floor.ask_service(service, path="/goodbye").json["error_code"] == "APIG.0101"
    assert floor.ask("GET", f"/v1/infers/{service.id}", headers=code).status == 405
    assert floor.ask("GET", f"/v1/infers/{service.id}/health", headers=code).json == {"status": "OK"}
    assert floor.ask("POST", "/v1/infers/nobody", "{}", code).status == 404
    assert floor.ask("POST", f"/v1/infers/a-pool/{service.id}", '{"n": 1}', code).status == 200


def test_an_api_with_a_path_of_its_own_answers_there(floor):
    api = {"url": "/predictions/poetry", "method": "post", "request": {"Content-type": "application/json"}}
    config = json.dumps({"model_type": "MindSpore", "apis": [api]})
    service = floor.deploy(floor.model(ECHO, files={"config.json": config}))
    assert floor.ask_service(service, path="/predictions/poetry").status == 200


def test_a_body_of_13_mb_is_refused(floor):
    service = floor.deploy(floor.model(ECHO))
    answer = floor.ask_service(service, "x" * (13 << 20))
    assert (answer.status, answer.json["error_code"]) == (413, "APIG.0201")


# ── versions ─────────────────────────────────────────────────────────────────────────────────────


def test_weights_share_the_calls(floor):
    one, two = floor.model(says("one")), floor.model(says("two"))
    service = floor.deploy(Target(one, 75), Target(two, 25))
    assert Counter(floor.ask_service(service).json for _ in range(40)) == {"one": 30, "two": 10}
    floor.change(service, Target(one, 0), Target(two, 100))
    floor.until_settled(service)
    floor.until(lambda: Counter(floor.ask_service(service).json for _ in range(5)) == {"two": 5})


def test_a_change_under_load_fails_no_call_and_can_be_taken_back(floor):
    one, two = floor.model(says("one")), floor.model(says("two"))
    service = floor.deploy(Target(one, instances=2))
    answers, refused, over = [], [], threading.Event()

    def call():
        while not over.is_set():
            answer = floor.ask_service(service)
            answers.append((answer.status, answer.json))
            if answer.status != 200:
                refused.append((answer.body, vars(floor.again(service))))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for target in (Target(two, instances=2), Target(two, instances=1, variables={"A": "b"}), Target(one)):
        floor.change(service, target)
        floor.until_settled(service)
    registry.roll_back(floor.ctx, floor.who, floor.again(service), revision=2)
    floor.until_settled(service)
    floor.until(lambda: answers[-1] == (200, "two"))
    over.set()
    for caller in callers:
        caller.join()
    assert refused == []
    assert {said for _, said in answers} == {"one", "two"}
    floor.until(lambda: len(registry.instances(floor.ctx, service)) == 2)


def test_a_call_whose_body_is_still_on_its_way_is_answered_by_the_next_version(floor):
    service = floor.deploy(floor.model(says("one")))
    body, told = json.dumps({"n": 1}).encode(), {"Content-Type": "application/json", "X-Apig-AppCode": floor.code}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", floor.port, timeout=60)) as connection:
        connection.putrequest("POST", f"/v1/infers/{service.id}")
        for name, value in (told | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders(body[:4])
        floor.until(lambda: floor.ask_service(service).json == "one")
        floor.change(service, floor.model(says("two")))
        floor.until_settled(service)
        floor.until(lambda: len(registry.instances(floor.ctx, service)) == 1)
        time.sleep(3 * infers.LOOK_SECONDS)  # the server has seen that the first is gone
        connection.send(body[4:])
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (200, "two")


def test_calls_that_wait_for_a_version_that_leaves_are_answered_by_the_next(floor, tmp_path):
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    wait = "open(data['begun'], 'w').close()\nwhile not os.path.exists(data['gate']): time.sleep(0.01)\nreturn 'one'"
    service = floor.deploy(floor.model(wait))
    answers = []
    ask = lambda: answers.append(floor.ask_service(service, {"begun": str(begun), "gate": str(gate)}).json)  # noqa: E731
    callers = [threading.Thread(target=ask) for _ in range(12)]
    for caller in callers:
        caller.start()
    floor.until(begun.exists)
    floor.change(service, floor.model(says("two")))
    floor.until(lambda: len(answers) == 11)
    gate.touch()
    for caller in callers:
        caller.join()
    assert Counter(answers) == {"one": 1, "two": 11}


def test_a_change_that_does_not_get_ready_leaves_the_former_version_answering(floor):
    one = floor.model(says("one"))
    service = floor.deploy(one)
    broken = floor.model("pass", first="import nothing_like_this")
    floor.change(service, broken)
    floor.until_status(service, Status.CONCERNING)
    assert floor.ask_service(service).json == "one"
    assert "nothing_like_this" in floor.again(service).error
    assert registry.updates(floor.ctx, service)[0].result is Result.FAIL
    registry.roll_back(floor.ctx, floor.who, service)
    floor.until_status(service, Status.RUNNING)
    assert [target.model_id for target in floor.again(service).targets] == [one]


def test_there_is_nothing_to_go_back_to_at_first(floor):
    service = floor.deploy(floor.model(ECHO))
    with pytest.raises(NotFound, match="no earlier revision"):
        registry.roll_back(floor.ctx, floor.who, service)


def test_two_workers_start_nothing_twice(floor):
    """They look at the same rows at the same moments."""
    floor.hire()
    one, two = floor.model(says("one")), floor.model(says("two"))
    service = floor.deploy(Target(one, instances=3))
    assert len(runs.of_subject(floor.ctx, service.id)) == 3
    floor.change(service, Target(two, instances=2))
    floor.until_settled(service)
    floor.until(lambda: len(registry.instances(floor.ctx, service)) == 2)
    assert len(runs.of_subject(floor.ctx, service.id)) == 5


# ── what may go wrong ────────────────────────────────────────────────────────────────────────────


def test_a_package_that_never_gets_ready_fails_with_its_reason(floor):
    broken = floor.model("pass", first="raise SystemExit('no weights here')")
    service = floor.deploy(broken, wait=False)
    floor.until_status(service, Status.FAILED)
    assert "no weights here" in floor.again(service).error
    answer = floor.ask_service(service)
    assert (answer.status, answer.json["error_code"]) == (503, "ModelArts.4503")
    assert registry.updates(floor.ctx, service)[0].result is Result.FAIL
    floor.until(lambda: not registry.instances(floor.ctx, service))


def test_a_start_that_takes_too_long_is_ended_with_its_last_lines(floor):
    slow = "import time\nprint('loading for ever', flush=True)\ntime.sleep(600)"
    service = floor.deploy(floor.model("pass", first=slow), wait=False)
    lines = lambda: [last_bytes(floor.ctx, run, 1000) for run in runs.of_subject(floor.ctx, service.id)]  # noqa: E731
    floor.until(lambda: "loading for ever" in "".join(lines()))
    object.__setattr__(floor.ctx.settings, "start_seconds", 1.0)
    floor.until_status(service, Status.FAILED)
    assert "loading for ever" in floor.again(service).error


def test_a_death_costs_the_call_it_happens_in_and_no_other(floor):
    service = floor.deploy(floor.model("os._exit(3) if 'die' in data else time.sleep(0.01)\nreturn os.getpid()"))
    first = floor.ask_service(service).json
    results = floor.together(
        lambda: floor.ask_service(service, {"die": 1}), *[lambda: floor.ask_service(service) for _ in range(10)]
    )
    assert results[0].status == 502
    assert {answer.status for answer in results[1:]} == {200}
    assert floor.ask_service(service).json != first
    floor.until(lambda: "instance_failed" in [event.code for event in registry.events(floor.ctx, service)])


def test_one_that_dies_again_and_again_is_concerning_and_callers_are_told_at_once(floor):
    service = floor.deploy(floor.model("os._exit(3)"))
    floor.until(lambda: floor.ask_service(service).status and floor.again(service).status is Status.CONCERNING)
    assert "ended with code 3" in floor.again(service).error


HOLDS = "import ctypes\nctypes.PyDLL(None).sleep(4)\nreturn 'held'"  # a library's code that keeps the interpreter


def test_an_instance_whose_code_holds_the_interpreter_is_not_taken_for_dead(floor, monkeypatch):
    monkeypatch.setattr(service_work, "ASK_SECONDS", 0.2)
    service = floor.deploy(floor.model(HOLDS))
    [run] = runs.of_subject(floor.ctx, service.id)
    answers = []
    caller = threading.Thread(target=lambda: answers.append(floor.ask_service(service).json))
    caller.start()
    floor.until(lambda: not service_work.ask(run.address))
    service_work.watch(floor.ctx, run)
    caller.join()
    assert answers == ["held"]
    assert not runs.find(floor.ctx, run.workspace_id, run.id).wish
    assert "replaced" not in [event.code for event in registry.events(floor.ctx, service)]


def test_an_instance_at_whose_socket_nobody_is_gets_replaced(floor):
    service = floor.deploy(floor.model(ECHO))
    [run] = runs.of_subject(floor.ctx, service.id)
    service_work.watch(floor.ctx, replace(run, address=f"{run.address}.gone"))
    floor.until(lambda: len(runs.of_subject(floor.ctx, service.id)) == 2)
    floor.until(lambda: floor.ask_service(service).status == 200)
    assert "replaced" in [one.code for one in registry.events(floor.ctx, service)]


def test_leaving_instances_that_hang_hold_up_no_service(floor, monkeypatch, hanging_socket):
    """More of them than are asked at one time, and each is waited for longer than this test takes."""
    monkeypatch.setattr(service_work, "ASK_SECONDS", 600.0)
    service = floor.deploy(floor.model(ECHO))
    leaving = [leave(floor, service, hanging_socket.path) for _ in range(THREADS + 8)]
    other = floor.deploy(floor.model(ECHO), name="dogs")
    assert floor.ask_service(other).status == 200
    wishes = lambda: [runs.find(floor.ctx, floor.who.workspace_id, id).wish for id in leaving]  # noqa: E731
    assert not any(wishes())
    monkeypatch.setattr(service_work, "ASK_SECONDS", 1.0)
    hanging_socket.close()
    floor.until(lambda: all(wishes()))


@pytest.fixture
def hanging_socket():
    """`path` of a socket that takes every word and never answers."""
    folder = Path(tempfile.mkdtemp(prefix="mqt-"))  # short, for it holds a socket
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
        line.bind(str(folder / "s"))
        line.listen(128)
        yield SimpleNamespace(path=str(folder / "s"), close=line.close)
    shutil.rmtree(folder)


def leave(floor, service, address):
    """An instance of a service that leaves, as rows tell it; the id of its run, which no worker has."""
    now = time.time()
    order = Order(floor.who.workspace_id, "service", service.id, "cats", served=True)
    with floor.ctx.database.write() as rows:
        id = runs.submit(floor.ctx, rows, order)
        told = {"state": "running", "ready": True, "address": address, "moments": {"started": now - 60}}
        rows.execute(update(run_rows).where(run_rows.c.id == id).values(owner="nobody", place="elsewhere", **told))
        rows.execute(
            insert(service_instances).values(
                run_id=id, service_id=service.id, key="gone", model_id="gone", revision=1, created_at=now - 60,
                ready_at=now - 50, leaving_at=now - 5,
            )
        )  # fmt: skip
    return id


# ── stopped, asleep, removed ─────────────────────────────────────────────────────────────────────


def test_stopped_and_started_again(floor, tmp_path):
    begun = "if 'begun' in data: open(data['begun'], 'w').close(); time.sleep(1)\n"
    service = floor.deploy(floor.model(begun + "return 'done'"))
    slow = threading.Thread(target=lambda: results.append(floor.ask_service(service, {"begun": str(there)}).status))
    results, there = [], tmp_path / "there"
    slow.start()
    floor.until(there.exists)
    registry.stop(floor.ctx, service)
    floor.until(lambda: floor.ask_service(service).status == 503)
    slow.join()
    assert results == [200]
    with pytest.raises(Conflict, match="Stop it first"):
        registry.start(floor.ctx, service)
        registry.start(floor.ctx, service)
    floor.until_status(service, Status.RUNNING)
    assert floor.ask_service(service).status == 200


def test_what_a_server_changes_its_next_call_goes_by(floor, token, monkeypatch):
    """However long the server's next look at the rows takes to come."""
    monkeypatch.setattr(infers, "LOOK_SECONDS", 600)
    service = floor.deploy(floor.model(ECHO))
    below = f"{floor.who.workspace_id}/services/{service.id}"

    def change(method, path, body=None):
        headers = {"Content-Type": "application/json", "X-Auth-Token": token}
        answer = floor.ask(method, path, json.dumps(body) if body else None, headers)
        assert answer.status == 200, answer.body

    for method, path, body in (
        ("POST", f"/maquette/{below}/stop", None),
        ("PUT", f"/v1/{below}", {"status": "stopped"}),
    ):
        floor.until_status(service, Status.RUNNING)
        assert floor.ask_service(service).status == 200
        change(method, path, body)
        assert floor.ask_service(service).status == 503
        change("PUT", f"/v1/{below}", {"status": "running"})
    floor.until_status(service, Status.RUNNING)
    assert floor.ask_service(service).status == 200
    change("DELETE", f"/v1/{below}")
    assert floor.ask_service(service).status == 404


def test_when_a_server_has_told_that_a_change_is_over_its_next_call_goes_by_it(floor, token, monkeypatch):
    """However long the server's next look at the rows takes to come."""
    monkeypatch.setattr(infers, "LOOK_SECONDS", 600)
    service, two = floor.deploy(floor.model(says("one"))), floor.model(says("two"))
    assert floor.ask_service(service).json == "one"
    floor.change(service, two)
    path = f"/v1/{floor.who.workspace_id}/services/{service.id}"
    floor.until(lambda: floor.ask("GET", path, None, {"X-Auth-Token": token}).json["status"] == "running")
    assert floor.ask_service(service).json == "two"


async def turns():
    """As many of the loop as anything needs that does not wait."""
    for _ in range(100):
        await asyncio.sleep(0)


def test_who_calls_while_a_server_takes_its_first_look_waits_for_it_too(platform, monkeypatch):
    """What it has seen before its rest may be gone since."""
    begun, gate = threading.Event(), threading.Event()

    def late(ctx):
        begun.set()
        assert gate.wait(120)
        return serving(ctx)

    async def call_twice():
        server = infers.Infers(platform, lambda request, body: None)
        calls = [asyncio.create_task(server.keep_looking())]
        while not begun.is_set():
            await asyncio.sleep(0.01)
        calls.append(asyncio.create_task(server.keep_looking()))
        await turns()
        assert not any(call.done() for call in calls)
        gate.set()
        await asyncio.gather(*calls)
        await server.close()

    serving = infers.serving
    monkeypatch.setattr(infers, "serving", late)
    asyncio.run(call_twice())


def test_a_server_that_ends_waits_for_its_look_at_the_rows(platform, monkeypatch):
    begun, gate = threading.Event(), threading.Event()

    def late(ctx):
        if begun.is_set():
            assert gate.wait(120)
        begun.set()
        return serving(ctx)

    async def look_and_end():
        server = infers.Infers(platform, lambda request, body: None)
        await server.keep_looking()
        looked_at = server.looked_at
        while server.looked_at == looked_at:
            await asyncio.sleep(0.01)
        ending = asyncio.create_task(server.close())
        await turns()
        assert not ending.done()
        gate.set()
        await ending

    serving = infers.serving
    monkeypatch.setattr(infers, "serving", late)
    asyncio.run(look_and_end())


def test_a_call_that_comes_while_a_server_goes_to_rest_is_looked_after(platform, monkeypatch):
    begun, gate = threading.Event(), threading.Event()

    def save(ctx):
        begun.set()
        assert gate.wait(120)

    async def call_late():
        server = infers.Infers(platform, lambda request, body: None)
        monkeypatch.setattr(server.counts, "save", save)
        await server.keep_looking()
        while not begun.is_set():
            await asyncio.sleep(0.01)
        server.calls += 1
        await server.keep_looking()
        looked_at = server.looked_at
        gate.set()
        async with asyncio.timeout(60):
            while server.looked_at == looked_at:
                await asyncio.sleep(0.01)
        await server.close()

    monkeypatch.setattr(infers, "REST_SECONDS", 0.0)
    asyncio.run(call_late())


def test_a_service_stops_by_itself_when_its_time_is_up(floor):
    service = floor.deploy(floor.model(ECHO))
    registry.change(floor.ctx, floor.who, service, stop_hours=1 / 3600)
    floor.until_status(service, Status.STOPPED)
    assert registry.events(floor.ctx, service)[0].code == "auto_stopped"


def test_one_that_nobody_calls_sleeps_and_a_call_wakes_it(floor):
    service = floor.deploy(floor.model(ECHO))
    object.__setattr__(floor.ctx.settings, "sleep_minutes", 1 / 60)
    floor.until(lambda: floor.again(service).asleep and not registry.instances(floor.ctx, service))
    assert floor.again(service).status is Status.RUNNING
    object.__setattr__(floor.ctx.settings, "sleep_minutes", 0)
    assert floor.ask_service(service).status == 200
    assert [event.code for event in registry.events(floor.ctx, service)].count("awake") == 1


def test_one_that_is_removed_is_gone_with_its_instances(floor):
    service = floor.deploy(floor.model(ECHO))
    registry.remove(floor.ctx, service)
    floor.until(lambda: floor.ask_service(service).status == 404)
    floor.until(lambda: all(running.ended for running in floor.ctx.executor.runs.values()))


# ── counted ──────────────────────────────────────────────────────────────────────────────────────


def test_calls_are_counted_by_version(floor):
    model = floor.model("return 1 / data['n']")
    service = floor.deploy(model)
    statuses = [floor.ask_service(service, {"n": n}).status for n in (1, 2, 0)]
    assert statuses == [200, 200, 500]
    count = lambda: counted(floor.ctx, [service.id]).get(service.id, {}).get(model)  # noqa: E731
    floor.until(lambda: count() is not None and count().calls == 3)  # some may be written down before the others
    count = count()
    assert (count.calls, count.failures, sum(count.histogram)) == (3, 1, 3)
    assert count.percentile(0.5) > 0
