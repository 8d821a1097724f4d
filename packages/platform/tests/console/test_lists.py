"""Lists: where one was is found again, and on a telephone nothing is scrolled sideways."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import WORDS
from .test_looks import SIDEWAYS, settle


@pytest.fixture
def many(platform, owner):
    for number in range(60):
        platform.store.make_bucket(f"bucket-{number:02}")


def scrolled_to(page, top):
    page.wait_for_function("top => Math.abs(document.querySelector('.beside').scrollTop - top) < 2", arg=top)


def scroll(page, top):
    """And the page has noticed."""
    told = "new Promise(done => box.addEventListener('scroll', done, { once: true }))"
    page.locator(".beside").evaluate(
        f"(box, top) => {{ const told = {told}; box.scrollTop = top; return told.then(() => 0) }}", top
    )


@pytest.mark.parametrize("width", [1280, 360])
def test_who_goes_back_finds_the_list_where_they_left_it(many, visit, width):
    visitor = visit(width=width).sign_in()
    page = visitor.page
    visitor.go("/console/buckets?page=2")
    link = page.get_by_role("link", name="bucket-30", exact=True)
    expect(link).to_be_visible()
    scroll(page, 400)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("bucket-30")
    scrolled_to(page, 0)
    page.go_back()
    expect(link).to_be_visible()
    assert page.url.endswith("/console/buckets?page=2")
    scrolled_to(page, 400)
    page.reload()
    expect(link).to_be_visible()
    scrolled_to(page, 400)
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("bucket-30")
    scrolled_to(page, 0)


def test_behind_the_last_page_one_sees_the_last(many, platform, visit):
    """Also where the only row of it has just been deleted."""
    visitor = visit().sign_in()
    page = visitor.page
    platform.store.make_bucket("bucket-60")
    visitor.go("/console/buckets?page=9")
    expect(page.get_by_role("link", name="bucket-60", exact=True)).to_be_visible()
    assert page.url.endswith("/console/buckets?page=4")
    platform.store.remove_bucket("bucket-60")
    expect(page.get_by_role("link", name="bucket-59", exact=True)).to_be_visible()
    page.wait_for_url("**/console/buckets?page=3")


def test_another_page_of_a_list_begins_at_its_top(many, visit):
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets")
    expect(page.get_by_role("link", name="bucket-00", exact=True)).to_be_visible()
    scroll(page, 300)
    page.get_by_title("2", exact=True).click()
    expect(page.get_by_role("link", name="bucket-20", exact=True)).to_be_visible()
    scrolled_to(page, 0)
    page.get_by_role("textbox", name="Search: Buckets").fill("bucket-0")
    expect(page.get_by_role("link", name="bucket-20", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="bucket-00", exact=True)).to_be_visible()


WRITTEN_MEANWHILE = """field => {
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const replace = history.replaceState;
  history.replaceState = function (...given) {
    history.replaceState = replace;
    write.call(field, field.value + '7');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return replace.apply(this, given);
  };
}"""
"""The next letter comes in the very moment in which the address takes up what was written before it."""


def test_what_is_written_while_a_list_is_searched_stays(many, visit):
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets")
    field = page.get_by_role("textbox", name="Search: Buckets")
    field.evaluate(WRITTEN_MEANWHILE)
    field.fill("bucket-2")
    expect(page).to_have_url(re.compile("[?]q=bucket-27$"))
    expect(field).to_have_value("bucket-27")
    expect(page.get_by_role("link", name="bucket-27", exact=True)).to_be_visible()


WHEN_IT_CLOSES = """name => new MutationObserver((_, watch) => {
  if (document.querySelector('[role=dialog]')) return;
  watch.disconnect();
  window.late = document.querySelector('main').innerText.includes(name);
}).observe(document, { subtree: true, childList: true, characterData: true })"""
"""Whether it still stands in the page in the moment in which its window is gone."""


@pytest.mark.parametrize("place", ["a list", "a folder"])
def test_what_is_deleted_is_gone_when_the_window_that_asked_closes(platform, owner, visit, place):
    for name in ("pets", "cars"):
        platform.store.make_bucket(name)
    platform.store.put("cars", "red.txt", [b"x"])
    platform.store.put("cars", "blue.txt", [b"x"])
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    if place == "a list":
        visitor.go("/console/buckets")
        visitor.say("More about pets")
        page.get_by_role("menuitem", name="Delete").click()
    else:
        visitor.go("/console/buckets/cars")
        page.get_by_role("checkbox", name="Choose red.txt").check()
        page.locator(".chosen-tools").get_by_role("button", name="Delete").click()
    expect(dialog).to_be_visible()
    page.evaluate(WHEN_IT_CLOSES, "pets" if place == "a list" else "red.txt")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_function("() => window.late !== undefined")
    assert page.evaluate("() => window.late") is False
    expect(page.get_by_text("cars" if place == "a list" else "blue.txt", exact=True).first).to_be_visible()


def test_a_list_that_is_opened_anew_begins_at_its_top(many, visit):
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets")
    expect(page.get_by_role("link", name="bucket-00", exact=True)).to_be_visible()
    scroll(page, 300)
    menu = page.get_by_role("navigation", name="Menu")
    menu.get_by_role("link", name=WORDS["en"]["menu"]["models"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["en"]["menu"]["models"])
    menu.get_by_role("link", name="Buckets", exact=True).click()
    expect(page.get_by_role("link", name="bucket-00", exact=True)).to_be_visible()
    settle(page)
    scrolled_to(page, 0)
    assert page.locator("main").evaluate(SIDEWAYS) == []


def test_who_comes_back_from_a_folder_finds_the_one_above_where_they_left_it(platform, owner, visit):
    platform.store.make_bucket("lots")
    for number in range(60):
        platform.store.put("lots", f"folder-{number:02}/photo.txt", [b"x"])
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets/lots")
    grid = page.get_by_role("grid")
    grid.focus()
    page.keyboard.press("End")
    last = grid.get_by_role("button", name="folder-59", exact=True)
    expect(last).to_be_in_viewport()
    left = grid.evaluate("one => one.scrollTop")
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("folder-59")
    page.go_back()
    expect(last).to_be_in_viewport()
    expect(grid).to_have_js_property("scrollTop", left)
    assert left > 500
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Buckets", exact=True).click()
    page.get_by_role("link", name="lots", exact=True).click()
    expect(grid.get_by_role("button", name="folder-00", exact=True)).to_be_in_viewport()
