"""What an import would find, told before it is made."""

import io
import json
import zipfile

import pytest

from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.models import candidates, registry
from maquette.models.importing import Import
from maquette.training import jobs
from maquette.training.specification import Place, Specification

from .test_registry import CONFIG, PACKAGE, SERVICE, imported, put, who  # noqa: F401 -- fixtures

INSIDE = {f"model/{name}": text for name, text in PACKAGE.items()}


@pytest.fixture
def judge(platform, who):  # noqa: F811
    def call(address="", **given):
        found = candidates.judge(platform, who, Import(address=address, **given))
        assert list(platform.settings.home.models.iterdir()) == []
        assert registry.list_models(platform, who.workspace_id, registry.Query())[1] == 0
        return found

    return call


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def codes(found):
    return [finding["code"] for finding in found["findings"]]


@pytest.mark.parametrize("files", [PACKAGE, INSIDE, {"a.zip": zipped(PACKAGE)}, {"a.zip": zipped(INSIDE)}])
def test_a_sound_package_is_told_wherever_it_lies_and_nothing_is_imported(put, judge, files):  # noqa: F811
    found = judge(put("out/", files) + ("a.zip" if "a.zip" in files else ""))
    assert (found["sound"], found["has_config"], found["model_type"]) == (True, True, "PyTorch")
    assert (found["files"], found["size_bytes"]) == (3, sum(map(len, PACKAGE.values())))
    assert found["config"] == CONFIG
    assert found["engine"]["match"] in ("exact", "near")


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"customize_service.py": "class Flowers(:\n"}, "syntax-error", ("customize_service.py", 1)),
        ({"config.json": '{"model_type": "PyTorch",\n "runtime": }'}, "json-syntax", ("config.json", 2)),
        ({"customize_service.py": None}, "missing-service", (None, None)),
        ({"config.json": None}, "missing-config", (None, None)),
        ({"flowers.pth": ""}, "empty-file", ("flowers.pth", None)),
    ],
)
def test_what_is_wrong_has_its_place_and_its_fix(put, judge, change, code, place):  # noqa: F811
    files = {name: text for name, text in {**PACKAGE, **change}.items() if text is not None}
    found = judge(put("bad/", files))
    [finding] = [one for one in found["findings"] if one["code"] == code]
    assert (finding["file"], finding["line"]) == place
    assert finding["fix"]


def test_what_the_import_says_besides_counts_already(put, judge):  # noqa: F811
    weights = put("weights/", {"flowers.pth": "weights"})
    code = put("code/", {"infer.py": SERVICE}) + "infer.py"
    with pytest.raises(BadInput):
        judge(put("none/", {"readme.txt": "no package"}))
    assert not judge(weights)["sound"]
    found = judge(weights, model_type="PyTorch", runtime="python3.7", execution_code=code)
    assert (found["sound"], found["engine"]["asked"]) == (True, "PyTorch python3.7")
    assert found["config"] == {"model_type": "PyTorch", "runtime": "python3.7"}


def test_a_config_that_cannot_be_read_is_told_even_where_the_import_says_its_engine(put, judge, imported):  # noqa: F811
    where = put("bad/", {**PACKAGE, "config.json": '{"model_type": '})
    assert "json-syntax" in codes(judge(where, model_type="PyTorch"))
    model = imported(where, model_type="PyTorch")
    assert "config.json" in model.error
    assert "Maquette itself" not in model.error


def test_a_jobs_output_is_looked_into_where_its_model_lies(platform, put, judge, who):  # noqa: F811
    put("code/", {"train.py": "print()"})
    outputs = (Place(name="train_url", address="obs://pets/out/"),)
    spec = Specification(dialect="v1", code="obs://pets/code/", boot_file="train.py", engine="sklearn", outputs=outputs)
    job = jobs.create_job(platform, who, "train", specification=spec)
    put("out/V0001/", {"events.out": "x", **INSIDE})
    found = judge(job=job.id)
    assert (found["sound"], found["files"], found["address"]) == (True, 3, "obs://pets/out/V0001/")


PICKLED = b"\x80\x02c__main__\nNet\n)\x81."
"""An object of a script's own class, saved whole."""


@pytest.mark.parametrize("size", [0, 40 << 20])
def test_weights_that_hold_a_class_of_the_script_are_found_however_large_they_are(put, judge, size):  # noqa: F811
    weights = zipped({"archive/data.pkl": PICKLED, "archive/data/0": bytes(size)})
    found = judge(put("out/", {**PACKAGE, "flowers.pth": weights}))
    assert "pickled-class" in codes(found)
    assert found["size_bytes"] > size


@pytest.mark.parametrize(
    ("given", "told", "field"),
    [
        ({"address": "obs://pets/nothing/"}, NotFound, "source_location"),
        ({"address": "pets"}, BadInput, "source_location"),
        ({"address": ""}, BadInput, "source_location"),
        ({"address": "obs://pets/out/", "model_type": "Keras"}, BadInput, "model_type"),
        ({"address": "obs://pets/out/", "mode": "guess"}, BadInput, "template"),
        ({"address": "obs://pets/out/", "execution_code": "obs://pets/nothing.py"}, NotFound, "execution_code"),
        ({"address": "obs://pets/bad.zip"}, BadInput, "source_location"),
        ({"address": "obs://pets/text/"}, BadInput, "source_location"),
    ],
)
def test_what_cannot_be_looked_into_is_told_by_its_field_and_by_no_path_of_ours(
    platform, put, judge, given, told, field  # noqa: F811
):  # fmt: skip
    put("out/", PACKAGE)
    put("", {"bad.zip": "no zip", "text/readme.txt": "no package"})
    with pytest.raises(told) as caught:
        judge(**given)
    assert caught.value.parameters["field"] == field
    assert str(platform.settings.home.path) not in caught.value.message


def test_a_failed_import_names_the_place_that_the_user_knows(platform, put, imported):  # noqa: F811
    model = imported(put("text/", {"readme.txt": "no package"}))
    assert "obs://pets/text/" in model.error
    assert str(platform.settings.home.path) not in model.error


def test_too_much_is_refused_instead_of_waited_for(put, judge, monkeypatch):  # noqa: F811
    where = put("out/", PACKAGE)
    monkeypatch.setattr(candidates, "MOST_FILES", 2)
    with pytest.raises(Refused, match="2 files"):
        judge(where)
    monkeypatch.setattr(candidates, "LARGEST_ZIP", 10)
    with pytest.raises(Refused, match="too much"):
        judge(put("", {"a.zip": zipped(PACKAGE)}) + "a.zip")


def test_a_name_that_no_file_can_have_beside_another_is_left_out_as_an_import_does(put, judge):  # noqa: F811
    assert judge(put("out/", {**PACKAGE, "notes/a": "x"}))["sound"]


def test_json_is_all_that_is_told(put, judge):  # noqa: F811
    assert json.loads(json.dumps(judge(put("out/", PACKAGE))))["sound"]
