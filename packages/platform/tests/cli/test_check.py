import json
import os

import pytest
from click.testing import CliRunner

from maquette.cli.check import check
from maquette.kernel.errors import MaquetteError

SERVICE = (
    "from model_service.pytorch_model_service import PTServingBaseService\n\n\n"
    "class Pets(PTServingBaseService):\n    def _preprocess(self, data):\n        return data\n"
)
CONFIG = {
    "model_type": "PyTorch",
    "model_algorithm": "image_classification",
    "runtime": "pytorch_2.13.0-cpu-py_3.11-debian_12-x86_64",
    "apis": [
        {
            "url": "/",
            "method": "post",
            "request": {
                "Content-type": "multipart/form-data",
                "data": {"type": "object", "properties": {"images": {"type": "file"}}},
            },
        }
    ],
}


@pytest.fixture
def folder(tmp_path):
    model = tmp_path / "pets" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps(CONFIG))
    (model / "customize_service.py").write_text(SERVICE)
    (model / "best.pth").write_bytes(b"weights")
    return model.parent


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        return CliRunner().invoke(check, [*map(str, arguments), "--home", str(tmp_path / "home")])

    return call


def spoil(folder, text):
    (folder / "model" / "config.json").write_text(text)


def test_a_sound_package_ends_0_and_says_so(run, folder):
    done = run(folder)
    assert done.exit_code == 0
    assert "PyTorch · Pets · model_path /home/mind/model/best.pth" in done.output
    assert "engine PyTorch pytorch_2.13.0-cpu-py_3.11-debian_12-x86_64 → pytorch-2.13.0" in done.output
    assert done.output.rstrip().splitlines()[-1].startswith("Sound.")


def test_an_unsound_package_ends_1_with_place_reason_and_fix(run, folder):
    spoil(folder, json.dumps(CONFIG)[:-1] + ',\n"colour": "red",}')
    done = run(folder)
    assert done.exit_code == 1
    assert "config.json:2:16: A comma stands before the closing '}'." in done.output
    assert "→ Delete it." in done.output
    assert "Not sound: 1 error, 1 hint." in done.output
    assert f"`maquette check {folder} --fix` mends 1 of these in a copy." in done.output


def test_the_same_trouble_on_many_lines_is_told_once(run, folder):
    spoil(folder, "{" + "// why\n" * 12 + json.dumps(CONFIG)[1:])
    done = run(folder)
    assert done.output.count("JSON has no comments.") == 1
    assert "also in lines 2, 3, 4, 5, 6, 7, 8, 9 and 3 more" in done.output


def test_what_is_missing_in_many_places_is_told_by_its_fields(run, folder):
    apis = [{"url": "/a"}, {"url": "/b"}, {"url": "/c"}]
    spoil(folder, json.dumps({"model_type": "Image", "apis": apis}))
    assert "also at apis[1].request, apis[2].request\n" in run(folder).output


def test_json_is_one_object_with_everything(run, folder):
    told = json.loads(run(folder, "--json").output)
    assert told["sound"] is True
    assert told["service_class"] == "Pets"
    assert told["findings"] == []
    assert "fixed" not in told


def test_fix_mends_a_copy_and_tells_each_repair(run, folder):
    spoil(folder, json.dumps(CONFIG).replace('"url"', '"procotol": "http", "url"')[:-1] + ",}  // the end\n")
    done = run(folder, "--fix")
    assert done.exit_code == 0
    assert done.output.count("mended") == 4
    assert f"The mended copy is {folder}-fixed" in done.output
    assert json.loads((folder.with_name("pets-fixed") / "model" / "config.json").read_text())


def test_fix_with_json_tells_the_copy_and_the_repairs(run, folder, tmp_path):
    spoil(folder, json.dumps(CONFIG)[:-1] + ",}")
    told = json.loads(run(folder, "--fix", "--to", tmp_path / "copy", "--json").output)
    assert told["sound"] is True
    assert told["fixed"] == str(tmp_path / "copy")
    assert [repair["code"] for repair in told["repairs"]] == ["json-trailing-comma"]


def test_fix_of_what_cannot_be_mended_says_so_and_ends_1(run, folder):
    spoil(folder, json.dumps({**CONFIG, "model_type": "Darknet"}))
    done = run(folder, "--fix")
    assert done.exit_code == 1
    assert "Nothing can be mended with certainty." in done.output
    assert json.loads(run(folder, "--fix", "--json").output)["fixed"] is None


def test_a_package_without_config_takes_its_requests_as_the_mode_says(run, folder):
    (folder / "model" / "config.json").unlink()
    told = json.loads(run(folder, "--json", "--mode", "object-detection").output)
    assert told["mode"] == "object-detection"
    assert told["sound"] is True


def test_names_of_files_need_not_be_utf_8(run, folder):
    with open(os.fsencode(folder / "model") + "/图 1.txt".encode("gbk"), "wb") as file:
        file.write(b"cat")
    assert "has spaces in its path" in run(folder).output
    assert json.loads(run(folder, "--json").output)["sound"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["."],
        ["{folder}", "--engine", "pytorch", "--python", "python3"],
        ["{folder}", "--to", "copy"],
        ["{folder}", "--engine", "pytoch-1.4"],
        ["{folder}", "--python", "/nowhere/python"],
        ["{folder}", "--python", "{folder}/model/config.json"],
    ],
)
def test_slips_of_the_caller_are_usage_errors(run, folder, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*[argument.format(folder=folder) for argument in arguments])
    assert isinstance(done.exception, MaquetteError)
    assert done.exception.exit_code == 2


def test_an_unknown_engine_of_the_callers_own_is_named(run, folder):
    done = run(folder, "--engine", "pytoch-1.4")
    assert isinstance(done.exception, MaquetteError)
    assert "pytoch-1.4" in done.exception.message
