"""Batch services in the console: made, with what the server would refuse told at once, followed, gone on with."""

import json
import re
import subprocess
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.services import batches, registry
from maquette.services.batches import Batch
from maquette.services.deployment import Query, Status
from maquette.services.domain import CallLimits
from maquette.workspaces import actions, sessions

from ..services.conftest import floor  # noqa: F401
from ..services.test_batch_work import Batching
from .conftest import MOST_SECONDS, PASSWORD
from .test_looks import SIDEWAYS, axe, findings, settle  # noqa: F401 -- `axe` is a fixture
from .test_training import pick, speech
from .test_walk import PIXEL

both = pytest.mark.parametrize("language", ["en", "zh-CN"])
NUMBERS = {"n": {"type": "number", "description": "how many"}, "word": {"type": "string"}}
READ = "name, file = next(iter(data['images'].items())); content = file.read(); "
NAMED = READ + "return {'predicted_label': name.split('.')[0]} if content[:4] == b'\\x89PNG' else 1 / 0"
# Each input waits until it has a ticket, or the gate stands open; which input comes first, nobody knows.
GATED = """ticket, opened = (os.environ["GATE"] + name for name in ("/ticket", "/open"))
while not os.path.exists(opened):
    if os.path.exists(ticket):
        os.remove(ticket)
        break
    time.sleep(0.01)
return {"predicted_label": next(iter(data["images"]))}"""


def config(properties, kind="multipart/form-data", url="/"):
    data = {"type": "object", "properties": properties}
    request = {"Content-type": kind, "data": data}
    response = {"Content-type": "application/json", "data": {"type": "object", "properties": {}}}
    api = {"url": url, "method": "post", "request": request, "response": response}
    return json.dumps({"model_algorithm": "image_classification", "model_type": "MindSpore", "apis": [api]})


@pytest.fixture
def batching(floor, owner):  # noqa: F811
    """A worker that feeds batches, and three pictures of which one is none."""
    batching = Batching(floor)
    batching.end()
    batching.limits = CallLimits(seconds=600)  # a call waits for as long as the browser takes
    batching.start()
    floor.store.put("pets", "in/cat.png", [PIXEL])
    floor.store.put("pets", "in/more/dog.png", [PIXEL])
    floor.store.put("pets", "in/zebra.png", [b"no picture"])
    yield batching
    batching.end()


@pytest.fixture
def pictures(floor):  # noqa: F811
    """`pictures(body)`: a model that takes one."""
    return lambda body: floor.model(body, name="pets", files={"config.json": config({"images": {"type": "file"}})})


@pytest.fixture
def gate(tmp_path):
    (tmp_path / "gate").mkdir()
    return tmp_path / "gate"


def gated(floor, model, gate, name="night"):  # noqa: F811
    """A batch that goes on for as long as the test wants."""
    batch = Batch(model, "obs://pets/in/", "obs://pets/out/", variables={"GATE": str(gate)})
    service = batches.deploy(floor.ctx, floor.who, name, batch)
    floor.until_status(service, Status.RUNNING)
    return service


def told_at(page, problem):
    """Beside a field; what was told before may still be on its way out."""
    expect(page.locator(".ant-form-item-explain-error").filter(has_text=problem)).to_be_visible()


def state(page, say, word):
    expect(page.locator(".service-head .chip").first).to_have_text(say(f"states.{word}"))


def fill(page, say, name, source, target):
    page.get_by_label(say("kit.name"), exact=True).fill(name)
    page.get_by_role("textbox", name=say("batches.folder"), exact=True).fill(source)
    page.get_by_role("textbox", name=say("batches.target"), exact=True).fill(target)


@both
def test_a_batch_is_made_followed_and_tried_again(batching, pictures, visit, language):
    pictures(NAMED)
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/batches")
    expect(page.get_by_text("maquette batch run MODEL obs://IN/ obs://OUT/")).to_be_visible()
    page.get_by_role("link", name=say("batches.new")).first.click()
    expect(page.get_by_text(say("batches.byFile", name="images"))).to_be_visible()  # the one model there is
    page.get_by_label(say("kit.name"), exact=True).fill("night")
    pick(page, say, say("batches.folder"), "pets", "in/")
    page.get_by_role("textbox", name=say("batches.target"), exact=True).fill("obs://pets/out/")
    visitor.say(say("create.next"))
    expect(page.locator(".snippet-box pre")).to_contain_text(
        "maquette batch run pets:0.0.1 obs://pets/in/ obs://pets/out/"
    )
    visitor.say(say("create.start"))

    expect(page.get_by_role("heading", level=1)).to_have_text("night")
    state(page, say, "finished")
    figures = page.locator(".batch-figures dd")
    expect(figures).to_have_text(["3", "2", "1", "0", "–", "–"])
    results = page.locator(".batch-results li")
    expect(results).to_have_count(2)
    expect(results.first).to_contain_text("cat.png")
    expect(results.first.locator("summary")).to_have_text("cat")
    assert results.first.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 1
    expect(page.locator(".failures tbody tr")).to_have_count(1)
    expect(page.locator(".failures tbody tr")).to_contain_text("zebra.png")
    expect(page.locator(".split-names")).to_contain_text(say("batches.stages.work"))

    batching.store.put("pets", "in/zebra.png", [PIXEL])
    visitor.say(say("services.retry"))
    expect(figures).to_have_text(["3", "3", "0", "0", "–", "–"])
    expect(page.get_by_text(say("services.noneFailed"))).to_be_visible()
    page.get_by_role("link", name=say("batches.openResults")).click()
    page.wait_for_url("**/console/buckets/pets?folder=out*infer-result*")
    expect(page.get_by_role("button", name="cat.png_result.txt", exact=True)).to_be_visible()

    visitor.go("/console/batches")
    expect(page.get_by_role("progressbar", name="night")).to_have_attribute("aria-valuenow", "3")
    page.get_by_role("button", name=say("kit.moreOf", name="night")).click()
    page.get_by_role("menuitem", name=say("kit.delete")).click()
    expect(page.get_by_role("dialog")).to_contain_text(say("batches.removeAbout"))
    page.get_by_role("dialog").get_by_role("button", name=say("kit.delete"), exact=True).click()
    expect(page.get_by_text(say("batches.none"))).to_be_visible()
    assert batching.keys("out/infer-result/") != []


def test_what_the_server_would_refuse_is_told_at_its_field(batching, pictures, floor, visit):  # noqa: F811
    pictures(NAMED)
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    floor.deploy(floor.model("return 1", name="rows"), name="taken", wait=False)
    visitor.go("/console/batches/new")
    page.get_by_role("combobox", name=say("deploy.model")).click()
    page.get_by_title("pets", exact=True).click()
    for name, told in (("a b", "deploy.nameRule"), ("taken", "errors.conflict.name")):
        page.get_by_label(say("kit.name"), exact=True).fill(name)
        told_at(page, say(told))
    page.get_by_label(say("kit.name"), exact=True).fill("night")
    expect(page.locator(".ant-form-item-explain-error")).to_have_count(0)
    folder = page.get_by_role("textbox", name=say("batches.folder"), exact=True)
    for address, told in (("pets", "place"), ("obs://nowhere/x/", "bucket"), ("obs://pets/empty/", "nothing")):
        folder.fill(address)
        told_at(page, say(f"batches.places.{told}"))
    folder.fill("obs://pets/in/")
    page.get_by_text(say("batches.aManifest")).click()
    page.get_by_role("textbox", name=say("batches.manifest"), exact=True).fill("obs://pets/none.manifest")
    told_at(page, say("batches.places.noManifest"))
    page.get_by_text(say("batches.aFolder")).click()
    visitor.say(say("create.next"))
    told_at(page, say("kit.needed"))  # where the results go
    expect(page.get_by_role("textbox", name=say("batches.target"), exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_label(say("kit.name"), exact=True)).to_have_value("night")
    assert registry.list_all(floor.ctx, floor.who.workspace_id, Query(infer_type="batch"))[1] == 0


def test_columns_of_a_table_are_mapped_beside_its_first_row(batching, floor, visit):  # noqa: F811
    floor.model("return data", name="rows", files={"config.json": config(NUMBERS, "application/json")})
    floor.store.put("pets", "tables/one.csv", [b'cat,"a, b",3\nno,x,y\n'])
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/batches/new")
    fill(page, say, "rows", "obs://pets/tables/", "obs://pets/out/")
    expect(page.get_by_text(say("batches.noFit", kind="number"))).to_be_visible()
    page.get_by_role("spinbutton", name=say("batches.columnOf", name="n")).fill("3")
    expect(page.get_by_text(say("batches.noFit", kind="number"))).to_have_count(0)
    sent = page.get_by_label(say("batches.sentAs"))
    expect(sent).to_have_text('{"n":3,"word":"a, b"}')
    page.get_by_role("spinbutton", name=say("batches.columnOf", name="word")).fill("9")
    expect(page.get_by_text(say("batches.tooShort_other", count=3))).to_be_visible()
    page.get_by_role("spinbutton", name=say("batches.columnOf", name="word")).fill("")
    expect(sent).to_have_text('{"n":3}')
    page.get_by_role("spinbutton", name=say("batches.columnOf", name="n")).fill("")
    expect(page.get_by_text(say("batches.mapNone"))).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 780})
    expect(page.get_by_role("list", name=say("batches.mapping")).get_by_role("listitem")).to_have_count(2)
    assert page.locator("main").evaluate(SIDEWAYS) == []
    page.set_viewport_size({"width": 1280, "height": 860})
    page.get_by_role("spinbutton", name=say("batches.columnOf", name="n")).fill("3")
    visitor.say(say("create.next"))
    expect(page.locator(".snippet-box pre")).to_contain_text('"index":2')
    visitor.say(say("create.start"))
    state(page, say, "finished")
    expect(page.locator(".batch-figures dd")).to_have_text(["1", "1", "0", "0", "–", "–", "2", "1"])
    expect(page.locator(".failures tbody tr")).to_contain_text(say("batches.row", number=2))
    page.get_by_role("tab", name=say("services.tabs.configuration")).click()
    expect(page.get_by_role("row", name=re.compile("^n ")).get_by_role("cell").last).to_have_text("3")
    expect(page.get_by_role("row", name=re.compile("^word ")).get_by_role("cell").last).to_have_text("left out")
    assert json.loads(batching.result("one.csv").splitlines()[0]) == {"n": 3}
    chinese = visit("zh-CN").sign_in()
    chinese.go(urlsplit(page.url).path)
    told = "此行无法生成请求：索引为 2 的列（'n'）中的 'y' 不是 number。"
    expect(chinese.page.locator(".failures tbody tr")).to_contain_text(told)


@both
def test_batches_are_ordered_by_what_failed_in_them_and_read_on_a_telephone(batching, pictures, floor, visit, language):  # noqa: F811
    model = pictures(NAMED)
    for name, folder in (("sound", "in/more/"), ("broken", "in/")):
        batch = batches.deploy(floor.ctx, floor.who, name, Batch(model, f"obs://pets/{folder}", f"obs://pets/{name}/"))
        floor.until_status(batch, Status.FINISHED)
    say, visitor = speech(language), visit(language, width=360).sign_in()
    page = visitor.page
    visitor.go("/console/batches")
    cards = page.get_by_role("list", name=say("menu.batches")).get_by_role("listitem")
    for mark, first in (("↓", "broken"), ("↑", "sound")):
        page.get_by_role("combobox", name=say("kit.order")).click()
        page.get_by_title(f"{say('batches.failed')} {mark}", exact=True).click()
        expect(cards.first).to_contain_text(first)
    page.get_by_role("link", name="broken", exact=True).click()
    failures = page.get_by_role("list", name=say("batches.failures")).get_by_role("listitem")
    expect(failures).to_have_count(1)
    expect(failures).to_contain_text("zebra.png")
    settle(page)
    assert page.locator("main").evaluate(SIDEWAYS) == []


@both
def test_two_batches_never_write_into_one_folder(batching, pictures, floor, gate, visit, language):  # noqa: F811
    model = pictures(GATED)
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    service = gated(floor, model, gate)
    visitor.go("/console/batches/new")
    fill(page, say, "day", "obs://pets/in/", "s3://pets/out")
    told_at(page, say("batches.folderTaken", name="night"))
    batches.stop(floor.ctx, service)
    expect(page.locator(".ant-form-item-explain-error")).to_have_count(0)
    expect(page.get_by_text(say("batches.folderUsed", name="night"))).to_be_visible()
    visitor.say(say("create.next"))
    expect(page.get_by_text(say("create.look"))).to_be_visible()
    batches.start(floor.ctx, service)
    visitor.say(say("create.start"))
    told = say("told.services.same_results", name="night", results="obs://pets/out/")
    expect(page.locator(".make > .problem")).to_contain_text(told)
    assert registry.list_all(floor.ctx, floor.who.workspace_id, Query())[1] == 1


def test_a_batch_is_stopped_and_goes_on_where_it_was(batching, pictures, floor, gate, visit):  # noqa: F811
    service = gated(floor, pictures(GATED), gate)
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go(f"/console/services/{service.id}")
    page.wait_for_url(f"**/console/batches/{service.id}")
    expect(page.get_by_role("button", name=say("services.change"), exact=True)).to_be_disabled()
    (gate / "ticket").touch()
    expect(page.locator(".batch-figures dd").nth(1)).to_have_text("1")
    expect(page.locator(".batch-figures dd").nth(3)).to_have_text("2")
    expect(page.locator(".batch-results li")).to_have_count(1)
    visitor.say(say("services.stop"))
    floor.until(lambda: floor.again(service).wanted == "stopped", MOST_SECONDS)
    (gate / "open").touch()
    state(page, say, "stopped")
    page.get_by_role("tab", name=say("services.tabs.events")).click()
    expect(page.locator(".events li").first).to_contain_text(say("services.happened.stopped"))
    page.get_by_role("tab", name=say("services.tabs.batch")).click()
    visitor.say(say("batches.goOn"))
    state(page, say, "finished")
    expect(page.locator(".batch-figures dd").nth(1)).to_have_text("3")
    visitor.say(say("batches.anew"))
    expect(page.get_by_role("tooltip")).to_contain_text("obs://pets/out/")
    page.get_by_role("tooltip").get_by_role("button", name=say("batches.anew")).click()
    floor.until(lambda: [one.code for one in registry.events(floor.ctx, service)].count("finished") == 2, MOST_SECONDS)
    state(page, say, "finished")


def test_a_batch_that_rests_is_changed(batching, pictures, floor, visit):  # noqa: F811
    batch = Batch(pictures(NAMED), "obs://pets/in/", "obs://pets/out/")
    service = batches.deploy(floor.ctx, floor.who, "night", batch)
    floor.until_status(service, Status.FINISHED)
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go(f"/console/batches/{service.id}")
    visitor.say(say("services.change"))
    page.get_by_role("textbox", name=say("batches.folder"), exact=True).fill("obs://pets/in/more/")
    visitor.say(say("create.next"))
    visitor.say(say("deploy.changeIt"))
    page.wait_for_url(f"**/console/batches/{service.id}")
    expect(page.locator(".facts")).to_contain_text("obs://pets/in/more/")
    assert batches.batch_of(floor.again(service)).src_path == "obs://pets/in/more/"


def test_the_same_by_a_call_is_the_same(batching, pictures, floor, visit, monkeypatch):  # noqa: F811
    pictures(NAMED)
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/batches/new")
    fill(page, say, "told", "obs://pets/in/", "obs://pets/out/")
    page.get_by_label(say("kit.description"), exact=True).fill("it's told")
    visitor.say(say("create.next"))
    page.get_by_role("tab", name="REST").click()
    line = page.locator(".snippet-box pre").inner_text()
    monkeypatch.setenv("TOKEN", sessions.sign_in(floor.ctx, "admin", PASSWORD, "token").ticket)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=MOST_SECONDS)
    made = registry.find(floor.ctx, floor.who.workspace_id, json.loads(done.stdout)["service_id"])
    assert (made.name, made.description) == ("told", "it's told")
    assert batches.batch_of(made).dest_path == "obs://pets/out/"


def test_whoever_may_only_look_sees_how_far_a_batch_is_and_makes_none(batching, pictures, floor, visit):  # noqa: F811
    service = batches.deploy(floor.ctx, floor.who, "night", Batch(pictures(NAMED), "obs://pets/in/", "obs://pets/out/"))
    floor.until_status(service, Status.FINISHED)
    _, link = actions.make_user(floor.ctx, "ana", floor.who.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(floor.ctx, link, PASSWORD)
    say, visitor = speech("en"), visit("en").sign_in("ana")
    page = visitor.page
    visitor.go("/console/batches")
    expect(page.get_by_role("link", name="night")).to_be_visible()
    expect(page.get_by_role("link", name=say("batches.new"))).to_have_count(0)
    expect(page.get_by_role("button", name=say("kit.moreOf", name="night"))).to_have_count(0)
    page.get_by_role("link", name="night").click()
    expect(page.locator(".batch-results li")).to_have_count(2)
    expect(page.get_by_role("button", name=say("batches.anew"))).to_have_count(0)
    expect(page.get_by_role("button", name=say("services.retry"))).to_have_count(0)
    visitor.go("/console/batches/new")
    expect(page.get_by_text(say("kit.notAllowed"))).to_be_visible()


def test_a_batch_is_made_by_keyboard_alone(batching, pictures, floor, visit):  # noqa: F811
    pictures(NAMED)
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/batches/new")
    expect(page.get_by_label(say("kit.name"), exact=True)).to_be_focused()

    def tab_to(place):
        for _ in range(30):
            page.keyboard.press("Tab")
            if place.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError("the keyboard does not get there")

    page.keyboard.type("by-keys")
    tab_to(page.get_by_role("textbox", name=say("batches.folder"), exact=True))
    page.keyboard.type("obs://pets/in/")
    tab_to(page.get_by_role("textbox", name=say("batches.target"), exact=True))
    page.keyboard.type("obs://pets/out/")
    tab_to(page.get_by_role("button", name=say("create.next"), exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text(say("create.look"))).to_be_visible()
    tab_to(page.get_by_role("button", name=say("create.start"), exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("by-keys")
    state(page, say, "finished")
    tab_to(page.get_by_role("tab", name=say("services.tabs.batch")))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name=say("services.tabs.configuration"))).to_be_focused()
    expect(page.get_by_text(say("create.elsewhere")).first).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh-CN", "light")])
def test_axe_has_no_serious_finding_on_a_batch(batching, pictures, floor, visit, axe, language, theme):  # noqa: F811
    service = batches.deploy(floor.ctx, floor.who, "night", Batch(pictures(NAMED), "obs://pets/in/", "obs://pets/out/"))
    floor.until_status(service, Status.FINISHED)
    say, visitor = speech(language), visit(language, theme).sign_in()
    page, found = visitor.page, {}
    visitor.go("/console/batches")
    expect(page.get_by_role("link", name="night")).to_be_visible()
    settle(page)
    found["list"] = findings(visitor, axe)
    visitor.go(f"/console/batches/{service.id}")
    expect(page.locator(".batch-results li")).to_have_count(2)
    page.locator(".batch-results summary").first.click()
    for tab in ("batch", "configuration", "instances", "events", "logs"):
        page.get_by_role("tab", name=say(f"services.tabs.{tab}"), exact=True).click()
        expect(page.get_by_role("status", name=say("kit.loading"))).to_have_count(0)
        settle(page)
        found[tab] = findings(visitor, axe)
    visitor.go(f"/console/batches/{service.id}/change")
    page.get_by_role("textbox", name=say("batches.target"), exact=True).fill("nowhere")
    told_at(page, say("batches.places.place"))
    settle(page)
    found["a form with a mistake"] = findings(visitor, axe)
    assert {name: told for name, told in found.items() if told} == {}
