"""Pages of training as a job waits, for whoever may only look, without a mouse, and while they look again and again."""

import re

import pytest
from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.workspaces import actions, keys, sessions
from maquette_sdk.client import Client

from .conftest import MOST_SECONDS, PASSWORD
from .test_looks import SIDEWAYS, settle
from .test_training import (  # noqa: F401 -- most are fixtures
    ENGINE,
    both,
    client,
    engines_at_hand,
    open_tab,
    speech,
    submit,
    working,
)

TABS = {
    # a tab of a job that waits, and what it says
    "log": "log.empty", "metrics": "metrics.none", "resources": "usage.none", "artifacts": "jobs.outputEmpty",
    "analysis": "analysis.none", "difference": "difference.none",
}  # fmt: skip


@both
def test_a_job_that_waits_says_so_in_every_tab(client, visit, language):  # noqa: F811
    job = submit(client)
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}")
    expect(page.locator(".job-head .chip")).to_have_text(say("states.queued"))
    for tab, told in TABS.items():
        open_tab(page, say, tab)
        expect(page.get_by_text(say(told))).to_be_visible()
    call = f"**/training-jobs/{job.id}/versions"
    page.route(call, lambda route: route.abort())
    visitor.go(f"/console/training/{job.id}")
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute(call)
    page.get_by_role("button", name=say("kit.again")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits")


@both
def test_whoever_may_only_look_is_told_where_something_would_be_made(client, platform, owner, visit, language):  # noqa: F811
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    say, visitor = speech(language), visit(language).sign_in("ana")
    page = visitor.page
    for path in ("training/new", "algorithms/new"):
        visitor.go(f"/console/{path}")
        expect(page.get_by_text(say("kit.notAllowed"))).to_be_visible()
    job = submit(client)
    visitor.go(f"/console/training/{job.id}?tab=artifacts")
    expect(page.get_by_text(say("jobs.outputEmpty"))).to_be_visible()
    expect(page.get_by_role("button", name="TensorBoard")).to_have_count(0)


def test_a_job_is_made_by_the_keyboard_alone(working, client, visit):  # noqa: F811
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/training")
    expect(page.get_by_text("No training jobs yet")).to_be_visible()
    go_to(page, page.get_by_role("link", name="Create job").first)
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("textbox", name="Name", exact=True))
    page.keyboard.type("by-keys")
    go_to(page, page.get_by_role("button", name="Choose from buckets: Code", exact=True))
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    for step in ("pets", "code/"):
        expect(window.get_by_role("button", name=step, exact=True)).to_be_visible()
        go_to(page, window.get_by_role("button", name=step, exact=True))
        page.keyboard.press("Enter")
        expect(window.locator(".picker-told")).to_contain_text(step)
    go_to(page, window.get_by_role("button", name="Choose", exact=True))
    page.keyboard.press("Enter")
    expect(window).to_have_count(0)
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_have_value("obs://pets/code/")
    go_to(page, page.get_by_role("textbox", name="Boot file", exact=True))
    page.keyboard.type("train.py")
    go_to(page, page.get_by_role("combobox", name="Engine", exact=True))
    page.keyboard.type(ENGINE)
    expect(page.locator(".ant-select-item-option-active")).to_have_text(ENGINE)
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("textbox", name="Inputs data_url", exact=True))
    page.keyboard.type("obs://pets/images/")
    go_to(page, page.get_by_role("textbox", name="Outputs train_url", exact=True))
    page.keyboard.type("obs://pets/images/out/")
    expect(page.get_by_text("This lies inside an input. Choose another folder.")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("obs://pets/out/")
    go_to(page, page.get_by_role("button", name="Next", exact=True))
    page.keyboard.press("Enter")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_visible()
    go_to(page, start)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("by-keys")
    go_to(page, page.get_by_role("tab", name="Log", exact=True))
    for tab in ("Metrics", "Resources"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=tab, exact=True)).to_be_focused()
    assert client.jobs.get("by-keys").version["specification"]["engine"] == ENGINE


def go_to(page, wanted, most=80):
    """By the tabulator key, as somebody without a mouse; what has it must be in sight and show it."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the tabulator key")


def test_what_a_job_has_left_leads_to_the_import_of_a_model(client, platform, visit):  # noqa: F811
    job = submit(client)
    for name in ("model/config.json", "model/weights/a.pt", "other/readme.txt"):
        platform.store.put("pets", f"digits/{name}", [b"{}"])
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}?tab=artifacts")
    way = page.get_by_role("link", name="Import as model: obs://pets/digits/model/")
    expect(way).to_have_attribute(
        "href", f"/console/models/import?from_job={job.id}&version=V0001&path=obs%3A%2F%2Fpets%2Fdigits%2Fmodel%2F"
    )
    page.get_by_role("button", name="Show what is in model/").press("Enter")
    expect(page.get_by_role("link", name="config.json")).to_be_visible()
    page.get_by_role("button", name="Show what is in weights/").click()
    expect(page.get_by_role("link", name="a.pt")).to_have_attribute(
        "href", re.compile("object=digits%2Fmodel%2Fweights")
    )
    page.get_by_role("button", name="Show what is in model/").click()
    expect(page.get_by_role("link", name="config.json")).to_have_count(0)


VERSIONS_SEEN = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const head = document.querySelector('.job-head .ant-select');
    if (head) window.seen.push(head.textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


SENT_BY_A_SECOND_CLICK = """button => {
  const asked = window.fetch;
  let count = 0;
  window.fetch = (...given) => { count += 1; return asked(...given) };
  button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }));
  window.fetch = asked;
  return count;
}"""


def test_two_quick_clicks_make_one_version_and_its_page_shows_none_before_it(client, visit):  # noqa: F811
    job, sent = submit(client), []
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go(f"/console/training/{job.id}")
    expect(page.locator(".job-head .ant-select")).to_contain_text("V0001")
    visitor.say("New version")
    visitor.say("Next")
    making = lambda asked: asked.method == "POST" and asked.url.endswith("/versions")  # noqa: E731
    page.on("request", lambda asked: sent.append(asked.url) if making(asked) else None)
    start = page.get_by_role("button", name="Start", exact=True)
    assert start.evaluate(SENT_BY_A_SECOND_CLICK) == 0  # of a double click on "Next", which stood there
    page.evaluate(VERSIONS_SEEN)
    start.evaluate("start => { start.click(); start.click() }")
    expect(page.locator(".job-head .ant-select")).to_contain_text("V0002")
    assert len(sent) == 1
    assert not any("V0001" in told for told in page.evaluate("() => window.seen"))


DECLARED = {
    "name": "lr", "value": "0.5", "i18n_description": {"zh-cn": "学习率", "en-us": "Learning rate"},
    "constraint": {"type": "Float", "sensitive": True, "valid_type": "Range", "valid_range": ["0.1", "1"]},
}  # fmt: skip


def test_an_algorithm_that_is_saved_keeps_what_the_page_does_not_show(client, visit):  # noqa: F811
    made = client.algorithms.create(
        {
            "metadata": {"name": "net"},
            "job_config": {
                "code_dir": "obs://pets/code/", "boot_file": "train.py", "engine": {"engine_id": ENGINE},
                "parameters": [DECLARED],
                "inputs": [{"name": "data_url", "remote_constraints": [{"data_type": "obs"}]}],
            },
        }
    )  # fmt: skip
    id = made["metadata"]["id"]
    visitor = visit("zh-CN").sign_in()
    page = visitor.page
    visitor.go(f"/console/algorithms/{id}")
    expect(page.get_by_role("textbox", name="中文描述 1")).to_have_value("学习率")
    page.get_by_role("textbox", name="英文描述 1").fill("How fast it learns")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="net")).to_be_visible()
    kept = client.algorithms.get(id)["job_config"]
    (parameter,) = kept["parameters"]
    assert parameter["constraint"]["sensitive"] is True
    told = parameter["i18n_description"]
    assert (told["zh-cn"], told["en-us"]) == ("学习率", "How fast it learns")
    assert kept["inputs"][0]["remote_constraints"] == [{"data_type": "obs", "attributes": []}]


GROWING = """
import itertools, time
for step in itertools.count():
    print(f"step {step} loss: {1 / (step + 1):.4f}", flush=True)
    time.sleep(0.2)
"""


def test_a_page_that_follows_a_run_does_not_jump(working, client, platform, visit):  # noqa: F811
    platform.store.put("pets", "code/grow.py", [GROWING.encode()])
    job = submit(client, boot="grow.py")
    visitor = visit().sign_in()
    page = visitor.page
    page.add_init_script(
        "new PerformanceObserver(list => list.getEntries().forEach(one => { window.jumped = (window.jumped ?? 0) +"
        " (one.hadRecentInput ? 0 : one.value) })).observe({ type: 'layout-shift', buffered: true })"
    )
    visitor.go(f"/console/training/{job.id}")
    expect(page.get_by_role("log")).to_contain_text(re.compile("step [5-9] |step [1-9][0-9]+ "))
    jumped = {}
    for tab in ("log", "metrics", "resources", "configuration", "events"):
        visitor.go(f"/console/training/{job.id}?tab={tab}")
        expect(page.locator(".job-part :is(.log, canvas, .facts, .events)").first).to_be_visible()
        settle(page)
        page.evaluate("() => { window.jumped = 0 }")
        for _ in range(2):
            with page.expect_response(re.compile("/versions/latest$")):
                pass
        jumped[tab] = round(page.evaluate("() => window.jumped"), 3)
    job.stop()
    job.wait(MOST_SECONDS)
    assert max(jumped.values()) < 0.01, jumped


SEARCHES = re.compile("/training-job-searches$")


def test_the_time_of_a_running_job_goes_on_between_two_looks(working, client, platform, visit):  # noqa: F811
    platform.store.put("pets", "code/long.py", [b"import time\ntime.sleep(6000)"])
    job = submit(client, boot="long.py")
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/training?status=running")
    took = page.get_by_role("row").filter(has_text="digits").locator(".short")
    expect(took).to_have_text(re.compile("^\\d+ sec$"))
    page.route(SEARCHES, lambda route: None)  # no answer comes any more
    seen = [took.text_content()]
    for _ in range(3):
        expect(took).not_to_have_text(seen[-1])
        seen.append(took.text_content())
    assert [seconds(one) for one in seen] == sorted({seconds(one) for one in seen})
    page.unroute_all()
    job.stop()
    job.wait(MOST_SECONDS)
    expect(page.get_by_text("Nothing found")).to_be_visible()


def seconds(told):
    return sum(int(count) * {"min": 60, "sec": 1}[unit] for count, unit in re.findall(r"(\d+) (\w+)", told))


def test_what_a_list_of_jobs_shows_is_there_again_on_the_way_back(client, visit):  # noqa: F811
    for name in ("digits", "digits-more", "flowers"):
        submit(client, name)
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/training")
    rows = page.locator("tbody tr.ant-table-row")
    expect(rows).to_have_count(3)
    page.get_by_role("textbox", name="Search: Training jobs").fill("digits")
    expect(rows).to_have_count(2)
    page.get_by_role("combobox", name="State").click()
    page.locator(".ant-select-item-option-content", has_text="Waiting").click()
    expect(page).to_have_url(re.compile(r"\?q=digits&status=pending$"))
    page.get_by_role("link", name="digits-more").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits-more")
    page.go_back()
    expect(rows).to_have_count(2)
    expect(page.get_by_role("textbox", name="Search: Training jobs")).to_have_value("digits")
    expect(page.locator(".list-tools .ant-select")).to_contain_text("Waiting")
    visitor.go("/console/training?status=no-such")
    expect(rows).to_have_count(3)
    expect(page.locator(".list-tools .ant-select")).to_contain_text("Every state")


@pytest.mark.parametrize("room", ["notebooks", "tensorboard"])
@both
def test_whose_each_is_is_told_where_others_are_in_the_workspace(client, platform, owner, live, visit, language, room):  # noqa: F811
    make = {
        "notebooks": lambda one, name: one.notebooks.create(name, image=ENGINE),
        "tensorboard": lambda one, name: one.tensorboards.create(name, f"obs://pets/{name}/"),
    }[room]
    make(client, "alone")
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go(f"/console/{room}")
    expect(page.get_by_role("row").filter(has_text="alone")).to_be_visible()
    expect(page.get_by_role("columnheader", name=say("boards.who"), exact=True)).to_have_count(0)
    ana, _ = actions.make_user(platform, "ana", owner.workspace_id, Role.MEMBER)
    key, secret = keys.make_key(platform, ana.id, owner.workspace_id)
    with Client(live.url, access=key.access, secret=secret) as other:
        make(other, "of-ana")
    page.reload()
    expect(
        page.get_by_role("row").filter(has_text="of-ana").get_by_role("cell", name="ana", exact=True)
    ).to_be_visible()
    mine = page.get_by_role("row").filter(has_text="alone")
    expect(mine.get_by_role("cell", name=say("boards.mine"), exact=True)).to_be_visible()
    opens = page.get_by_role("button", name=say("boards.openOne", name="of-ana"), exact=True)
    if room == "notebooks":
        expect(opens).to_have_count(0)
        expect(page.get_by_role("row").filter(has_text="of-ana")).to_contain_text(say("notebooks.notMine"))
    else:
        expect(opens).to_be_visible()
    _, link = actions.make_user(platform, "bob", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    onlooker = visit(language, width=360).sign_in("bob")
    onlooker.go(f"/console/{room}")
    card = onlooker.page.get_by_role("listitem").filter(has_text="of-ana")
    expect(card).to_contain_text(say("notebooks.notMine" if room == "notebooks" else "boards.needsMember"))
    assert onlooker.page.locator("main").evaluate(SIDEWAYS) == []


CHATTY = """
for epoch in range(250_000):
    print(f"epoch {epoch} loss: {1 / (epoch + 1):.6f}")
"""


@both
def test_a_job_that_has_ended_says_what_is_missing(working, client, platform, visit, language):  # noqa: F811
    platform.store.put("pets", "code/chatty.py", [CHATTY.encode()])
    platform.store.put("pets", "code/mute.py", [b"pass"])
    chatty, mute = submit(client, "chatty", "chatty.py"), submit(client, "mute", "mute.py")
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    chatty.wait(MOST_SECONDS)
    visitor.go(f"/console/training/{chatty.id}?tab=metrics")
    expect(page.get_by_text(say("metrics.cut", names="V0001", size="4 MB"))).to_be_visible()
    expect(page.locator("canvas")).to_have_count(1)
    expect(page.get_by_text(say("metrics.noneOver"))).to_be_visible()
    mute.wait(MOST_SECONDS)
    visitor.go(f"/console/training/{mute.id}?tab=metrics")
    expect(page.get_by_text(say("metrics.nonePrintedOverAbout"))).to_be_visible()
