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


def test_on_a_telephone_each_object_is_a_card_and_only_those_in_sight_are_drawn(platform, owner, visit):
    platform.store.make_bucket("lots")
    folder = platform.settings.home.buckets / "lots" / "images"
    folder.mkdir()
    for number in range(1000):
        (folder / f"picture-whose-name-is-long-{number:06}.jpg").write_bytes(b"a" * 1200)
    platform.store.put("lots", "images/zoo/cat.txt", [b""])
    visitor = visit(width=360, height=780).sign_in()
    page = visitor.page
    visitor.go("/console/buckets/lots?folder=images/")
    rows = page.locator(".long-row")
    card = rows.filter(has_text="000003.jpg")
    expect(card).to_contain_text("1.2 kB")
    expect(card.locator("time")).to_be_visible()
    expect(card.get_by_role("link", name="Download")).to_be_visible()
    assert card.locator(".long-words span").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert rows.count() < 40
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    expect(page.get_by_title("picture-whose-name-is-long-000999.jpg")).to_be_in_viewport()
    assert rows.count() < 40
    before = top_name(page)
    page.set_viewport_size({"width": 1000, "height": 780})
    expect(rows.first).to_have_css("height", "44px")
    expect(page.get_by_title(before, exact=True)).to_be_in_viewport()


def top_name(page):
    """The first that is wholly below the list's head."""
    return page.get_by_role("grid").evaluate(
        "grid => [...grid.querySelectorAll('.long-row')].sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)"
        ".find(row => row.getBoundingClientRect().top >= grid.getBoundingClientRect().top + 39)"
        ".querySelector('.long-name button').title"
    )
