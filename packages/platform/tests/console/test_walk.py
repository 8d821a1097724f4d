"""What somebody does in the console, in either language: signs in, fills a bucket, looks, removes, makes keys."""

import re

import pytest
from playwright.sync_api import expect

from maquette.buckets import actions as bucket_actions
from maquette.kernel.identity import Role
from maquette.web import console
from maquette.workspaces import actions, keys, sessions

from .conftest import PASSWORD, WORDS

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000"
    "1ff89993d1d0000000049454e44ae426082"
)
both = pytest.mark.parametrize("language", ["en", "zh-CN"])


def words(language, key):
    found = WORDS[language]
    for part in key.split("."):
        found = found[part]
    return found


def choose_password(page, password):
    page.fill("[name=password]", password)
    page.fill("[name=again]", password)
    page.press("[name=again]", "Enter")


@both
def test_a_first_visit_leads_from_the_link_to_home(platform, visit, language):
    visitor = visit(language)
    visitor.go(f"/sign-in#{actions.owner_link(platform)}")
    for password, told in (("short", "password_length"), ("a" * 12, "password_easy")):
        choose_password(visitor.page, password)
        said = re.sub(r"\{\{\w+\}\}.*", "", words(language, f"told.workspaces.{told}"))
        expect(visitor.page.get_by_role("alert")).to_contain_text(said)
    choose_password(visitor.page, PASSWORD)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(words(language, "menu.home"))
    expect(visitor.page.locator("html")).to_have_attribute("lang", language)
    expect(visitor.page.locator(".loop [aria-current=step]")).to_contain_text(words(language, "home.steps.data"))
    expect(visitor.page.get_by_role("meter")).to_have_count(3 + bool(platform.executor.capacity().gpus))


@both
def test_a_bucket_is_made_filled_looked_at_and_emptied(platform, owner, visit, tmp_path, language):
    def say(key, **values):
        return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], words(language, key))

    visitor = visit(language).sign_in()
    page = visitor.page
    visitor.go("/console/buckets")
    page.get_by_role("button", name=say("buckets.new")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("My_Pets")
    dialog.get_by_role("button", name=say("kit.make")).click()
    expect(dialog).to_contain_text(say("buckets.names.signs"))
    platform.store.make_bucket("mine")
    dialog.get_by_role("textbox").fill("mine")
    dialog.get_by_role("button", name=say("kit.make")).click()
    expect(dialog).to_contain_text(say("errors.s3_BucketAlreadyOwnedByYou.any"))
    platform.store.remove_bucket("mine")
    dialog.get_by_role("textbox").fill("pets")
    dialog.get_by_role("button", name=say("kit.make")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("pets")

    upload(page, say("buckets.uploadFiles"), tmp_path)
    upload_folder(page, say("buckets.uploadFolder"), tmp_path)
    row(page, "cat #1?.png").get_by_role("button", name="cat #1?.png", exact=True).click()
    picture = page.locator(".preview img")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1
    page.get_by_role("button", name=say("buckets.next")).click()
    expect(page.locator(".preview pre")).to_have_text('{\n  "label": "猫"\n}')
    page.get_by_role("button", name=say("buckets.next")).click()
    expect(page.locator(".preview td").first).to_have_text("a, b")
    with page.expect_download() as download:
        page.locator(".preview").get_by_role("link", name=say("buckets.download")).click()
    assert download.value.suggested_filename == "labels.csv"
    assert download.value.path().read_bytes() == (tmp_path / "labels.csv").read_bytes()
    page.keyboard.press("Escape")

    row(page, "photos").get_by_role("button", name="photos", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("photos")
    expect(row(page, "deep")).to_be_visible()
    assert platform.store.head("pets", "photos/deep/one.txt").size == 3
    page.go_back()

    row(page, "photos").get_by_role("checkbox").check()
    page.locator(".chosen-tools").get_by_role("button", name=say("kit.delete")).click()
    expect(dialog).to_contain_text("obs://pets/photos/")
    expect(dialog).to_contain_text(say("buckets.forGood"))
    dialog.get_by_role("button", name=say("kit.delete"), exact=True).click()
    expect(row(page, "photos")).to_have_count(0)
    assert [one.key for one in platform.store.list("pets").objects] == ["cat #1?.png", "data.json", "labels.csv"]

    visitor.go("/console/buckets")
    page.get_by_role("button", name=say("kit.moreOf", name="pets")).click()
    page.get_by_role("menuitem", name=say("buckets.delete")).click()
    sure = dialog.get_by_role("button", name=say("kit.delete"), exact=True)
    expect(sure).to_be_disabled()
    dialog.get_by_role("textbox").fill("pets")
    sure.click()
    expect(page.get_by_text(say("buckets.none"))).to_be_visible()
    assert list(platform.store.buckets()) == []


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("button", name=name, exact=True))


def upload(page, label, folder):
    (folder / "cat #1?.png").write_bytes(PIXEL)
    (folder / "data.json").write_text('{"label":"猫"}')
    (folder / "labels.csv").write_text('"a, b",c\n1,2\n')
    (folder / "labels.csv").write_text('file,label\n"a, b",c\n')
    files = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".json", ".csv"))
    page.get_by_label(label).first.set_input_files(files)
    for path in files:
        expect(row(page, path.name)).to_be_visible()


def upload_folder(page, label, folder):
    (folder / "photos" / "deep").mkdir(parents=True)
    (folder / "photos" / "deep" / "one.txt").write_text("one")
    page.get_by_label(label).first.set_input_files(folder / "photos")
    expect(row(page, "photos")).to_be_visible()


@both
def test_a_key_is_made_seen_once_saved_disabled_and_deleted(platform, owner, visit, language):
    visitor = visit(language).sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go("/console/settings/keys")
    visitor.say(words(language, "keys.new"))
    dialog.get_by_role("textbox").fill("laptop")
    dialog.get_by_role("button", name=words(language, "kit.make")).click()
    expect(dialog).to_contain_text(words(language, "kit.once"))
    with page.expect_download() as download:
        dialog.get_by_role("button", name=words(language, "keys.save")).click()
    head, line = download.value.path().read_text().splitlines()
    user, access, secret = line.split(",")
    assert (head, user) == ("User Name,Access Key Id,Secret Access Key", "admin")
    assert keys.find_key(platform, access).secret == secret
    dialog.get_by_role("button", name=words(language, "kit.close")).last.click()
    expect(page.get_by_role("cell", name="laptop")).to_be_visible()
    assert secret not in page.content()

    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).not_to_be_checked()
    assert keys.find_key(platform, access) is None
    page.get_by_role("button", name=words(language, "kit.deleteOne").replace("{{name}}", access)).click()
    dialog.get_by_role("button", name=words(language, "kit.delete"), exact=True).click()
    expect(page.get_by_text(words(language, "keys.none"))).to_be_visible()
    assert keys.list_keys(platform, owner.user_id) == []


def test_an_engine_is_asked_for_and_stopped_again(platform, owner, visit):
    """No worker is there to make it."""
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go("/console/settings/engines")
    page.get_by_role("textbox", name="Search: Engines").fill("sklearn-1.9")
    visitor.say("Install sklearn-1.9.1")
    expect(dialog).to_contain_text("are fetched and")
    dialog.get_by_role("button", name="Install", exact=True).click()
    expect(dialog.locator(".chip")).to_have_text("Waiting")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("row", name="sklearn-1.9.1")).to_contain_text("Being made")
    page.get_by_role("row", name="sklearn-1.9.1").get_by_role("button", name="Log").click()
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(dialog.locator(".chip")).to_have_text("Stopped")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("button", name="Install sklearn-1.9.1")).to_be_visible()


def test_the_language_that_was_chosen_is_spoken_from_then_on_everywhere(platform, owner, visit):
    visitor = visit("en").sign_in()
    visitor.say("中文")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(words("zh-CN", "menu.home"))
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(words("zh-CN", "menu.home"))
    other = visit("en").sign_in()
    expect(other.page.get_by_role("heading", level=1)).to_have_text(words("zh-CN", "menu.home"))


def test_a_choice_that_the_server_does_not_keep_is_not_shown_either(platform, owner, visit):
    visitor = visit("en").sign_in()
    page = visitor.page
    page.route("**/maquette/session/profile", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        visitor.say("中文")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(words("en", "menu.home"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_who_presses_enter_twice_makes_one_key(platform, owner, visit):
    visitor, sent = visit().sign_in(), []
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    making = lambda asked: asked.method == "POST" and asked.url.endswith("/access-keys")  # noqa: E731
    page.on("request", lambda asked: sent.append(asked.url) if making(asked) else None)
    visitor.go("/console/settings/keys")
    visitor.say("Create key")
    dialog.locator("form").evaluate("form => { form.requestSubmit(); setTimeout(() => form.requestSubmit()) }")
    expect(dialog).to_contain_text("shown once")
    assert len(sent) == 1
    assert len(keys.list_keys(platform, owner.user_id)) == 1


def test_a_page_stays_as_it_is_when_the_words_of_its_components_come_late(platform, owner, visit):
    visitor, held = visit("zh-CN"), []
    page = visitor.page
    late = next(file for file in (console.FOLDER / "assets").glob("zh_CN-*.js") if "今天" in file.read_text())
    page.route(f"**/{late.name}", lambda route: held.append(route))
    with page.expect_request(f"**/{late.name}") as asked:
        visitor.sign_in()
    title = page.get_by_role("heading", level=1)
    title.evaluate("title => { title.dataset.begun = 'yes' }")
    held[0].continue_()
    page.evaluate("address => import(address)", asked.value.url)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(title).to_have_attribute("data-begun", "yes")


def test_whoever_may_only_look_is_offered_nothing_else(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    visitor = visit().sign_in("ana")
    visitor.go("/console/buckets")
    expect(visitor.page.get_by_text("No buckets yet")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Create bucket")).to_have_count(0)
    visitor.go("/console/settings/members")
    expect(visitor.page.get_by_role("cell", name="ana")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Users")).to_have_count(0)
    expect(visitor.page.get_by_role("button", name="Add member")).to_have_count(0)


def test_members_come_and_go(platform, owner, visit):
    visitor = visit().sign_in()
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    visitor.go("/console/settings/users")
    visitor.say("Create user")
    dialog.get_by_label("User name").fill("ana")
    dialog.get_by_role("button", name="Create").click()
    link = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Close").last.click()
    assert sessions.sign_in_by_link(platform, link.partition("#")[2], PASSWORD).user_name == "ana"
    visitor.go("/console/settings/members")
    page.get_by_role("button", name="Remove ana").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("cell", name="ana")).to_have_count(0)
    page.get_by_role("button", name="Remove admin").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("A workspace needs an owner. Make somebody else one first.")


def test_a_session_that_has_ended_leads_to_the_sign_in_page_and_back(platform, owner, visit):
    visitor = visit()
    visitor.go("/console/settings/keys")
    visitor.page.wait_for_url("**/sign-in?next=*")
    visitor.page.fill("[name=name]", "admin")
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_url("**/console/settings/keys")


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_nobody_is_led_to_another_site(platform, owner, visit, wanted):
    visitor = visit()
    visitor.go(f"/sign-in?next={wanted}")
    visitor.page.fill("[name=name]", "admin")
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_url("**/console/**")
    assert visitor.page.url.startswith(visitor.url)


def test_everything_can_be_done_by_keyboard(platform, owner, visit):
    platform.store.make_bucket("pets")
    for name in ("a.txt", "b.txt", "c.txt"):
        platform.store.put("pets", name, [b"x"])
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets/pets")
    expect(row(page, "c.txt")).to_be_visible()
    page.get_by_role("grid").focus()
    for key in ("ArrowDown", "Space", "ArrowDown", "Space", "Delete"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_contain_text("2 objects (2B) go.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".preview pre")).to_have_text("x")


def test_somebody_in_two_workspaces_goes_from_one_to_the_other(platform, owner, visit):
    visitor = visit().sign_in()
    page = visitor.page
    expect(page.get_by_role("button", name="Workspace default")).to_have_count(0)
    who = sessions.who_has(platform, sessions.sign_in(platform, "admin", PASSWORD, "token").ticket, "token")
    other = actions.make_workspace(platform, who, "elsewhere")
    page.reload()
    visitor.say("Workspace default")
    page.get_by_role("menuitem", name="elsewhere").click()
    expect(page.get_by_role("button", name="Workspace elsewhere")).to_be_visible()
    visitor.go("/console/buckets")
    page.get_by_role("button", name="Create bucket", exact=True).first.click()  # an empty list has one too
    page.get_by_role("dialog").get_by_role("textbox").fill("theirs")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("theirs")
    assert [name for name, _ in bucket_actions.of_workspace(platform, other.id)] == ["theirs"]
