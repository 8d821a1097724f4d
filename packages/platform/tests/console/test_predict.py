"""The Predict and Call tabs of a service: what one fills in, what is drawn, and programs that are run as they stand."""

import ast
import base64
import json
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from maquette.workspaces import keys

from ..services.conftest import floor  # noqa: F401
from .conftest import MOST_SECONDS, PASSWORD, WORDS
from .test_looks import SIDEWAYS, axe, findings, settle  # noqa: F401

EN = WORDS["en"]["predict"]
CALL = WORDS["en"]["calling"]
ECHO = """
def plain(value):
    return {name: len(file.read()) for name, file in value.items()} if isinstance(value, dict) and hasattr(
        next(iter(value.values()), None), "read") else value
return {"said": {name: plain(value) for name, value in data.items()}}
"""
PICTURE = {"images": {"type": "file"}}


def png(rows):
    """A grey picture of these values."""
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


GREY = png([[x * 2 + y for x in range(80)] for y in range(40)])
MASK = png([[12 if x < 40 else 0 for x in range(80)] for y in range(40)])


def config(properties=None, *, content_type="multipart/form-data", required=(), answer=None, more=()):
    data = {"type": "object", "properties": PICTURE if properties is None else properties, "required": list(required)}
    api = {"url": "/", "method": "post", "request": {"Content-type": content_type, "data": data}}
    api["response"] = {"Content-type": "application/json", "data": {"type": "object", "properties": answer or {}}}
    apis = [api, *({**api, "url": url} for url in more)]
    return json.dumps({"model_algorithm": "object_detection", "model_type": "MindSpore", "apis": apis})


@pytest.fixture
def picture(tmp_path):
    (tmp_path / "picture.jpg").write_bytes(GREY)
    return tmp_path / "picture.jpg"


@pytest.fixture
def online(floor, owner, visit):  # noqa: F811
    """`online(body, config, tab="predict")` is a page of a new service with this code."""
    visitor = []

    def make(body, told=None, tab="predict", language="en", name="cats", **how):
        service = floor.deploy(floor.model(body, name=name, files={"config.json": told or config()}), name=name)
        if not visitor:
            visitor.append(visit(language, **how).sign_in())
        visitor[0].go(f"/console/services/{service.id}?tab={tab}")
        visitor[0].service = service
        return visitor[0]

    return make


def send(visitor, picture=None, language="en"):
    if picture:
        visitor.page.locator("input[type=file]").first.set_input_files(picture)
    visitor.say(WORDS[language]["predict"]["send"])
    expect(visitor.page.locator(".timing")).to_be_visible()


def whole(visitor):
    """The answer as JSON."""
    page = visitor.page
    if page.get_by_role("tab", name="JSON").count():
        page.get_by_role("tab", name="JSON").click()
    return page.locator(".answer-text")


# ── what is filled in ────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_input_is_sent_as_it_was_declared(online, picture):
    fields = {
        "images": {"type": "file"}, "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "count": {"type": "integer", "minimum": 1}, "exact": {"type": "boolean"},
        "mode": {"type": "string", "enum": ["fast", "good"]}, "note": {"type": "string"}, "extra": {"type": "object"},
    }  # fmt: skip
    visitor = online(ECHO, config(fields, required=["images", "note"]))
    page = visitor.page
    expect(page.get_by_role("spinbutton", name="share")).to_have_value("0.50")
    page.get_by_role("spinbutton", name="count").fill("3")
    page.get_by_text("true", exact=True).click()
    page.get_by_text("good", exact=True).click()
    page.get_by_label("extra").fill('{"a": ')
    expect(page.get_by_text("line 1, column 7")).to_be_visible()
    page.get_by_label("extra").fill('{"a": 1}')
    visitor.say(EN["send"])
    expect(page.get_by_text(WORDS["en"]["kit"]["needed"], exact=True)).to_have_count(2)
    page.get_by_label("note").fill("two\nlines")
    send(visitor, picture)
    for part in (f'"picture.jpg": {len(GREY)}', '"share": "0.5"', '"count": "3"', '"exact": "true"', '"mode": "good"'):
        expect(whole(visitor)).to_contain_text(part)
    expect(whole(visitor)).to_contain_text('"note": "two\\r\\nlines"')
    expect(whole(visitor)).to_contain_text('"extra": "{\\"a\\": 1}"')


def test_files_are_dropped_pasted_and_taken_out_of_a_bucket(online, floor):  # noqa: F811
    for name in ("photos/rose.png", "photos/tulips/tulip.png"):
        floor.store.put("pets", name, [GREY])
    visitor = online(ECHO)
    page = visitor.page
    data = f"new Uint8Array({list(GREY)})"
    moved = f"""() => {{ const all = new DataTransfer();
        all.items.add(new File([{data}], 'image.png', {{type: 'image/png'}})); return all; }}"""
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(moved)})
    expect(page.locator(".drop-file")).to_contain_text("80 × 40")
    paste = f"() => document.dispatchEvent(new ClipboardEvent('paste', {{clipboardData: ({moved})()}}))"
    page.evaluate(paste)
    expect(page.locator(".drop-file")).to_have_count(1)
    page.get_by_role("button", name=f"{EN['add']}: images").click()
    page.get_by_role("menuitem", name=EN["bucket"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="pets").click()
    dialog.get_by_role("button", name="photos/").click()
    dialog.get_by_text("rose.png").click()
    dialog.get_by_role("button", name="tulips/").click()
    dialog.get_by_text("tulip.png").click()
    expect(dialog.get_by_role("status")).to_have_text("2 chosen")
    dialog.get_by_role("button", name=WORDS["en"]["picker"]["take"]).click()
    expect(page.locator(".drop-file")).to_have_count(3)
    expect(page.locator(".drop-file img")).to_have_count(3)
    send(visitor)
    expect(whole(visitor)).to_contain_text(
        f'{{"image.png": {len(GREY)}, "rose.png": {len(GREY)}, "tulip.png": {len(GREY)}}}'
    )
    page.get_by_role("button", name="Take image.png away").click()
    expect(page.locator(".drop-file")).to_have_count(2)


def test_a_body_is_checked_and_put_in_order_while_it_is_written(online):
    rows = {
        "data": {
            "type": "object",
            "properties": {
                "req_data": {
                    "type": "array",
                    "items": [{"type": "object", "properties": {"rooms": {"type": "number"}}}],
                }
            },
        }
    }
    visitor = online("return data", config(rows, content_type="application/json"))
    page, body = visitor.page, visitor.page.get_by_label(EN["body"])
    assert json.loads(body.input_value()) == {"data": {"req_data": [{"rooms": 0}]}}
    body.fill('{"data": {"req_data": [{"rooms": "3"}]}}')
    expect(page.get_by_text("data.req_data.0.rooms should be of the type number")).to_be_visible()
    page.get_by_role("button", name=EN["tidy"]).click()
    expect(body).to_have_value(re.compile("\n"))
    body.fill("{")
    expect(page.get_by_role("alert")).to_contain_text("line 1, column 2")
    expect(page.get_by_role("button", name=EN["send"])).to_be_disabled()
    page.get_by_role("button", name=EN["reset"]).click()
    body.press("Control+Enter")
    expect(page.get_by_role("columnheader", name="rooms")).to_be_visible()
    expect(page.get_by_role("cell", name="0")).to_be_visible()


def test_what_is_larger_than_a_call_may_be_is_told_before_it_is_sent(online, tmp_path):
    visitor = online(ECHO)
    page = visitor.page
    (tmp_path / "large.bin").write_bytes(bytes(13 << 20))
    page.locator("input[type=file]").set_input_files(tmp_path / "large.bin")
    expect(page.get_by_role("alert")).to_contain_text("12.6 MB at most")
    expect(page.get_by_role("button", name=EN["send"])).to_be_disabled()
    assert not any("/v1/infers/" in url for url in visitor.asked)


def test_a_picture_that_is_too_large_is_made_smaller_here(online, tmp_path):
    visitor = online(ECHO)
    page = visitor.page
    (tmp_path / "large.png").write_bytes(GREY + bytes(13 << 20))
    page.locator("input[type=file]").set_input_files(tmp_path / "large.png")
    page.get_by_role("button", name=EN["shrink"]).click()
    expect(page.locator(".drop-file")).to_contain_text("large.jpg")
    send(visitor)
    expect(whole(visitor)).to_contain_text("large.jpg")


def test_of_several_paths_one_is_chosen(online):
    visitor = online(
        "return {'n': data['n']}", config({"n": {"type": "integer"}}, content_type="application/json", more=["/bye"])
    )
    page = visitor.page
    page.get_by_label(EN["api"]).press("ArrowDown")
    page.get_by_title("POST /bye").click()
    page.get_by_label(EN["body"]).fill('{"n": 7}')
    send(visitor)
    expect(whole(visitor)).to_contain_text('{"n": 7}')
    assert [url for url in visitor.asked if "/v1/infers/" in url][-1].endswith("/bye")


# ── what is drawn ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "seen", "told"),
    [
        ({"scores": [["dog", 0.2], ["cat", 0.8]], "predicted_label": "cat"}, ".scores .best", "cat"),
        ([{"dog": 0.2, "cat": 0.8}], ".answer-label", "cat80 %"),
        ([{"label": "cat", "score": 0.8}, {"label": "dog", "score": 0.2}], ".scores .best", "cat0.8"),
        ({"data": {"resp_data": [{"predict_result": 3.5, "town": "Ulm"}]}}, ".answer-rows td.number", "3.5"),
        ({"predicted_image": base64.b64encode(GREY).decode()}, ".overlay figcaption", "80 × 40"),
        ({"mask": "data:image/png;base64," + base64.encodebytes(MASK).decode()}, ".legend li:first-child", "50 %"),
        ("only text", ".answer-text", "only text"),
        ({"detection_boxes": [], "detection_classes": [], "detection_scores": []}, ".answer", EN["foundNone"]),
    ],
)
def test_an_answer_is_drawn_by_what_is_in_it(online, picture, answer, seen, told):
    visitor = online(f"return {answer!r}")
    send(visitor, picture)
    expect(visitor.page.locator(seen).first).to_contain_text(told)


def lies_at(box, *sides):
    for side, wanted in zip(("x", "y", "width", "height"), sides, strict=True):
        expect(box).to_have_attribute(side, str(wanted))


def test_boxes_lie_where_the_model_says_whatever_order_it_has(online, picture):
    answer = {"detection_boxes": [[10, 20, 30, 60]], "detection_classes": ["cat"], "detection_scores": [0.75]}
    visitor = online(f"return {answer}")
    page = visitor.page
    send(visitor, picture)
    expect(page.locator(".box-name")).to_have_text("cat 0.75")
    lies_at(page.locator("rect.box"), 0.25, 0.25, 0.5, 0.5)
    expect(page.get_by_text(EN["orderAssumed"])).to_be_visible()
    page.get_by_label(EN["order"]).press("ArrowDown")
    page.get_by_title("xmin, ymin, width, height").click()
    lies_at(page.locator("rect.box"), 0.125, 0.5, 0.375, 1.5)
    slider = page.get_by_role("slider", name=EN["threshold"])
    slider.focus()
    slider.press("End")
    expect(page.locator("rect.box")).to_have_count(0)
    slider.press("Home")
    page.get_by_role("button", name="cat 1").click()
    expect(page.locator("rect.box")).to_have_count(0)
    for _ in range(2):  # what was chosen counts for the next answer, also after a reload
        send(visitor, picture)
        expect(page.locator("rect.box")).to_have_count(1)
        lies_at(page.locator("rect.box"), 0.125, 0.5, 0.375, 1.5)
        assert page.locator("main").evaluate(SIDEWAYS) == []
        page.set_viewport_size({"width": 360, "height": 780})
        page.reload()


def test_the_order_that_config_json_declares_is_taken(online, picture):
    declared = {"boxes": {"type": "array", "description": "each as xmin, ymin, width, height"}}
    visitor = online(
        "return {'boxes': [[20, 10, 40, 20]], 'labels': ['cat'], 'scores': [0.5]}", config(answer=declared)
    )
    send(visitor, picture)
    lies_at(visitor.page.locator("rect.box"), 0.25, 0.25, 0.5, 0.5)
    expect(visitor.page.get_by_role("columnheader", name="xmin, ymin, width, height")).to_be_visible()


def test_a_mask_lies_over_the_picture_with_its_background_clear(online, picture):
    visitor = online(f"return {{'mask': {base64.b64encode(MASK).decode()!r}}}")
    page = visitor.page
    send(visitor, picture)
    canvas = page.locator(".overlaid canvas")
    expect(canvas).to_be_visible()
    alpha = "canvas => [10, 70].map(x => [...canvas.getContext('2d').getImageData(x, 20, 1, 1).data])"
    assert canvas.evaluate(alpha) == [[64, 0, 128, 255], [0, 0, 0, 0]]
    over = page.locator(".overlaid .over")
    expect(over).to_have_css("opacity", "0.6")
    slider = page.get_by_role("slider", name=EN["opacity"])
    slider.focus()
    slider.press("Home")
    expect(over).to_have_css("opacity", "0")


def test_several_pictures_have_answers_of_their_own(online, tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(GREY)
    body = "return [{'x': 0.9, 'y': 0.1}, {'erno': 'MR.0101', 'msg': 'too dark', 'words_result': {}}]"
    visitor = online(body)
    send(visitor, [tmp_path / "a.png", tmp_path / "b.png"])
    parts = visitor.page.locator(".answer-parts section")
    expect(parts.nth(0)).to_contain_text("a.png")
    expect(parts.nth(0).locator(".scores .best")).to_contain_text("x")
    expect(parts.nth(1)).to_contain_text("too dark")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_error_is_told_in_words_with_what_the_service_wrote(online, picture, language):
    visitor = online("return data['image']", language=language)
    send(visitor, picture, language)
    told = visitor.page.locator(".refused")
    expect(told).to_contain_text("MR.0105")
    expect(visitor.page.locator(".timing .split-bar")).to_have_count(0)
    expect(told).to_contain_text(WORDS[language]["predict"]["refusals"]["MR_0105_400"])
    expect(told.locator(".written")).to_contain_text("KeyError")
    expect(told.locator(".hint").first).to_contain_text("images")
    expect(visitor.page.locator(".timing .chip")).to_have_text("400")


# ── calls under way, and those before ────────────────────────────────────────────────────────────


def test_a_call_that_takes_long_is_cancelled(online, picture):
    visitor = online("time.sleep(600)\nreturn 1")
    page = visitor.page
    page.locator("input[type=file]").set_input_files(picture)
    visitor.say(EN["send"])
    page.get_by_role("button", name=EN["cancel"], exact=True).click()
    expect(page.get_by_text(EN["cancelled"])).to_be_visible()
    expect(page.get_by_role("button", name=EN["send"], exact=True)).to_be_enabled()
    expect(page.locator(".history")).to_have_count(0)


def test_former_calls_are_seen_again_repeated_and_forgotten(online, picture, tmp_path):
    visitor = online("return {'predicted_label': next(iter(data['images']))}")
    page = visitor.page
    (tmp_path / "other.png").write_bytes(GREY)
    send(visitor, picture)
    send(visitor, tmp_path / "other.png")
    lines = page.locator(".history li button")
    expect(lines).to_have_count(2)
    expect(page.locator(".history img")).to_have_count(2)
    expect(page.locator(".answer-label")).to_have_text("other.png")
    lines.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".answer-label")).to_have_text("picture.jpg")
    page.get_by_role("button", name=EN["edit"]).click()
    expect(page.locator(".drop-file")).to_contain_text("picture.jpg")
    page.get_by_role("button", name=EN["repeat"]).click()
    expect(lines).to_have_count(3)
    expect(lines.first).to_contain_text("picture.jpg")
    page.get_by_role("tab", name=WORDS["en"]["services"]["tabs"]["logs"]).click()
    page.get_by_role("tab", name=WORDS["en"]["services"]["tabs"]["predict"]).click()
    expect(page.locator(".drop-file")).to_contain_text("picture.jpg")
    page.get_by_role("button", name=EN["forget"]).click()
    expect(lines).to_have_count(0)


def test_a_service_that_sleeps_says_so_and_wakes(online, floor, picture):  # noqa: F811
    visitor = online("return {'predicted_label': 'awake'}")
    object.__setattr__(floor.ctx.settings, "sleep_minutes", 1 / 60)
    expect(visitor.page.get_by_text(EN["asleep"])).to_be_visible()
    object.__setattr__(floor.ctx.settings, "sleep_minutes", 0)
    send(visitor, picture)
    expect(visitor.page.locator(".answer-label")).to_have_text("awake")


# ── programs ─────────────────────────────────────────────────────────────────────────────────────

NODE = shutil.which("node")
MAQUETTE = Path(sys.executable).with_name("maquette")


def run(language, text, folder):
    """What a program of the Call tab answers, run as it stands."""
    if language == "JavaScript":
        (folder / "call.mjs").write_text(text)
        command = [NODE, "call.mjs"]
    else:
        command = [sys.executable, "-c", text] if language == "Python" else ["bash", "-c", text]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=MOST_SECONDS)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout) if language == "Python" else json.loads(done.stdout)


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
@pytest.mark.parametrize("kind", ["form", "body"])
def test_programs_of_the_call_tab_get_the_answer_of_the_page(online, floor, picture, language, kind):  # noqa: F811
    if language == "JavaScript" and not NODE:
        pytest.skip("Node.js is not installed")
    fields = {
        "images": {"type": "file"},
        "it's": {"type": "string", "default": "a; b=@'c'"},
        "n": {"type": "integer", "minimum": 2},
    }
    row = {"data": {"type": "object", "default": {"it's": [None, True, 'a"b', 1.5, "中文"]}}}
    told = config(fields) if kind == "form" else config(row, content_type="application/json")
    visitor = online(ECHO, told, "calling")
    page = visitor.page
    expected = (
        {"images": {"picture.jpg": len(GREY)}, "it's": "a; b=@'c'", "n": "2"}
        if kind == "form"
        else {"data": row["data"]["default"]}
    )
    key, secret = keys.make_key(floor.ctx, floor.who.user_id, floor.who.workspace_id)
    given = {"YOUR-APP-CODE": floor.code, "YOUR-ACCESS-KEY": key.access, "YOUR-SECRET-KEY": secret}
    page.get_by_role("tab", name=language, exact=True).click()
    for way in ("code", "token", "signed"):
        page.get_by_text(CALL["ways"][way], exact=True).click()
        text = page.locator("pre.snippet").inner_text()
        found = re.findall("YOUR-[A-Z-]+", text)
        assert found and set(found) <= set(given)
        for name, value in given.items():
            text = text.replace(name, value)
        assert run(language, text, picture.parent) == {"said": expected}, way
    expect(page.get_by_role("link", name=CALL["toAccess"])).to_have_attribute("href", "/console/settings/keys")


def test_a_program_with_a_wrong_key_ends_with_what_the_service_says(online, picture):
    visitor = online(ECHO, config({"images": {"type": "file"}}), "calling")
    page = visitor.page
    page.get_by_role("tab", name="Python", exact=True).click()
    text = page.locator("pre.snippet").inner_text()
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=picture.parent, capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert (done.returncode, "APIG.0301" in done.stderr) == (1, True), done.stderr


def test_the_line_for_the_terminal_calls_it_too(online, floor, picture, monkeypatch):  # noqa: F811
    visitor = online(
        ECHO, config({"images": {"type": "file"}, "n": {"type": "integer", "minimum": 2}}), "calling", name="tulips"
    )
    visitor.page.get_by_role("tab", name="maquette", exact=True).click()
    text = visitor.page.locator("pre.snippet").inner_text().replace("maquette", str(MAQUETTE), 1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(picture.parent / "config"))
    login = [MAQUETTE, "login", floor.live.url, "--name", "admin"]
    subprocess.run(login, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True, timeout=MOST_SECONDS)
    done = subprocess.run(
        ["bash", "-c", text], cwd=picture.parent, capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert json.loads(done.stdout)["said"] == {"images": {"picture.jpg": len(GREY)}, "n": "2"}, done.stderr


# ── how it looks ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_axe_has_no_serious_finding_on_a_call_and_its_answer(online, axe, picture, language, theme):  # noqa: F811
    fields = {
        "images": {"type": "file"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "mode": {"enum": ["a", "b"]},
        "note": {},
    }
    answer = {
        "scores": {"cat": 0.9, "dog": 0.1}, "nested": {"list": [[1], [2]]},
        "detection_boxes": [[1, 1, 20, 30]], "detection_classes": ["cat"], "detection_scores": [0.9],
        "mask": base64.b64encode(MASK).decode(),
    }  # fmt: skip
    visitor = online(
        f"if data['note'] == 'bad':\n    raise KeyError('x')\nreturn {answer}",
        config(fields),
        language=language,
        theme=theme,
        width=1280,
    )
    page, found = visitor.page, {}
    page.get_by_label("note").fill("good")
    send(visitor, picture, language)
    expect(page.locator(".overlaid canvas")).to_be_visible()
    look(visitor, axe, "drawn", found)
    expect(whole(visitor)).to_contain_text("nested")
    look(visitor, axe, "JSON", found)
    page.get_by_label("note").fill("bad")
    send(visitor, None, language)
    expect(page.locator(".written")).to_contain_text("KeyError")
    look(visitor, axe, "refused", found)
    page.get_by_role("tab", name=WORDS[language]["services"]["tabs"]["calling"]).click()
    expect(page.locator("pre.snippet")).to_contain_text("curl")
    look(visitor, axe, "calling", found)
    assert {name: told for name, told in found.items() if told} == {}


def look(visitor, axe, name, found):  # noqa: F811
    """What axe finds; and as narrow as a telephone nothing is wider than the window."""
    settle(visitor.page)
    found[name] = findings(visitor, axe)
    visitor.page.set_viewport_size({"width": 360, "height": 800})
    settle(visitor.page)
    wide, window = visitor.page.locator(".beside").evaluate("beside => [beside.scrollWidth, beside.clientWidth]")
    visitor.page.set_viewport_size({"width": 1280, "height": 860})
    if wide > window:
        found[f"{name}, narrow"] = [f"{wide} px"]


def test_it_is_used_by_the_keyboard_alone(online, floor):  # noqa: F811
    floor.store.put("pets", "rose.png", [GREY])
    visitor = online(
        "return {'predicted_label': data['mode']}",
        config({"images": {"type": "file"}, "mode": {"type": "string", "enum": ["fast", "good"]}}, required=["mode"]),
    )
    page = visitor.page
    page.get_by_role("tab", name="Predict").focus()
    reach(page, f"{EN['bucket']}: images")
    page.keyboard.press("Enter")
    reach(page, "pets")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("rose.png")).to_be_visible()
    reach(page, "rose.png", "Space")
    reach(page, WORDS["en"]["picker"]["take"])
    page.keyboard.press("Enter")
    expect(page.locator(".drop-file")).to_contain_text("rose.png")
    reach(page, "good", "ArrowRight")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".answer-label")).to_have_text("good")


def reach(page, name, then=""):
    """Tabs on to what is called so, and presses a key there."""
    called = """() => { const one = document.activeElement;
        if (!['BUTTON', 'INPUT', 'A', 'TEXTAREA'].includes(one.tagName)) return '';
        return [one.getAttribute('aria-label'), one.textContent, one.closest('label')?.textContent,
                one.closest('[role=radiogroup]')?.textContent].filter(Boolean).join(' | '); }"""
    for _ in range(60):
        if name in page.evaluate(called):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"no way to {name} by keyboard")
    if then:
        page.keyboard.press(then)
