"""The page that browsers are shown."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from maquette.models.domain import FORM, Api, Body, Config, Package
from maquette.services.page import FOLDER, describe, make_page

PROPERTIES = {
    "images": {"type": "file", "description": "A photograph"},
    "threshold": {"type": "float", "minimum": 0, "maximum": 1, "default": 0.3},
    "count": {"type": "int"},
    "mode": {"type": "string", "enum": ["fast", "accurate"]},
    "note": "sloppy",
}
API = Api(url="/predict", request=Body(FORM, {"type": "object", "properties": PROPERTIES}))


def package(api=API, model_type="PyTorch"):
    return Package(Path("/p"), Config(apis=(api,)), model_type, "customize_service.py", "/home/mind/model")


def page(title="flowers", about="PyTorch", api=API):
    return make_page(title, about, package(api))()


def test_the_form_knows_what_is_declared():
    told = describe("", package())
    assert (told["path"], told["form"]) == ("/predict", True)
    assert told["fields"] == [
        {"name": "images", "type": "file", "description": "A photograph"},
        {"name": "threshold", "type": "number", "default": 0.3, "minimum": 0, "maximum": 1},
        {"name": "count", "type": "integer"},
        {"name": "mode", "type": "text", "options": ["fast", "accurate"]},
        {"name": "note", "type": "text"},
    ]


def test_json_is_offered_as_json_with_a_sample():
    api = Api(request=Body("application/json", {"properties": {"a": {"type": "integer"}}}))
    told = describe("", package(api))
    assert (told["form"], told["fields"], told["sample"]) == (False, [], {"a": 0})


@pytest.mark.parametrize(
    ("model_type", "form", "sample"),
    [("PyTorch", True, {"images": ""}), ("XGBoost", False, {"data": {"req_data": [{}]}})],
)
def test_where_no_field_is_declared_the_page_offers_what_such_packages_usually_take(model_type, form, sample):
    told = describe("", package(Api(url="/predict"), model_type))
    assert (told["form"], told["fields"], told["sample"], told["path"]) == (form, [], sample, "/predict")


def test_the_policy_lets_only_the_pages_own_script_and_style_run():
    answer = page()
    document, policy = answer.body.decode(), answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", document, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", document, re.DOTALL)
    for text, directive in ((style, "style-src"), (script, "script-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_names_no_address_and_lets_nothing_of_the_package_become_code():
    hostile = "</script><script>alert(1)</script>"
    properties = {hostile: {"type": "string", "default": hostile}}
    document = page(hostile, hostile, Api(request=Body(FORM, {"properties": properties}))).body.decode()
    assert document.count("<script") == 2
    assert "&lt;/script&gt;" in document
    assert not re.search(r"https?://", document)
    (told,) = re.findall(r'id="service">(.*?)</script>', document, re.DOTALL)
    assert json.loads(told)["fields"][0]["default"] == hostile


def test_both_languages_say_the_same_things():
    text = (FOLDER / "words.js").read_text()
    english, chinese = text.split("  zh: {")
    names = re.compile(r"""(?:^\s*|[{,]\s*)"?([\w.]+)"?: (?=["{])""", re.MULTILINE)
    assert set(names.findall(english)) - {"en"} == set(names.findall(chinese))


DOCS = Path(__file__).resolve().parents[4] / "docs"
NEVER_ASKED = {"APIG.0101"}
"""What only other paths and methods are answered with, which the page does not use."""


def test_every_error_of_a_service_is_explained_on_the_page():
    codes = set(re.findall(r"\b(?:MR|PY|APIG|ModelArts)\.\d{4}\b", (DOCS / "errors.md").read_text()))
    explained = set(re.findall(r'"([\w.]+\.\d{4})": "', (FOLDER / "words.js").read_text()))
    assert explained == codes - NEVER_ASKED


def test_who_raised_an_error_is_pointed_to_the_terminal_with_the_traceback():
    words = (FOLDER / "words.js").read_text()
    for said in ("Its traceback is in the terminal in which the service runs", "调用栈打印在运行服务的终端里"):
        assert re.search(rf'"MR.0105": "[^"]*{said}', words)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not here to read the scripts")
def test_the_scripts_are_javascript():
    for path in FOLDER.glob("*.js"):
        subprocess.run(["node", "--check", path], check=True)
