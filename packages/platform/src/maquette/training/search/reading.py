"""Reads `auto_search` as ModelArts' clients send it, and names every field that is wrong.

    {"reward_attrs": [{"name": "acc", "mode": "max", "regex": "acc: ([0-9.]+)"}],
     "search_params": [{"name": "lr", "param_type": "continuous", "lower_bound": "0.001", "upper_bound": "0.1"}],
     "algo_configs": [{"name": "tpe_search", "params": [{"key": "num_samples", "value": "20", "type": "Integer"}]}]}

Numbers are texts there; real numbers are taken, too. An empty text is a field that was not filled in.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from maquette.kernel.errors import BadInput
from maquette.training.search.domain import (
    ALGORITHMS,
    MOST_SAMPLES,
    Choices,
    Continuous,
    Kind,
    Parameter,
    Point,
    Reward,
    Search,
    Setting,
    number,
    same,
)
from maquette.training.search.rewards import check_regex, check_speed
from maquette.training.search.sentences import say

FIELD = "auto_search"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
REWARD_NAME = re.compile(r"[^\x00-\x1f]{1,64}")
MOST_PARAMETERS = 50
MOST_REWARDS = 10
MOST_VALUES = 1000
FIELDS = ("skip_search_params", "reward_attrs", "search_params", "algo_configs", "whole_params")
MODES = {"max": True, "min": False}


def check_search(document: object, field: str = FIELD) -> Search:
    """The same as `read_search` for what a user hands in, whose expressions are tried on hard lines."""
    search = read_search(document, field)
    for index, reward in enumerate(search.rewards):
        check_speed(reward.regex, f"{field}.reward_attrs[{index}].regex")
    return search


def read_search(document: object, field: str = FIELD) -> Search:
    """The search of one job. Raises BadInput, which names the field.

    `whole_params` is ours: it names the hyperparameters whose algorithm says that they are integers.
    """
    found = mapping(document, field)
    unknown_fields(found, FIELDS, field)
    whole = [scalar(name, f"{field}.whole_params") for name in found.get("whole_params") or []]
    parameters = read_parameters(found.get("search_params"), f"{field}.search_params", whole)
    rewards = read_rewards(found.get("reward_attrs"), f"{field}.reward_attrs")
    configs = read_configs(found.get("algo_configs"), f"{field}.algo_configs")
    if len(configs) != 1:
        names = ", ".join(name for name, _ in configs)
        raise BadInput(say("one_algorithm", field=field, names=names), field=field)
    name, settings = configs[0]
    skipped = read_skipped(found.get("skip_search_params"), parameters, f"{field}.skip_search_params")
    search = Search(parameters, rewards, name, settings, skipped)
    if search.count == 0:
        raise BadInput(say("no_combination", field=field), field=f"{field}.skip_search_params")
    return search


def check_offer(document: object, field: str = FIELD) -> None:
    """What an algorithm offers to its jobs may name several search algorithms; the rest is as for a job."""
    found = mapping(document, field)
    configs = items(found.get("algo_configs"), f"{field}.algo_configs")
    for config in configs:
        check_search({**found, "algo_configs": [config]}, field)


# ── the space ────────────────────────────────────────────────────────────────────────────────────


def read_parameters(given: object, field: str, whole: Collection[str]) -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    for index, each in enumerate(items(given, field, MOST_PARAMETERS)):
        here = f"{field}[{index}]"
        parameter = read_parameter(mapping(each, here), here, whole)
        if any(parameter.name == other.name for other in parameters):
            raise BadInput(say("name_twice", field=here, name=repr(parameter.name)), field=f"{here}.name")
        parameters.append(parameter)
    return tuple(parameters)


def read_parameter(found: Mapping[str, Any], field: str, whole: Collection[str]) -> Parameter:
    known = ("name", "param_type", "lower_bound", "upper_bound", "discrete_points_num", "discrete_values")
    unknown_fields(found, known, field)
    name = text(found, "name", field)
    if not NAME.fullmatch(name):
        raise BadInput(
            say("name", field=field, name=repr(name)),
            field=f"{field}.name",
        )
    kind = text(found, "param_type", field)
    if kind == "discrete":
        return read_choices(name, found, field)
    if kind == "continuous":
        return read_continuous(name, found, field, name in whole)
    raise BadInput(say("kind", field=field, kind=repr(kind)), field=f"{field}.param_type")


def read_continuous(name: str, found: Mapping[str, Any], field: str, whole: bool) -> Continuous:
    lower, upper = (bound(found, key, field) for key in ("lower_bound", "upper_bound"))
    if not lower < upper or not math.isfinite(upper - lower):
        raise BadInput(say("bounds", field=field, lower=f"{lower:g}", upper=f"{upper:g}"), field=f"{field}.lower_bound")
    if whole and math.ceil(lower) > math.floor(upper):
        raise BadInput(say("no_integer", field=field), field=f"{field}.lower_bound")
    points = 0
    if not empty(found.get("discrete_points_num")):
        points = integer(found["discrete_points_num"], f"{field}.discrete_points_num")
        if points and not 2 <= points <= MOST_VALUES:
            raise BadInput(
                say("points", field=field, points=points, most=MOST_VALUES),
                field=f"{field}.discrete_points_num",
            )
    return Continuous(name, lower, upper, points, whole)


def read_choices(name: str, found: Mapping[str, Any], field: str) -> Choices:
    here = f"{field}.discrete_values"
    values = [
        scalar(value, f"{here}[{index}]") for index, value in enumerate(items(found.get("discrete_values"), here))
    ]
    if len(values) > MOST_VALUES:
        raise BadInput(say("values", field=here, count=len(values), most=MOST_VALUES), field=here)
    for index, value in enumerate(values):
        if any(same(value, other) for other in values[:index]):
            raise BadInput(say("value_twice", field=here, index=index, value=repr(value)), field=f"{here}[{index}]")
    return Choices(name, tuple(values))


def bound(found: Mapping[str, Any], key: str, field: str) -> float:
    given = text(found, key, field)
    value = number(given)
    if value is None:
        raise BadInput(say("no_number_at", field=field, key=key, given=repr(given)), field=f"{field}.{key}")
    return value


def read_skipped(given: object, parameters: tuple[Parameter, ...], field: str) -> tuple[Point, ...]:
    """The combinations to be left out. ModelArts documents a text but not its form; ours is JSON."""
    if empty(given):
        return ()
    try:
        document = json.loads(given) if isinstance(given, str) else given
    except ValueError as error:
        raise BadInput(say("skip_form_reason", field=field, error=error), field=field) from error
    combinations = document if isinstance(document, list) else [document]
    names = [parameter.name for parameter in parameters]
    skipped = []
    for combination in combinations:
        if not isinstance(combination, dict) or not combination:
            raise BadInput(say("skip_form", field=field), field=field)
        for name in combination:
            if name not in names:
                raise BadInput(
                    say("not_a_parameter", field=field, name=repr(name), names=", ".join(names)), field=field
                )
        skipped.append({name: scalar(value, field) for name, value in combination.items()})
    return tuple(skipped)


# ── the rewards ──────────────────────────────────────────────────────────────────────────────────


def read_rewards(given: object, field: str) -> tuple[Reward, ...]:
    rewards: list[Reward] = []
    for index, each in enumerate(items(given, field, MOST_REWARDS)):
        here = f"{field}[{index}]"
        found = mapping(each, here)
        unknown_fields(found, ("name", "mode", "regex"), here)
        name, mode, regex = (text(found, key, here) for key in ("name", "mode", "regex"))
        if not REWARD_NAME.fullmatch(name) or any(name == other.name for other in rewards):
            raise BadInput(say("reward_name", field=here, name=repr(name)), field=f"{here}.name")
        if mode not in MODES:
            raise BadInput(say("mode", field=here, mode=repr(mode)), field=f"{here}.mode")
        check_regex(regex, f"{here}.regex")
        rewards.append(Reward(name, MODES[mode], regex))
    return tuple(rewards)


# ── the algorithm ────────────────────────────────────────────────────────────────────────────────


def read_configs(given: object, field: str) -> list[tuple[str, dict[str, str]]]:
    """Name and settings of each search algorithm."""
    configs = []
    for index, each in enumerate(items(given, field)):
        here = f"{field}[{index}]"
        found = mapping(each, here)
        unknown_fields(found, ("name", "params"), here)
        name = text(found, "name", here)
        if name not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise BadInput(say("algorithm", field=here, name=repr(name), known=known), field=here)
        configs.append((name, read_settings(name, found.get("params") or [], f"{here}.params")))
    return configs


def read_settings(algorithm: str, given: object, field: str) -> dict[str, str]:
    known = {setting.key: setting for setting in ALGORITHMS[algorithm]}
    settings: dict[str, str] = {}
    for index, each in enumerate(items(given, field, least=0)):
        here = f"{field}[{index}]"
        found = mapping(each, here)
        unknown_fields(found, ("key", "value", "type"), here)
        key = text(found, "key", here)
        if key not in known:
            raise BadInput(
                say("setting", field=here, algorithm=algorithm, key=repr(key), known=", ".join(known)),
                field=f"{here}.key",
            )
        if key in settings:
            raise BadInput(say("key_twice", field=here, key=repr(key)), field=f"{here}.key")
        if not empty(found.get("value")):
            settings[key] = read_setting(known[key], scalar(found["value"], f"{here}.value"), f"{here}.value")
    return settings


def read_setting(setting: Setting, given: str, field: str) -> str:
    if setting.kind is Kind.STRING:
        if given not in setting.words:
            raise BadInput(
                say("word", field=field, key=setting.key, words=" or ".join(setting.words), given=repr(given)),
                field=field,
            )
        return given
    value = integer(given, field) if setting.kind is Kind.INTEGER else number(given)
    if value is None:
        raise BadInput(say("no_number", field=field, given=repr(given)), field=field)
    at_edge = setting.open and value in (setting.least, setting.most)
    if not setting.least <= value <= setting.most or at_edge:
        told = say("outside", field=field, key=setting.key, given=given, allowed=allowed(setting))
        raise BadInput(told, field=field)
    return str(value)


def allowed(setting: Setting) -> str:
    if math.isinf(setting.most):
        return say("or_more", least=f"{setting.least:g}")
    between = "between_open" if setting.open else "between"
    return say(between, least=f"{setting.least:g}", most=f"{setting.most:g}")


# ── pieces of JSON ───────────────────────────────────────────────────────────────────────────────


def mapping(given: object, field: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BadInput(say("an_object", field=field), field=field)
    return given


def items(given: object, field: str, most: int = MOST_SAMPLES, least: int = 1) -> list[Any]:
    if given is None and least:
        raise BadInput(say("missing", field=field), field=field)
    if not isinstance(given, list):
        raise BadInput(say("a_list", field=field), field=field)
    if not least <= len(given) <= most:
        raise BadInput(say("entries", field=field, count=len(given), least=least, most=most), field=field)
    return given


def unknown_fields(found: Mapping[str, Any], known: Collection[str], field: str) -> None:
    """A misspelt field would be a search that is not what was meant."""
    for key in found:
        if key not in known:
            raise BadInput(say("no_field", field=field, key=repr(key), known=", ".join(known)), field=f"{field}.{key}")


def text(found: Mapping[str, Any], key: str, field: str) -> str:
    if empty(found.get(key)):
        raise BadInput(say("missing_at", field=field, key=key), field=f"{field}.{key}")
    return scalar(found[key], f"{field}.{key}")


def scalar(given: object, field: str) -> str:
    """A text, or a number as text."""
    if isinstance(given, str) and given.strip() and "\0" not in given:
        return given.strip()
    if isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    raise BadInput(say("a_text", field=field), field=field)


def integer(given: object, field: str) -> int:
    value = number(str(given))
    if value is None or value != int(value):
        raise BadInput(say("whole_number", field=field, given=repr(given)), field=field)
    return int(value)


def empty(given: object) -> bool:
    return given is None or (isinstance(given, str) and not given.strip())
