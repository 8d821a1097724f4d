"""A folder of many objects stays light: what is drawn does not grow with what is there."""

from playwright.sync_api import expect

MANY = 10_000


def test_of_ten_thousand_objects_only_those_in_sight_are_drawn(platform, owner, visit):
    platform.store.make_bucket("lots")
    folder = platform.settings.home.buckets / "lots" / "images"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:06}.txt").touch()
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets/lots?folder=images/")
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "1001")
    listings = [url for url in visitor.asked if "list-type=2" in url]
    assert len(listings) == 1
    for page_number in range(2, MANY // 1000 + 1):
        grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight }")
        expect(grid).to_have_attribute("aria-rowcount", str(page_number * 1000 + 1))
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight }")
    expect(page.get_by_role("button", name="009999.txt", exact=True)).to_be_visible()
    assert page.locator(".long-row").count() < 60
    assert len([url for url in visitor.asked if "list-type=2" in url]) == MANY // 1000


def test_names_that_begin_with_something_are_asked_of_the_server(platform, owner, visit):
    platform.store.make_bucket("lots")
    for name in ("cat-1.txt", "cat-2.txt", "dog-1.txt"):
        platform.store.put("lots", name, [b""])
    visitor = visit().sign_in()
    visitor.go("/console/buckets/lots")
    visitor.page.get_by_role("textbox", name="names that begin with").fill("cat")
    expect(visitor.page.get_by_role("grid")).to_have_attribute("aria-rowcount", "3")
    assert visitor.page.url.endswith("?q=cat")
    visitor.page.get_by_role("textbox", name="names that begin with").fill("horse")
    expect(visitor.page.get_by_text("No name here begins with “horse”")).to_be_visible()
