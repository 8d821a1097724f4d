"""TensorBoards that are small servers, called as the owner."""

import pytest

from ..runs.floor import command, floor  # noqa: F401 -- fixtures


@pytest.fixture
def call(floor):  # noqa: F811
    """`call(method, path, body, **query)` as the owner; (status, answer)."""
    client = floor.client(floor.token())

    def do(method, path="", body=None, client=client, **query):
        path = f"/v1/{floor.workspace_id}/visualization-jobs{path}"
        answer = client.request(method, path, json=body, params=query)
        return answer.status_code, answer.json()

    return do
