"""Calls about services of container images, as the published client has them: each is refused in words."""

import re
import time
import warnings

import pytest

from maquette.workspaces import keys

pytestmark = pytest.mark.filterwarnings("ignore")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkmodelarts.v1 import ModelArtsClient, model

CALLS = sorted(name for name in vars(ModelArtsClient) if re.fullmatch(r"[a-z_]*_infer_[a-z_]*(?<!_invoker)", name)
               and not name.startswith("_"))  # fmt: skip


@pytest.fixture
def clock():
    """Clients sign by the real time."""
    return time.time


@pytest.fixture
def sdk(floor):
    made, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id)
    credentials = BasicCredentials(made.access, secret, floor.who.workspace_id)
    return ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(floor.live.url).build()


def test_the_published_client_has_no_call_about_models_and_packages_and_these_about_services():
    assert len(CALLS) > 40
    others = [name for name in vars(ModelArtsClient) if re.search(r"_models?\b|_model_(?!arts)", name)]
    assert others == []


def test_every_call_about_such_services_is_refused_with_the_way_out(sdk):
    for name in CALLS:
        kind = "".join(word.capitalize() for word in name.split("_")) + "Request"
        request = getattr(model, kind)()
        for field, type in request.openapi_types.items():
            if type == "str":
                setattr(request, field, "x")
        with pytest.raises(ClientRequestException, match="container images") as refused:
            getattr(sdk, name)(request)
        assert (name, refused.value.status_code, refused.value.error_code) == (name, 403, "ModelArts.0103")


def test_nobody_else_is_told_anything(floor):
    for path in ("services", "services/x/start", "intranet-connection"):
        assert floor.ask("GET", f"/v2/{floor.who.workspace_id}/{path}").status == 401
