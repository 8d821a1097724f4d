"""A trial as a version of its own: the hyperparameters, and the folders of outputs and log, are the trial's."""

from __future__ import annotations

from dataclasses import replace

from maquette.training.jobs import JobVersion
from maquette.training.search.domain import Point, Search
from maquette.training.search.reading import read_search
from maquette.training.search.trials import Tried
from maquette.training.specification import Parameter, Place, Specification

TRIAL_VARIABLE = "TRIAL_ID"


def search_of(version: JobVersion) -> Search:
    return read_search(version.specification.search)


def version_of_trial(version: JobVersion, tried: Tried) -> JobVersion:
    spec = version.specification
    changed = spec.model_copy(
        update={
            "parameters": with_point(spec, tried.point or {}),
            "outputs": tuple(within(output, tried.id) for output in spec.outputs),
            "log": f"{spec.log.rstrip('/')}/{tried.id}/" if spec.log else "",
            "environment": {**spec.environment, TRIAL_VARIABLE: tried.id},
        }
    )
    return replace(version, written=changed.model_dump(mode="json"))


def with_point(spec: Specification, point: Point) -> tuple[Parameter, ...]:
    """The job's parameters with the trial's values in their places; what the job does not name comes last."""
    named = {parameter.name for parameter in spec.parameters}
    own = tuple(
        parameter.model_copy(update={"value": point.get(parameter.name, parameter.value)})
        for parameter in spec.parameters
    )
    return (*own, *(Parameter(name=name, value=value) for name, value in point.items() if name not in named))


def within(output: Place, trial_id: str) -> Place:
    """Each trial has a folder of its own below every output."""
    if not output.address:
        return output
    return output.model_copy(update={"address": f"{output.address.rstrip('/')}/{trial_id}/"})
