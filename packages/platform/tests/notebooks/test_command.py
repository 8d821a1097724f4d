"""`maquette notebooks` as people use it."""

import json

import pytest

from maquette.notebooks import actions

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listed(command):
    return {one["name"]: one for one in json.loads(command("notebooks", "list", "--json").stdout)}


def test_a_notebook_is_made_stopped_opened_and_removed(floor, command):
    made = command("notebooks", "create", "bench", "--engine", "pytorch", "--engine", "TF-1.13.1", "--hours", "2")
    address = made.stdout.strip()
    assert address.startswith(floor.live.url)
    assert address.endswith("/lab")
    assert listed(command)["bench"]["image"]["id"] == "pytorch&TF-1.13.1"
    assert listed(command)["bench"]["lease"]["duration"] == 7_200_000
    assert command("notebooks", "open", "bench").stdout.strip() == address
    command("notebooks", "renew", "bench", "--hours", "3")
    assert listed(command)["bench"]["lease"]["duration"] == 10_800_000
    assert "running" in command("notebooks", "list").stdout
    assert "goes on" in command("notebooks", "delete", "bench", check=1).stderr
    command("notebooks", "stop", "bench")
    floor.until(lambda: listed(command)["bench"]["status"] == "STOPPED")
    again = command("notebooks", "open", "bench").stdout.strip()
    assert again not in ("", address)
    command("notebooks", "stop", "bench")
    floor.until(lambda: listed(command)["bench"]["status"] == "STOPPED")
    assert command("notebooks", "start", "bench", "--hours", "1").stdout.strip() != again
    command("notebooks", "stop", "bench")
    floor.until(lambda: listed(command)["bench"]["status"] == "STOPPED")
    command("notebooks", "delete", "bench")
    assert listed(command) == {}


def test_files_go_to_a_bucket_and_come_back(floor, command):
    command("notebooks", "create", "bench")
    work = actions.work_folder(floor.ctx, listed(command)["bench"]["id"])
    (work / "note.txt").write_text("mine")
    assert "1 files" in command("notebooks", "push", "bench", "obs://pets/notes/").stderr
    (work / "note.txt").unlink()
    done = json.loads(command("notebooks", "pull", "bench", "--path", "", "--json").stdout)
    assert (done["files"], done["folder"]) == (1, "obs://pets/notes/")
    assert (work / "note.txt").read_text() == "mine"


def test_what_cannot_be_is_told_in_a_sentence(command):
    assert "is no name of a notebook" in command("notebooks", "create", "a b", check=2).stderr
    assert (
        "Python 2 is not supported" in command("notebooks", "create", "a", "--engine", "tf-python2.7", check=2).stderr
    )
    assert "There is no notebook 'nope'" in command("notebooks", "open", "nope", check=1).stderr
    assert "modelarts.vm.cpu.4u" in command("notebooks", "flavours").stdout
