"""A model goes online in the console, is asked there, and stops: in either language."""

import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from maquette.services import registry
from maquette.services.deployment import Status, Target
from maquette.workspaces import keys
from maquette_sdk.client.account import VARIABLES

from ..services.conftest import floor  # noqa: F401
from .conftest import MOST_SECONDS, WORDS
from .test_looks import axe, findings, settle  # noqa: F401 -- `axe` is a fixture
from .test_walk import PIXEL, words

both = pytest.mark.parametrize("language", ["en", "zh-CN"])
CONFIG = """{"model_algorithm": "object_detection", "model_type": "MindSpore", "apis": [{"url": "/", "method": "post",
 "request": {"Content-type": "multipart/form-data", "data": {"type": "object", "properties": {
   "images": {"type": "file"}, "threshold": {"type": "number", "minimum": 0, "maximum": 1}}}},
 "response": {"Content-type": "application/json", "data": {"type": "object", "properties": {}}}}]}"""
BODY = """least = float(data.get("threshold", 0))
return {"scores": [["tulip", 0.2], ["rose", 0.8]], "sent": sorted(data), "least": least,
        "detection_boxes": [[0, 0, 1, 1]], "detection_classes": ["rose"], "detection_scores": [0.8]}"""


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
    page.get_by_role("link", name=say(language, "services.new")).first.click()
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
        ["sh", "-c", line.replace("picture.jpg", str(picture))], capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert json.loads(told.stdout)["sent"] == ["images", "threshold"], told.stderr

    page.get_by_role("tab", name=say(language, "services.tabs.overview")).click()
    expect(page.locator(".figures dd").first).to_have_text("2")

    visitor.say(say(language, "services.stop"))
    expect(page.locator(".service-head .chip").first).to_have_text(say(language, "states.stopped"))
    expect(page.get_by_role("button", name=say(language, "services.start"), exact=True)).to_be_visible()


def test_the_same_from_python_deploys_the_service(floor, owner, visit, monkeypatch):  # noqa: F811
    floor.model("return {'n': 1}", name="numbers")
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/services/new")
    page.get_by_label(say("en", "kit.name"), exact=True).fill("from-python")
    page.get_by_label(say("en", "kit.description"), exact=True).fill("it's told")
    visitor.say(say("en", "create.next"))
    page.get_by_role("tab", name="Python", exact=True).click()
    program = page.locator("pre.snippet").inner_text()
    key, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id)
    for name, value in zip(VARIABLES, (floor.live.url, key.access, secret), strict=True):
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=MOST_SECONDS)
    assert done.stdout.startswith("running http"), done.stderr
    made = registry.find_named(floor.ctx, floor.who.workspace_id, "from-python")
    assert (made.description, [target.model_version for target in made.targets]) == ("it's told", ["0.0.1"])


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


def of_two(floor, weights=(75, 25), name="numbers"):  # noqa: F811
    """A service of two versions, which tell which one they are."""
    models = [floor.model(f"return {{'version': {number}}}", name=name) for number in (1, 2)]
    targets = [Target(model, weight=weight) for model, weight in zip(models, weights, strict=True)]
    return floor.deploy(*targets, name=name)


@both
def test_shares_are_moved_together_and_changed_at_once(floor, owner, visit, language):  # noqa: F811
    service = of_two(floor)
    visitor = visit(language).sign_in()
    page = visitor.page
    visitor.go(f"/console/services/{service.id}")
    first, second = (
        page.get_by_role("spinbutton", name=say(language, "deploy.weightOf", version=one)) for one in ("0.0.1", "0.0.2")
    )
    expect(first).to_have_value("75")
    apply = page.get_by_role("button", name=say(language, "services.weigh"))
    expect(apply).to_be_disabled()
    page.get_by_role("slider", name=say(language, "deploy.weightOf", version="0.0.1")).focus()
    page.keyboard.press("ArrowLeft")
    expect(second).to_have_value("26")
    first.fill("40")
    expect(second).to_have_value("60")
    expect(page.get_by_text(say(language, "deploy.together", sum=100))).to_be_visible()
    apply.click()
    expect(page.get_by_role("row").filter(has_text="numbers 0.0.2")).to_contain_text("60 %")
    assert [target.weight for target in floor.again(service).targets] == [40, 60]
    assert {floor.ask_service(service).json["version"] for _ in range(10)} == {1, 2}

    page.get_by_role("tab", name=say(language, "services.tabs.updates")).click()
    page.get_by_role("button", name=say(language, "services.rollBackTo", revision=1)).click()
    page.get_by_role("tooltip").get_by_role("button", name=say(language, "services.rollBack"), exact=True).click()
    expect(page.locator("table tbody tr").first).to_contain_text("75 %")
    assert [target.weight for target in floor.again(service).targets] == [75, 25]


def test_calls_are_drawn_as_they_come(floor, owner, visit):  # noqa: F811
    service = of_two(floor, (50, 50))
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go(f"/console/services/{service.id}")
    expect(page.get_by_text(WORDS["en"]["services"]["noCalls"])).to_be_visible()
    for _ in range(6):
        assert floor.ask_service(service).status == 200
    expect(page.locator(".figures dd").first).to_have_text("6")
    chart = page.get_by_role("table", name=WORDS["en"]["services"]["perSecond"], include_hidden=True)
    expect(chart.get_by_role("rowheader", include_hidden=True)).to_have_text(["0.0.1", "0.0.2"])
    page.get_by_text("0.0.2", exact=True).first.click()
    expect(page.locator(".chart canvas")).to_have_count(2)
    page.reload()  # what was seen of calls that are long over is drawn again
    slow = page.get_by_role("table", name=WORDS["en"]["services"]["latency"], include_hidden=True).last
    expect(slow.get_by_role("rowheader", include_hidden=True)).to_have_text(["p50", "p95", "p99"])


def test_a_change_goes_on_while_the_service_answers(floor, owner, visit, tmp_path):  # noqa: F811
    first, gate = floor.model("return {'version': 1}", name="numbers"), tmp_path / "gate"
    service = floor.deploy(first, name="numbers")
    waiting = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)"
    floor.model("return {'version': 2}", name="numbers", first=waiting)
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go(f"/console/services/{service.id}")
    visitor.say(WORDS["en"]["services"]["change"])
    # By its role: the table of the page before is called the same.
    page.get_by_role("combobox", name=WORDS["en"]["services"]["versions"]).click()
    page.locator(".ant-select-item-option").filter(has_text="0.0.2").click()
    page.locator(".ant-select-item-option").filter(has_text="0.0.1").click()
    page.keyboard.press("Escape")
    visitor.say(WORDS["en"]["create"]["next"])
    visitor.say(WORDS["en"]["deploy"]["changeIt"])
    expect(page.get_by_role("progressbar", name=WORDS["en"]["services"]["rolling"])).to_be_visible()
    expect(page.locator(".service-head")).to_contain_text(WORDS["en"]["services"]["answersOn"])
    assert floor.ask_service(service).json == {"version": 1}
    gate.touch()
    expect(page.locator(".service-head .chip").first).to_have_text(WORDS["en"]["states"]["running"])
    floor.until(lambda: floor.ask_service(service).json == {"version": 2}, MOST_SECONDS)


def test_what_the_server_would_refuse_of_a_service_is_told_at_its_field(floor, owner, visit):  # noqa: F811
    model = floor.model("return 1", name="numbers")
    floor.deploy(model, name="taken", wait=False)
    visitor = visit("en").sign_in()
    page, words_ = visitor.page, WORDS["en"]
    told = page.locator(".ant-form-item-explain-error")
    visitor.go(f"/console/services/new?model={model}")
    for name, said in (("a b", words_["deploy"]["nameRule"]), ("taken", words_["errors"]["conflict"]["name"])):
        page.get_by_label(words_["kit"]["name"], exact=True).fill(name)
        expect(told.filter(has_text=said)).to_be_visible()
    page.get_by_label(words_["kit"]["name"], exact=True).fill("free")
    expect(told).to_have_count(0)
    visitor.say(words_["deploy"]["addVariable"])
    problems = words_["deploy"]["variableProblems"]
    for name, said in (("1a", problems["signs"]), ("MAQUETTE_HOME", problems["kept"]), ("", problems["needed"])):
        page.get_by_role("textbox", name="Name 1").fill(name)
        expect(told.filter(has_text=said)).to_be_visible()
    page.get_by_role("textbox", name="Name 1").fill("SIZE")
    visitor.say(words_["deploy"]["addVariable"])
    page.get_by_role("textbox", name="Name 2").fill("SIZE")
    expect(told.filter(has_text=problems["twice"])).to_be_visible()
    visitor.say(words_["create"]["next"])
    expect(page.get_by_role("textbox", name="Name 1")).to_be_focused()  # the first of the two


def test_online_services_and_batches_have_rooms_of_their_own_that_are_searched_and_filtered(floor, owner, visit):  # noqa: F811
    model = floor.model("return 1", name="numbers")
    for name in ("alpha", "beta"):
        floor.deploy(model, name=name)
    registry.stop(floor.ctx, registry.find_named(floor.ctx, floor.who.workspace_id, "beta"))
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/batches")
    expect(page.get_by_text(WORDS["en"]["batches"]["none"])).to_be_visible()
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=WORDS["en"]["menu"]["services"]).click()
    names = page.locator("tbody .strong")
    expect(names).to_have_text(["beta", "alpha"])
    page.get_by_role("columnheader", name=re.compile("^Name")).click()
    expect(names).to_have_text(["alpha", "beta"])
    page.get_by_role("combobox", name=WORDS["en"]["kit"]["state"]).click()
    page.get_by_title(WORDS["en"]["states"]["stopped"], exact=True).click()
    expect(names).to_have_text(["beta"])
    page.reload()
    expect(names).to_have_text(["beta"])
    page.get_by_role("textbox", name=re.compile("^Search")).fill("alp")
    expect(names).to_have_count(0)
    expect(page.get_by_text(WORDS["en"]["kit"]["nothingFound"])).to_be_visible()


AT_ONCE = """title => {
  document.querySelector("thead th").click();
  document.querySelector(`.ant-select-item-option[title="${title}"]`).click();
}"""


def test_two_changes_of_a_list_at_once_are_both_kept(floor, owner, visit):  # noqa: F811
    model = floor.model("return 1", name="numbers")
    for name in ("alpha", "beta", "gamma"):
        registry.stop(floor.ctx, floor.deploy(model, name=name))
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/services")
    names = page.locator("tbody .strong")
    expect(names).to_have_text(["gamma", "beta", "alpha"])
    page.get_by_role("combobox", name=WORDS["en"]["kit"]["state"]).click()
    stopped = WORDS["en"]["states"]["stopped"]
    expect(page.get_by_title(stopped, exact=True)).to_be_visible()
    page.evaluate(AT_ONCE, stopped)
    expect(page).to_have_url(re.compile(r"\?(?=.*sort=name)(?=.*order=asc)(?=.*status=stopped)"))
    expect(names).to_have_text(["alpha", "beta", "gamma"])


def test_the_same_trouble_is_told_once_with_its_traceback_folded(floor, owner, visit):  # noqa: F811
    broken = floor.model("return 1", first="raise ValueError('give me `weights`')", name="broken")
    service = floor.deploy(broken, name="broken", wait=False)
    floor.until_status(service, Status.FAILED)
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go(f"/console/services/{service.id}?tab=events")
    failed = page.locator(".events li").filter(has_text=say("en", "services.happened.instance_failed"))
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("ValueError: give me weights")
    expect(failed).to_contain_text(re.compile(r"\d times since"))
    expect(failed.locator("code")).to_have_text("weights")
    expect(failed.locator("pre")).to_be_hidden()
    failed.get_by_text(say("en", "kit.traceback")).click()
    expect(failed.locator("pre")).to_contain_text("customize_service.py")


def test_a_list_follows_without_a_jump(floor, owner, visit):  # noqa: F811
    service = floor.deploy(floor.model("return 1", name="numbers"), name="numbers")
    visitor = visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/services")
    row = page.get_by_role("row").filter(has_text="numbers").last
    expect(row).to_contain_text(WORDS["en"]["states"]["running"])
    before = row.bounding_box()
    registry.stop(floor.ctx, service)
    expect(row).to_contain_text(WORDS["en"]["states"]["stopped"])
    assert row.bounding_box() == before


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_axe_has_no_serious_finding_on_a_service(floor, owner, visit, axe, language, theme):  # noqa: F811
    service = of_two(floor)
    floor.ask_service(service)
    visitor = visit(language, theme).sign_in()
    page, found = visitor.page, {}
    visitor.go("/console/services")
    expect(page.get_by_role("link", name="numbers")).to_be_visible()
    settle(page)
    found["list"] = findings(visitor, axe)
    visitor.go(f"/console/services/{service.id}")
    for tab in ("overview", "events", "updates", "logs"):
        page.get_by_role("tab", name=say(language, f"services.tabs.{tab}"), exact=True).click()
        expect(page.get_by_role("status", name=say(language, "kit.loading"))).to_have_count(0)
        settle(page)
        found[tab] = findings(visitor, axe)
    visitor.go(f"/console/services/{service.id}/change")
    expect(page.get_by_role("slider").first).to_be_visible()
    settle(page)
    found["change"] = findings(visitor, axe)
    assert {name: told for name, told in found.items() if told} == {}
