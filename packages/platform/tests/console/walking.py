"""Somebody who does all of a project in the browser: the clicks that several walks share."""

import re
import shutil
import threading
import time

import pytest
from playwright.sync_api import expect

from maquette import worker
from maquette.runs import actions as runs
from maquette.services import registry
from maquette.workspaces import actions as workspaces

from .conftest import LONG, MOST_SECONDS
from .test_training import choose, pick, speech

MOST_CALLS = 4


@pytest.fixture
def at_work(engines_at_hand, platform, live, tmp_path):
    """A platform with a server and a worker; in the end nothing of it runs or lies about."""
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield platform
    end_all(platform)
    stopped.set()
    thread.join()
    shutil.rmtree(tmp_path / "home" / "buckets")


def end_all(platform):
    """Also after a walk that did not come to its end."""
    _, workspace_id = workspaces.owner_of_all(platform)
    for service in registry.list_all(platform, workspace_id, registry.Query())[0]:
        registry.remove(platform, service)
    deadline = time.monotonic() + MOST_SECONDS
    while left := runs.going_on(platform):
        for run in left:
            runs.stop(platform, run.workspace_id, run.id, now=True)
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


class Walker:
    """Clicks by the words of one language."""

    def __init__(self, visitor, language):
        self.visitor, self.page, self.say = visitor, visitor.page, speech(language)
        self.dialog = self.page.get_by_role("dialog")
        self.log = self.page.get_by_role("log")

    def open(self, word):
        """A page of the menu."""
        menu = self.page.get_by_role("navigation", name=self.say("shell.menu"), exact=True)
        menu.get_by_role("link", name=self.say(f"menu.{word}"), exact=True).click()
        self.sees_title(self.say(f"menu.{word}"))

    def sees_title(self, title):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def click(self, key, role="button", **values):
        self.page.get_by_role(role, name=self.say(key, **values), exact=True).first.click()

    def fill(self, label, text):
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def fill_last(self, label, text):
        """Of several fields of one label: the one that came last."""
        self.page.get_by_role("textbox", name=label, exact=True).last.fill(text)

    def tab(self, key):
        self.page.get_by_role("tab", name=self.say(key), exact=True).click()

    # ── buckets ──

    def make_bucket(self, name):
        self.open("buckets")
        self.click("buckets.new")
        self.dialog.get_by_role("textbox").fill(name)
        self.dialog.get_by_role("button", name=self.say("kit.make"), exact=True).click()
        self.sees_title(name)

    def upload(self, *paths):
        """Files, or one folder, by the button of the folder that is open; until all of it has arrived."""
        folder = paths[0].is_dir()
        with self.page.expect_file_chooser() as chooser:
            self.click("buckets.upload")
            self.click("buckets.uploadFolder" if folder else "buckets.uploadFiles", role="menuitem")
        chooser.value.set_files(paths[0] if folder else list(paths))
        count = sum(one.is_file() for one in paths[0].rglob("*")) if folder else len(paths)
        corner = self.page.get_by_role("region", name=self.say("uploads.title"))
        done = "uploads.done_one" if count == 1 and self.say("kit.copy") == "Copy" else "uploads.done_other"
        expect(corner.get_by_role("status")).to_have_text(self.say(done, told=count), timeout=LONG)
        corner.get_by_role("button", name=self.say("uploads.close"), exact=True).click()

    def enter(self, *folders):
        """Walks down in the bucket that is open."""
        for folder in folders:
            self.page.get_by_role("grid").get_by_role("button", name=folder, exact=True).click()
            self.sees_title(folder)

    def open_folder(self, bucket, *folders):
        self.open("buckets")
        self.page.get_by_role("link", name=bucket, exact=True).click()
        self.sees_title(bucket)
        self.enter(*folders)

    def pick(self, label, *steps):
        pick(self.page, self.say, label, *steps)

    # ── training ──

    def choose_engine(self, name):
        field = self.page.get_by_role("combobox", name=self.say("jobs.engine"), exact=True)
        field.fill(name)
        self.page.locator(".ant-select-item-option-content", has_text=re.compile(f"^{re.escape(name)}$")).click()

    def choose(self, label, option):
        choose(self.page, label, option)

    def add(self, what):
        """A line to the inputs, outputs, parameters or variables."""
        self.click("create.add", what=self.say(f"jobs.{what}"))

    def start_job(self, name):
        self.click("create.next")
        expect(self.page.locator("pre.snippet").first).to_be_visible()
        self.click("create.start")
        self.sees_title(name)

    def sees_job_end(self, *lines):
        """Reads along in the log, and sees that it went well."""
        for line in lines:
            expect(self.log).to_contain_text(line, timeout=LONG)
        expect(self.page.locator(".job-head .chip")).to_have_text(self.say("states.succeeded"), timeout=LONG)

    # ── models and services ──

    def import_model(self, name, *, folder=(), job=""):
        """A package of a bucket's folder, or what a job has left; until it is ready."""
        self.open("models")
        self.page.get_by_role("link", name=self.say("models.import")).first.click()
        self.sees_title(self.say("models.import"))
        if job:
            self.page.locator(".ant-radio-button-wrapper", has_text=self.say("models.bys.job")).click()
            self.choose(self.say("models.job"), job)
        else:
            self.pick(self.say("models.place"), *folder)
        self.page.get_by_role("textbox", name=self.say("kit.name"), exact=True).fill(name)
        send = self.page.get_by_role("button", name=self.say("models.importIt"), exact=True)
        expect(send).to_be_enabled(timeout=LONG)
        send.click()
        self.sees_title(name)
        expect(self.page.locator(".service-head .chip").first).to_have_text(self.say("states.published"), timeout=LONG)

    def deploy(self, name, **variables):
        """The model whose page is open; until the service answers."""
        self.click("models.deploy")
        expect(self.page.get_by_label(self.say("kit.name"), exact=True)).to_have_value(name)
        for number, (variable, value) in enumerate(variables.items(), 1):
            self.click("deploy.addVariable")
            self.fill(f"{self.say('kit.name')} {number}", variable)
            self.fill(f"{self.say('create.value')} {number}", value)
        self.click("create.next")
        self.click("deploy.deployIt")
        self.sees_title(name)
        expect(self.standing).to_have_text(self.say("states.running"), timeout=LONG)

    @property
    def standing(self):
        return self.page.locator(".service-head .chip").first

    def give(self, field, path):
        """A file to a field of the form that asks the service."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name=f"{self.say('predict.pick')}: {field}", exact=True).click()
        chooser.value.set_files(path)
        expect(self.page.locator(".drop-file")).to_contain_text(path.name)

    def ask(self):
        """Asks, and asks again where the first call loads a network for longer than a call may take."""
        calls, status = self.page.locator(".history li"), self.page.locator(".timing .chip")
        for _ in range(MOST_CALLS):
            before = calls.count()
            self.click("predict.send")
            expect(calls).to_have_count(before + 1)
            if status.inner_text() == "200":
                return
        expect(status).to_have_text("200")

    def stop_service(self):
        self.click("services.stop")
        expect(self.standing).to_have_text(self.say("states.stopped"))
