"""Settings: what takes how much of the disk, and what tells environments of one engine apart."""

import pytest
from playwright.sync_api import expect

from maquette.drivers.engines.folders import write_record
from maquette.kernel.identity import Role
from maquette.workspaces import actions, sessions

from .conftest import PASSWORD
from .test_looks import SIDEWAYS
from .test_training import speech

both = pytest.mark.parametrize("language", ["en", "zh-CN"])


@both
def test_what_takes_how_much_of_the_disk_is_told_part_by_part(platform, owner, visit, language):
    for bucket, size in (("pets", 300_000), ("cars", 100_000)):
        platform.store.make_bucket(bucket)
        platform.store.put(bucket, "photo.jpg", [b"x" * size])
    say, visitor = speech(language), visit(language, width=360).sign_in()
    page = visitor.page
    visitor.go("/console/settings/storage")
    line = page.locator(".rooms li").filter(has_text=say("storage.abouts.bucket"))
    expect(line).to_contain_text(say("storage.kinds.bucket"))
    line.locator("summary").click()
    expect(line.locator("dt")).to_have_text(["pets", "cars"])
    assert page.locator("main").evaluate(SIDEWAYS + " .filter(name => name !== 'command')") == []
    line.get_by_role("link", name=say("storage.kinds.bucket")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("menu.buckets"))


def test_who_is_no_administrator_is_told_of_the_disk_alone(platform, owner, visit):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.OWNER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    say, visitor = speech("en"), visit("en").sign_in("ana")
    page = visitor.page
    visitor.go("/console/settings/storage")
    expect(page.get_by_role("meter")).to_be_visible()
    expect(page.get_by_text(say("storage.rooms"))).to_have_count(0)
    assert not any(url.endswith("/machine/rooms") for url in visitor.asked)


@both
def test_environments_of_one_engine_are_told_apart_by_their_packages(platform, owner, visit, language):
    engines = platform.settings.home.engines
    made = {
        "torch-2.0-py3.11-aaaaaaaaaa": ("torch-2.0", ["torch-2.0", "numpy-1.26.4"]),
        "torch-2.0-py3.11-bbbbbbbbbb": ("torch-2.0", ["torch-2.0", "numpy-2.0.0", "a-1", "b-1", "c-1", "d-1"]),
        "torch-2.0-py3.11-cccccccccc": ("torch-2.0", ["torch-2.0"]),
        "sklearn-1.5-py3.11-dddddddddd": ("sklearn-1.5", ["scikit_learn-1.5"]),
    }
    for name, (engine, packages) in made.items():
        for package in packages:
            (engines / name / f"lib/python3.11/site-packages/{package}.dist-info").mkdir(parents=True)
        for folder in ("bin", ".maquette"):
            (engines / name / folder).mkdir()
        (engines / name / "bin" / "python").touch()
        write_record(engines / name, {"engine": engine, "python": "3.11.2", "size": 1000})
    say, visitor = speech(language), visit(language).sign_in()
    visitor.go("/console/settings/engines")
    more = "engines.withMore_other"
    told = {
        "aaaaaaaaaa": say("engines.with", names="numpy 1.26.4"),
        "bbbbbbbbbb": say(more, names="a 1, b 1, c 1, d 1", told=1) if language == "zh-CN" else "and 1 more",
        "cccccccccc": say("engines.asIs"),
    }
    for mark, words in told.items():
        expect(visitor.page.locator(".made-name").filter(has_text=mark)).to_contain_text(words)
    alone = visitor.page.locator(".made-name").filter(has_text="dddddddddd")
    expect(alone).to_have_text("sklearn-1.5 dddddddddd")
