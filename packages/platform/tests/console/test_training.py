"""Training in the console: a job from its form to its figures, long logs, algorithms, TensorBoard, notebooks."""

import json
import re
import threading

import pytest
from playwright.sync_api import expect

from maquette import worker
from maquette.kernel.identity import Role
from maquette.workspaces import actions, keys, sessions
from maquette_sdk.client import Client

from .conftest import LONG, MOST_SECONDS, PASSWORD, WORDS
from .test_looks import axe, findings, settle  # noqa: F401 -- `axe` is a fixture

ENGINE = "sklearn-1.9.1"
MANY = 100_000
SCRIPT = """
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
os.makedirs(args.train_url, exist_ok=True)
for epoch in range(5):
    print(f"epoch {epoch} loss: {args.lr * (5 - epoch):.3f}", flush=True)
print("\\x1b[31mnothing is wrong\\x1b[0m")
values = {"accuracy": 0.9 + args.lr / 10}
with open(os.path.join(args.train_url, "metric.json"), "w") as file:
    json.dump({"total_metric": {"total_metric_values": values}}, file)
"""
LOUD = f"for number in range({MANY}): print('line', number, 'of many')"
both = pytest.mark.parametrize("language", ["en", "zh-CN"])


@pytest.fixture
def engines_at_hand(tmp_path, test_home):
    """The engines that tests share, in the platform's home, which is made after this."""
    (test_home / "engines").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")


@pytest.fixture
def working(engines_at_hand, platform):
    """A worker beside the server."""
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


@pytest.fixture
def client(platform, owner, live):
    key, secret = keys.make_key(platform, owner.user_id, owner.workspace_id)
    platform.store.make_bucket("pets")
    for name, text in {
        "code/train.py": SCRIPT,
        "code/loud.py": LOUD,
        "code/notes.txt": "",
        "images/a.txt": "a",
    }.items():
        platform.store.put("pets", name, [text.encode()])
    with Client(live.url, access=key.access, secret=secret) as one:
        yield one


def submit(client, name="digits", boot="train.py", **more):
    more = {
        "data": "obs://pets/images/",
        "output": f"obs://pets/{name}/",
        "engine": ENGINE,
        "flavour": "modelarts.vm.cpu.1u",
    } | more
    return client.jobs.submit("obs://pets/code/", boot=boot, name=name, **more)


def speech(language):
    """`say("jobs.new")` in this language, with what is put into it."""

    def say(key, **values):
        found = WORDS[language]
        for part in key.split("."):
            found = found[part]
        return re.sub(r"\{\{(\w+)\}\}", lambda one: str(values[one[1]]), found)

    return say


def pick(page, say, label, *steps):
    """Walks to a place in the window of buckets and takes it."""
    page.get_by_role("button", name=say("picker.openFor", name=label), exact=True).click()
    window = page.get_by_role("dialog").filter(has=page.locator(".picker"))
    for step in steps:
        # A list that is drawn anew in this moment may swallow a click.
        for last in (False, True):
            window.get_by_role("button", name=step, exact=True).or_(window.get_by_text(step, exact=True)).first.click()
            try:
                expect(window.locator(".picker-told")).to_contain_text(step, timeout=10_000)
                break
            except AssertionError:
                if last:
                    raise
    window.get_by_role("button", name=say("picker.take"), exact=True).click()
    expect(window).to_have_count(0)


@both
def test_a_job_is_made_followed_and_made_again(working, client, visit, language):
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/training")
    expect(page.get_by_text(say("jobs.none"))).to_be_visible()
    page.get_by_role("link", name=say("jobs.new")).first.click()

    page.get_by_role("button", name=say("create.next"), exact=True).click()
    expect(page.get_by_text(say("kit.needed")).first).to_be_visible()
    page.get_by_role("textbox", name=say("kit.name"), exact=True).fill("digits")
    pick(page, say, say("jobs.code"), "pets", "code/")
    pick(page, say, say("jobs.bootFile"), "train.py")
    expect(page.get_by_role("textbox", name=say("jobs.bootFile"), exact=True)).to_have_value("train.py")
    choose_engine(page, say)
    pick(page, say, f"{say('jobs.inputs')} data_url", "pets", "images/")
    page.get_by_role("textbox", name=f"{say('jobs.outputs')} train_url", exact=True).fill("obs://pets/out")
    page.reload()
    expect(page.get_by_role("textbox", name=say("kit.name"), exact=True)).to_have_value("digits")
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    expect(page.locator("pre.snippet").first).to_contain_text(
        "maquette jobs submit obs://pets/code/ --boot train.py --name digits"
    )
    page.get_by_role("button", name=say("create.start"), exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("digits")
    expect(page.get_by_role("log")).to_contain_text("epoch 4 loss: 0.100", timeout=LONG)
    expect(page.locator(".log .red")).to_have_text("nothing is wrong")
    expect(page.locator(".job-head .chip")).to_have_text(say("states.succeeded"), timeout=LONG)
    open_tab(page, say, "metrics")
    expect(page.get_by_role("row", name="accuracy")).to_contain_text("0.91")
    expect(page.locator("figure.chart", has_text="loss").locator("canvas")).to_be_visible()
    open_tab(page, say, "artifacts")
    expect(page.get_by_role("link", name="metric.json")).to_have_attribute("href", re.compile("/console/buckets/pets"))

    page.get_by_role("button", name=say("jobs.newVersion"), exact=True).click()
    page.get_by_role("button", name=say("create.add", what=say("jobs.parameters"))).click()
    page.get_by_role("textbox", name=f"{say('jobs.parameters')}: {say('kit.name')} 1").fill("lr")
    page.get_by_role("textbox", name=f"{say('create.value')} 1", exact=True).first.fill("0.5")
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    expect(page.locator("pre.snippet").first).to_have_text("maquette jobs again digits -- --lr=0.5")
    page.get_by_role("button", name=say("create.start"), exact=True).click()
    expect(page.locator(".job-head .ant-select")).to_contain_text("V0002")
    expect(page.locator(".job-head .chip")).to_have_text(say("states.succeeded"), timeout=LONG)
    open_tab(page, say, "difference")
    expect(page.get_by_role("row", name="parameters.lr")).to_contain_text("0.5")
    assert [one["state"] for one in client.jobs.get("digits").versions()] == ["succeeded", "succeeded"]
    assert client.jobs.get("digits").metrics == pytest.approx({"accuracy": 0.95})


def choose_engine(page, say):
    field = page.get_by_role("combobox", name=say("jobs.engine"), exact=True)
    field.fill(ENGINE)
    page.locator(".ant-select-item-option-content", has_text=re.compile(f"^{re.escape(ENGINE)}$")).click()


def open_tab(page, say, word):
    page.get_by_role("tab", name=say(f"jobs.tabs.{word}"), exact=True).click()


def test_a_log_of_a_hundred_thousand_lines_stays_light(working, client, visit):
    job = submit(client, "loud", "loud.py")
    job.wait(MOST_SECONDS)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}")
    log = page.get_by_role("log")
    expect(log).to_contain_text(f"line {MANY - 1} of many", timeout=LONG)
    assert page.locator(".log-line").count() < 80
    page.get_by_role("textbox", name="Search the log").fill("LINE 4321 OF")
    expect(page.locator(".log-find")).to_contain_text("of 1")
    page.get_by_role("textbox", name="Search the log").press("Enter")
    expect(page.locator(".log-line.here")).to_contain_text("line 4321 of many")
    expect(page.locator(".log-line.here .found")).to_have_text("line 4321 of")
    expect(page.get_by_role("checkbox", name="Follow")).not_to_be_checked()
    page.get_by_role("checkbox", name="Follow").check()
    expect(log).to_contain_text(f"line {MANY - 1} of many")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_text().count("of many") == MANY


def test_why_a_job_failed_is_told_where_one_looks_first(working, client, platform, visit):
    platform.store.put("pets", "code/bad.py", [b"import no_such_thing_at_all\n"])
    job = submit(client, "broken", "bad.py")
    job.wait(MOST_SECONDS)
    visitor = visit().sign_in()
    visitor.go(f"/console/training/{job.id}")
    expect(visitor.page.locator(".job-head .chip")).to_have_text("Failed")
    expect(visitor.page.locator(".advice")).to_contain_text("no_such_thing_at_all")


def test_jobs_are_filtered_stopped_and_deleted_many_at_once(client, visit):
    for name in ("one", "two", "three"):
        submit(client, name)
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go("/console/training")
    page.get_by_role("textbox", name="Search: Training jobs").fill("t")
    expect(page.get_by_role("row", name="one")).to_have_count(0)
    assert page.url.endswith("?q=t")
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog).to_contain_text("Still at work: three, two. Stop it first.")
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    page.locator(".chosen-jobs").get_by_role("button", name="Stop").click()
    expect(page.locator(".chip", has_text="Stopped")).to_have_count(2)
    page.locator(".chosen-jobs").get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("row", name="two")).to_have_count(0)
    visitor.go("/console/training?status=running")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name="one")).to_be_visible()
    assert [job["metadata"]["name"] for job in client.jobs.list()] == ["one"]


@both
def test_an_algorithm_says_what_its_jobs_may_set(client, visit, language):
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/algorithms/new")
    page.get_by_role("textbox", name=say("kit.name"), exact=True).fill("iris")
    page.get_by_role("textbox", name=say("jobs.code"), exact=True).fill("obs://pets/code/")
    page.get_by_role("textbox", name=say("jobs.bootFile"), exact=True).fill("train.py")
    choose_engine(page, say)
    page.get_by_role("button", name=say("create.add", what=say("jobs.parameters"))).click()
    page.get_by_role("textbox", name=f"{say('kit.name')} 1", exact=True).last.fill("lr")
    choose(page, f"{say('algorithms.kind')} 1", say("algorithms.kinds.Float"))
    choose(page, f"{say('algorithms.limits')} 1", say("algorithms.valids.Range"))
    page.get_by_role("button", name=say("kit.make"), exact=True).click()
    expect(page.get_by_text(say("algorithms.ranges.ends"))).to_be_visible()
    value = page.get_by_role("textbox", name=f"{say('create.value')} 1", exact=True)
    value.fill("0.5")
    for end, text in (("least", "0.6"), ("most", "1")):
        page.get_by_role("textbox", name=f"{say(f'algorithms.ranges.{end}')} 1", exact=True).fill(text)
    expect(page.get_by_text(say("create.values.range", low="0.6", high="1"))).to_be_visible()
    page.get_by_role("textbox", name=f"{say('algorithms.ranges.least')} 1", exact=True).fill("0.1")
    expect(page.locator(".declared .ant-form-item-explain-error")).to_have_count(0)
    page.get_by_role("button", name=say("kit.make"), exact=True).click()
    expect(page.get_by_role("link", name="iris")).to_be_visible()

    page.get_by_role("button", name=say("jobs.new"), exact=True).click()
    value = page.get_by_role("textbox", name=f"{say('create.value')} lr")
    expect(value).to_have_value("0.5")
    # One types at once, and is told of nothing that one has not typed yet.
    expect(page.get_by_role("textbox", name=say("kit.name"), exact=True)).to_be_focused()
    expect(page.locator(".ant-form-item-explain-error")).to_have_count(0)
    value.fill("7")
    expect(page.get_by_text(say("create.values.range", low="0.1", high="1"))).to_be_visible()
    value.fill("0.7")
    page.get_by_role("textbox", name=say("kit.name"), exact=True).fill("flowers")
    page.get_by_role("textbox", name=f"{say('jobs.inputs')} data_url", exact=True).fill("pets/images")
    expect(page.get_by_text(say("create.placeRule"))).to_be_visible()
    page.get_by_role("textbox", name=f"{say('jobs.inputs')} data_url", exact=True).fill("obs://pets/images/")
    page.get_by_role("textbox", name=f"{say('jobs.outputs')} train_url", exact=True).fill("obs://pets/out/")
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    expect(page.locator("pre.snippet")).to_contain_text("maquette jobs submit --algorithm ")
    page.get_by_role("button", name=say("create.start"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("flowers")
    assert client.jobs.get("flowers").version["specification"]["parameters"] == [{"name": "lr", "value": "0.7"}]


def choose(page, label, option):
    page.get_by_role("combobox", name=label, exact=True).click()
    page.locator(".ant-select-item-option-content", has_text=option).last.click()


def test_a_name_that_is_taken_is_told_before_anything_is_sent(client, visit):
    submit(client, "digits")
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/training/new")
    page.get_by_role("textbox", name="Name", exact=True).fill("digits")
    page.get_by_role("textbox", name="Code", exact=True).fill("obs://pets/code/")
    page.get_by_role("textbox", name="Boot file", exact=True).fill("train.py")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("This name is taken. Choose another.")).to_be_visible()


@both
def test_a_tensorboard_and_a_notebook_are_made_stopped_and_deleted(working, client, visit, language):
    say, visitor = speech(language), visit(language).sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go("/console/tensorboard")
    page.get_by_role("button", name=say("boards.new")).first.click()
    dialog.get_by_role("textbox", name=say("kit.name"), exact=True).fill("curves of mine")
    expect(dialog.get_by_text(say("boards.nameRule"))).to_have_count(2)
    dialog.get_by_role("textbox", name=say("kit.name"), exact=True).fill("curves")
    dialog.get_by_role("textbox", name=say("boards.folder"), exact=True).fill("obs://pets/images/")
    dialog.get_by_role("button", name=say("kit.make"), exact=True).click()
    stop_and_delete(page, say, "curves")
    expect(page.get_by_text(say("boards.none"))).to_be_visible()

    visitor.go("/console/notebooks")
    page.get_by_role("button", name=say("notebooks.new")).first.click()
    dialog.get_by_role("textbox", name=say("kit.name"), exact=True).fill("bench")
    dialog.get_by_role("button", name=say("kit.make"), exact=True).click()
    expect(page.get_by_role("row", name="bench")).to_contain_text("pytorch")
    stop_and_delete(page, say, "bench", typed=True)
    expect(page.get_by_text(say("notebooks.none"))).to_be_visible()


def stop_and_delete(page, say, name, typed=False):
    more, dialog = page.get_by_role("button", name=say("kit.moreOf", name=name)), page.get_by_role("dialog")
    more.click()
    page.get_by_role("menuitem", name=say("jobs.stop")).click()
    expect(page.get_by_role("row", name=name)).to_contain_text(say("states.stopped"))
    more.click()
    page.get_by_role("menuitem", name=say("kit.delete")).click()
    if typed:
        dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name=say("kit.delete"), exact=True).click()


def test_what_stands_in_a_form_is_gone_from_the_browser_after_signing_out(client, visit):
    say, visitor = speech("en"), visit().sign_in()
    page = visitor.page
    visitor.go("/console/training/new")
    page.get_by_role("textbox", name=say("kit.name"), exact=True).fill("digits")
    assert "digits" in page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("button", name=say("shell.account", name="admin")).click()
    page.get_by_role("menuitem", name=say("shell.signOut")).click()
    page.wait_for_url("**/sign-in")
    assert "digits" not in page.evaluate("JSON.stringify(localStorage)")


def test_whoever_may_only_look_sees_jobs_and_changes_none(client, platform, owner, visit):
    job = submit(client)
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    visitor = visit().sign_in("ana")
    page = visitor.page
    visitor.go("/console/training")
    expect(page.get_by_role("link", name="digits")).to_be_visible()
    expect(page.get_by_role("link", name="Create job")).to_have_count(0)
    visitor.go(f"/console/training/{job.id}?tab=configuration")
    expect(page.get_by_role("link", name="obs://pets/code/")).to_be_visible()
    for name in ("Stop", "Run again", "New version"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    visitor.go("/console/training/new")
    expect(page.get_by_text("You may not see this")).to_be_visible()
    visitor.go("/console/training/none")
    expect(page.get_by_role("alert")).to_be_visible()


TABS = ("log", "metrics", "resources", "configuration", "artifacts", "analysis", "events", "difference")
SEARCH = {
    "reward_attrs": [{"name": "loss", "mode": "min", "regex": "loss: ([0-9.]+)"}],
    "search_params": [{"name": "lr", "param_type": "continuous", "lower_bound": "0.001", "upper_bound": "0.2"}],
    "algo_configs": [{"name": "anneal_search", "params": [{"key": "num_samples", "value": "2", "type": "Integer"}]}],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@both
def test_axe_has_no_serious_finding_and_nothing_is_too_wide(working, client, visit, axe, language, theme):  # noqa: F811
    job = submit(client)
    job.wait(MOST_SECONDS)
    job.again({"lr": 0.2}).wait(MOST_SECONDS)
    tuned = submit(client, "tuned", search=SEARCH).wait(MOST_SECONDS)
    visitor, found = visit(language, theme, width=360 if theme == "dark" else 1280).sign_in(), {}
    paths = [f"training/{job.id}?tab={tab}" for tab in TABS]
    paths += [f"training/{tuned.id}?tab={tab}" for tab in ("log", "metrics", "trials", "configuration")]
    for path in ("training", *(f"training/new?from={one.id}" for one in (job, tuned)), *paths):
        visitor.move(f"/console/{path}")
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        expect(visitor.page.get_by_role("status", name=WORDS[language]["kit"]["loading"])).to_have_count(0)
        settle(visitor.page)
        wide, window = visitor.page.locator(".beside").evaluate("beside => [beside.scrollWidth, beside.clientWidth]")
        name = path.replace(job.id, "JOB").replace(tuned.id, "TUNED")
        found[name] = findings(visitor, axe) + ([f"{wide} > {window}"] if wide > window else [])
    assert {path: told for path, told in found.items() if told} == {}, json.dumps(found, indent=1)
