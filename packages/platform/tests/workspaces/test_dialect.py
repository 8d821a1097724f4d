"""Tokens, signatures and workspaces as ModelArts' clients ask for them; the published client is one of them."""

import hashlib
import warnings

import pytest

from maquette.web.sdk_signing import EMPTY, is_signed, read_sdk_signature
from maquette.web.signing import Signed
from maquette.workspaces import sessions

PASSWORD = "correct horse"


def password_body(name="admin", password=PASSWORD, **scope):
    user = {"name": name, "password": password, "domain": {"name": "maquette"}}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}


def test_a_password_gives_a_token_of_24_hours_in_a_header(client, owner, project, clock):
    answer = client().post("/v3/auth/tokens", json=password_body(project={"name": "default"}))
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token["project"]["id"] == project
    assert (token["issued_at"], token["expires_at"]) == ("2027-01-15T08:00:00.000000Z", "2027-01-16T08:00:00.000000Z")
    ticket = answer.headers["x-subject-token"]
    assert client(x_auth_token=ticket).get("/v3/projects").json()["projects"][0]["id"] == project
    again = client(x_auth_token=ticket, x_subject_token=ticket).get("/v3/auth/tokens")
    assert again.json()["token"]["expires_at"] == token["expires_at"]


def test_an_access_key_and_its_secret_give_a_token(client, key, project):
    access, secret = key
    proof = {"access": {"key": access}, "secret": {"key": secret}}
    body = {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": proof}}}
    ticket = client().post("/v3/auth/tokens", json=body).headers["x-subject-token"]
    assert client(x_auth_token=ticket).get("/maquette/session").json()["project_id"] == project
    proof["secret"]["key"] = secret[:-1] + "."
    assert client().post("/v3/auth/tokens", json=body).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        password_body(password="wrong"),
        password_body(name="nobody"),
        password_body(project={"name": "no-such-project"}),
        password_body(project={"id": "0"}),
    ],
)
def test_a_token_that_is_refused_says_nothing_of_what_exists(client, owner, body):
    answer = client().post("/v3/auth/tokens", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "APIG.0301")
    assert answer.json()["error_msg"] == client().get("/maquette/session").json()["error_msg"]


def test_a_method_that_is_none_is_told_by_its_field(client):
    answer = client().post("/v3/auth/tokens", json={"auth": {"identity": {"methods": ["saml"]}}})
    assert (answer.status_code, answer.json()["parameters"]) == (400, {"field": "auth.identity.methods"})


def test_guesses_at_the_token_door_are_slowed_too(client, owner):
    for _ in range(5):
        client().post("/v3/auth/tokens", json=password_body(password="wrong"))
    answer = client().post("/v3/auth/tokens", json=password_body())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


# ── signatures ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sdk(live, key, project):
    """`sdk(secret)` is the published client of ModelArts with the owner's key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.http.http_config import HttpConfig
        from huaweicloudsdkmodelarts.v1 import ModelArtsClient

    def make(secret=key[1]):
        credentials = BasicCredentials(key[0], secret, project)
        builder = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(live.url)
        return builder.with_http_config(HttpConfig(timeout=(120, 120))).build()

    return make


@pytest.mark.filterwarnings("ignore")
def test_the_published_client_works_on_workspaces(sdk, project, platform, clock):
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkmodelarts.v1 import model

    clock.now = __import__("time").time()
    client = sdk()
    made = client.create_workspace(
        model.CreateWorkspaceRequest(body=model.CreateWorkspaceReq(name="视觉小组", description="x"))
    )
    assert made.status == "NORMAL"
    listed = client.list_workspace(model.ListWorkspaceRequest(limit=10, offset=0))
    assert {one.name for one in listed.workspaces} == {"default", "视觉小组"}
    assert client.show_workspace(model.ShowWorkspaceRequest(workspace_id="0")).id == project
    client.update_workspace(
        model.UpdateWorkspaceRequest(workspace_id=made.id, body=model.UpdateWorkspaceReq(name="vision-team"))
    )
    assert client.show_workspace(model.ShowWorkspaceRequest(workspace_id=made.id)).name == "vision-team"
    assert client.get_authorizations(model.GetAuthorizationsRequest()).total_count == 1
    client.delete_workspace(model.DeleteWorkspaceRequest(workspace_id=made.id))
    with pytest.raises(ClientRequestException) as told:
        client.show_workspace(model.ShowWorkspaceRequest(workspace_id=made.id))
    assert told.value.status_code == 404


@pytest.mark.filterwarnings("ignore")
def test_a_wrong_secret_and_a_clock_that_is_off_are_told_alike(sdk, clock):
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkmodelarts.v1 import model

    now = __import__("time").time()
    told = []
    for secret, moment in (("wrong" * 8, now), (None, now + 16 * 60), (None, now - 16 * 60)):
        clock.now = moment
        client = sdk(secret) if secret else sdk()
        with pytest.raises(ClientRequestException) as refused:
            client.list_workspace(model.ListWorkspaceRequest())
        told.append((refused.value.status_code, refused.value.error_code, refused.value.error_msg))
    assert set(told) == {told[0]}
    assert told[0][:2] == (401, "APIG.0301")
    clock.now = now
    assert sdk().list_workspace(model.ListWorkspaceRequest()).total_count == 1


NOW, SECRET = 1_767_323_045.0, "fake-secret"
BODY = b'{"a": 1}'


def signed_by_hand(path="/v1/p/x y", query="b=2&a=1", body=BODY, extra=(), secret=SECRET, covered=()):
    """A request signed as the algorithm is published, spelled out here a second time."""
    import hmac

    headers = [("host", "h"), ("x-sdk-date", "20260102T030405Z"), *extra]
    names = sorted(name for name, _ in headers if name in ("host", "x-sdk-date", *covered))
    lines = "".join(f"{name}:{dict(headers)[name]}\n" for name in names)
    payload = dict(extra).get("x-sdk-content-sha256") or hashlib.sha256(body).hexdigest()
    canonical = f"POST\n{path.replace(' ', '%20')}/\na=1&b=2\n{lines}\n{';'.join(names)}\n{payload}"
    text = f"SDK-HMAC-SHA256\n20260102T030405Z\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    value = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    shown = f"SDK-HMAC-SHA256 Access=AK, SignedHeaders={';'.join(names)}, Signature={value}"
    return Signed("POST", path.replace(" ", "%20"), query, (*headers, ("authorization", shown)))


def judge(request, body=BODY, now=NOW, secret=SECRET):
    signature = read_sdk_signature(request)
    return signature is not None and is_signed(request, signature, secret, body, now)


HASH = "x-sdk-content-sha256"
UNSIGNED = ((HASH, "UNSIGNED-PAYLOAD"),)


@pytest.mark.parametrize(
    ("good", "request_", "changes"),
    [
        (True, signed_by_hand(), {}),
        (True, signed_by_hand(extra=UNSIGNED, covered=(HASH,)), {"body": b"anything"}),
        (True, signed_by_hand(extra=((HASH, hashlib.sha256(BODY).hexdigest()),), covered=(HASH,)), {}),
        (False, signed_by_hand(), {"body": b"changed"}),
        (False, signed_by_hand(), {"secret": "other"}),
        (False, signed_by_hand(), {"now": NOW + 901}),
        (False, signed_by_hand(), {"now": NOW - 901}),
        (False, signed_by_hand(extra=UNSIGNED), {}),
        (False, signed_by_hand(extra=((HASH, EMPTY),), covered=(HASH,)), {}),
    ],
)
def test_a_signature_holds_for_the_request_as_it_was_signed_only(good, request_, changes):
    assert judge(request_, **changes) is good


def test_what_is_changed_is_noted_with_who_did_it(browser, client, project, owner):
    browser.post(f"/maquette/{project}/app-codes", json={"name": "camera"})
    browser.delete(f"/maquette/{project}/app-codes/none")
    client().post("/v3/auth/tokens", json=password_body(password="wrong"))
    told = browser.get(f"/maquette/{project}/audit").json()
    assert [(one["user_name"], one["action"], one["status"]) for one in told[:2]] == [
        ("admin", "DELETE /maquette/{project_id}/app-codes/{id}", 404),
        ("admin", "POST /maquette/{project_id}/app-codes", 201),
    ]
    older = browser.get(f"/maquette/{project}/audit", params={"before": told[0]["number"], "limit": 1}).json()
    assert older == told[1:2]


def test_members_come_and_go(browser, client, project, platform):
    made = browser.post(f"/maquette/{project}/users", json={"name": "小王", "role": "viewer"}).json()
    body = {"link": made["link"], "password": "battery staple"}
    assert client().post("/maquette/session/link", json=body).status_code == 204
    changed = browser.put(f"/maquette/{project}/members", json={"user_name": "小王", "role": "owner"})
    assert changed.json()["role"] == "owner"
    unknown = browser.put(f"/maquette/{project}/members", json={"user_name": "nobody", "role": "owner"})
    assert unknown.status_code == 404
    assert browser.put(f"/maquette/{project}/members", json={"user_name": "小王", "role": "king"}).status_code == 400
    assert browser.delete(f"/maquette/{project}/members/{made['id']}").status_code == 204
    with pytest.raises(Exception, match="does not say who sends it"):
        sessions.sign_in(platform, "小王", "battery staple")
