"""What a search has shown: the share of each hyperparameter, and for each a picture of the reward over its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.training.jobs import JobVersion
from maquette.training.search.charts import chart
from maquette.training.search.domain import Search, Trial

FOLDER = "hyperparameter-analysis/"


def importances_of(search: Search, trials: Sequence[Trial]) -> Mapping[str, Sequence[float]]:
    """Mean and deviation of each share; nothing when there are too few trials to tell."""
    from maquette.training.search.importance import importances  # heavy: numpy and Optuna

    found = importances(search, trials)
    names = [parameter.name for parameter in search.parameters if parameter.name in found]
    return {name: (found[name].mean, found[name].deviation) for name in names}


def charts_of(
    search: Search, trials: Sequence[Trial], importances: Mapping[str, Sequence[float]]
) -> Iterator[tuple[str, bytes]]:
    rewarded = [trial for trial in trials if trial.state.ended and trial.reward is not None]
    if not rewarded:
        return
    for parameter in search.parameters:
        points = [(trial.point[parameter.name], trial.reward or 0.0) for trial in rewarded]
        yield parameter.name, chart(parameter, search.goal.name, points, importances.get(parameter.name)).encode()


def keep_charts(
    ctx: Platform, workspace_id: str, version: JobVersion, charts: Iterator[tuple[str, bytes]]
) -> dict[str, str]:
    """Puts them into the first output, else beside the log; the path of each, as ModelArts writes it: /bucket/key."""
    spec = version.specification
    where = next((place.address for place in spec.outputs if place.address), spec.log)
    if not where:
        return {}
    folder = read_address(where.rstrip("/") + "/")
    store = store_of_workspace(ctx, workspace_id)
    kept = {}
    for name, picture in charts:
        address = folder.below(f"{FOLDER}{name}.svg")
        store.put(address.bucket, address.key, iter((picture,)), "image/svg+xml")
        kept[name] = f"/{address.bucket}/{address.key}"
    return kept
