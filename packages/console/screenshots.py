"""Takes a picture of every page of the console in both languages, after a small real walk: `make screenshots`.

.venv/bin/python packages/console/screenshots.py [FOLDER]

A Maquette in a home of its own gets a bucket, a training job, a model, a service and predictions, as `maquette demo`
makes them, then a browser goes from page to page. All pictures come into FOLDER (`output/screenshots` unless told);
those that the documentation shows are also written into `docs/pictures`. MAQUETTE_TEST_HOME names a folder whose
engines are used, so that none has to be made.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from maquette.cli.demo import cores, open_platform, owner, prepare_engine
from maquette.demo.leavings import Leavings
from maquette.demo.running import leave_proxies_out, maquette_on
from maquette.demo.steps import Steps
from maquette.demo.training import IMAGES
from maquette.demo.walk import Walk, make_images
from maquette.kernel import home as homes
from maquette.kernel.settings import Home, read_settings
from maquette.workspaces import actions, sessions

ROOT = Path(__file__).resolve().parents[2]
USUAL = ROOT / "output" / "screenshots"
DOCS = ROOT / "docs" / "pictures"
MOST_BYTES = 120_000
QUALITY = 90
NAME, PASSWORD = "digits", "correct horse"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
LANGUAGES = {"en": "en-US", "zh-CN": "zh-CN"}
PATIENCE = 60_000


@dataclass(frozen=True)
class Shot:
    """A page at an address below /console/; `kept` in the documentation."""

    name: str
    path: str
    kept: bool = False
    dark: bool = False
    width: int = 1280


def main() -> None:
    if not CHROMIUM:
        sys.exit("screenshots: there is no Chromium. Install it with: sudo apt-get install chromium")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    leave_proxies_out()
    with ExitStack() as ending:
        work = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="maquette-pictures-")))
        url, ids = ending.enter_context(filled(work))
        playwright = ending.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        ending.callback(browser.close)
        taken = [take_all(browser, url, language, shots(ids), folder) for language in LANGUAGES]
    print(f"screenshots: {sum(map(len, taken))} pictures in {folder}")
    keep(folder, shots(ids))


# ── something to look at ─────────────────────────────────────────────────────────────────────────


@contextmanager
def filled(work: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A running Maquette in which the digits were done; its address, and the ids of what there is."""
    home = Home(work / "home")
    home.path.mkdir()
    if engines := os.environ.get("MAQUETTE_TEST_HOME"):
        (home.path / "engines").symlink_to(Path(engines) / "engines")
    settings = read_settings(home=home.path)
    homes.make(settings.home)
    with ExitStack() as ending:
        running = ending.enter_context(maquette_on(settings.home))
        ctx = open_platform(settings)
        ending.callback(ctx.database.close)
        client, buckets = ending.enter_context(owner(ctx, running, NAME))
        ending.callback(Leavings(client, buckets, NAME).remove)  # the service's instance would outlive its home
        split = make_images(work, None)
        walk = Walk(Steps(), client, buckets, NAME, work, split, cores(ctx), lambda: prepare_engine(ctx))
        walk.go()
        batch = client.services.deploy_batch(
            NAME, f"obs://{NAME}/{IMAGES}", f"obs://{NAME}/answers/", name=f"{NAME}-night"
        )
        ending.callback(batch.remove)  # before the model that it runs
        batch.wait()
        sessions.sign_in_by_link(ctx, actions.owner_link(ctx), PASSWORD)
        yield running.url, ids_of(client)


def ids_of(client: Any) -> dict[str, str]:
    return {
        "job": client.jobs.get(NAME).id, "model": client.models.list(NAME)[0]["model_id"],
        "service": client.services.get(NAME).id, "batch": client.services.get(f"{NAME}-night").id,
    }  # fmt: skip


# ── the pictures ─────────────────────────────────────────────────────────────────────────────────


def shots(ids: dict[str, str]) -> list[Shot]:
    job, model, service, batch = (f"{room}/{ids[one]}" for room, one in ROOMS)
    return [
        Shot("home", "", kept=True),
        Shot("home-dark", "", dark=True),
        *(Shot(f"home-{name}", "", width=width) for name, width in WIDTHS),
        Shot("tour", "tour", kept=True),
        Shot("buckets", "buckets"),
        Shot("bucket", f"buckets/{NAME}"),
        Shot("notebooks", "notebooks"),
        Shot("algorithms", "algorithms"),
        Shot("jobs", "training"),
        *(Shot(f"jobs-{name}", "training", width=width) for name, width in WIDTHS),
        Shot("new-job", "training/new"),
        Shot("job", job),
        *(Shot(f"job-{tab}", f"{job}?tab={tab}", kept=tab == "metrics") for tab in JOB_TABS),
        Shot("tensorboard", "tensorboard"),
        Shot("models", "models"),
        Shot("model", model),
        Shot("services", "services"),
        *(Shot(f"services-{name}", "services", width=width) for name, width in WIDTHS),
        Shot("service", service, kept=True),
        *(Shot(f"service-{tab}", f"{service}?tab={tab}") for tab in SERVICE_TABS),
        Shot("batches", "batches"),
        Shot("batch", batch, kept=True),
        *(Shot(f"batch-{name}", batch, width=width) for name, width in WIDTHS),
        *(Shot(f"settings-{part}", f"settings/{part}") for part in PARTS),
        *(Shot(f"settings-{part}-narrow", f"settings/{part}", width=360) for part in PARTS),
    ]


WIDTHS = (("narrow", 360), ("wide", 3840))
HEIGHTS = {360: 780, 1280: 800, 3840: 2160}
ROOMS = (("training", "job"), ("models", "model"), ("services", "service"), ("batches", "batch"))
JOB_TABS = ("metrics", "resources", "configuration", "artifacts", "events")
SERVICE_TABS = ("predict", "calling", "events", "logs", "updates")
PARTS = ("profile", "keys", "appCodes", "members", "users", "audit", "engines", "storage", "about")


def take_all(browser: Browser, url: str, language: str, wanted: list[Shot], folder: Path) -> list[Path]:
    taken = []
    for dark, width in sorted({(shot.dark, shot.width) for shot in wanted}):
        context = browser.new_context(
            locale=LANGUAGES[language], color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": HEIGHTS[width]},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        sign_in(page, url)
        for shot in wanted:
            if (shot.dark, shot.width) == (dark, width):
                taken.append(take(page, url, shot, folder / f"{shot.name}.{language}.png"))
        context.close()
    return taken


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("[name=name]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/console/**")


def take(page: Page, url: str, shot: Shot, target: Path) -> Path:
    page.goto(f"{url}/console/{shot.path}")
    page.locator("h1").wait_for()
    if shot.name == "service-predict":
        ask(page)
    page.wait_for_load_state("networkidle")
    settle(page)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(target))
    return target


def ask(page: Page) -> None:
    """A digit goes to the service, so that there is an answer to be seen."""
    with tempfile.TemporaryDirectory() as folder:
        make_images(Path(folder), None)
        page.locator("input[type=file]").set_input_files(Path(folder) / "unseen" / "00300.png")
        page.locator("form button[type=submit]").click()
        page.locator(".answer-label").wait_for()


def settle(page: Page) -> None:
    """What moves has come to rest; what turns for ever is left out."""
    page.wait_for_function("() => !document.querySelector('.ant-spin-spinning')")
    moving = "document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity)"
    page.evaluate(f"() => Promise.all({moving}.map(one => one.finished.catch(() => 0)))")


def keep(folder: Path, wanted: list[Shot]) -> None:
    DOCS.mkdir(exist_ok=True)
    for shot in wanted:
        for language in LANGUAGES if shot.kept else ():
            picture = folder / f"{shot.name}.{language}.png"
            kept = DOCS / f"{shot.name}.{language}.webp"
            Image.open(picture).save(kept, quality=QUALITY, method=6)
            if kept.stat().st_size > MOST_BYTES:
                sys.exit(f"screenshots: {kept} has {kept.stat().st_size} bytes, {MOST_BYTES} at most are kept.")


if __name__ == "__main__":
    main()
