"""`maquette tensorboard` as people use it."""

import json

import pytest

from maquette.kernel.identity import Identity, Proof, Role
from maquette.training import jobs
from maquette.training.specification import Place, Specification

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FOLDER = "obs://pets/output/"


def test_a_folder_is_opened_once_and_opened_again(floor, command):
    first = command("tensorboard", FOLDER, "--hours", "2").stdout.strip()
    assert first.startswith(f"{floor.live.url}/maquette/")
    assert command("tensorboard", "s3://pets/output").stdout.strip() == first
    (listed,) = json.loads(command("tensorboard", "--json").stdout)
    assert (listed["job_name"], listed["schedule"]["duration"]) == ("output", 2)
    assert first in command("tensorboard").stdout
    command("tensorboard", FOLDER, "--stop")
    floor.until(lambda: "stopped" in command("tensorboard").stdout)
    again = command("tensorboard", FOLDER).stdout.strip()
    assert again not in ("", first)
    command("tensorboard", FOLDER, "--stop")
    floor.until(lambda: "stopped" in command("tensorboard").stdout)
    command("tensorboard", FOLDER, "--delete")
    assert json.loads(command("tensorboard", "--json").stdout) == []


def test_names_are_made_of_what_they_may_hold_and_never_twice(command):
    command("tensorboard", "obs://pets/实验 one/")
    command("tensorboard", "obs://pets/one/")
    command("tensorboard", "obs://pets/other/one/")
    command("tensorboard", f"obs://pets/{'x' * 30}/")
    names = [one["job_name"] for one in json.loads(command("tensorboard", "--json").stdout)]
    assert sorted(names) == sorted(["one", "one-2", "one-3", "x" * 20])


def test_a_job_is_shown_by_its_output(floor, command):
    who = Identity("u", "u", floor.workspace_id, Role.OWNER, Proof.TOKEN)
    outputs = [Place(name="other", address="obs://pets/other/"), Place(name="train_url", address=FOLDER)]
    spec = Specification(code="obs://pets/code/", boot_file="train.py", engine="pytorch", outputs=outputs)
    jobs.create_job(floor.ctx, who, "cats-and-dogs", specification=spec)
    told = json.loads(command("tensorboard", "cats-and-dogs", "--json").stdout)
    assert (told["train_url"], told["job_name"]) == ("/pets/output/", "cats-and-dogs")


def test_what_is_not_there_is_told_in_a_sentence(command):
    assert "There is no job 'nope'" in command("tensorboard", "nope", check=1).stderr
    assert "There is no TensorBoard on" in command("tensorboard", FOLDER, "--stop", check=2).stderr
    assert "bucket" in command("tensorboard", "obs://none-such/output/", check=1).stderr
