"""Models as rows: imported from buckets, zips and jobs, versioned, listed, removed; and what a worker makes of them."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.models import registry
from maquette.models.importing import Import, next_version, read_location, read_version
from maquette.models.registry import Query, Status, folder_of
from maquette.models.work import Imports
from maquette.runs.queue import this_worker
from maquette.training import jobs
from maquette.training.specification import Place, Specification
from maquette.workspaces import actions as workspaces

SERVICE = """from model_service.pytorch_model_service import PTServingBaseService

class Flowers(PTServingBaseService):
    def _inference(self, data):
        return data
"""
CONFIG = {
    "model_type": "PyTorch", "runtime": "python3.6", "model_algorithm": "image_classification",
    "apis": [{"url": "/", "method": "post", "protocol": "https",
              "request": {"Content-type": "multipart/form-data",
                          "data": {"type": "object", "properties": {"images": {"type": "file"}}}},
              "response": {"Content-type": "application/json",
                           "data": {"type": "object", "properties": {"label": {"type": "string"}}}}}],
}  # fmt: skip
PACKAGE = {"config.json": json.dumps(CONFIG), "customize_service.py": SERVICE, "flowers.pth": "weights"}


@pytest.fixture
def who(platform):
    user_id, workspace_id = workspaces.owner_of_all(platform)
    return Identity(user_id, "admin", workspace_id, Role.OWNER, Proof.SESSION)


@pytest.fixture
def put(platform, who):
    store = GrantedStore(platform, Rights(platform), who)
    store.make_bucket("pets")

    def call(prefix, files):
        for name, content in files.items():
            store.put("pets", prefix + name, [content.encode() if isinstance(content, str) else content])
        return f"obs://pets/{prefix}"

    return call


@pytest.fixture
def imported(platform, who):
    """Imports a model, lets a worker bring it in, and returns it as it then is."""

    def call(address, name="flowers", version="", **given):
        made = registry.import_model(platform, who, name, version, Import(address=address, **given))
        bring_in(platform)
        return registry.find_model(platform, who.workspace_id, made.id)

    return call


def bring_in(platform):
    imports = Imports(platform, this_worker(platform))
    imports.step()
    imports.close()


def test_a_model_is_brought_in_though_the_clock_was_set_back(platform, who, put):
    imports = Imports(platform, this_worker(platform))
    imports.step()
    made = registry.import_model(platform, who, "flowers", "", Import(address=put("out/model/", PACKAGE)))
    platform.clock.pass_seconds(-3600)
    imports.step()
    imports.close()
    assert registry.find_model(platform, who.workspace_id, made.id).status is Status.PUBLISHED


def frozen(platform, model):
    return {path.name: path.read_text() for path in folder_of(platform, model.id).rglob("*") if path.is_file()}


def test_a_folder_of_a_bucket_becomes_a_model_that_no_later_change_reaches(platform, put, imported):
    model = imported(put("out/model/", PACKAGE))
    assert (model.status, model.version, model.model_type, model.error) == (Status.PUBLISHED, "0.0.1", "PyTorch", "")
    assert (model.files, model.size_bytes) == (3, sum(map(len, PACKAGE.values())))
    put("out/model/", {"flowers.pth": "other weights"})
    assert frozen(platform, model) == PACKAGE
    assert model.report["sound"]
    assert model.report["engine"]["match"] in ("exact", "near")


def test_the_parent_of_the_model_folder_does_as_well(put, imported, platform):
    assert frozen(platform, imported(put("out/", {f"model/{name}": text for name, text in PACKAGE.items()}))) == PACKAGE


def test_a_zip_is_unpacked_and_one_that_leads_out_of_its_folder_is_refused(put, imported, platform):
    for names, status in ((PACKAGE, Status.PUBLISHED), ({**PACKAGE, "../evil.py": "x"}, Status.FAILED)):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in names.items():
                archive.writestr(name, text)
        model = imported(put("zips/", {"model.zip": packed.getvalue()}) + "model.zip")
        assert model.status is status, model.error
    assert "leads out" in model.error
    assert not list(platform.settings.home.models.glob("**/evil.py"))


def test_what_is_missing_is_told_without_a_place(put, imported):
    model = imported(put("bare/", {"config.json": json.dumps({**CONFIG, "model_type": "TensorFlow"})}))
    assert model.status is Status.FAILED
    assert model.error.startswith("TensorFlow packages without customize_service.py hold a saved_model.pb")


def test_a_package_that_is_not_sound_fails_and_what_was_found_is_kept(put, imported, platform):
    model = imported(put("bad/", {**PACKAGE, "customize_service.py": "class Flowers(:\n"}))
    assert model.status is Status.FAILED
    assert "customize_service.py" in model.error
    assert "syntax-error" in [finding["code"] for finding in model.report["findings"]]
    assert not folder_of(platform, model.id).exists()


def test_what_the_import_says_wins_over_config_json(put, imported, platform):
    model = imported(put("out/", PACKAGE), runtime="pytorch1.4-python3.7", metrics={"accuracy": 0.9})
    config = json.loads(frozen(platform, model)["config.json"])
    assert (config["runtime"], config["metrics"], config["apis"]) == (
        "pytorch1.4-python3.7", {"accuracy": 0.9}, CONFIG["apis"],
    )  # fmt: skip


def test_weights_alone_become_a_model_with_a_configuration_and_code_from_elsewhere(put, imported, platform):
    weights = put("weights/", {"flowers.pth": "weights"})
    code = put("code/", {"infer.py": SERVICE}) + "infer.py"
    model = imported(weights, initial_config=json.dumps(CONFIG), execution_code=code)
    assert model.status is Status.PUBLISHED, model.error
    assert frozen(platform, model)["customize_service.py"] == SERVICE


def test_a_training_jobs_output_is_found_by_its_version_and_its_origin_is_kept(put, imported, platform, who):
    put("code/", {"train.py": "print()"})
    spec = Specification(
        dialect="v1", code="obs://pets/code/", boot_file="train.py", engine="sklearn",
        outputs=(Place(name="train_url", address="obs://pets/out/"),),
    )  # fmt: skip
    job = jobs.create_job(platform, who, "train", specification=spec)
    put("out/V0001/", {"events.out": "x", **{f"model/{name}": text for name, text in PACKAGE.items()}})
    for named in (job.id, str(job.number)):
        model = imported("", job=named)
        assert (model.status, model.request.job, model.request.job_version) == (Status.PUBLISHED, job.id, "V0001")
        assert frozen(platform, model) == PACKAGE


def test_versions_count_up_and_none_is_there_twice(put, imported, platform, who):
    where = put("out/", PACKAGE)
    assert [imported(where).version, imported(where, version="0.0.9").version] == ["0.0.1", "0.0.9"]
    assert imported(where).version == "0.0.10"
    with pytest.raises(Conflict, match="already"):
        imported(where, version="0.0.9")
    found, total = registry.list_models(platform, who.workspace_id, Query(exact="flowers", sort="version"))
    assert ([model.version for model in found], total) == (["0.0.10", "0.0.9", "0.0.1"], 3)


@pytest.mark.parametrize(
    ("newest", "following"), [(None, "0.0.1"), ((0, 0, 99), "0.1.0"), ((0, 99, 99), "1.0.0"), ((1, 2, 3), "1.2.4")]
)
def test_the_next_version_follows_the_newest(newest, following):
    assert next_version(newest) == following


@pytest.mark.parametrize("text", ["01.01.01", "1.2", "1.2.3.4", "100.0.0", "a.b.c", "", "1.2.3 "])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(BadInput, match="is no version"):
        read_version(text)


@pytest.mark.parametrize(
    "text",
    [
        "obs://pets/out/model/", "s3://pets/out/model/", "/pets/out/model/", "pets/out/model/",
        "https://pets.obs.cn-north-4.example/out/model/", "https://obs.cn-north-4.example/pets/out/model/",
    ],
)  # fmt: skip
def test_every_spelling_of_a_place_in_a_bucket_is_understood(text):
    found = read_location(text, "source_location")
    assert (found.bucket, found.key) == ("pets", "out/model/")


def test_what_cannot_be_imported_is_told_by_its_field_and_nothing_is_kept(put, platform, who):
    where = put("out/", PACKAGE)
    for given, name, field in (
        (Import(address="obs://pets/none/"), "flowers", "source_location"),
        (Import(address=""), "flowers", "source_location"),
        (Import(address=where), "flo wers", "model_name"),
        (Import(address=where, model_type="Torch"), "flowers", "model_type"),
        (Import(address=where, initial_config="{"), "flowers", "initial_config"),
        (Import(address=where, execution_code="obs://pets/none.py"), "flowers", "execution_code"),
        (Import(address=where, install_types=("cloud",)), "flowers", "install_type"),
        (Import(address=where, mode="video"), "flowers", "template"),
    ):
        with pytest.raises((BadInput, NotFound)) as caught:
            registry.import_model(platform, who, name, "", given)
        assert caught.value.parameters["field"] == field
    assert registry.list_models(platform, who.workspace_id, Query()) == ([], 0)


def test_an_import_whose_worker_has_died_is_brought_in_by_the_next(put, platform, who):
    registry.import_model(platform, who, "flowers", "", Import(address=put("out/", PACKAGE)))
    dead = Imports(platform, this_worker(platform))
    [model] = dead.waiting()
    boot, _, rest = dead.worker.owner.partition("/")
    dead.worker = type(dead.worker)(dead.worker.place, f"{boot}/{2**22 - 1}/1/{rest}")
    assert dead.claim(model)
    (platform.settings.home.models / model.id).mkdir(parents=True)  # it died in the middle
    bring_in(platform)
    model = registry.find_model(platform, who.workspace_id, model.id)
    assert (model.status, frozen(platform, model)) == (Status.PUBLISHED, PACKAGE)


def test_a_version_is_removed_with_its_package_and_all_of_them_by_cascade(put, imported, platform, who):
    where = put("out/", PACKAGE)
    first, second, third = (imported(where) for _ in range(3))
    assert registry.remove_models(platform, first) == ([first.id], [])
    assert not folder_of(platform, first.id).exists()
    removed, kept = registry.remove_models(platform, second, all_versions=True)
    assert (set(removed), kept) == ({second.id, third.id}, [])
    assert list(platform.settings.home.models.iterdir()) == []


def test_models_are_found_by_part_of_a_name_and_by_type(put, imported, platform, who):
    where = put("out/", PACKAGE)
    for name in ("flowers", "flow_2", "pets"):
        imported(where, name=name)
    for query, names in (
        (Query(name="low"), ["flow_2", "flowers"]), (Query(name="w_"), ["flow_2"]), (Query(exact="pets"), ["pets"]),
        (Query(not_model_type="PyTorch"), []), (Query(status="published", limit=1), ["flow_2"]),
    ):  # fmt: skip
        found, _ = registry.list_models(platform, who.workspace_id, replace(query, sort="name", descending=False))
        assert [model.name for model in found] == names
