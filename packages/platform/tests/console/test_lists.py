"""Lists: where one was is found again, and on a telephone nothing is scrolled sideways."""

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
    assert left > 500 and grid.evaluate("one => one.scrollTop") == left
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Buckets", exact=True).click()
    page.get_by_role("link", name="lots", exact=True).click()
    expect(grid.get_by_role("button", name="folder-00", exact=True)).to_be_in_viewport()
