"""What `maquette predict` makes of what is typed, and of what comes back."""

import base64
from pathlib import Path

import pytest

from maquette.cli import predict
from maquette.cli.pictures import picture_in, put_aside
from maquette.kernel.errors import BadInput
from maquette.models.domain import FORM, JSON, Api, Body

PNG = b"\x89PNG\r\n" + bytes(40)
WEBP = b"RIFF" + bytes(4) + b"WEBP" + bytes(40)
BMP = b"BM" + (60).to_bytes(4, "little") + bytes(54)


def api(content_type=FORM, url="/", **fields):
    return Api(url=url, request=Body(content_type, {"type": "object", "properties": fields}))


PICTURES = api(image={"type": "file"}, show_mask={"type": "integer", "default": 1})
WORDS = api(JSON, text={"type": "string"}, times={"type": "integer"}, share={"type": "number"}, ok={"type": "boolean"})


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x.jpg").write_text("x")
    Path("1").write_text("a file that is called like a number")


@pytest.mark.parametrize(
    ("tokens", "read"),
    [
        (["--a", "1"], [("a", "1")]),
        (["--a=1", "--b=x=y", "--c="], [("a", "1"), ("b", "x=y"), ("c", "")]),
        (["--a", "-1", "--b", "two words"], [("a", "-1"), ("b", "two words")]),
    ],
)
def test_values_are_read_in_both_spellings(tokens, read):
    assert predict.read_values(tokens) == read


@pytest.mark.parametrize("tokens", [["a"], ["--a"], ["--a", "--b", "1"], ["--"], ["--=1"], ["-a", "1"]])
def test_what_is_no_value_is_refused(tokens):
    with pytest.raises(BadInput):
        predict.read_values(tokens)


@pytest.mark.parametrize(
    ("given", "files", "fields"),
    [
        ([("image", "x.jpg"), ("show_mask", "1")], ["image"], {"show_mask": "1"}),
        ([("other", "x.jpg"), ("more", "y.jpg")], ["other"], {"more": "y.jpg"}),
        ([("image", "x.jpg"), ("image", "1")], ["image"], {}),
    ],
)
def test_what_the_model_declares_goes_before_what_lies_here(given, files, fields):
    call = predict.read_call(PICTURES, given, None, [], [])
    assert (list(call["files"]), call["fields"]) == (files, fields)


def test_a_field_and_a_file_may_be_called_like_an_option():
    call = predict.read_call(PICTURES, [], None, ["json=1"], ["out=x.jpg"])
    assert call == {"files": {"out": [Path("x.jpg")]}, "fields": {"json": "1"}}


def test_json_has_the_types_that_are_declared():
    given = [("text", "1"), ("times", "2.0"), ("share", "0.5"), ("ok", "true"), ("more", '{"a": 1}'), ("rest", "x")]
    call = predict.read_call(WORDS, given, None, [], [])
    assert call == {
        "json": {"text": "1", "times": 2.0, "share": 0.5, "ok": True, "more": {"a": 1}, "rest": "x"}
    }  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("times", "2.5"), ("times", "true"), ("share", "x"), ("times", '"2"')])
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(BadInput, match=f"--{name} is declared as"):
        predict.read_call(WORDS, [(name, value)], None, [], [])


def test_a_file_makes_a_form_of_what_takes_json():
    assert predict.read_call(WORDS, [("picture", "x.jpg")], None, [], [])["files"] == {"picture": [Path("x.jpg")]}


@pytest.mark.parametrize(
    ("api", "line"),
    [
        (PICTURES, "maquette predict pets --image FILE --show_mask 1"),
        (WORDS, """maquette predict pets --json '{"text": "", "times": 0, "share": 0.0, "ok": false}'"""),
    ],
)
def test_the_line_that_calls_a_service_names_what_it_takes(api, line):
    assert predict.predict_line("pets", api) == line


@pytest.mark.parametrize("config", ["{}", "not json", '{"model_type": "PyTorch", "apis": []}'])
def test_a_model_that_declares_nothing_takes_what_its_kind_does(config):
    found = predict.api_of({"config": config, "model_type": "PyTorch"})
    assert predict.predict_line("pets", found) == "maquette predict pets --images FILE"


def test_a_model_of_an_unknown_kind_is_called_with_what_it_declares():
    assert predict.api_of({"config": "{}", "model_type": "Unheard"}) == Api()


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [PNG, WEBP, BMP, b"\xff\xd8\xff" + bytes(50), b"GIF89a" + bytes(50)])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
def test_a_picture_is_known_by_its_first_bytes(data, encode):
    assert picture_in(encode(data).decode()) == data
    assert picture_in(encode(data).decode().rstrip("=\n")) == data
    assert picture_in("data:image/png;base64," + base64.b64encode(data).decode()) == data


@pytest.mark.parametrize(
    "text", ["", "no picture", "A" * 100, base64.b64encode(b"some text " * 9).decode(), "iVBORw0KGgo", "Qk" + "x" * 90]
)
def test_other_texts_stay_texts(text):
    assert picture_in(text) is None


def test_each_picture_gets_a_file_of_its_own():
    text = base64.b64encode(PNG).decode()
    value, files = put_aside({"a": text, "b": [1, None, {"c": text}]}, Path("here/got.png"))
    assert value == {"a": "here/got.png", "b": [1, None, {"c": "here/got-2.png"}]}
    assert files == {Path("here/got.png"): PNG, Path("here/got-2.png"): PNG}
