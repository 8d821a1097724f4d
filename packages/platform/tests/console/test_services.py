"""A model goes online in the console, is asked there, and stops: in either language."""

import json
import re
import subprocess
import time

import pytest
from playwright.sync_api import expect

from ..services.conftest import floor  # noqa: F401
from .conftest import WORDS
from .test_walk import PIXEL, words

both = pytest.mark.parametrize("language", ["en", "zh-CN"])
CONFIG = """{"model_algorithm": "object_detection", "model_type": "MindSpore", "apis": [{"url": "/", "method": "post",
 "request": {"Content-type": "multipart/form-data", "data": {"type": "object", "properties": {
   "images": {"type": "file"}, "threshold": {"type": "number", "minimum": 0, "maximum": 1}}}},
 "response": {"Content-type": "application/json", "data": {"type": "object", "properties": {}}}}]}"""
BODY = """least = float(data.get("threshold", 0))
return {"scores": [["tulip", 0.2], ["rose", 0.8]], "sent": sorted(data), "least": least,
        "detection_boxes": [[0, 0, 1, 1]], "detection_classes": ["rose"], "detection_scores": [0.8]}"""


@pytest.fixture
def clock():
    """Imports and instances are looked at again as time passes."""
    return time.time


def say(language, key, **values):
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found[1]]), words(language, key))


@both
def test_a_model_is_deployed_asked_and_stopped(floor, owner, visit, tmp_path, language):  # noqa: F811
    floor.model(BODY, name="flowers", files={"config.json": CONFIG})
    picture = tmp_path / "rose.png"
    picture.write_bytes(PIXEL)
    visitor = visit(language).sign_in()
    page = visitor.page

    visitor.go("/console/services")
    expect(page.get_by_text("maquette services deploy MODEL")).to_be_visible()
    page.get_by_role("button", name=say(language, "services.new")).first.click()
    expect(page.get_by_label(say(language, "kit.name"), exact=True)).to_have_value("flowers")
    visitor.say(say(language, "create.next"))
    expect(page.locator("pre.snippet").first).to_contain_text("maquette services deploy flowers:0.0.1")
    visitor.say(say(language, "deploy.deployIt"))
    expect(page.get_by_role("heading", level=1)).to_have_text("flowers")
    expect(page.locator(".service-head .chip").first).to_have_text(say(language, "states.running"))

    page.get_by_role("tab", name=say(language, "services.tabs.predict")).click()
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_role("spinbutton", name="threshold").fill("0.5")
    visitor.say(say(language, "predict.send"))
    bars = page.get_by_role("list", name=say(language, "predict.scores")).get_by_role("listitem")
    expect(bars.first).to_contain_text("rose")
    expect(bars.first).to_contain_text("0.8")
    expect(page.locator(".boxed svg rect.box")).to_have_count(1)
    page.get_by_role("tab", name="JSON").click()
    expect(page.locator(".answer-text")).to_contain_text('"sent": ["images", "threshold"]')
    expect(page.locator(".answer-text")).to_contain_text('"least": 0.5')
    expect(page.locator(".history li")).to_have_count(1)

    page.get_by_role("tab", name=say(language, "services.tabs.calling")).click()
    expect(page.locator("pre.snippet")).to_contain_text("curl")
    line = page.locator("pre.snippet").inner_text().replace("YOUR-APP-CODE", floor.code)
    told = subprocess.run(
        ["sh", "-c", line.replace("picture.jpg", str(picture))], capture_output=True, text=True, timeout=60
    )
    assert json.loads(told.stdout)["sent"] == ["images", "threshold"], told.stderr

    page.get_by_role("tab", name=say(language, "services.tabs.overview")).click()
    expect(page.locator(".figures dd").first).to_have_text("2")

    visitor.say(say(language, "services.stop"))
    expect(page.locator(".service-head .chip").first).to_have_text(say(language, "states.stopped"))
    expect(page.get_by_role("button", name=say(language, "services.start"), exact=True)).to_be_visible()


def test_a_body_that_is_no_json_is_not_sent(floor, owner, visit):  # noqa: F811
    model = floor.model("return {'n': 1}", name="numbers")
    service = floor.deploy(model, name="numbers")
    visitor = visit("en").sign_in()
    visitor.go(f"/console/services/{service.id}?tab=predict")
    page = visitor.page
    page.get_by_text("JSON", exact=True).first.click()
    page.get_by_label(WORDS["en"]["predict"]["body"]).fill('{"n": ')
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name=WORDS["en"]["predict"]["send"])).to_be_disabled()
    page.get_by_label(WORDS["en"]["predict"]["body"]).fill('{"n": 2}')
    visitor.say(WORDS["en"]["predict"]["send"])
    expect(page.locator(".answer-text")).to_contain_text('"n": 1')
