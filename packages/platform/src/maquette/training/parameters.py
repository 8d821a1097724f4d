"""What an algorithm says of its hyperparameters, and whether the values that a job gives them are allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from maquette.kernel.errors import BadInput
from maquette.training.sentences import say
from maquette.training.specification import Frozen, Parameter

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
WHOLE = re.compile(r"[+-]?\d+")
TRUTHS = ("true", "false")
FIELD = "parameters"


class Kind(StrEnum):
    """What a value has to be; ModelArts' words."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    BOOLEAN = "Boolean"


class Valid(StrEnum):
    """How `valid_range` is to be read: not at all, as two ends, or as a list of choices."""

    NONE = "None"
    RANGE = "Range"
    CHOICE = "Choice"


WORDS = {
    Kind.STRING: say("kind_text"),
    Kind.INTEGER: say("kind_integer"),
    Kind.FLOAT: say("kind_float"),
    Kind.BOOLEAN: say("kind_boolean"),
}


class Constraint(Frozen):
    """`sensitive` is kept and shown, and changes nothing, as on ModelArts."""

    type: Kind = Kind.STRING
    editable: bool = True
    required: bool = False
    sensitive: bool = False
    valid_type: Valid = Valid.NONE
    valid_range: tuple[str, ...] = ()


class Declared(Frozen):
    """A hyperparameter of an algorithm: `value` is what it has unless the job gives another; `descriptions` by
    language (`zh-cn`, `en-us`)."""

    name: str
    value: str = ""
    description: str = ""
    descriptions: dict[str, str] = Field(default_factory=dict)
    constraint: Constraint = Constraint()


# ── what an algorithm says ───────────────────────────────────────────────────────────────────────


def check_declared(parameters: Sequence[Declared]) -> None:
    """Whether these are parameters that a job can give. BadInput names the parameter and the fix."""
    names = [parameter.name for parameter in parameters]
    for parameter in parameters:
        if not NAME.fullmatch(parameter.name):
            raise BadInput(say("parameter_name", name=parameter.name), field=FIELD)
        if names.count(parameter.name) > 1:
            raise BadInput(say("two_parameters", name=parameter.name), field=parameter.name)
        check_range(parameter)
        if parameter.value:
            check_value(parameter, parameter.value)
        elif parameter.constraint.required and not parameter.constraint.editable:
            raise BadInput(say("fixed_needs_value", name=parameter.name), field=parameter.name)


def check_range(parameter: Declared) -> None:
    constraint = parameter.constraint
    if constraint.valid_type is Valid.NONE:
        return
    if constraint.valid_type is Valid.CHOICE:
        if not constraint.valid_range:
            raise BadInput(say("no_choices", name=parameter.name), field=parameter.name)
        for choice in constraint.valid_range:
            check_kind(parameter, choice)
        return
    if constraint.type not in (Kind.INTEGER, Kind.FLOAT):
        raise BadInput(say("no_range_of_kind", name=parameter.name, kind=WORDS[constraint.type]), field=parameter.name)
    ends = [number(end) for end in constraint.valid_range]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] > ends[1]:
        raise BadInput(say("range_ends", name=parameter.name), field=parameter.name)


# ── what a job gives ─────────────────────────────────────────────────────────────────────────────


def settle(
    declared: Sequence[Declared], given: Sequence[Parameter] | None, customization: bool
) -> tuple[Parameter, ...]:
    """The parameters that a job of this algorithm runs with.

    Without any given, those of the algorithm that have a value. Else one that is left out is not passed, but a required
    one has its own value then; others than the algorithm's are taken where it allows `customization`.
    """
    if given is None:
        given = [Parameter(name=one.name, value=one.value) for one in declared if one.value]
    known = {one.name: one for one in declared}
    check_names(known, given, customization)
    settled = {one.name: one for one in given}
    for parameter in declared:
        if parameter.name in settled:
            check_given(parameter, settled[parameter.name].value)
        elif parameter.constraint.required:
            settled[parameter.name] = Parameter(name=parameter.name, value=required_value(parameter))
    in_order = [name for name in known if name in settled]
    return tuple(settled[name] for name in (*in_order, *(name for name in settled if name not in known)))


def check_names(known: Mapping[str, Declared], given: Sequence[Parameter], customization: bool) -> None:
    names = [one.name for one in given]
    for name in names:
        if not NAME.fullmatch(name):
            raise BadInput(say("parameter_name", name=name), field=FIELD)
        if names.count(name) > 1:
            raise BadInput(say("parameter_twice", name=name), field=name)
        if name not in known and not customization:
            offered = say("offered", known=", ".join(known)) if known else say("none_offered")
            raise BadInput(say("other_parameter", name=name, offered=offered), field=name)


def required_value(parameter: Declared) -> str:
    if not parameter.value:
        raise BadInput(say("parameter_required", name=parameter.name), field=parameter.name)
    return parameter.value


def check_given(parameter: Declared, value: str) -> None:
    """A value that a job gives."""
    if not parameter.constraint.editable and value != parameter.value:
        raise BadInput(
            say("parameter_fixed", name=parameter.name, value=parameter.value),
            field=parameter.name,
        )
    if value:
        check_value(parameter, value)
    elif parameter.constraint.required:
        raise BadInput(say("parameter_required", name=parameter.name), field=parameter.name)


def check_value(parameter: Declared, value: str) -> None:
    """Whether the value is of the kind, and within the range or among the choices."""
    check_kind(parameter, value)
    constraint = parameter.constraint
    if constraint.valid_type is Valid.CHOICE and not any(same(value, choice) for choice in constraint.valid_range):
        raise BadInput(
            say("no_choice", name=parameter.name, value=value, known=", ".join(constraint.valid_range)),
            field=parameter.name,
        )
    if constraint.valid_type is Valid.RANGE:
        low, high = constraint.valid_range
        if not float(low) <= float(value) <= float(high):
            raise BadInput(
                say("out_of_range", name=parameter.name, value=value, low=low, high=high), field=parameter.name
            )


def check_kind(parameter: Declared, value: str) -> None:
    kind = parameter.constraint.type
    fits = {
        Kind.STRING: True,
        Kind.INTEGER: bool(WHOLE.fullmatch(value)),
        Kind.FLOAT: number(value) is not None,
        Kind.BOOLEAN: value.lower() in TRUTHS,
    }[kind]
    if not fits:
        raise BadInput(say("wrong_kind", name=parameter.name, kind=WORDS[kind], value=value), field=parameter.name)


def same(one: str, other: str) -> bool:
    """`0.10` is `0.1`."""
    numbers = number(one), number(other)
    return one == other if None in numbers else numbers[0] == numbers[1]


def number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
