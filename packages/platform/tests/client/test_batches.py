"""Batch services through `maquette_sdk.Client` and `maquette batch`, with real instances."""

import json

import pytest

from maquette_sdk.client import MaquetteError

RULE = {"type": "object", "properties": {"rooms": {"type": "integer", "index": 1}}}
ROOMS = {"rooms": {"type": "integer"}}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for name in ("a", "b", "more/c"):
        (folder / f"{name}.jpg").write_text(name)
    return folder


@pytest.fixture
def target(client):
    client.buckets.make("found")
    return "obs://found/here/"


def results(client, target):
    found = {one.address: one for one in client.objects.list(target + "infer-result/")}
    return {address.rpartition("/")[2]: json.loads(client.objects.read(address)) for address in found}


def test_a_local_folder_is_answered_file_by_file(client, model, photos, target):
    model()
    batch = client.services.deploy_batch("pets", str(photos), target, name="night").wait(300)
    assert (batch.status, batch.is_batch) == ("finished", True)
    assert (batch.progress()["total"], batch.progress()["done"], batch.failures()) == (3, 3, [])
    assert results(client, target)["a.jpg_result.txt"] == {"image": {"a.jpg": "a"}, "version": "first"}
    assert client.services.list() == []
    assert [one["service_name"] for one in client.services.list(infer_type="batch")] == ["night"]


def test_what_fails_is_listed_and_tried_again_alone(client, model, photos, target):
    model(init="pass\n        type(self)._inference = lambda self, data: len(data['image']['b.jpg'].read())")
    batch = client.services.deploy_batch("pets", str(photos), target).wait(300)
    assert {one["source"].rpartition("/")[2] for one in batch.failures()} == {"a.jpg", "c.jpg"}
    assert batch.failures()[0]["status"] == 400
    batch.retry_failed().wait(300)
    assert (batch.progress()["done"], batch.progress()["failed"]) == (1, 2)


def test_rows_are_answered_by_the_command(client, command, model, tmp_path, target):
    model(fields=ROOMS, kind="application/json", url="/count")
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "flats.csv").write_text("x,3\ny,4\n")
    (tmp_path / "rule.json").write_text(json.dumps(RULE))
    done = command("batch", "run", "pets", "rows", target, "--csv", "@rule.json", "--name", "flats")
    assert done.stdout == target + "\n"
    assert "1 of 1 files answered" in done.stderr
    lines = client.objects.read(target + "infer-result/flats.csv_result.txt").decode().splitlines()
    assert [json.loads(line)["rooms"] for line in lines] == [3, 4]
    assert "flats" in command("batch", "list").stdout
    assert json.loads(command("batch", "show", "flats", "--json").stdout)["counts"]["requests"] == 2
    assert command("batch", "stop", "flats").stdout == ""
    command("batch", "remove", "flats")
    assert command("batch", "list", "--json").stdout == "[]\n"


def test_a_batch_with_failures_ends_with_1_and_names_them(command, model, photos, target):
    model(init="pass\n        type(self)._inference = lambda self, data: len(data['image']['b.jpg'].read())")
    done = command("batch", "run", "pets", photos, target, "--name", "night", code=1)
    assert "1 of 3 files answered, 2 failed" in done.stderr
    assert "/a.jpg: answer 400" in done.stderr and "/more/c.jpg: answer 400" in done.stderr
    assert "more/c.jpg" in command("batch", "show", "night").stdout
    assert "1 of 3 files answered, 2 failed" in command("batch", "retry", "night", code=1).stderr


WRONG = [
    (("pets", "photos", "/found/"), 1, "'/found/' is no address. Write obs://BUCKET/KEY."),
    (("nobody", "photos", "obs://found/"), 1, "There is no model 'nobody'"),
    (("pets", "nothing", "obs://found/"), 1, "There is no file or folder 'nothing'."),
    (("pets", "obs://none/", "obs://found/"), 2, "there is no bucket 'none'"),
    (("pets", "photos", "obs://found/", "--csv", "{"), 2, "--csv: this is no JSON"),
    (("pets", "photos", "obs://found/", "--csv", "[]"), 2, "a rule is a JSON object"),
    (("pets", "photos", "obs://found/", "--csv", "@none"), 2, "--csv: 'none' cannot be read"),
    (("pets", "photos", "obs://found/", "--env", "2b=c"), 2, "--env '2b=c' is not NAME=value"),
]


def test_what_is_wrong_is_one_sentence_and_leaves_no_batch(client, command, model, photos, target):
    model()
    for arguments, code, told in WRONG:
        done = command("batch", "run", *arguments, code=code)
        assert done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
        assert told in done.stderr
    assert client.services.list(infer_type="batch") == []


def test_an_online_service_is_no_batch_and_a_batch_takes_no_calls(client, command, model, photos, target):
    model()
    client.services.deploy("pets")
    client.services.deploy_batch("pets", str(photos), target, name="night")
    assert "'pets' is an online service" in command("batch", "show", "pets", code=1).stderr
    assert "'night' is a batch, which takes no calls" in command("predict", "night", "--a", "1", code=1).stderr
    with pytest.raises(MaquetteError, match="no batch"):
        client.services.get("pets").progress()
