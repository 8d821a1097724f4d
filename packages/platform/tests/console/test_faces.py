"""Every page of the menu when there is nothing to show: empty, still loading, not allowed, and a server that failed."""

import json
import re

import pytest
from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.workspaces import actions, sessions

from .conftest import PACKAGE, PASSWORD, WORDS

MENU = re.findall(r'word: "(\w+)", path: "/console/?([\w-]*)"', (PACKAGE / "src" / "menu.tsx").read_text())
LISTS = [path for word, path in MENU if word not in ("home", "settings")]
PARTS = ["settings/keys", "settings/appCodes", "settings/engines"]
ASKING = [
    "",
    "tour",
    *LISTS,
    *PARTS,
    "settings/members",
    "settings/users",
    "settings/audit",
    "settings/storage",
    "settings/about",
]
"""All that ask the server for something: the profile shows what the session holds."""
CALLS = re.compile(r"/(maquette|v1|v2|obs)/(?!session)")
NO_ANSWER = """const asked = window.fetch;
window.fetch = (path, how) => String(path).includes("/session") ? asked(path, how) : new Promise(() => undefined)"""
both = pytest.mark.parametrize("language", ["en", "zh-CN"])


def test_the_table_holds_the_whole_menu():
    assert len(MENU) >= 9 and ("home", "") in MENU and ("settings", "settings") in MENU


def answer(status, code, message, **parameters):
    """A refusal as the server writes it."""
    body = json.dumps({"error_code": "ModelArts.0001", "error_msg": message, "code": code, "parameters": parameters})
    return lambda route: route.fulfill(status=status, content_type="application/json", body=body)


def test_a_page_that_the_server_failed_tells_so_and_comes_back_by_a_button(platform, owner, visit):
    visitor, words = visit("zh-CN").sign_in(), WORDS["zh-CN"]
    page = visitor.page
    failing = answer(500, "failed", "boom")
    for path in ASKING:
        page.route(CALLS, failing)
        visitor.go(f"/console/{path}")
        alert = (
            page.locator("main").get_by_role("alert").filter(has=page.get_by_role("button", name=words["kit"]["again"]))
        )
        expect(alert.first, path).to_contain_text(words["errors"]["failed"]["any"])
        # Each part has had its refusal by now; one that looks again by itself may be there before the click.
        expect(page.locator("main").get_by_role("status", name=words["kit"]["loading"]), path).to_have_count(0)
        page.unroute(CALLS, failing)
        again = alert.get_by_role("button", name=words["kit"]["again"])
        again.evaluate_all("all => all.forEach(one => one.click())")
        expect(page.locator("main").get_by_role("alert"), path).to_have_count(0)


def test_a_page_that_one_may_not_see_says_what_it_needs(platform, owner, visit):
    visitor = visit().sign_in()
    visitor.page.route(CALLS, answer(403, "refused", "This needs the role owner; yours is viewer.", role="owner"))
    for path in ASKING:
        visitor.go(f"/console/{path}")
        alert = visitor.page.locator("main").get_by_role("alert").first
        expect(alert, path).to_contain_text(WORDS["en"]["kit"]["notAllowed"])
        expect(alert, path).to_contain_text(WORDS["en"]["errors"]["refused"]["role"])


def test_a_page_that_waits_for_the_server_shows_that_it_does(platform, owner, visit):
    visitor = visit().sign_in()
    visitor.page.add_init_script(NO_ANSWER)
    for path in ASKING:
        visitor.go(f"/console/{path}")
        expect(visitor.page.locator("main").get_by_role("status", name="Loading").first, path).to_be_visible()
        expect(visitor.page.get_by_role("heading", level=1), path).to_be_visible()


@both
def test_an_empty_page_tells_the_button_or_the_command_that_fills_it(platform, owner, visit, language):
    visitor = visit(language).sign_in()
    for path in ["", *LISTS, *PARTS]:
        visitor.go(f"/console/{path}")
        card = visitor.page.locator("main .card").filter(has=visitor.page.locator(".face-title")).first
        expect(card.locator(".command, button").first, path).to_be_visible()


def test_who_may_only_look_is_offered_nothing_to_make_on_any_page(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    visitor = visit().sign_in("ana")
    for path in ["tour", *LISTS, "settings/appCodes", "settings/members", "settings/engines"]:
        visitor.go(f"/console/{path}")
        expect(visitor.page.get_by_role("heading", level=1), path).to_be_visible()
        expect(visitor.page.locator("main").get_by_role("status", name="Loading"), path).to_have_count(0)
        expect(visitor.page.locator("main .ant-btn-primary"), path).to_have_count(0)
    for path in ("settings/users", "settings/audit"):
        visitor.go(f"/console/{path}")
        expect(visitor.page.get_by_role("link", name=WORDS["en"]["settings"]["parts"]["profile"])).to_have_attribute(
            "aria-current", "page"
        )


def test_a_page_says_while_the_server_does_not_answer_and_goes_on_by_itself(platform, owner, visit):
    visitor, words = visit("zh-CN").sign_in(), WORDS["zh-CN"]
    page = visitor.page
    gone = lambda route: route.abort()  # noqa: E731
    asked = re.compile(r"/(v1|v2|maquette|health)")
    models = page.get_by_role("link", name=words["menu"]["models"], exact=True)
    expect(models).to_be_visible()
    page.route(asked, gone)
    models.click()
    lost = page.get_by_text(words["shell"]["lost"])
    expect(lost).to_be_visible()
    expect(page.locator("main").get_by_role("alert")).to_contain_text(words["errors"]["unreachable"]["any"])
    page.unroute(asked, gone)
    expect(lost).to_have_count(0)
    expect(page.locator("main").get_by_text(words["models"]["none"])).to_be_visible()
