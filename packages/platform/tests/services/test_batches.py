"""What a batch may be: its model's api, its inputs and its output are looked at before anything is kept."""

import json
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from maquette.kernel.errors import BadInput, Conflict, MaquetteError
from maquette.services import batches, registry, rolling
from maquette.services.batches import Batch, Phase, Progress
from maquette.services.deployment import InferType, Query, Status

FILES = {"image": {"type": "file"}}
NUMBERS = {"n": {"type": "number"}, "word": {"type": "string"}}


@pytest.fixture
def clock():
    """Workers renew their leases by the real time."""
    return time.time


@pytest.fixture
def deploy(floor):
    """`deploy(properties, …)`: a batch of a model whose api takes these, over a folder with a picture and a table."""
    models = {}
    for key in ("in/a.jpg", "in/a.csv"):
        floor.store.put("pets", key, [b"1,2"])
    floor.store.put("pets", "list", [b'{"source": "obs://pets/in/a.jpg"}\n'])

    def model(properties):
        request = {"Content-type": "application/json", "data": {"type": "object", "properties": properties}}
        return floor.model("return 1", apis=[{"url": "/", "method": "post", "request": request}])

    def call(properties=None, name="night", **given):
        properties = FILES if properties is None else properties
        key = json.dumps(properties)
        models[key] = models.get(key) or model(properties)
        given = {"model_id": models[key], "src_path": "obs://pets/in/", "dest_path": "obs://pets/out/", **given}
        return batches.deploy(floor.ctx, floor.who, name, Batch(**given), "All of them.")

    return call


def test_what_a_batch_is_has_been_completed_by_its_model(deploy, floor):
    service = deploy(instances=2, variables={"A": "1"}, specification="modelarts.vm.cpu.2u")
    assert (service.infer_type, service.status) == (InferType.BATCH, Status.DEPLOYING)
    told = batches.batch_of(floor.again(service))
    assert (told.mapping_type, told.part, told.req_uri) == ("file", "image", "/")
    assert (told.instances, told.variables, told.specification) == (2, {"A": "1"}, "modelarts.vm.cpu.2u")
    assert batches.progress(floor.ctx, service) == Progress(Phase.LISTING)
    query = Query(infer_type="batch")
    assert [one.id for one in registry.list_all(floor.ctx, floor.who.workspace_id, query)[0]] == [service.id]
    assert batches.failures(floor.ctx, service) == ([], 0)


def test_a_model_that_takes_json_is_given_the_columns_in_order(deploy):
    told = batches.batch_of(deploy(NUMBERS))
    assert told.mapping_type == "csv"
    assert [one["index"] for one in told.mapping_rule["properties"].values()] == [0, 1]


def test_a_batch_is_not_put_to_sleep(deploy):
    service, ready = replace(deploy(), status=Status.RUNNING), [SimpleNamespace(ready_at=1.0)]
    later = service.transition_at + 10_000
    assert not rolling.may_sleep(service, ready, later, 60.0)
    assert rolling.may_sleep(replace(service, infer_type=InferType.REAL_TIME), ready, later, 60.0)


def test_a_rule_is_kept_as_it_counts(deploy):
    rule = {"type": "object", "properties": {"n": {"type": "number", "index": 1}, "word": {"type": "string"}}}
    told = batches.batch_of(deploy(NUMBERS, mapping_rule={"data": rule}, mapping_type="csv"))
    assert told.mapping_rule == rule


REFUSED = [
    ({"src_path": "obs://pets/empty/"}, None, "src_path", "obs://pets/empty/ names no file"),
    ({"src_path": "obs://dogs/in/"}, None, "src_path", "no bucket 'dogs'"),
    ({"src_path": ""}, None, "src_path", "names no bucket"),
    ({"dest_path": "obs://dogs/out/"}, None, "dest_path", "no bucket 'dogs'"),
    ({"dest_path": "obs:/pets/out/"}, None, "dest_path", "Did you mean"),
    ({"src_type": "Manifest"}, None, "src_type", "ManifestFile"),
    ({"src_type": "ManifestFile"}, None, "src_path", "no manifest obs://pets/in/"),
    ({"src_type": "ManifestFile", "src_path": "obs://pets/in/a.csv"}, None, "src_path", "line 1 of"),
    ({"req_uri": "/other"}, None, "req_uri", "no api '/other'; req_uri is one of '/'"),
    ({"mapping_type": "xml"}, None, "mapping_type", "one of file, csv"),
    ({"mapping_type": "file"}, NUMBERS, "mapping_type", "has no file"),
    ({}, {**FILES, "mask": {"type": "file"}}, "mapping_type", "has files image and mask"),
    ({"mapping_type": "csv"}, None, "mapping_type", "takes the file 'image'"),
    ({"mapping_rule": {"type": "number", "index": -1}}, NUMBERS, "mapping_rule", "maps no column"),
    ({}, {}, "mapping_rule", "maps no column"),
    ({"instances": 0}, None, "instance_count", "1 to 64"),
    ({"variables": {"a b": "1"}}, None, "envs", "'a b'"),
    ({"specification": "no flavour"}, None, "specification", "no flavour"),
]


def test_a_batch_that_cannot_be_is_refused_and_not_kept(deploy, floor):
    for given, properties, field, told in REFUSED:
        with pytest.raises(BadInput) as caught:
            deploy(properties, **given)
        assert caught.value.parameters["field"] == f"config.{field}", told
        assert told in caught.value.message
    assert registry.list_all(floor.ctx, floor.who.workspace_id, Query())[1] == 0


def test_a_csv_batch_needs_a_csv(deploy, floor):
    floor.store.delete("pets", "in/a.csv")
    with pytest.raises(BadInput, match=r"names no file ending in \.csv"):
        deploy(NUMBERS)


def test_a_manifest_may_be_the_source(deploy):
    assert batches.batch_of(deploy(src_type="ManifestFile", src_path="obs://pets/list")).src_type == "ManifestFile"


@pytest.mark.parametrize("spelled", ["obs://pets/out/", "s3://pets/out", "/pets/out/", "obs://pets//out/"])
def test_two_batches_that_go_on_never_share_the_folder_of_their_results(deploy, floor, spelled):
    first = deploy()
    with pytest.raises(Conflict, match="'night' goes on and puts its results into obs://pets/out/ too") as caught:
        deploy(name="day", dest_path=spelled)
    told = caught.value.parameters
    assert (told["field"], told["service"], told["id"]) == ("config.dest_path", "night", first.id)
    assert registry.list_all(floor.ctx, floor.who.workspace_id, Query())[1] == 1
    deploy(name="beside", dest_path="obs://pets/out/more/")


def test_the_folder_of_a_batch_that_has_ended_may_be_used_again_but_not_by_two(deploy, floor):
    first = deploy()
    batches.stop(floor.ctx, first)
    second = deploy(name="day")
    with pytest.raises(Conflict, match="'day' goes on"):
        batches.start(floor.ctx, first)
    batches.stop(floor.ctx, second)
    assert batches.start(floor.ctx, first).status is Status.DEPLOYING


def test_of_many_that_ask_at_once_one_gets_the_folder(deploy, floor):
    batches.stop(floor.ctx, deploy(name="before"))  # its model is there
    made, refused = [], []

    def attempt(number):
        try:
            made.append(deploy(name=f"night-{number}").name)
        except Conflict:
            refused.append(number)

    floor.together(*(partial(attempt, number) for number in range(8)))
    assert (len(made), len(refused)) == (1, 7)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65])
def test_a_name_that_is_none_is_refused(deploy, name):
    with pytest.raises(BadInput):
        deploy(name=name)


def test_a_name_is_taken_once(deploy):
    deploy()
    with pytest.raises(Conflict, match="night"):
        deploy()


def test_a_model_of_nobody_is_refused(deploy):
    with pytest.raises(MaquetteError, match="no model 'gone'"):
        deploy(model_id="gone")


def test_a_start_looks_at_the_inputs_again(deploy, floor):
    service = deploy()
    batches.stop(floor.ctx, service)
    for key in ("in/a.jpg", "in/a.csv"):
        floor.store.delete("pets", key)
    with pytest.raises(BadInput, match="names no file"):
        batches.start(floor.ctx, service)
    assert floor.again(service).status is Status.STOPPED


def test_a_change_of_a_stopped_batch_counts_from_its_next_start(deploy, floor):
    service = deploy()
    batches.stop(floor.ctx, service)
    other = Batch(service.targets[0].model_id, "obs://pets/list", "obs://pets/other", "ManifestFile")
    changed = batches.change(floor.ctx, floor.who, service, other, "Others.")
    assert (changed.description, changed.revision) == ("Others.", 2)
    assert batches.batch_of(changed).src_path == "obs://pets/list"
    with pytest.raises(BadInput):
        batches.change(floor.ctx, floor.who, service, Batch(other.model_id, "obs://pets/none/", "obs://pets/out"))


def test_a_batch_is_not_changed_as_an_online_service_is(deploy, floor):
    service = deploy()
    with pytest.raises(Conflict, match="is a batch service"):
        registry.change(floor.ctx, floor.who, service, service.targets)


@pytest.mark.parametrize(
    ("progress", "percent", "seconds_left"),
    [
        (Progress(Phase.LISTING), 0, None),
        (Progress(Phase.FEEDING, total=1000, done=990, failed=9, requests=999, rate=0.5), 99, 2.0),
        (Progress(Phase.FEEDING, total=4, done=1, requests=100, rate=10.0), 25, 30.0),
        (Progress(Phase.FEEDING, total=4, done=4, requests=4, rate=1.0), 99, 0.0),
        (Progress(Phase.ENDED, total=4, done=4), 100, None),
    ],
)
def test_what_is_left_is_told(progress, percent, seconds_left):
    assert (progress.percent, progress.seconds_left) == (percent, seconds_left)
