"""Models in the console: judged while one chooses, imported, downloaded, described, and where they came from."""

import io
import itertools
import json
import os
import re
import threading
import time
import zipfile
from collections import Counter

import pytest
from playwright.sync_api import expect

from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.identity import Identity, Proof, Role
from maquette.models import registry
from maquette.models.importing import Import
from maquette.models.work import Imports
from maquette.runs.queue import this_worker
from maquette.services import registry as services
from maquette.services.deployment import Target
from maquette.training import jobs
from maquette.training.results import ANALYSIS
from maquette.training.specification import Place, Specification
from maquette.workspaces import actions, sessions

from ..models.test_registry import CONFIG, PACKAGE, SERVICE
from .conftest import MOST_SECONDS, PASSWORD
from .test_looks import SIDEWAYS, axe, findings, settle  # noqa: F401 -- `axe` is a fixture
from .test_training import speech
from .test_walk import PIXEL

both = pytest.mark.parametrize("language", ["en", "zh-CN"])
INSIDE = {f"model/{name}": text for name, text in PACKAGE.items()}
BROKEN = {**PACKAGE, "customize_service.py": SERVICE.replace("(self, data):", "(self, data)")}


@pytest.fixture
def who(owner):
    return Identity(owner.user_id, "admin", owner.workspace_id, Role.OWNER, Proof.SESSION)


@pytest.fixture
def put(platform, who):
    store = GrantedStore(platform, Rights(platform), who)
    store.make_bucket("pets")

    def call(prefix, files):
        for name, content in files.items():
            store.put("pets", prefix + name, [content.encode() if isinstance(content, str) else content])
        return f"obs://pets/{prefix}"

    return call


@pytest.fixture
def importing(platform):
    """Brings in what is imported, and nothing else: no service starts here."""
    stopped = threading.Event()
    imports = Imports(platform, this_worker(platform))

    def work():
        while not stopped.wait(0.05):
            imports.step()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()
    imports.close()


@pytest.fixture
def model(platform, who, put, importing):
    """`model()` is the next version of `flowers`, imported from a bucket unless a job is named."""

    def make(name="flowers", files=PACKAGE, **given):
        given = given or {"address": put("out/", files)}
        made = registry.import_model(platform, who, name, "", Import(**{"address": "", **given}))
        deadline = time.monotonic() + MOST_SECONDS
        while (found := registry.find_model(platform, who.workspace_id, made.id)).status is registry.Status.PUBLISHING:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return found

    return make


@pytest.fixture
def job(platform, who, put):
    """A job that has left a model."""
    put("code/", {"train.py": "print()"})
    spec = Specification(
        dialect="v1", code="obs://pets/code/", boot_file="train.py", engine="sklearn-1.9.1",
        inputs=(Place(name="data_url", address="obs://pets/images/"),),
        outputs=(Place(name="train_url", address="obs://pets/trained/"),),
    )  # fmt: skip
    made = jobs.create_job(platform, who, "train-flowers", specification=spec)
    jobs.keep(platform, jobs.latest_version(platform, made), code_hash="3fa9c1d2" * 8)
    put("trained/V0001/", INSIDE)
    return made


def judged(page):
    return page.locator(".judged")


@both
def test_what_is_wrong_is_told_in_place_and_what_is_sound_is_imported(put, importing, platform, visit, language):
    where, bad = put("good/", PACKAGE), put("bad/", BROKEN)
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/models")
    expect(page.get_by_text("maquette models import ./model --name flowers")).to_be_visible()
    page.get_by_role("link", name=say("models.import")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("models.import"))
    send = page.get_by_role("button", name=say("models.importIt"), exact=True)
    expect(judged(page)).to_contain_text(say("models.checkNothing"))
    expect(send).to_be_disabled()

    place = page.get_by_role("textbox", name=say("models.place"))
    place.fill("obs://pets/nowhere/")
    expect(judged(page).get_by_role("alert")).to_contain_text(
        say("told.checks.nothing_at", place="obs://pets/nowhere/", field="source_location")
    )
    place.fill(bad)
    error = judged(page).get_by_role("listitem").filter(has_text=say("models.levels.error"))
    expect(error).to_contain_text("customize_service.py:4:31")
    expect(send).to_be_disabled()
    place.fill(where)
    expect(judged(page)).to_contain_text(say("models.sound"))
    expect(judged(page)).to_contain_text("Flowers")
    expect(page.locator("pre.snippet")).to_contain_text("maquette models import obs://pets/good/ --name")
    page.get_by_label(say("kit.name"), exact=True).fill("flowers")
    page.get_by_label(say("services.version"), exact=True).fill("01.0")
    send.click()
    expect(page.get_by_text(say("models.versionRule"))).to_be_visible()
    page.get_by_label(say("services.version"), exact=True).fill("1.0.0")
    send.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("flowers")
    expect(page.locator(".service-head .chip").first).to_have_text(say("states.published"))
    page.get_by_role("tab", name=say("models.tabs.config")).click()
    expect(page.get_by_role("region", name=say("models.inputs")).get_by_role("row").nth(1)).to_contain_text("images")
    expect(page.get_by_role("region", name=say("models.outputs")).get_by_role("row").nth(1)).to_contain_text("label")
    expect(page.get_by_label("config.json")).to_contain_text('"runtime": "python3.6"')


@both
def test_a_package_is_downloaded_by_whoever_may_look(model, platform, owner, visit, language):
    found = model()
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    say, visitor = speech(language), visit(language).sign_in("ana")
    page = visitor.page
    visitor.go(f"/console/models/{found.id}")
    with page.expect_download() as download:
        page.get_by_role("link", name=say("models.download")).click()
    assert download.value.suggested_filename == "flowers-0.0.1.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == INSIDE
    expect(page.get_by_role("button", name=say("models.deploy"))).to_have_count(0)
    visitor.go("/console/models")
    expect(page.get_by_role("link", name=say("models.import"))).to_have_count(0)
    visitor.go("/console/models/import")
    expect(page.get_by_text(say("kit.notAllowed"))).to_be_visible()


@both
def test_where_a_model_came_from_and_where_it_went_is_drawn(model, job, platform, who, visit, language):
    found = model(job=job.id)
    services.deploy(platform, who, "shop", [Target(found.id)])
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    graph = page.get_by_role("list", name=say("lineage.title"))

    visitor.go(f"/console/models/{found.id}?tab=lineage")
    expect(graph.get_by_role("listitem")).to_have_count(7)
    names = graph.locator(".thing-name").all_inner_texts()
    assert names == [
        "pets/images",
        "code/train.py",
        "sklearn-1.9.1",
        "train-flowers",
        "trained/V0001",
        "flowers",
        "shop",
    ]
    expect(page.locator(".lineage-room > svg path")).to_have_count(6)
    expect(graph.get_by_role("listitem").filter(has_text="code/train.py").first).to_contain_text("3fa9c1d23fa9")
    graph.get_by_role("link", name="train-flowers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("train-flowers")

    page.get_by_role("tab", name=say("jobs.tabs.lineage")).click()
    expect(graph.locator("[aria-current=true]")).to_have_text("train-flowers")
    shop = page.get_by_role("link", name="shop")
    expect(graph.get_by_role("listitem").filter(has=shop)).to_contain_text(say("lineage.madeOf", names="flowers"))
    shop.focus()
    expect(page.locator(".lineage-room > svg g.on")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("shop")


def test_a_lineage_stands_upright_where_the_page_is_narrow(model, job, visit):
    found = model(job=job.id)
    visitor = visit("en", width=360).sign_in()
    visitor.go(f"/console/models/{found.id}?tab=lineage")
    boxes = visitor.page.locator(".thing")
    expect(boxes.first).to_be_visible()
    places = [box.bounding_box() for box in boxes.all()]
    assert len({place["x"] for place in places}) == 1
    assert all(above["y"] + above["height"] < below["y"] for above, below in itertools.pairwise(places))


def test_a_picture_that_was_told_wrongly_is_seen_in_the_analysis(job, put, platform, visit, axe):  # noqa: F811
    put("photos/", {"rose.png": PIXEL, "poppy.png": PIXEL})
    wrong = [
        {"labels": [{"name": "rose"}], "predict_labels": [{"name": "tulip"}], "score": "0.9", "data_info": place}
        for place in ("s3://pets/photos/rose.png", "obs://pets/photos/poppy.png", "elsewhere.png")
    ]
    told = {"get_negative_samples_cls": {"title": "Wrong", "get_negative_samples_cls": wrong}}
    place = put(
        "trained/V0001/", {"model_analysis_results.json": json.dumps({"en-us": {"precision_performance": told}})}
    )
    version = jobs.latest_version(platform, job)
    jobs.keep(platform, version, results={ANALYSIS[0]: f"{place}{ANALYSIS[0]}"})
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}?tab=analysis")
    rows = page.get_by_role("row").filter(has_text="tulip")
    expect(rows).to_have_count(3)
    picture = rows.first.get_by_role("presentation")
    expect(picture).to_have_js_property("naturalWidth", 1)
    rows.first.get_by_role("button", name="Show rose.png large").press("Enter")
    large = page.get_by_role("dialog")
    expect(large.get_by_role("status")).to_have_text("1 of 2")  # one of three lies in no bucket
    expect(large.get_by_role("img", name="rose.png")).to_have_js_property("naturalWidth", 1)
    expect(large).to_contain_text("tulip")
    settle(page)
    assert findings(visitor, axe) == []
    for key, name, which in (("ArrowLeft", "rose", 1), ("ArrowRight", "poppy", 2), ("ArrowRight", "poppy", 2)):
        page.keyboard.press(key)
        expect(large.get_by_role("img", name=f"{name}.png")).to_be_visible()
        expect(large.get_by_role("status")).to_have_text(f"{which} of 2")
    large.get_by_role("button", name="Previous object").click()
    expect(large.get_by_role("img", name="rose.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(rows.first.get_by_role("button", name="Show rose.png large")).to_be_focused()
    expect(rows.last).to_contain_text("elsewhere.png")
    expect(rows.last.get_by_role("link")).to_have_count(0)
    rows.first.get_by_role("link", name="rose.png").click()
    expect(page).to_have_url(re.compile("/console/buckets/pets"))


@pytest.mark.parametrize("width", [1280, 360])
def test_long_names_of_a_lineage_are_read_whole_where_one_is(model, job, platform, who, visit, width):
    name = "classification-of-alpine-flowers-by-region-and-season-final"
    found = model(job=job.id)
    services.deploy(platform, who, name, [Target(found.id)])
    visitor = visit("en", width=width).sign_in()
    page = visitor.page
    visitor.go(f"/console/models/{found.id}?tab=lineage")
    link = page.get_by_role("link", name=name)
    expect(link).to_have_attribute("title", name)
    assert link.bounding_box()["height"] >= 40
    link.focus()
    assert link.evaluate("one => one.scrollHeight <= one.clientHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_whoever_comes_from_a_jobs_outputs_finds_the_form_filled_in(job, importing, visit):
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/models/import?from_job={job.id}&version=V0001&path=obs://pets/trained/V0001/model/")
    expect(judged(page)).to_contain_text("Nothing to mend")
    expect(page.get_by_label("Name", exact=True)).to_have_value("train-flowers")
    expect(page.get_by_role("textbox", name="Folder in its output")).to_have_value("obs://pets/trained/V0001/model/")
    visitor.say("Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("train-flowers")
    expect(page.get_by_role("link", name="Training job, V0001")).to_be_visible()


def test_weights_alone_get_their_engine_and_their_code_from_the_form(put, importing, visit):
    put("weights/", {"flowers.pth": "weights"})
    put("code/", {"infer.py": SERVICE})
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/models/import?path=obs://pets/weights/")
    expect(judged(page)).to_contain_text("1 error keeps it out")
    expect(judged(page)).to_contain_text("There is no config.json")
    page.get_by_role("textbox", name="Inference code from elsewhere").fill("obs://pets/code/infer.py")
    page.get_by_role("combobox", name="Without a config.json").click()
    page.get_by_text("Picture in, JSON out").last.click()
    expect(judged(page)).to_contain_text("Can be imported")
    page.get_by_role("tab", name="REST").click()
    expect(page.locator("pre.snippet")).to_contain_text('"infer_format": "image-processing"')
    visitor.say("Import")
    expect(page.locator(".service-head .chip").first).to_have_text("Ready")


def test_a_zip_of_ones_own_is_uploaded_judged_and_imported(importing, owner, platform, visit, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in INSIDE.items():
            archive.writestr(name, text)
    (tmp_path / "roses.zip").write_bytes(packed.getvalue())
    (tmp_path / "roses.tar").write_bytes(b"no zip")
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/models/import")
    page.get_by_text("Zip file").first.click()
    page.get_by_label("Zip file", exact=True).last.set_input_files(tmp_path / "roses.tar")
    expect(page.get_by_role("alert")).to_contain_text("ends in .zip")
    page.get_by_label("Zip file", exact=True).last.set_input_files(tmp_path / "roses.zip")
    expect(judged(page)).to_contain_text("Nothing to mend")
    expect(page.get_by_label("Name", exact=True)).to_have_value("roses")
    visitor.say("Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("roses")
    expect(page.locator(".service-head .chip").first).to_have_text("Ready")


def test_a_zip_that_broke_off_goes_on_where_it_was(importing, owner, visit, tmp_path):
    with zipfile.ZipFile(tmp_path / "roses.zip", "w") as archive:
        for name, text in INSIDE.items():
            archive.writestr(name, text)
        archive.writestr("model/weights.bin", os.urandom(34 << 20))
    visitor = visit(width=360).sign_in()
    page, sent = visitor.page, []
    page.on("request", lambda asked: sent.extend(re.findall("partNumber=([0-9]+)", asked.url)))
    visitor.go("/console/models/import")
    page.get_by_text("Zip file").first.click()
    page.route(re.compile("partNumber=3"), lambda route: route.abort())
    page.get_by_label("Zip file", exact=True).last.set_input_files(tmp_path / "roses.zip")
    expect(page.get_by_text("What has arrived is kept")).to_be_visible()
    page.unroute(re.compile("partNumber=3"))
    visitor.say("Go on")
    expect(judged(page)).to_contain_text("Nothing to mend")
    assert sorted(sent) == ["1", "2", "3", "3"]


def test_findings_stand_below_the_package_where_the_page_is_narrow(put, importing, visit):
    put("bad/", BROKEN)
    visitor = visit(width=360).sign_in()
    page = visitor.page
    visitor.go("/console/models/import?path=obs://pets/bad/")
    finding = page.get_by_role("list", name="What the check has found").get_by_role("listitem").first
    expect(finding).to_be_visible()
    places = [
        one.bounding_box()["y"]
        for one in (page.get_by_label("Folder or zip").first, finding, page.get_by_label("Name", exact=True))
    ]
    assert places == sorted(places)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    expect(page.locator(".import-foot")).to_contain_text("1 error keeps it out")


def test_what_is_said_of_a_model_is_changed(model, platform, visit):
    found = model()
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go(f"/console/models/{found.id}")
    visitor.say("More about flowers")
    page.get_by_role("menuitem", name="Edit description").click()
    dialog.get_by_label("Description").fill("five < six")
    visitor.say("Save")
    expect(dialog).to_contain_text("none of &")
    dialog.get_by_label("Description").fill("Five kinds of flowers")
    dialog.get_by_role("button", name="Add: Tags").click()
    dialog.get_by_label("Key").fill("team")
    dialog.get_by_label("Value").fill("vision")
    dialog.get_by_role("button", name="Add: Pages about it").click()
    dialog.get_by_label("Name").fill("Card")
    dialog.get_by_label("Address").fill("javascript:alert(1)")
    visitor.say("Save")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Five kinds of flowers")).to_be_visible()
    expect(page.get_by_text("team: vision")).to_be_visible()
    expect(page.get_by_text("javascript:alert(1)")).to_be_visible()
    expect(page.get_by_role("link", name="Card")).to_have_count(0)
    kept = registry.find_model(platform, found.workspace_id, found.id)
    assert (kept.description, list(kept.tags)) == ("Five kinds of flowers", [{"key": "team", "value": "vision"}])


def test_what_a_service_runs_is_not_deleted_and_the_service_is_named(model, platform, who, visit):
    found = model()
    services.deploy(platform, who, "shop", [Target(found.id)])
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go(f"/console/models/{found.id}")
    expect(page.get_by_role("link", name="shop")).to_be_visible()
    visitor.say("More about flowers")
    page.get_by_role("menuitem", name="Delete 0.0.1").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("'shop'")
    assert registry.find_model(platform, found.workspace_id, found.id)


def test_models_and_their_versions_lead_to_the_services_that_run_them(model, platform, who, visit):
    first, second = model(), model()
    for name in ("shop", "store"):
        services.deploy(platform, who, name, [Target(first.id)])
    visitor = visit(width=360).sign_in()
    page = visitor.page
    visitor.go("/console/models?sort=version")
    cards = page.get_by_role("list", name="Models", exact=True).get_by_role("listitem")
    expect(cards).to_have_count(2)
    expect(cards.filter(has_text="0.0.1").get_by_role("link", name="shop", exact=True)).to_be_visible()
    expect(cards.filter(has_text="0.0.2").get_by_role("link", name="shop")).to_have_count(0)
    visitor.go(f"/console/models/{second.id}?tab=versions")
    page.get_by_role("listitem").filter(has_text="0.0.1").get_by_role("link", name="and by store").click()
    page.get_by_role("link", name="store", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("store")


def test_an_import_that_failed_leads_to_what_was_found_and_back_to_the_form(model, visit):
    found = model("bad", BROKEN)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/models/{found.id}")
    expect(page.get_by_role("alert")).to_contain_text("the check has found 1 error")
    expect(page.get_by_role("list", name="What the check has found")).to_contain_text("customize_service.py:4:31")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    page.get_by_role("link", name="Import it again").click()
    expect(page.get_by_role("textbox", name="Folder or zip")).to_have_value("obs://pets/out/")
    expect(page.get_by_label("Name", exact=True)).to_have_value("bad")


def test_many_findings_are_folded(model, visit):
    packages = [{"package_name": f"a{number}", "package_version": "1", "restraint": "ODD"} for number in range(7)]
    odd = {**CONFIG, "dependencies": [{"installer": "pip", "packages": packages}]}
    found = model("odd", {**PACKAGE, "config.json": json.dumps(odd)})
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/models/{found.id}")
    findings = page.get_by_role("list", name="What the check has found").get_by_role("listitem")
    expect(findings).to_have_count(5)
    page.get_by_role("button", name=re.compile("^Show [0-9]+ more$")).click()
    expect(findings).to_have_count(len(found.report["findings"]))
    visitor.say("Show fewer")
    expect(findings).to_have_count(5)


@both
def test_findings_are_filtered_by_their_level(model, visit, language):
    packages = [{"package_name": f"a{number}", "package_version": "1", "restraint": "ODD"} for number in range(4)]
    odd = {**CONFIG, "dependencies": [{"installer": "pip", "packages": packages}]}
    found = model("odd", {**BROKEN, "config.json": json.dumps(odd)})
    levels = Counter(one["level"] for one in found.report["findings"])
    assert levels["error"] and len(levels) > 1
    say, visitor = speech(language), visit(language, width=360).sign_in()
    page = visitor.page
    visitor.go(f"/console/models/{found.id}")
    listed = page.get_by_role("list", name=say("models.findings")).get_by_role("listitem")
    chosen = page.get_by_role("group", name=say("models.levelsOf"))
    expect(chosen.get_by_role("button", pressed=True)).to_have_text(f"{say('models.levelsAll')} {sum(levels.values())}")
    for level, number in levels.items():
        chosen.get_by_role("button", name=f"{say(f'models.levels.{level}')} {number}", exact=True).click()
        expect(chosen.get_by_role("button", pressed=True)).to_contain_text(say(f"models.levels.{level}"))
        expect(listed).to_have_count(min(number, 5))
        expect(listed.filter(has_text=say(f"models.levels.{level}"))).to_have_count(min(number, 5))
    assert page.locator("main").evaluate(SIDEWAYS) == []


def test_models_are_filtered_and_found_again(model, visit):
    model()
    model("bad", BROKEN)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/models?status=failed")
    expect(page.get_by_role("link", name="bad")).to_be_visible()
    expect(page.get_by_role("link", name="flowers")).to_have_count(0)
    visitor.go("/console/models?type=TensorFlow")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name="flowers")).to_be_visible()


def test_a_model_is_walked_through_by_keyboard(model, job, visit):
    found = model(job=job.id)
    model(job=job.id)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/models/{found.id}")
    page.get_by_role("tab", name="Overview").focus()
    for name in ("Configuration", "Lineage"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
    things = page.locator("a.thing-name")
    expect(things.first).to_be_visible()
    page.keyboard.press("Tab")
    for link in things.all():
        expect(link).to_be_focused()
        page.keyboard.press("Tab")
    page.get_by_role("tab", name="Lineage").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("region", name="Versions").get_by_role("link", name="0.0.2")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".service-head")).to_contain_text("0.0.2")


def test_a_model_that_is_not_there_says_so(owner, visit):
    visitor = visit("zh-CN").sign_in()
    visitor.go("/console/models/none")
    expect(visitor.page.get_by_role("alert")).to_contain_text("工作空间中没有模型 'none'。")


@pytest.mark.parametrize("theme", ["light", "dark"])
@both
def test_axe_has_no_serious_finding_and_nothing_is_too_wide(model, job, put, visit, axe, language, theme):  # noqa: F811
    config = {**CONFIG, "dependencies": [{"installer": "pip", "packages": [{"package_name": "pillow"}]}]}
    made = model(files={**PACKAGE, "config.json": json.dumps(config)})
    bad, trained = model("bad", BROKEN), model(job=job.id)
    visitor = visit(language, theme).sign_in()
    page, found = visitor.page, {}
    tabs = ("overview", "config", "lineage", "versions")
    pages = [
        "models", "models/import", "models/import?path=obs://pets/out/", f"models/import?from_job={job.id}",
        f"models/{bad.id}", *(f"models/{trained.id}?tab={tab}" for tab in tabs), f"models/{made.id}?tab=config",
        f"training/{job.id}?tab=lineage",
    ]  # fmt: skip
    for path in pages:
        visitor.go(f"/console/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("status", name=speech(language)("kit.loading"))).to_have_count(0)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 860})
            settle(page)
            wide, window = page.locator(".beside").evaluate("beside => [beside.scrollWidth, beside.clientWidth]")
            assert wide <= window, (path, width)
            found[path, width] = findings(visitor, axe)
    assert {path: told for path, told in found.items() if told} == {}
