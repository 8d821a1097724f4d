"""The guided tour: the digits example by clicks, from the bucket to the prediction, and all of it taken away again."""

import re

import pytest
from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.workspaces import actions, sessions

from .conftest import LONG, PASSWORD
from .test_looks import settle
from .test_training import engines_at_hand, speech, working  # noqa: F401 -- fixtures

both = pytest.mark.parametrize("language", ["en", "zh-CN"])


@both
def test_the_tour_is_walked_to_the_prediction_and_cleaned_up(working, platform, owner, visit, language):  # noqa: F811
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    page.get_by_role("link", name=say("tour.start")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("tour.title"))
    here = page.locator(".tour-step[aria-current]")
    expect(here).to_contain_text(say("tour.does.data"))
    assert list(platform.store.buckets()) == [], "nothing is done before somebody clicks"

    page.get_by_role("button", name=say("tour.do.data")).click()
    expect(here).to_contain_text(say("tour.does.train"))
    bucket = f"digits-tour-{owner.workspace_id[:8]}"
    assert list(platform.store.buckets()) == [bucket]
    page.get_by_role("button", name=say("tour.do.train")).click()
    expect(here.locator(".tour-lines")).to_contain_text("epoch", timeout=LONG)

    leave_and_come_back(page, say)
    expect(here).to_contain_text(say("tour.does.model"), timeout=LONG)
    page.get_by_role("button", name=say("tour.do.model"), exact=True).click()
    expect(here).to_contain_text(say("tour.does.deploy"), timeout=LONG)
    page.get_by_role("button", name=say("tour.do.deploy"), exact=True).click()
    expect(here).to_contain_text(say("tour.does.predict"), timeout=LONG)
    pictures = page.get_by_role("group", name=say("tour.pictures")).get_by_role("button")
    expect(pictures).to_have_count(10)
    digits = []
    for number in range(3):
        pictures.nth(number).click()
        expect(pictures.nth(number)).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".tour-label")).to_have_text(str(number))
        digits.append(page.locator(".tour-label").inner_text())
    assert digits == ["0", "1", "2"], "the pictures lie in the order of their digits"
    expect(page.get_by_role("heading", name=say("tour.over"))).to_be_visible()
    an_answer_that_comes_late_is_not_that_of_the_next_picture(page, pictures)

    page.get_by_role("navigation", name=say("shell.menu")).get_by_role(
        "link", name=say("menu.home"), exact=True
    ).click()
    recent = page.locator(".recent a")
    expect(recent).to_have_count(3)
    rooms = [re.match(r"/console/(\w+)/[\w-]{36}$", link.get_attribute("href"))[1] for link in recent.all()]
    assert rooms == ["services", "models", "training"], "the newest first, each to its own page"
    page.get_by_role("complementary", name=say("tour.title")).get_by_role("link", name=say("tour.back")).click()
    page.get_by_role("button", name=say("tour.cleanUp")).first.click()
    page.get_by_role("dialog").get_by_role("button", name=say("tour.cleanUp")).click()
    expect(here).to_contain_text(say("tour.does.data"), timeout=LONG)
    assert list(platform.store.buckets()) == []
    visitor.go("/console/")
    expect(page.locator(".loop li").nth(1)).to_contain_text(say("home.counts.train_other", told="0"))
    expect(page.get_by_role("link", name=say("tour.start"))).to_have_count(0)


def an_answer_that_comes_late_is_not_that_of_the_next_picture(page, pictures):
    calls, held, label = "**/v1/infers/**", [], page.locator(".tour-label")
    page.route(calls, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(calls):
        pictures.nth(1).click()
    pictures.nth(0).click()
    expect(label).to_have_text("0")
    with page.expect_response(calls):
        held[0].continue_()
    settle(page)
    expect(label).to_have_text("0")
    page.unroute(calls)


def leave_and_come_back(page, say):
    """The job goes on meanwhile, and every other page shows the way back."""
    page.get_by_role("link", name=say("tour.look", room=say("menu.training"))).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits-tour")
    strip = page.get_by_role("complementary", name=say("tour.title"))
    expect(strip).to_contain_text(say("tour.steps.train"))
    strip.get_by_role("link", name=say("tour.back")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("tour.title"))
    expect(strip).to_have_count(0)


def test_whoever_leaves_the_tour_is_not_asked_again(platform, owner, visit):
    visitor = visit().sign_in()
    page = visitor.page
    visitor.say("Not now")
    expect(page.get_by_role("link", name="Start the tour")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="Guided tour")).to_be_visible()
    expect(page.get_by_role("link", name="Start the tour")).to_have_count(0)
    page.get_by_role("button", name="Help").click()
    page.get_by_role("menuitem", name="Guided tour").click()
    expect(page.get_by_role("button", name="Fill the bucket")).to_be_visible()


def test_who_may_only_look_is_offered_no_step(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    visitor = visit().sign_in("ana")
    expect(visitor.page.get_by_role("link", name="Start the tour")).to_have_count(0)
    visitor.go("/console/tour")
    expect(visitor.page.get_by_role("note")).to_contain_text("needs the role of a member")
    expect(visitor.page.get_by_role("button", name="Fill the bucket")).to_have_count(0)
