"""Signing in from the command line, and the verbs that then speak to the server."""

import json
import os
import random
import re
import stat
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from maquette.cli import maquette as command
from maquette.cli import transfers
from maquette.kernel import home as homes
from maquette.kernel import profiles
from maquette.kernel.settings import Home
from maquette.workspaces import actions, keys

PASSWORD = "correct horse"


@pytest.fixture
def clock(clock):
    """Clients sign with the time that it is."""
    clock.now = time.time()
    return clock


@pytest.fixture
def call(tmp_path, monkeypatch):
    """`call("ls", …, input=…)` is the command in this process, with profiles of the test's own and no home."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("MAQUETTE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run(*words, input=None):
        return runner.invoke(command, [str(word) for word in words], input=input)

    return run


@pytest.fixture
def signed_in(call, live, platform):
    link = f"{live.url}/sign-in#{actions.owner_link(platform)}"
    done = call("login", link, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    return call


def test_a_link_that_was_used_says_how_to_sign_in_else(call, live, platform):
    link = f"{live.url}/sign-in#{actions.owner_link(platform)}"
    short = call("login", link, input="short\nshort\n")
    assert (short.exit_code, str(short.exception)) == (1, "A password has 8 to 256 characters.")
    assert call("login", link, input=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0
    again = call("login", link, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert again.exit_code == 1
    assert f"used already, or is too old. Sign in by name and password: `maquette login {live.url}`" in str(
        again.exception
    )


def test_a_link_or_a_password_signs_in_and_the_key_is_the_owners_alone(signed_in, live, platform):
    file = profiles.place()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    first = profiles.find_profile(file, "default")
    assert keys.find_key(platform, first.access).secret == first.secret
    assert first.store == live.store_url
    done = signed_in("login", live.url, "--name", "admin", "--profile", "again", input=f"{PASSWORD}\n")
    assert done.exit_code == 0
    assert set(profiles.read_profiles(file)) == {"default", "again"}
    assert PASSWORD not in file.read_text()


def test_a_large_file_goes_up_and_down_and_tells_how_far_it_is(signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(transfers, "TELL_EVERY_SECONDS", 0)
    content = random.Random(3).randbytes(30_000_000)
    (tmp_path / "big.bin").write_bytes(content)
    assert signed_in("mb", "obs://pets").exit_code == 0
    for words in (("cp", "big.bin", "obs://pets/"), ("cp", "obs://pets/big.bin", "back.bin")):
        lines = [line.strip() for line in signed_in(*words).stderr.splitlines()]
        sizes = [float(found[1]) for line in lines if (found := re.search(r"([\d.]+) MB so far$", line))]
        assert sizes == sorted(sizes) and len(sizes) > 1 and sizes[-1] == 30.0
        assert lines[-1] == "copied 1 file, 30.0 MB"
    assert (tmp_path / "back.bin").read_bytes() == content
    assert signed_in("cp", "-r", "obs://pets", "out").exit_code == 0
    first = (tmp_path / "out" / "big.bin").stat().st_ino
    assert signed_in("cp", "-r", "--resume", "obs://pets", "out").exit_code == 0
    assert (tmp_path / "out" / "big.bin").stat().st_ino == first


def test_folders_go_to_the_server_and_come_back(signed_in, tmp_path):
    source = tmp_path / "photos"
    for number in range(40):
        path = source / f"f{number % 3}" / f"图{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    for words in (
        ("mb", "obs://pets"),
        ("cp", "-r", source, "obs://pets/train"),
        ("cp", "-r", "obs://pets/train", tmp_path / "back"),
        ("cp", "obs://pets/train/f0/图0.txt", "obs://pets/one.txt"),
    ):
        assert signed_in(*words).exit_code == 0
    found = {p.relative_to(tmp_path / "back"): p.read_text() for p in (tmp_path / "back").rglob("*.txt")}
    assert found == {p.relative_to(source): p.read_text() for p in source.rglob("*.txt")}
    listed = json.loads(signed_in("ls", "obs://pets", "--json").stdout)
    assert [one.get("key") or one["prefix"] for one in listed] == ["one.txt", "train/"]
    link = signed_in("presign", "obs://pets/one.txt", "--expires", "2m").stdout.strip()
    assert urllib.request.urlopen(link).read() == b"0"
    assert signed_in("rm", "-r", "obs://pets").exit_code == 0
    assert signed_in("ls").stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("presign", "obs://pets/"), "is no object"),
        (("presign", "obs://pets/a", "--expires", "8d"), "7 days"),
        (("presign", "obs://pets/a", "--profile", "none"), "There is no profile 'none'"),
        (("ls", "--profile", "default", "--home", "."), "exclude each other"),
        (("ls", "obs://pets"), "does not exist here"),
        (("logout", "--profile", "none"), "There is no profile 'none'"),
        (("login", "nowhere"), "is no address of a Maquette"),
        (("login", "http://127.0.0.1:1"), "Is `maquette up` running there?"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(signed_in, words, said):
    done = signed_in(*words)
    assert done.exit_code
    assert said in done.exception.message


def test_a_wrong_password_leaves_the_profiles_as_they_were(signed_in, live):
    before = profiles.place().read_text()
    done = signed_in("login", live.url, "--name", "admin", input="wrong\n")
    assert "does not say who sends it" in done.exception.message
    assert profiles.place().read_text() == before


def test_who_has_signed_out_uses_the_home_again(signed_in):
    assert signed_in("logout").exit_code == 0
    assert profiles.read_profiles(profiles.place()) == {}


def test_an_object_store_alone_can_be_a_profile(call, live, platform):
    key, secret = keys.make_key(platform, *actions.owner_of_all(platform))
    done = call("login", live.store_url, "--access-key", key.access, "--profile", "cloud", input=f"{secret}\n")
    assert done.exit_code == 0
    assert call("mb", "obs://pets", "--profile", "cloud").exit_code == 0
    wrong = call("login", live.store_url, "--access-key", key.access, "--profile", "bad", input="wrong\n")
    assert wrong.exit_code
    assert "bad" not in profiles.read_profiles(profiles.place())


def test_a_key_signs_in_at_the_server_too(call, live, platform):
    key, secret = keys.make_key(platform, *actions.owner_of_all(platform))
    assert call("login", live.url, "--access-key", key.access, input=f"{secret}\n").exit_code == 0
    made = profiles.find_profile(profiles.place(), "default")
    assert (made.url, made.store, made.project_id) == (live.url, live.store_url, key.workspace_id)
    assert call("mb", "obs://pets").exit_code == 0
    wrong = call("login", live.url, "--access-key", key.access, "--profile", "bad", input="wrong\n")
    assert wrong.exit_code
    assert "bad" not in profiles.read_profiles(profiles.place())


def test_whoever_can_read_the_home_makes_a_key(maquette, home, tmp_path):
    refused = maquette("keys", "new", check=2)
    assert "Start it once with `maquette up`" in refused.stderr
    started = maquette("backup", tmp_path / "none.tar", check=2)
    assert "no home of a server" in started.stderr
    homes.make(Home(Path(home)))  # as a first start leaves it for a moment
    refused = maquette("keys", "new", check=2)
    assert "Start it once with `maquette up`" in refused.stderr


def test_a_key_of_the_home_opens_the_server(maquette, platform, live, tmp_path):
    env = {"MAQUETTE_HOME": str(platform.settings.home.path), "MAQUETTE_DATABASE": platform.settings.database}
    made = json.loads(maquette("keys", "new", "--json", "--csv", tmp_path / "credentials.csv", env=env, check=0).stdout)
    assert set(made) == {"access", "secret", "project_id"}
    assert keys.find_key(platform, made["access"]).secret == made["secret"]
    assert f"admin,{made['access']},{made['secret']}" in (tmp_path / "credentials.csv").read_text()
    again = maquette("keys", "new", "--csv", tmp_path / "credentials.csv", env=env, check=2)
    assert "is there already" in again.stderr
