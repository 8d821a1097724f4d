"""`maquette services` and `maquette predict`, as somebody types them, with real instances."""

import base64
import json

import pytest

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

TEXT = {"text": {"type": "string", "default": "hello"}, "times": {"type": "integer"}}


@pytest.fixture
def photo(tmp_path):
    (tmp_path / "cat.jpg").write_text("a cat")
    return "cat.jpg"


def test_a_service_is_deployed_tried_by_the_line_that_is_printed_and_looked_at(command, client, model, photo):
    model()
    deployed = command("services", "deploy", "pets", "--env", "A=b", "--stop-after", "90m")
    service = client.services.get("pets")
    assert deployed.stdout == service.address + "\n"
    assert "try it: maquette predict pets --image FILE --show_mask 1" in deployed.stderr
    assert service.about["schedule"] == [{"type": "stop", "time_unit": "MINUTES", "duration": 90}]
    called = command("predict", "pets", "--image", photo, "--show_mask", "1", "--time")
    assert json.loads(called.stdout) == {"image": {"cat.jpg": "a cat"}, "show_mask": "1", "version": "first"}
    assert called.stderr.startswith("maquette: answered after ") and "inference" in called.stderr
    assert "pets" in command("services", "list").stdout
    (listed,) = json.loads(command("services", "list", "--json").stdout)
    assert (listed["service_name"], listed["status"]) == ("pets", "running")
    shown = command("services", "show", "pets").stdout
    assert "A=b" in shown and "stops by itself at" in shown and service.address in shown
    assert json.loads(command("services", "show", "pets", "--json").stdout)["service_id"] == service.id
    log = command("services", "logs", "pets").stdout
    assert "loading first\n" in log
    assert command("services", "logs", "pets", "--tail", "1").stdout == log.splitlines(keepends=True)[-1]
    assert "The service is running." in command("services", "events", "pets").stdout
    assert json.loads(command("services", "stats", "pets", "--json").stdout)["versions"][0]["instances"] == 1
    assert command("services", "stats", "pets").stdout.splitlines()[-1].startswith("all ")


def test_versions_take_over_go_back_and_share(command, client, model):
    model()
    model(version="second")
    command("services", "deploy", "pets:0.0.1", "--name", "cats")

    def until_answered_by(version):
        """Servers look several times a second what there is to serve."""
        ask = lambda: json.loads(command("predict", "cats", "--field", "text=x").stdout)["version"]  # noqa: E731
        assert any(ask() == version for _ in range(100))

    until_answered_by("first")
    command("services", "update", "cats", "pets")
    until_answered_by("second")
    command("services", "rollback", "cats")
    until_answered_by("first")
    command("services", "update", "cats", "pets:0.0.1", "pets:0.0.2")
    command("services", "update", "cats", "--weight", "0", "--weight", "100")
    assert [part["weight"] for part in client.services.get("cats").config] == [0, 100]
    until_answered_by("second")
    command("services", "stop", "cats")
    assert "`maquette services start cats` starts it" in command("services", "update", "cats", "pets").stderr
    command("services", "start", "cats")
    until_answered_by("second")
    command("services", "remove", "cats")
    assert command("services", "list", "--json").stdout == "[]\n"


def test_a_start_that_fails_is_told_with_its_last_lines_and_mended_by_another_version(command, model):
    model(init="raise ValueError('no weights in here')")
    failed = command("services", "deploy", "pets", code=1)
    assert failed.stdout == ""
    assert "  loading first\n" in failed.stderr and "\n  ValueError: no weights in here\n" in failed.stderr
    assert failed.stderr.splitlines()[-1] == (
        "maquette: The service 'pets' has failed. pets 0.0.1 does not get ready: ValueError: no weights in here"
    )
    assert "did not get ready: ValueError: no weights in here" in command("services", "events", "pets").stdout
    model(version="second")
    command("services", "update", "pets", "pets")
    assert json.loads(command("predict", "pets", "--text", "x").stdout)["version"] == "second"


def test_a_model_that_takes_json_is_given_values_of_the_declared_types(command, model):
    model(fields=TEXT, kind="application/json", url="/say")
    deployed = command("services", "deploy", "pets")
    assert """try it: maquette predict pets --json '{"text": "hello", "times": 0}'""" in deployed.stderr
    told = json.loads(command("predict", "pets", "--text", "1", "--times", "2", "--more", "[3]").stdout)
    assert told == {"text": "1", "times": 2, "more": [3], "version": "first"}
    assert json.loads(command("predict", "pets", "--json", "@-", stdin='{"text": "x"}').stdout)["text"] == "x"
    refused = command("predict", "pets", "--times", "often", code=2)
    assert refused.stderr == "maquette: --times is declared as integer, and 'often' is none.\n"


def test_an_error_of_the_service_is_told_with_its_body(command, model):
    model()
    command("services", "deploy", "pets")
    failed = command("predict", "pets", "--show_mask", "boom", code=1)
    assert failed.stdout == ""
    body = '{"erno": "MR.0105", "msg": "Recognition failed", "words_result": {}}'
    assert (
        failed.stderr == f"maquette: The service has answered 400: {body} `maquette services logs pets` tells more.\n"
    )


def test_pictures_of_an_answer_go_to_files(command, model, tmp_path):
    model()
    command("services", "deploy", "pets")
    text = base64.b64encode(PNG).decode()
    sent = json.dumps({"one": text, "data": {"rest": ["data:image/png;base64," + text, "no picture"]}})
    told = command("predict", "pets", "--json", sent, "--out", "got.png")
    assert json.loads(told.stdout) == {
        "one": "got.png", "data": {"rest": ["got-2.png", "no picture"]}, "version": "first",
    }  # fmt: skip
    assert (tmp_path / "got.png").read_bytes() == (tmp_path / "got-2.png").read_bytes() == PNG
    whole = command("predict", "pets", "--json", '{"a": 1}', "--out", "got.json")
    assert (whole.stdout, whole.stderr) == (
        "",
        f"maquette: got.json, {len((tmp_path / 'got.json').read_bytes())} bytes\n",
    )
    assert json.loads((tmp_path / "got.json").read_text()) == {"a": 1, "version": "first"}


WRONG = [
    (("services", "deploy", "nobody"), 1, "There is no model 'nobody'"),
    (("services", "deploy", "pets", "--weight", "50"), 2, "The weights make 50; all together have to be 100."),
    (("services", "deploy", "pets", "--weight", "50", "--weight", "50"), 2, "1 models and 2 weights"),
    (("services", "deploy", "pets", "pets"), 2, "named twice"),
    (("services", "deploy", "pets", "--env", "A"), 2, "--env 'A' is not NAME=value"),
    (("services", "deploy", "pets", "--stop-after", "soon"), 2, "Write it like 90s, 30m or 2h"),
    (("services", "deploy", "pets", "--name", "no name"), 2, "'no name' is no name for a service"),
    (("services", "show", "nobody"), 1, "There is no service 'nobody'. List them with `maquette services list`."),
    (("services", "logs", "cats", "--instance", "1"), 2, "'cats' has 1 instances, counted from 0"),
    (("services", "rollback", "cats"), 1, "no earlier revision"),
    (("services", "deploy", "pets", "--name", "cats"), 1, "There is a service 'cats' already."),
    (("predict", "nobody", "--a", "b"), 1, "There is no service 'nobody'."),
    (("predict", "cats"), 2, "There is nothing to send. Write: maquette predict cats --image FILE --show_mask 1"),
    (("predict", "cats", "--image", "none.jpg"), 2, "--image is a file, and there is no file 'none.jpg'."),
    (("predict", "cats", "--image"), 2, "--image has no value."),
    (("predict", "cats", "stray"), 2, "'stray' is no field. Write --NAME VALUE."),
    (("predict", "cats", "--a", "1", "--a", "2"), 2, "--a is given twice."),
    (("predict", "cats", "--json", "{"), 2, "--json: this is no JSON"),
    (("predict", "cats", "--json", "@none"), 2, "--json: 'none' cannot be read"),
    (("predict", "cats", "--json", "{}", "--a", "1"), 2, "--json says all that is sent."),
    (("predict", "cats", "--field", "=1"), 2, "'=1' is not NAME=VALUE."),
    (("predict", "cats", "--a", "1", "--out", "/no/such/dir/x"), 2, "'/no/such/dir/x' cannot be written"),
]


def test_what_is_wrong_is_one_sentence_and_the_exit_code(command, model):
    model()
    command("services", "deploy", "pets", "--name", "cats")
    for arguments, code, told in WRONG:
        done = command(*arguments, code=code)
        assert done.stdout == "" and done.stderr.startswith("maquette: ") and done.stderr.count("\n") == 1, arguments
        assert told in done.stderr
