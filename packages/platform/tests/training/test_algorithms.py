"""Algorithms kept, found, changed and removed, and what a job may make of one."""

import pytest

from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.training import algorithms
from maquette.training.algorithms import Channel, Content, Query, Requirement, check_flavour, specified
from maquette.training.flavours import Flavour
from maquette.training.parameters import Constraint, Declared
from maquette.training.specification import Parameter, Place, Specification
from maquette.workspaces import actions

DATA = Channel(name="data_url", kinds=("obs",))
TRAIN = Channel(name="train_url")


@pytest.fixture
def who(platform):
    user, workspace = actions.owner_of_all(platform)
    one = Identity(user, "admin", workspace, Role.OWNER, Proof.SESSION)
    store = GrantedStore(platform, Rights(platform), one)
    store.make_bucket("bkt")
    for key in ("code/train.py", "code/net/model.py"):
        store.put("bkt", key, [b"pass\n"])
    return one


def content(**changes):
    return Content(**{"code": "obs://bkt/code/", "boot_file": "train.py", "engine": "sklearn", **changes})


def make(ctx, who, name="iris", description="", **changes):
    return algorithms.create(ctx, who, name, description, content(**changes))


def test_an_algorithm_is_found_by_its_id_in_its_workspace_only(platform, who):
    made = make(platform, who, inputs=(DATA,), search=None)
    assert algorithms.find(platform, who.workspace_id, made.id) == made
    assert made.content.inputs == (DATA,)
    with pytest.raises(NotFound):
        algorithms.find(platform, "elsewhere", made.id)


def test_algorithms_are_searched_sorted_and_paged(platform, who, clock):
    for name in ("b_net", "a%net", "cnet"):
        clock.pass_seconds(1)
        make(platform, who, name.replace("%", "-"), description=f"about {name}")

    def names(**query):
        found, total = algorithms.list_algorithms(platform, who.workspace_id, Query(**query))
        return [one.name for one in found], total

    assert names() == (["cnet", "a-net", "b_net"], 3)
    assert names(sort="name", descending=False) == (["a-net", "b_net", "cnet"], 3)
    assert names(text="_NET") == (["b_net"], 1)
    assert names(text="%") == ([], 0)
    assert names(description="a%n") == (["a-net"], 1)
    assert names(offset=1, limit=1) == (["a-net"], 3)
    assert algorithms.list_algorithms(platform, "elsewhere", Query()) == ([], 0)


def test_a_change_is_of_all_and_names_stay_apart(platform, who, clock):
    made, other = make(platform, who), make(platform, who, "other")
    clock.pass_seconds(5)
    changed = algorithms.change(platform, made, "iris2", "better", content(boot_file="net/model.py"))
    assert (changed.name, changed.description, changed.content.boot_file) == ("iris2", "better", "net/model.py")
    assert changed.updated_at == made.updated_at + 5
    with pytest.raises(Conflict, match="'iris2' already"):
        make(platform, who, "iris2")
    with pytest.raises(Conflict, match="'iris2' already"):
        algorithms.change(platform, other, "iris2", "", content())
    algorithms.remove(platform, changed)
    with pytest.raises(NotFound):
        algorithms.find(platform, who.workspace_id, made.id)


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("a b", {}, "is no name here"),
        ("x", {"boot_file": "missing.py"}, "'missing.py' is not in obs://bkt/code/. Choose one of train.py"),
        ("x", {"code": "obs://bkt/nothing/"}, "There is no code at"),
        ("x", {"code": "obs://nowhere/code/"}, "nowhere"),
        ("x", {"engine": "nosuch-1.0"}, "No engine is called 'nosuch-1.0'"),
        ("x", {"engine": "Caffe-1.0.0-python2.7"}, "cannot run here"),
        ("x", {"inputs": (Channel(name="1x"),)}, "no name of an input"),
        ("x", {"inputs": (DATA,), "outputs": (Channel(name="data_url"),)}, "Two inputs or outputs"),
        ("x", {"inputs": (Channel(name="x", kinds=("swr",)),)}, "obs or dataset"),
        ("x", {"requirements": (Requirement(key="colour", values=("red",)),)}, "nothing that an algorithm can require"),
        ("x", {"requirements": (Requirement(key="flavor_type", values=("TPU",)),)}, "CPU, GPU, Ascend"),
        ("x", {"requirements": (Requirement(key="flavor_type", values=()),)}, "CPU, GPU, Ascend"),
        ("x", {"parameters": (Declared(name="lr", value="x", constraint=Constraint(type="Float")),)}, "a number"),
        ("x", {"search": {"reward_attrs": []}}, "auto_search"),
    ],
)
def test_what_no_job_could_run_is_refused_and_not_kept(platform, who, name, changes, told):
    with pytest.raises(BadInput, match=told):
        make(platform, who, name, **changes)
    assert algorithms.list_algorithms(platform, who.workspace_id, Query())[1] == 0


# ── by a job ─────────────────────────────────────────────────────────────────────────────────────


ASKED = Specification(
    code="",
    parameters=(Parameter(name="lr", value="0.5"),),
    inputs=(Place(name="data_url", address="obs://bkt/data/"),),
    outputs=(Place(name="train_url", address="obs://bkt/out/"),),
    nodes=2,
)
LR = Declared(name="lr", value="0.1", constraint=Constraint(type="Float"))


def test_a_job_runs_the_algorithms_code_with_its_own_places(platform, who):
    made = make(platform, who, parameters=(LR,), inputs=(DATA,), outputs=(TRAIN,))
    spec = specified(made, ASKED, True)
    assert (spec.code, spec.boot_file, spec.engine, spec.algorithm) == (
        "obs://bkt/code/",
        "train.py",
        "sklearn",
        made.id,
    )
    assert (spec.parameters, spec.inputs, spec.outputs, spec.nodes) == (
        ASKED.parameters, ASKED.inputs, ASKED.outputs, 2,
    )  # fmt: skip
    assert specified(made, ASKED, False).parameters == (Parameter(name="lr", value="0.1"),)


@pytest.mark.parametrize(
    ("declared", "changes", "told"),
    [
        ({"inputs": (DATA,)}, {"inputs": ()}, "wants the input 'data_url'"),
        ({"inputs": (DATA,)}, {"inputs": (Place(name="data_url"),)}, "wants the input 'data_url'"),
        ({}, {}, "has no input 'data_url'. It has none"),
        ({"inputs": (DATA,)}, {}, "has no output 'train_url'"),
        ({"inputs": (Channel(name="data_url", kinds=("dataset",)),)}, {}, "takes a data set"),
        ({"inputs": (DATA,)}, {"inputs": (Place(name="data_url", dataset="d"),)}, "takes a folder in a bucket"),
        ({"inputs": (DATA,), "outputs": (TRAIN,), "customization": False}, {}, "no parameter 'lr'"),
    ],
)
def test_what_the_algorithm_does_not_take_is_told_by_its_name(platform, who, declared, changes, told):
    made = make(platform, who, **declared)
    with pytest.raises(BadInput, match=told):
        specified(made, ASKED.model_copy(update=changes), True)


@pytest.mark.parametrize(
    ("requirements", "gpus", "nodes", "told"),
    [
        ({}, 1, 4, None),
        ({"flavor_type": ("CPU",)}, 0, 1, None),
        ({"flavor_type": ("CPU",)}, 1, 1, "a flavour of CPU"),
        ({"flavor_type": ("GPU", "Ascend")}, 0, 1, "a flavour of GPU or Ascend"),
        ({"flavor_type": ("Ascend",)}, 0, 1, None),
        ({"device_distributed_mode": ("singular",)}, 2, 1, "one GPU only"),
        ({"device_distributed_mode": ("multiple", "singular")}, 2, 1, None),
        ({"host_distributed_mode": ("singular",)}, 0, 2, "one node only"),
        ({"host_distributed_mode": ("multiple",)}, 0, 1, None),
    ],
)
def test_a_flavour_has_to_be_what_the_algorithm_requires(platform, who, requirements, gpus, nodes, told):
    needed = tuple(Requirement(key=key, values=values) for key, values in requirements.items())
    made, flavour = make(platform, who, requirements=needed), Flavour("f", 2, 1 << 30, gpus)
    if told is None:
        check_flavour(made, flavour, nodes)
    else:
        with pytest.raises(BadInput, match=told):
            check_flavour(made, flavour, nodes)
