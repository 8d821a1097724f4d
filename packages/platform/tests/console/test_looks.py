"""Every page, in both languages, light and dark, wide and narrow: no serious finding of axe, nothing wider than the
window, nothing that the page's policy forbids."""

import json

import pytest
from playwright.sync_api import expect

from maquette.workspaces import keys

from .conftest import PACKAGE, WORDS

AXE = PACKAGE / "node_modules" / "axe-core" / "axe.min.js"
ROOMS = ("notebooks", "algorithms", "training", "tensorboard", "models", "services", "batches")
PARTS = ("profile", "keys", "appCodes", "members", "users", "audit", "engines", "storage", "about")
PAGES = [
    # address below /console/, what it is headed by: a word of the menu, a word of another page, or a name
    ("", "home"),
    ("tour", "tour.title"),
    ("buckets", "buckets"),
    ("buckets/pets", "pets"),
    ("buckets/pets?object=labels.csv", "pets"),
    ("buckets/empty", "empty"),
    ("buckets/none", "none"),
    *((room, room) for room in ROOMS),
    ("training/new", "jobs.new"),
    ("algorithms/new", "algorithms.new"),
    ("services/new", "services.new"),
    ("services/none", "services"),
    ("batches/new", "batches.new"),
    ("batches/none", "batches"),
    ("models/import", "models.import"),
    ("models/none", "models"),
    *((f"settings/{part}", "settings") for part in PARTS),
]
SERIOUS = ("serious", "critical")


@pytest.fixture
def filled(platform, owner):
    for name in ("pets", "empty"):
        platform.store.make_bucket(name)
    platform.store.put("pets", "labels.csv", [b"file,label\na,b\n"])
    platform.store.put("pets", "photos/cat.txt", [b"cat"])
    keys.make_key(platform, owner.user_id, owner.workspace_id, "laptop")
    keys.make_app_code(platform, owner.workspace_id, "shop")


@pytest.fixture
def axe():
    if not AXE.is_file():
        pytest.skip("axe-core is not there: `make setup` fetches it where npm's registry can be reached")
    return AXE.read_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_axe_has_no_serious_finding_on_any_page(filled, visit, axe, language, theme):
    visitor = visit(language, theme).sign_in()
    found = {}
    for path, head in PAGES:
        show(visitor, language, path, head)
        found[path] = findings(visitor, axe)
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_no_serious_finding_on_what_opens_over_a_page(filled, visit, axe, theme, tmp_path):
    visitor = visit("en", theme).sign_in()
    page, found = visitor.page, {}

    def look(name):
        expect(page.get_by_role("dialog").or_(page.get_by_role("menu")).last).to_be_visible()
        settle(page)
        found[name] = findings(visitor, axe)
        page.keyboard.press("Escape")

    visitor.go("/console/buckets")
    visitor.say("Create bucket")
    page.get_by_role("dialog").get_by_role("textbox").fill("ab")
    expect(page.get_by_text("A name has 3 characters or more.")).to_be_visible()
    look("a form with a mistake")
    visitor.say("More about pets")
    look("a menu")
    visitor.go("/console/buckets/pets")
    (tmp_path / "a.txt").write_text("a")
    page.get_by_label("Files…").first.set_input_files(tmp_path / "a.txt")
    page.get_by_role("checkbox", name="Choose photos").check()
    page.locator(".chosen-tools").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 object")
    look("deleting, beside uploads")
    visitor.go("/console/settings/keys")
    visitor.say("Create key")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_contain_text("shown once")
    look("a secret")
    assert {name: told for name, told in found.items() if told} == {}


def findings(visitor, axe):
    # From outside: the page's own policy lets no script in.
    visitor.page.evaluate(f"() => {{ {axe} }}")
    told = visitor.page.evaluate("() => axe.run()")
    assert told["passes"]
    return [finding(one) for one in told["violations"] if one["impact"] in SERIOUS]


def finding(one):
    return json.dumps([one["id"], [node["html"][:160] for node in one["nodes"][:3]]], ensure_ascii=False)


def show(visitor, language, path, head):
    visitor.move(f"/console/{path}")
    page, _, word = head.partition(".")
    title = WORDS[language][page][word] if word else WORDS[language]["menu"].get(head, head)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    expect(visitor.page.get_by_role("status", name=WORDS[language]["kit"]["loading"])).to_have_count(0)
    settle(visitor.page)


def settle(page):
    """What has changed is drawn, and what moves has come to rest; what turns for ever is left out."""
    page.evaluate(TWO_FRAMES)
    moving = "document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity)"
    page.evaluate(f"() => Promise.all({moving}.map(one => one.finished.catch(() => 0)))")


TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
"""After a change of the window the page is told of its width with the first, and is drawn anew with the second."""


SIDEWAYS = """main => [...main.querySelectorAll("*")].filter(one => {
  const how = getComputedStyle(one).overflowX;
  return (how === "auto" || how === "scroll") && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
}).map(one => one.className).filter(name => !["tab-strip", "settings-parts"].includes(name))"""
"""What is scrolled sideways, but for strips of words, of which each is a link."""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_on_a_telephone_lists_are_read_without_scrolling_sideways(filled, visit, language):
    visitor = visit(language, width=360).sign_in()
    for path, head in PAGES:
        show(visitor, language, path, head)
        assert visitor.page.locator("main").evaluate(SIDEWAYS) == [], path
    show(visitor, language, "buckets", "buckets")
    cards = visitor.page.get_by_role("list", name=WORDS[language]["menu"]["buckets"]).get_by_role("listitem")
    expect(cards).to_have_count(2)
    expect(cards.nth(1)).to_contain_text("pets")
    expect(cards.nth(1)).to_contain_text(WORDS[language]["buckets"]["private"])


def test_on_a_telephone_rows_are_ordered_and_searched_as_elsewhere(filled, visit):
    visitor = visit(width=360).sign_in()
    page = visitor.page
    visitor.go("/console/buckets")
    cards = page.get_by_role("list", name="Buckets").get_by_role("listitem")
    expect(cards.first).to_contain_text("empty")
    page.get_by_role("combobox", name="Order by").click()
    page.locator(".ant-select-item-option-content", has_text="Name ↓").click()
    expect(cards.first).to_contain_text("pets")
    page.get_by_role("textbox", name="Search: Buckets").fill("no such")
    expect(page.get_by_text("Nothing found")).to_be_visible()


WIDTHS = [("en", 360), ("zh-CN", 360), ("en", 768), ("en", 1280), ("zh-CN", 1280), ("en", 3840), ("zh-CN", 3840)]


@pytest.mark.parametrize(("language", "width"), WIDTHS)
def test_nothing_is_wider_than_the_window(filled, visit, language, width):
    visitor = visit(language, width=width).sign_in()
    for path, head in PAGES:
        show(visitor, language, path, head)
        measure = "beside => [beside.scrollWidth, beside.clientWidth]"
        wide, window = visitor.page.locator(".beside").evaluate(measure)
        assert wide <= window, path
        assert (visitor.page.locator("aside.rail").is_visible()) == (width > 860)


def test_nothing_on_home_moves_when_its_figures_come(filled, visit):
    """Nor at the next look."""
    visitor = visit()
    visitor.page.add_init_script(SHIFTS)
    visitor.sign_in()
    for _ in range(3):
        with visitor.page.expect_response(lambda answer: answer.url.endswith("/machine/use")):
            pass
    visitor.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert visitor.page.evaluate("() => window.shifts.filter(one => one.value > 0.01)") == []


SHIFTS = """window.shifts = []; new PerformanceObserver(found => window.shifts.push(...found.getEntries().map(
  one => ({ value: one.value, what: one.sources.map(source => source.node?.className) }))))
  .observe({ type: "layout-shift", buffered: true })"""


def test_one_goes_from_page_to_page_without_loading_anew(filled, visit):
    visitor = visit().sign_in()
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    page.evaluate("() => { window.stays = true }")
    for name in ("Buckets", "Training jobs", "Models", "Settings", "Home"):
        page.get_by_role("navigation", name="Menu").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page).to_have_title(f"{name} · Maquette")
        expect(page.locator("#main")).to_be_focused()
    assert page.evaluate("() => window.stays")


RING = """() => {
    const one = document.activeElement;
    const { outlineStyle, boxShadow } = getComputedStyle(one);
    const typed = one.tagName === 'INPUT'; // one sees where one writes
    return [one.outerHTML.slice(0, 120), typed || outlineStyle !== 'none' || boxShadow !== 'none'];
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_has_the_keyboard_is_seen(filled, visit, theme):
    visitor = visit("en", theme).sign_in()
    visitor.go("/console/buckets")
    expect(visitor.page.get_by_role("link", name="pets", exact=True)).to_be_visible()
    found = []
    while not found or "pets" not in found[-1][0]:
        visitor.page.keyboard.press("Tab")
        found.append(visitor.page.evaluate(RING))
        assert len(found) < 60
    assert [html for html, seen in found if not seen] == []
    assert len(found) > 15
