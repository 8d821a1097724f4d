"""Large files go in parts; what has arrived is not sent twice, and what failed can be tried again."""

import hashlib
import re

from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.workspaces import actions, sessions

from .conftest import PASSWORD

MEGABYTES = 40


def test_an_upload_that_was_broken_off_goes_on_where_it_was(platform, owner, visit, tmp_path):
    file = tmp_path / "weights.bin"
    block = hashlib.sha256(b"weights").digest() * (1 << 15)
    file.write_bytes(block * MEGABYTES)
    platform.store.make_bucket("models")
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets/models")
    page.route(re.compile("partNumber=3"), lambda route: route.abort())
    page.get_by_label("Files…").first.set_input_files(file)
    expect(page.locator(".uploads .problem")).to_be_visible()
    page.unroute(re.compile("partNumber=3"))
    before = len(visitor.asked)
    page.reload()
    page.get_by_label("Files…").first.set_input_files(file)
    expect(page.get_by_role("button", name="weights.bin", exact=True)).to_be_visible()
    sent = [url for url in visitor.asked[before:] if "partNumber=" in url]
    assert [re.search(r"partNumber=(\d+)", url)[1] for url in sent] == ["3"]
    info, opened = platform.store.open("models", "weights.bin")
    with opened:
        assert hashlib.file_digest(opened, "sha256").digest() == hashlib.sha256(file.read_bytes()).digest()
    assert info.size == MEGABYTES << 20


def test_what_the_server_refuses_is_told_and_tried_again_by_hand(platform, owner, visit, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    platform.store.make_bucket("models")
    visitor = visit("zh-CN").sign_in()
    page = visitor.page
    visitor.go("/console/buckets/models")
    refusal = "<Error><Code>InsufficientStorage</Code><Message>No room.</Message></Error>"
    page.route("**/obs/models/a.txt", lambda route: route.fulfill(status=507, body=refusal))
    page.get_by_label("文件…").first.set_input_files(tmp_path / "a.txt")
    expect(page.locator(".uploads")).to_contain_text("磁盘空间不足，请先释放空间。")
    page.unroute("**/obs/models/a.txt")
    page.locator(".uploads").get_by_role("button", name="重试", exact=True).click()
    expect(page.get_by_role("button", name="a.txt", exact=True)).to_be_visible()
    assert platform.store.head("models", "a.txt").size == 1


def test_what_is_dropped_onto_a_folder_is_uploaded_into_it(platform, owner, visit):
    platform.store.make_bucket("models")
    platform.store.put("models", "photos/a.txt", [b"a"])
    visitor = visit().sign_in()
    page = visitor.page
    visitor.go("/console/buckets/models?folder=photos/")
    expect(page.get_by_role("button", name="a.txt", exact=True)).to_be_visible()
    make = "() => { const data = new DataTransfer(); data.items.add(new File(['bb'], 'b.txt')); return data }"
    data = page.evaluate_handle(make)
    page.locator(".drop-room").dispatch_event("dragenter", {"dataTransfer": data})
    expect(page.get_by_text("Drop to upload into obs://models/photos/")).to_be_visible()
    page.locator(".drop-room").dispatch_event("drop", {"dataTransfer": data})
    expect(page.get_by_role("button", name="b.txt", exact=True)).to_be_visible()
    assert platform.store.head("models", "photos/b.txt").size == 2
    assert page.get_by_text("Drop to upload").count() == 0


def test_whoever_may_only_look_can_drop_nothing(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    platform.store.make_bucket("models")
    visitor = visit().sign_in("ana")
    page = visitor.page
    visitor.go("/console/buckets/models")
    expect(page.get_by_text("Nothing in here yet")).to_be_visible()
    assert page.locator("input[type=file]").count() == 0
    make = "() => { const data = new DataTransfer(); data.items.add(new File(['bb'], 'b.txt')); return data }"
    page.locator(".drop-room").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(make)})
    assert page.locator(".uploads").count() == 0
    assert list(platform.store.list("models").objects) == []
