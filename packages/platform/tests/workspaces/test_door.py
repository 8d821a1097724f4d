"""Every route of the server refuses whoever may not enter, and nothing else."""

import json
import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from maquette.kernel.identity import Access, Role
from maquette.server import make_routes
from maquette.web.door import make_door, nobody
from maquette.workspaces import keys, sessions

OPEN = {
    ("GET", "/health"),
    ("GET", "/maquette/about"),
    ("GET", "/maquette/openapi.json"),
    ("POST", "/v3/auth/tokens"),
    ("POST", "/maquette/session"),
    ("POST", "/maquette/session/link"),
    ("GET", "/sign-in"),
    ("GET", "/"),
    ("GET", "/pages/{name}"),
    ("GET", "/console"),
    ("GET", "/console/assets/{name}"),
    ("GET", "/console/{page:path}"),
    ("GET", "/maquette/{project_id}/training-logs/{run_id}"),  # its link is signed
}
SAID = {"error_code": "APIG.0301", "code": "unidentified"}


def within(routes):
    """Routes of routers that are included, too: FastAPI keeps them apart."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from within(route.original_router.routes)
        elif isinstance(route, APIRoute):
            yield route


def test_the_walk_meets_every_noun(platform):
    paths = {path for _, path, _ in routes(platform)}
    for noun in ("access-keys", "training-jobs", "algorithms", "workspaces", "services", "metrics"):
        assert any(noun in path for path in paths), noun


def routes(platform):
    """(method, path, the role it needs or None) of every route there is."""
    for route in within(make_routes(platform).routes):
        guards = [one.dependency for one in route.dependencies]
        role = next((guard.role for guard in guards if hasattr(guard, "role")), None)
        assert role is not None or nobody in guards
        for method in sorted(route.methods):
            yield method, route.path, role


def filled(path, project):
    return re.sub(r"\{\w+\}", "0", path.replace("{project_id}", project))


def call(client, method, path, project):
    return client.request(method, filled(path, project), json={} if method in ("POST", "PUT") else None)


def body(answer):
    """The answer to HEAD has none."""
    return SAID if answer.request.method == "HEAD" else answer.json()


def test_only_these_routes_are_open_to_all(platform):
    assert {(method, path) for method, path, role in routes(platform) if role is None} <= OPEN


def test_without_an_identity_nothing_opens(platform, client, project):
    for method, path, role in routes(platform):
        if role is not None:
            answer = call(client(), method, path, project)
            assert answer.status_code == 401, (method, path)
            assert {name: body(answer)[name] for name in SAID} == SAID


def test_a_bad_token_a_bad_signature_and_a_bad_cookie_open_nothing(platform, client, project):
    bad = [
        {"x-auth-token": "x"},
        {"authorization": "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=00"},
        {"authorization": "Basic YTpi"},
        {"cookie": "maquette-session=x"},
        {"x-auth-token": ""},
    ]
    for headers in bad:
        for method, path, role in routes(platform):
            if role is not None:
                assert call(client(**headers), method, path, project).status_code == 401, (headers, method, path)


def test_in_another_workspace_nothing_opens_and_nothing_is_said_of_it(platform, client, project, stranger):
    for method, path, role in routes(platform):
        if role is not None and "{project_id}" in path:
            one = client(x_auth_token=stranger.ticket)
            there, nowhere = call(one, method, path, project), call(one, method, path, "no-such-project")
            assert there.status_code == nowhere.status_code == 401, (method, path)
            assert body(there) == body(nowhere)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_a_lower_role_than_the_route_needs_is_refused(platform, client, project, token, role):
    one = client(x_auth_token=token(role))
    for method, path, needed in routes(platform):
        if needed is not None and needed > role:
            answer = call(one, method, path, project)
            assert answer.status_code == 403, (method, path)
            assert answer.json()["code"] == "refused"


def test_what_is_for_administrators_is_refused_to_an_owner_who_is_none(client, project, token):
    one = client(x_auth_token=token(Role.OWNER))
    assert one.get(f"/maquette/{project}/users").status_code == 403
    assert one.post(f"/v1/{project}/workspaces", json={"name": "mine"}).status_code == 403


def test_a_key_for_buckets_opens_no_route(platform, client, owner, project):
    made, secret = keys.make_key(platform, owner.user_id, project, buckets={"pets": Access.READ})
    body = {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": ak(made.access, secret)}}}
    assert client().post("/v3/auth/tokens", json=body).status_code == 401


def ak(access, secret):
    return {"access": {"key": access}, "secret": {"key": secret}}


def test_a_session_cannot_change_anything_without_the_page_it_belongs_to(browser, project):
    path = f"/maquette/{project}/access-keys"
    assert browser.post(path, json={}).status_code == 201
    assert browser.post(path, json={}, headers={"x-change-token": ""}).status_code == 401
    assert browser.post(path, json={}, headers={"origin": "http://evil.example"}).status_code == 401
    assert browser.post(path, json={}, headers={"origin": "http://127.0.0.1"}).status_code == 201


def test_another_site_cannot_sign_a_browser_in(client, owner):
    body = {"name": owner.user_name, "password": "correct horse"}
    answer = client(origin="http://evil.example").post("/maquette/session", json=body)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_scripts_cannot_read_the_session_and_other_sites_do_not_send_it(client, owner):
    body = {"name": owner.user_name, "password": "correct horse"}
    cookie = client().post("/maquette/session", json=body).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie.replace("maquette", "")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7788", 200), ("localhost", 200), ("[::1]:7788", 200), ("maquette.example:7788", 200),
        ("Maquette.Example", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("192.0.2.7", 421),
        ("", 421),
    ],
)  # fmt: skip
def test_it_answers_only_under_its_own_names(client, host, status):
    assert client(host=host).get("/health").status_code == status


def test_a_signed_out_session_and_one_that_has_run_out_open_nothing(browser, client, platform, clock, owner):
    ticket = browser.cookies["maquette-session"]
    assert browser.delete("/maquette/session").status_code == 204
    assert client(cookie=f"maquette-session={ticket}").get("/maquette/session").status_code == 401
    token = sessions.sign_in(platform, owner.user_name, "correct horse", "token").ticket
    assert client(x_auth_token=token).get("/maquette/session").status_code == 200
    clock.pass_seconds(24 * 3600 + 1)
    assert client(x_auth_token=token).get("/maquette/session").status_code == 401


def test_a_route_that_does_not_say_who_may_enter_cannot_be_made():
    router = APIRouter()
    router.add_api_route("/secret", lambda: {})
    with pytest.raises(TypeError, match="/secret does not say who may enter"):
        make_door([router], lambda request, body: None)


def test_a_body_of_another_shape_is_named_by_its_field(browser, project):
    answer = browser.put(f"/maquette/{project}/members", json={"user_name": 7})
    assert answer.status_code == 400
    assert answer.json()["parameters"]["field"] in ("user_name", "role")
    unreadable = browser.put(f"/maquette/{project}/members", content=b"{", headers={"content-type": "application/json"})
    assert unreadable.status_code == 400


def test_an_unknown_call_is_told_in_the_gateways_words(client):
    answer = client().get("/no/such/call")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIG.0101")


def test_the_sign_in_page_asks_nobody_else_for_anything(client):
    page = client().get("/sign-in")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client().get(address).status_code == 200
    assert "http" not in page.text
    assert client().get("/pages/..%2Fdoor.py").status_code == 404
    assert client().get("/pages/none.js").status_code == 404


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_no_database_keeps_is_refused_by_its_field(browser, project, text):
    body = json.dumps({"description": text})
    answer = browser.post(
        f"/maquette/{project}/access-keys", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["parameters"]) == (400, {"field": "description"})


def test_an_address_that_nothing_is_named_with_is_refused(browser, project):
    assert browser.delete(f"/maquette/{project}/access-keys/%00").status_code == 400
    assert browser.get(f"/v1/{project}/workspaces?name=%00").status_code == 400
    assert browser.get(f"/maquette/{project}/audit?before={10**30}").status_code == 400
