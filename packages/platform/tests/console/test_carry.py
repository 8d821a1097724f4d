"""Objects are copied and moved between folders and buckets, and nothing is lost on the way."""

import pytest
from playwright.sync_api import expect

from .test_looks import SIDEWAYS, axe, findings, settle  # noqa: F401 -- `axe` is a fixture
from .test_training import speech

both = pytest.mark.parametrize("language", ["en", "zh-CN"])


@pytest.fixture
def store(platform, owner):
    for bucket in ("pets", "other"):
        platform.store.make_bucket(bucket)
    for key in ("in/cat.png", "in/dog.png", "in/more/", "in/more/deep/bird #1.png"):
        platform.store.put("pets", key, [key.encode()])
    return platform.store


def read(store, bucket, key):
    _, file = store.open(bucket, key)
    with file:
        return file.read().decode()


def keys(store, bucket):
    return [one.key for one in store.list(bucket).objects]


def choose(page, say, verb, to, *names):
    """What is called so, and where it shall go."""
    for name in names:
        page.get_by_role("checkbox", name=say("kit.choose", name=name), exact=True).check()
    page.get_by_role("button", name=say(f"carry.{verb}To"), exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=say("carry.to")).fill(to)
    return dialog


@both
def test_what_is_there_already_is_left_out_or_replaced_as_one_says(store, visit, axe, language):  # noqa: F811
    store.put("other", "new/cat.png", [b"there before"])
    say, visitor = speech(language), visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/buckets/pets?folder=in/")
    dialog = choose(page, say, "copy", "obs://other/new", "cat.png", "dog.png", "more")
    copy = dialog.get_by_role("button", name=say("carry.copy"), exact=True)
    copy.click()
    taken = "carry.taken_one" if language == "en" else "carry.taken_other"
    expect(dialog.get_by_role("alert")).to_contain_text(say(taken, told=1, all=4))
    expect(dialog.get_by_role("radio", name=say("carry.leave"))).to_be_checked()
    settle(page)
    assert findings(visitor, axe) == []
    copy.click()
    expect(dialog).to_have_count(0)
    assert keys(store, "other") == ["new/cat.png", "new/dog.png", "new/more/", "new/more/deep/bird #1.png"]
    assert read(store, "other", "new/cat.png") == "there before"
    assert read(store, "other", "new/more/deep/bird #1.png") == "in/more/deep/bird #1.png"
    dialog = choose(page, say, "copy", "obs://other/new/", "cat.png")
    copy.click()
    dialog.get_by_role("radio", name=say("carry.replace")).check()
    copy.click()
    expect(dialog).to_have_count(0)
    assert read(store, "other", "new/cat.png") == "in/cat.png"
    assert len(keys(store, "pets")) == 4


def test_a_move_leaves_nothing_behind_and_the_way_there_is_walked(store, visit):
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/buckets/pets?folder=in/")
    dialog = choose(page, say, "move", "pets", "more", "dog.png")
    move = dialog.get_by_role("button", name="Move", exact=True)
    for address, why in (("pets", "place"), ("obs://pets/in/more/x/", "inside"), ("obs://pets/in", "same")):
        dialog.get_by_role("textbox").fill(address)
        expect(dialog).to_contain_text(say(f"carry.why.{why}"))
        expect(move).to_be_disabled()
    dialog.get_by_role("textbox").fill("obs://pets/moved/")
    move.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(2)  # its head, and the cat
    assert keys(store, "pets") == ["in/cat.png", "moved/dog.png", "moved/more/", "moved/more/deep/bird #1.png"]
    assert read(store, "pets", "moved/dog.png") == "in/dog.png"


def test_what_changed_meanwhile_is_neither_moved_nor_lost(store, visit):
    store.put("other", "cat.png", [b"there before"])
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/buckets/pets?folder=in/")
    dialog = choose(page, say, "move", "obs://other/", "cat.png", "dog.png")
    dialog.get_by_role("button", name="Move", exact=True).click()
    dialog.get_by_role("radio", name="Replace them").check()
    store.put("pets", "in/cat.png", [b"another cat"])
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 object was not moved.")
    expect(dialog.get_by_role("alert")).to_contain_text(f"in/cat.png: {say('errors.s3_PreconditionFailed.any')}")
    assert keys(store, "pets") == ["in/cat.png", "in/more/", "in/more/deep/bird #1.png"]
    assert read(store, "pets", "in/cat.png") == "another cat"
    assert (read(store, "other", "cat.png"), read(store, "other", "dog.png")) == ("there before", "in/dog.png")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_role("row")).to_have_count(3)


def test_what_is_refused_is_told_and_tried_again(store, visit):
    say, visitor = speech("en"), visit("en").sign_in()
    page = visitor.page
    visitor.go("/console/buckets/pets?folder=in/")
    page.route("**/obs/other/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    dialog = choose(page, say, "move", "obs://other/", "cat.png", "dog.png")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("2 objects were not moved.")
    assert len(keys(store, "pets")) == 4
    page.unroute("**/obs/other/**")
    dialog.get_by_role("button", name="Try again", exact=True).click()
    expect(dialog).to_have_count(0)
    assert keys(store, "other") == ["cat.png", "dog.png"]
    choose(page, say, "copy", "obs://nowhere/", "more").get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text(say("errors.s3_NoSuchBucket.any"))


LONG = "a-picture-that-was-taken-in-the-garden-behind-the-house-in-the-year-2026-0001.png"


@pytest.mark.parametrize("width", [1280, 360])
def test_names_that_differ_in_their_end_are_told_apart_and_all_is_there_by_keyboard(store, visit, axe, width):  # noqa: F811
    store.put("other", LONG, [b"x"])
    say, visitor = speech("en"), visit("en", width=width).sign_in()
    page = visitor.page
    visitor.go("/console/buckets/other")
    name = page.get_by_role("gridcell").get_by_role("button", name=LONG, exact=True)
    end = name.locator("span", has_text="2026-0001.png").last
    assert end.evaluate(
        "one => [one.scrollWidth <= one.clientWidth + 1, one.scrollHeight <= one.clientHeight + 1]"
    ) == [True, True]
    expect(end).to_be_in_viewport(ratio=1)
    page.get_by_role("grid").focus()
    page.keyboard.press("Space")
    button = page.get_by_role("button", name=say("carry.copyTo"))
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("obs://pets/")
    settle(page)
    assert findings(visitor, axe) == []
    assert page.locator("body").evaluate(SIDEWAYS) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
