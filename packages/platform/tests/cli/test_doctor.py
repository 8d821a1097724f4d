"""`maquette doctor` and `maquette storage` on homes that are well and homes that are not."""

import json
import os

import pytest

from maquette import migrations, wiring
from maquette.kernel import home as homes
from maquette.kernel.settings import Home, read_settings


@pytest.fixture
def lived_in(home):
    homes.make(Home(home))
    ctx = wiring.platform(read_settings({}, home))
    migrations.upgrade(ctx.database)
    ctx.store.make_bucket("pets")
    ctx.store.put("pets", "cat.jpg", [bytes(100_000)])
    ctx.database.close()
    return Home(home)


def findings(done):
    return {(one["subject"], one["verdict"]): one["told"] for one in json.loads(done.stdout)}


def test_a_home_that_is_well_is_told_so(maquette, lived_in):
    found = findings(maquette("doctor", "--json", check=0))
    assert {subject for subject, verdict in found if verdict == "good"} >= {
        "program",
        "home",
        "disk",
        "rows",
        "engines",
    }
    assert not [subject for subject, verdict in found if verdict == "bad"]


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(maquette, home):
    found = findings(maquette("doctor", "--json", check=0))
    assert "maquette up" in found["home", "note"]
    assert "maquette up" in found["rows", "note"]
    assert not home.exists()


@pytest.mark.parametrize(
    ("harm", "subject", "told"),
    [
        (lambda home: home.path.chmod(0o755), "home", "chmod 711"),
        (lambda home: home.secret.chmod(0o644), "secret", "chmod 600"),
        (lambda home: home.secret.unlink(), "secret", "is missing"),
        (lambda home: home.secret.write_text("x"), "secret", "is damaged"),
        (lambda home: home.rows.write_bytes(b"x" * 9000), "rows", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_remedy(maquette, lived_in, harm, subject, told):
    harm(lived_in)
    assert told in findings(maquette("doctor", "--json", check=1))[subject, "bad"]


def test_a_database_that_does_not_answer_is_told_without_its_password(maquette, lived_in):
    url = "postgresql://me:hunter2@127.0.0.1:1/rows"
    done = maquette("doctor", env={"MAQUETTE_DATABASE": url}, check=1)
    assert "cannot be read" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_storage_names_what_takes_room_and_counts_links_once(maquette, lived_in):
    os.link(lived_in.buckets / "pets" / "cat.jpg", lived_in.path / "elsewhere")
    lived_in.engines.mkdir()
    os.link(lived_in.path / "elsewhere", lived_in.engines / "same")
    told = json.loads(maquette("storage", "--json", check=0).stdout)
    rooms = {room["name"]: room for room in told["rooms"]}
    assert rooms["bucket pets"]["bytes"] >= 100_000
    assert rooms["engines"]["bytes"] == 0
    assert rooms["rows"]["bytes"] > 0
    assert "rm -r obs://pets/" in rooms["bucket pets"]["freed_by"]
    assert "are free" in maquette("storage", check=0).stdout
