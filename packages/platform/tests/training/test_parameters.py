"""Parameters of algorithms: what may be declared, and what a job may give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.kernel.errors import BadInput
from maquette.training.parameters import Constraint, Declared, check_declared, settle
from maquette.training.specification import Parameter


def declared(name="lr", value="0.1", **constraint):
    return Declared(name=name, value=value, constraint=Constraint(**constraint))


LR = declared(type="Float", required=True, valid_type="Range", valid_range=("0.001", "1"))
EPOCHS = declared("epochs", "3", type="Integer")
NET = declared("net", "resnet18", required=True, editable=False)
KIND = declared("optimizer", "", type="String", valid_type="Choice", valid_range=("sgd", "adam"))
FLIP = declared("flip", "true", type="Boolean")
ALL = (LR, EPOCHS, NET, KIND, FLIP)


def given_as(**values):
    return [Parameter(name=name, value=value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("parameters", "field", "told"),
    [
        ([declared("a b")], "parameters", "no name"),
        ([declared(""), declared("x")], "parameters", "no name"),
        ([declared("x" * 65)], "parameters", "1 to 64"),
        ([LR, LR], "lr", "Two parameters are called 'lr'"),
        ([declared(value="fast", type="Float")], "lr", "a number, not 'fast'"),
        ([declared(value="1.5", type="Integer")], "lr", "a whole number"),
        ([declared(value="yes", type="Boolean")], "lr", "true or false"),
        ([declared(value="nan", type="Float")], "lr", "a number, not 'nan'"),
        ([declared(value="2", type="Float", valid_type="Range", valid_range=("0", "1"))], "lr", "from 0 to 1"),
        ([declared(type="Float", valid_type="Range", valid_range=("1", "0"))], "lr", "lowest and its highest"),
        ([declared(type="Float", valid_type="Range", valid_range=("1",))], "lr", "lowest and its highest"),
        ([declared(type="Float", valid_type="Range", valid_range=("a", "b"))], "lr", "lowest and its highest"),
        ([declared(type="String", valid_type="Range", valid_range=("0", "1"))], "lr", "has no range"),
        ([declared(valid_type="Choice")], "lr", "no choices"),
        ([declared(type="Integer", value="", valid_type="Choice", valid_range=("1", "b"))], "lr", "a whole number"),
        ([declared(value="c", valid_type="Choice", valid_range=("a", "b"))], "lr", "Choose one of a, b"),
        ([declared(value="", required=True, editable=False)], "lr", "give it a value here"),
    ],
)
def test_what_no_job_could_give_is_refused_by_the_parameters_name(parameters, field, told):
    with pytest.raises(BadInput, match=told) as refused:
        check_declared(parameters)
    assert refused.value.parameters["field"] == field


def test_all_kinds_and_ranges_may_be_declared():
    check_declared(ALL)


@pytest.mark.parametrize(
    ("values", "settled"),
    [
        (None, {"lr": "0.1", "epochs": "3", "net": "resnet18", "flip": "true"}),
        ({}, {"lr": "0.1", "net": "resnet18"}),
        ({"epochs": "5", "lr": "0.5"}, {"lr": "0.5", "epochs": "5", "net": "resnet18"}),
        ({"net": "resnet18", "optimizer": "adam"}, {"lr": "0.1", "net": "resnet18", "optimizer": "adam"}),
        ({"flip": "False", "epochs": ""}, {"lr": "0.1", "epochs": "", "net": "resnet18", "flip": "False"}),
    ],
)
def test_required_ones_have_their_own_value_and_others_left_out_are_not_passed(values, settled):
    found = settle(ALL, None if values is None else given_as(**values), customization=False)
    assert {one.name: one.value for one in found} == settled
    assert [one.name for one in found] == list(settled)


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"lr": "2"}, "lr", "out of its range. Give a number from 0.001 to 1"),
        ({"lr": ""}, "lr", "is required"),
        ({"epochs": "many"}, "epochs", "a whole number, not 'many'"),
        ({"net": "vgg16"}, "net", "may not be changed: it is 'resnet18'"),
        ({"optimizer": "lion"}, "optimizer", "Choose one of sgd, adam"),
        ({"flip": "2"}, "flip", "true or false"),
        ({"gamma": "1"}, "gamma", "allows no others than its own. It has lr, epochs"),
    ],
)
def test_a_value_that_is_not_allowed_names_the_parameter_and_the_fix(values, field, told):
    with pytest.raises(BadInput, match=told) as refused:
        settle(ALL, given_as(**values), customization=False)
    assert refused.value.parameters["field"] == field


def test_a_required_one_without_any_value_has_to_be_given():
    asked = (declared(value="", required=True),)
    with pytest.raises(BadInput, match="'lr' is required"):
        settle(asked, [], customization=True)
    assert settle(asked, given_as(lr="1"), customization=True) == (Parameter(name="lr", value="1"),)


def test_where_others_are_allowed_they_come_behind_and_once():
    found = settle((EPOCHS,), given_as(gamma="0.9", epochs="2"), customization=True)
    assert [one.token for one in found] == ["--epochs=2", "--gamma=0.9"]
    with pytest.raises(BadInput, match="'gamma' is given twice"):
        settle((), [*given_as(gamma="1"), *given_as(gamma="2")], customization=True)
    with pytest.raises(BadInput, match="no name of a parameter"):
        settle((), given_as(**{"a=b": "1"}), customization=True)


def test_choices_of_numbers_are_numbers():
    choice = declared(type="Float", value="0.10", valid_type="Choice", valid_range=("0.1", "0.5"))
    check_declared([choice])
    assert settle([choice], given_as(lr="5e-1"), False)[0].value == "5e-1"


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5), st.booleans())
def test_whatever_a_job_gives_it_is_settled_or_refused(pairs, customization):
    values = [Parameter(name=name, value=value) for name, value in pairs]
    try:
        found = settle(ALL, values, customization)
    except BadInput as refused:
        assert refused.parameters["field"]
    else:
        assert {"lr", "net"} <= {one.name for one in found}
