"""What ModelArts' calls about services send, read into values, and told again."""

import pytest
from pydantic import ValidationError

from maquette.kernel.errors import BadInput, Refused
from maquette.services.deployment import Target
from maquette.services.dialect_bodies import (
    SentChange,
    SentConfig,
    batch_asked,
    config_body,
    schedule_body,
    specification_of,
    stop_hours_of,
    targets_of,
)


@pytest.mark.parametrize(
    ("sent", "hours", "told"),
    [
        (None, None, None),
        ([], 0, []),
        ([{"type": "stop", "time_unit": "HOURS", "duration": 2}], 2, ("HOURS", 2)),
        ({"type": "stop", "time_unit": "HOURS", "duration": "2"}, 2, ("HOURS", 2)),
        ([{"type": "stop", "time_unit": "DAYS", "duration": 1}], 24, ("HOURS", 24)),
        ([{"type": "stop", "time_unit": "MINUTES", "duration": 120}], 2, ("HOURS", 2)),
        ([{"type": "stop", "time_unit": "MINUTES", "duration": 7}], 7 / 60, ("MINUTES", 7)),
        ([{"duration": 0}], 0, []),
    ],
)
def test_a_schedule_is_read_as_hours_and_told_as_whole_numbers(sent, hours, told):
    found = stop_hours_of(SentChange(schedule=sent).schedule)
    assert found == pytest.approx(hours)
    if found is not None:
        shown = [(one["time_unit"], one["duration"]) for one in schedule_body(found)]
        assert shown == ([told] if told else [])


@pytest.mark.parametrize("minutes", range(1, 200))
def test_minutes_come_back_as_they_were_sent(minutes):
    hours = stop_hours_of(SentChange(schedule={"time_unit": "MINUTES", "duration": minutes}).schedule)
    [told] = schedule_body(hours)
    assert told["duration"] * {"HOURS": 60, "MINUTES": 1}[told["time_unit"]] == minutes


def of(**given):
    return SentConfig.model_validate({"model_id": "m", **given})


@pytest.mark.parametrize(
    ("spec", "name", "told"),
    [
        ({"cpu": 2, "memory": 4096}, "custom.cpu.2u.4g", {"cpu": 2.0, "memory": 4096}),
        ({"cpu": 1.5, "memory": 7500}, "custom.cpu.2u.7.32422g", {"cpu": 2.0, "memory": 7500}),
        ({"cpu": 0.1, "memory": 256, "gpu_p4": 0}, "custom.cpu.1u.0.25g", {"cpu": 1.0, "memory": 256}),
        ({"cpu": 4, "memory": 8192, "gpu_p4": 0.5}, "custom.gpu.1.4u.8g", {"cpu": 4.0, "memory": 8192, "gpu_p4": 1.0}),
    ],
)
def test_a_flavour_of_figures_has_a_name_from_which_they_are_told(spec, name, told):
    assert specification_of(of(specification="custom", custom_spec=spec)) == name
    shown = config_body(Target("m", specification=name))
    assert (shown["specification"], shown["custom_spec"]) == ("custom", told)
    assert specification_of(of(specification="custom", custom_spec=shown["custom_spec"])) == name


def test_other_flavours_are_told_by_their_name():
    for name in ("", "modelarts.vm.cpu.2u", "custom-made.4u.8g"):
        shown = config_body(Target("m", specification=name))
        assert (shown["specification"], shown["custom_spec"]) == (name, {})
        assert specification_of(of(**{key: shown[key] for key in ("specification", "custom_spec")})) == name


def test_figures_that_are_missing_or_of_devices_that_are_not_here_are_refused():
    with pytest.raises(BadInput, match="cpu and memory"):
        specification_of(of(specification="custom"))
    with pytest.raises(Refused, match="Ascend"):
        specification_of(of(specification="custom", custom_spec={"cpu": 1, "memory": 1, "ascend_a310": 1}))
    for spec in (
        {"cpu": float("nan"), "memory": 1},
        {"cpu": float("inf"), "memory": 1},
        {"cpu": -1, "memory": 1},
        {"cpu": 1},
    ):
        with pytest.raises(ValidationError):
            of(specification="custom", custom_spec=spec)


@pytest.mark.parametrize(
    ("weights", "read"),
    [(["70", 30], [70, 30]), ([None], [100]), (["100"], [100]), ([None, 100], [0, 100]), ([100.0, "0"], [100, 0])],
)
def test_weights_are_numbers_or_texts_and_needless_where_there_is_one_version(weights, read):
    config = [of(weight=weight) for weight in weights]
    assert [target.weight for target in targets_of(config)] == read


def test_variables_become_texts():
    [target] = targets_of([of(envs={"a": "1", "b": 2, "c": 0.5, "d": True, "e": False})])
    assert dict(target.variables) == {"a": "1", "b": "2", "c": "0.5", "d": "true", "e": "false"}


def test_a_batch_runs_one_version_and_needs_no_weight():
    batch = batch_asked([of(src_path="/pets/in/", dest_path="/pets/out/", mapping_rule={"type": "object"})])
    assert (batch.src_path, batch.dest_path, batch.req_uri, batch.mapping_rule) == (
        "/pets/in/", "/pets/out/", "/", {"type": "object"},
    )  # fmt: skip
    for config in ([], [of(), of()]):
        with pytest.raises(BadInput, match="one version"):
            batch_asked(config)
