import pytest

from maquette.models.check import check

BASE = "from model_service.pytorch_model_service import PTServingBaseService\n"
SERVICE = BASE + "class S(PTServingBaseService):\n    def __init__(self, name, path):\n        self.m = 1\n"

SERVERS = {
    "flask": "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef f():\n    return ''\n",
    "http.server": "from http.server import HTTPServer, BaseHTTPRequestHandler\n"
    "class H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        pass\n"
    "if __name__ == '__main__':\n    HTTPServer(('', 8080), H).serve_forever()\n",
    "uvicorn": "import fastapi, uvicorn\napp = fastapi.FastAPI()\nuvicorn.run(app)\n",
    "an import alone": "import flask\ndef predict(data):\n    return data\n",
}


@pytest.mark.parametrize("server", SERVERS)
def test_a_file_that_is_a_server_and_no_service_is_refused_with_the_reason(ctx, make_package, server):
    [error] = check(ctx, make_package(service=SERVERS[server])).errors
    assert error.code == "own-http-server"
    assert "HTTP server of its own" in error.message
    assert "PTServingBaseService" in error.fix


def test_a_service_that_starts_a_server_when_imported_is_refused(ctx, make_package):
    text = SERVICE + "from flask import Flask\napp = Flask('x')\napp.run(host='0.0.0.0')\n"
    assert [error.code for error in check(ctx, make_package(service=text)).errors] == ["own-http-server"]


@pytest.mark.parametrize(
    "more",
    [
        "import flask\n",
        "from flask import jsonify\n",
        "def serve():\n    from http.server import HTTPServer\n    HTTPServer(('', 1), None).serve_forever()\n",
        "if __name__ == '__main__':\n    import uvicorn\n    uvicorn.run(None)\n",
        "import subprocess\nsubprocess.run(['true'])\n",
    ],
)
def test_a_service_that_only_mentions_a_server_is_none(ctx, make_package, more):
    assert check(ctx, make_package(service=SERVICE + more)).sound


@pytest.mark.parametrize(
    ("text", "files", "refused"),
    [
        ("import acl\n" + SERVICE, {}, True),
        ("from torch_npu import npu\n" + SERVICE, {}, True),
        ("from model_service.hiai_model_service import HiaiBaseService\n" + SERVICE, {}, True),
        (SERVICE + "MODEL = '/home/mind/model/net.om'\n", {}, True),
        ("import acl\n" + SERVICE, {"acl.py": ""}, False),
        ("try:\n    import acl\nexcept ImportError:\n    acl = None\n" + SERVICE, {}, False),
        ("import npu\n" + SERVICE, {"npu/__init__.py": "import acl\n"}, True),
        (SERVICE + "text = 'it ends in .om'\nend = '.om'\n", {}, False),
    ],
)
def test_code_for_ascend_processors_is_refused(ctx, make_package, text, files, refused):
    errors = check(ctx, make_package(service=text, files=files)).errors
    assert ("refused-ascend" in [error.code for error in errors]) == refused


@pytest.mark.parametrize(("files", "refused"), [({"net.ckpt": None}, True), ({}, False)])
def test_an_offline_model_alone_is_refused(ctx, make_package, files, refused):
    errors = check(ctx, make_package("MindSpore", files={"net.om": b"m", **files})).errors
    assert ("refused-ascend" in [error.code for error in errors]) == refused
