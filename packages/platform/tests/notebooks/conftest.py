"""Notebooks that are small servers, called as the owner and by the published client."""

import time
import warnings

import pytest

from maquette.workspaces import actions, keys

from ..runs.floor import command, floor  # noqa: F401 -- fixtures


@pytest.fixture
def vendor(floor, live):  # noqa: F811
    """The published client of ModelArts, as the owner, at a server of its own."""
    floor.live = type(live)(floor.ctx)
    user_id, workspace_id = actions.owner_of_all(floor.ctx)
    key, secret = keys.make_key(floor.ctx, user_id, workspace_id)
    floor.clock.now = time.time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.http.http_config import HttpConfig
        from huaweicloudsdkmodelarts.v1 import ModelArtsClient
    credentials = BasicCredentials(key.access, secret, workspace_id)
    builder = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(floor.live.url)
    return builder.with_http_config(HttpConfig(timeout=(60, 120))).build()


@pytest.fixture
def call(floor):  # noqa: F811
    """`call(method, path, body, **query)` as the owner; (status, answer)."""
    client = floor.client(floor.token())

    def do(method, path="/notebooks", body=None, client=client, below="v1", **query):
        answer = client.request(method, f"/{below}/{floor.workspace_id}{path}", json=body, params=query)
        return answer.status_code, answer.json()

    return do
