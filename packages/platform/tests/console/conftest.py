"""A browser in front of a live server. Without a built console, or without Chromium, these tests say so and skip."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from maquette.web import console
from maquette.workspaces import actions, sessions

PACKAGE = Path(__file__).resolve().parents[3] / "console"
PASSWORD = "correct horse"
LANGUAGES = {"zh-CN": "zh-CN", "en": "en-US"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def words_of(language):
    """Of the pages; and in `told`, those for what the server tells."""
    folder = PACKAGE / "src" / "words"
    return json.loads((folder / f"{language}.json").read_text()) | {
        "told": json.loads((folder / f"told.{language}.json").read_text())
    }


WORDS = {language: words_of(language) for language in LANGUAGES}
PATIENCE = 60_000
"""Milliseconds: of a machine that has much else to do."""
LONG = 300_000
"""Milliseconds: for what makes an environment, learns, or loads a network; for programs and jobs too."""
MOST_SECONDS = LONG // 1000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture
def database_url(tmp_path):
    """The pages are the same on every database."""
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def clock():
    """Workers and browsers go by the real time."""
    return time.time


@pytest.fixture
def built():
    if not console.is_built():
        pytest.skip("the console was not built: `make setup` builds it where npm's registry can be reached")
    return console.FOLDER


@pytest.fixture(scope="module")
def chromium():
    """A browser for a module: while Playwright is open, its thread counts as inside an event loop, so that whatever
    other tests the process takes next could run none of their own."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody before the console, and what their browser complained of."""

    page: object
    url: str
    complaints: list
    asked: list

    def go(self, path):
        self.page.goto(self.url + path)

    def move(self, path):
        """Inside the console, without loading it anew."""
        told = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }"
        self.page.evaluate(told, path)

    def say(self, button):
        self.page.get_by_role("button", name=button, exact=True).click()

    def sign_in(self, name="admin"):
        self.go("/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/console/**")
        return self


def is_complaint(said):
    """Browsers also note every answer that is a refusal; tests bring those about, and the pages tell them."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def visit(chromium, built, live):
    """`visit(language, theme, width)` is a visitor whose browser asks for that; in the end nothing has gone wrong.

    Nothing moves by itself: what is pressed while it slides open can be elsewhere before it is let go."""
    visitors = []

    def make(language="en", theme="light", width=1280, height=860):
        context = chromium.new_context(
            locale=LANGUAGES[language], color_scheme=theme, viewport={"width": width, "height": height},
            accept_downloads=True, reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        page, complaints, asked = context.new_page(), [], []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("request", lambda request: asked.append(request.url))
        visitors.append(Visitor(page, live.url, complaints, asked))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.page.context.close()
    assert [visitor.complaints for visitor in visitors] == [[]] * len(visitors)
    outside = {url for visitor in visitors for url in visitor.asked if not url.startswith((live.url, "data:", "blob:"))}
    assert outside == set()


@pytest.fixture
def owner(platform):
    """The first user, with a password."""
    return sessions.sign_in_by_link(platform, actions.owner_link(platform), PASSWORD)
