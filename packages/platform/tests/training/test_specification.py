"""What can be told of a specification without looking anywhere."""

import pytest

from maquette.kernel.errors import BadInput
from maquette.training.specification import Parameter, Place, Specification, check_name, check_specification

GOOD = {
    "code": "obs://bkt/code/",
    "boot_file": "train.py",
    "inputs": (Place(name="data_url", address="obs://bkt/data/"),),
    "outputs": (Place(name="train_url", address="obs://bkt/out/"),),
}


def check(**changes):
    check_specification(Specification(**{**GOOD, **changes}))


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"code": "code/"}, "code_dir", "is not an address"),
        ({"code": "obs://B!/x"}, "code_dir", "names no bucket"),
        ({"boot_file": ""}, "boot_file", "inside the code folder"),
        ({"boot_file": "/etc/passwd"}, "boot_file", "inside the code folder"),
        ({"boot_file": "../train.py"}, "boot_file", "inside the code folder"),
        ({"boot_file": "train.sh"}, "boot_file", "not a Python file"),
        ({"command": "x" * 10_001}, "command", "Put it into a script"),
        ({"working_dir": "/etc"}, "working_dir", "no folder that a job may have"),
        ({"working_dir": "/home/ma-user/../../etc"}, "working_dir", "no folder"),
        ({"working_dir": "/cache"}, "working_dir", "no folder"),
        ({"inputs": (Place(name="data url"),)}, "name", "no name of an input"),
        ({"inputs": (Place(name="train_url"),)}, "train_url", "Two inputs or outputs"),
        ({"inputs": (Place(name="data_url", address="data"),)}, "data_url", "is not an address"),
        ({"inputs": (Place(name="my-data", as_variable=True),)}, "my-data", "is no name of a variable"),
        ({"inputs": (Place(name="data_url", local_dir="/data"),)}, "data_url", "Use one below /cache"),
        ({"outputs": (Place(name="train_url", address="obs://bkt/data/"),)}, "train_url", "lies inside the input"),
        ({"outputs": (Place(name="train_url", address="obs://bkt/data/run1/"),)}, "train_url", "lies inside the input"),
        ({"environment": {"1A": "x"}}, "environments", "no name of a variable"),
        ({"environment": {f"V{number}": "" for number in range(101)}}, "environments", "at most 100"),
        ({"log": "here"}, "log_export_path", "is not an address"),
    ],
)
def test_what_is_wrong_is_told_by_its_field_and_with_the_fix(changes, field, told):
    with pytest.raises(BadInput, match=told) as refused:
        check(**changes)
    assert refused.value.parameters["field"] == field


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code": "snapshot:abc"},
        {"boot_file": "", "command": "python train.py"},
        {"boot_file": "src/train.pyc"},
        {"working_dir": "/home/ma-user/work"},
        {"outputs": (Place(name="train_url", address="obs://bkt/data2/"),)},
        {"inputs": (Place(name="data_url", address="obs://bkt/data/", local_dir="/cache/data"),)},
    ],
)
def test_what_a_job_may_be_is_let_through(changes):
    check(**changes)


@pytest.mark.parametrize("name", ["", "a b", "名", "x" * 65, "a/b", "a\n"])
def test_a_name_that_is_none(name):
    with pytest.raises(BadInput, match="is no name here"):
        check_name(name, "name")


@pytest.mark.parametrize(("name", "seed"), [("seed", "7"), ("Random_Seed", "7"), ("manual_seed", "7"), ("speed", None)])
def test_the_seed_is_a_parameter_of_that_name(name, seed):
    assert Specification(**GOOD, parameters=(Parameter(name=name, value="7"),)).seed == seed
