"""What the server refuses is told in Chinese in the Chinese console: one refusal of each noun, really brought about."""

import pytest
from playwright.sync_api import expect

from maquette.kernel.identity import Role
from maquette.workspaces import actions, sessions

from .conftest import PASSWORD
from .test_training import client, engines_at_hand, speech  # noqa: F401 -- two are fixtures

say = speech("zh-CN")


@pytest.fixture
def page(client, visit):  # noqa: F811
    """Somebody who is signed in to the Chinese console, and nobody works on what they ask for."""
    return visit("zh-CN").sign_in().page


@pytest.fixture
def go(page, live):
    return lambda path: page.goto(live.url + path)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("training/none", "工作空间中没有训练作业 'none'。"),
        ("algorithms/none", "工作空间中没有算法 'none'。"),
        ("models/none", "工作空间中没有模型 'none'。"),
        ("services/none", "工作空间中没有服务 'none'。"),
    ],
)
def test_what_is_not_there(go, page, path, told):
    go(f"/console/{path}")
    expect(page.get_by_role("alert").first).to_contain_text(told)


def test_a_job_whose_boot_file_is_not_in_its_folder(engines_at_hand, go, page):  # noqa: F811
    go("/console/training/new")
    fill(page, say("kit.name"), "digits")
    fill(page, say("jobs.code"), "obs://pets/code/")
    fill(page, say("jobs.bootFile"), "tain.py")
    fill(page, f"{say('jobs.inputs')} data_url", "obs://pets/images/")
    fill(page, f"{say('jobs.outputs')} train_url", "obs://pets/out/")
    page.get_by_role("button", name=say("create.next"), exact=True).click()
    page.get_by_role("button", name=say("create.start"), exact=True).click()
    told = "obs://pets/code/ 中没有启动文件 'tain.py'，请选择：loud.py, train.py。"
    expect(page.get_by_role("alert").first).to_contain_text(told)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (
            "obs://Pets/model/",
            "source_location：'obs://Pets/model/' 中没有有效的桶名：'Pets' 不是 3 到 63 个小写字母、数字、点和连字符。",
        ),
        ("obs://nowhere/model/", "没有桶 'nowhere'。"),
    ],
)
def test_a_model_whose_place_is_in_no_bucket(go, page, place, told):
    go("/console/models/import")
    fill(page, say("models.place"), place)
    expect(page.locator(".judged").get_by_role("alert")).to_contain_text(told)


def test_a_tensorboard_and_a_notebook_whose_names_are_taken(engines_at_hand, go, page):  # noqa: F811
    dialog = page.get_by_role("dialog")
    for noun, button, name, told in (
        ("tensorboard", "boards.new", "curves", "已有 TensorBoard 'curves'，请换一个名称，或重新启动原有的。"),
        ("notebooks", "notebooks.new", "bench", "您已有 Notebook 'bench'，请换一个名称。"),
    ):
        go(f"/console/{noun}")
        for again in (False, True):
            page.get_by_role("button", name=say(button)).first.click()
            dialog.get_by_role("textbox", name=say("kit.name"), exact=True).fill(name)
            if noun == "tensorboard":
                dialog.get_by_role("textbox", name=say("boards.folder"), exact=True).fill("obs://pets/images/")
            dialog.get_by_role("button", name=say("kit.make"), exact=True).click()
            if not again:
                expect(page.get_by_role("row", name=name)).to_be_visible()
                expect(dialog).to_have_count(0)
        expect(dialog.get_by_role("alert")).to_have_text(told)


def test_a_workspace_without_an_owner_and_a_user_twice(go, page):
    dialog = page.get_by_role("dialog")
    go("/console/settings/members")
    page.get_by_role("button", name=say("members.removeOne", name="admin")).click()
    dialog.get_by_role("button", name=say("members.remove"), exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("工作空间至少需要一位所有者，请先指定他人。")
    go("/console/settings/users")
    page.get_by_role("button", name=say("users.new"), exact=True).click()
    dialog.get_by_label(say("settings.name")).fill("admin")
    dialog.get_by_role("button", name=say("kit.make"), exact=True).click()
    expect(dialog.get_by_text("已有用户 'admin'，请换一个名称。")).to_be_visible()


def test_who_may_do_less_since_the_page_was_loaded(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.MEMBER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    visitor = visit("zh-CN").sign_in("ana")
    visitor.go("/console/settings/appCodes")
    page = visitor.page
    page.get_by_role("button", name=say("appCodes.new"), exact=True).first.click()
    page.get_by_role("dialog").get_by_label(say("kit.name")).fill("shop")
    actions.set_member(platform, owner.workspace_id, "ana", Role.VIEWER)
    page.get_by_role("dialog").get_by_role("button", name=say("kit.make"), exact=True).click()
    told = "此操作需要“成员”角色，您的角色是“只读成员”，请联系工作空间所有者。"
    expect(page.get_by_text(told)).to_be_visible()


def test_whose_session_has_ended_is_told_to_sign_in(go, page):
    go("/console/buckets")
    page.get_by_role("button", name=say("buckets.new"), exact=True).first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("birds")
    page.context.clear_cookies()
    page.get_by_role("dialog").get_by_role("button", name=say("kit.make"), exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text(say("errors.unidentified.any"))


def test_a_page_whose_files_do_not_come(owner, visit):
    """The server has ended, or has another console by now."""
    visitor = visit("zh-CN").sign_in()
    settings = visitor.page.get_by_role("link", name=say("menu.settings"), exact=True)
    expect(settings).to_be_visible()
    visitor.page.route("**/console/assets/*", lambda route: route.abort())
    settings.click()
    expect(visitor.page.get_by_role("alert")).to_contain_text(say("kit.unfetched"))
    visitor.complaints.clear()  # browsers complain of every file that does not come


def fill(page, label, text):
    page.get_by_role("textbox", name=label, exact=True).fill(text)
