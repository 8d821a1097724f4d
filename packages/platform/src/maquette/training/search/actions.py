"""What one may do with the search of a job: look at its trials and what they show, and end one early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound
from maquette.runs import actions as runs
from maquette.training import jobs
from maquette.training.search import trials
from maquette.training.search.domain import Search
from maquette.training.search.sentences import say
from maquette.training.search.trials import Standing, Tried
from maquette.training.search.versions import search_of


@dataclass(frozen=True)
class Searched:
    """The search of a version, how it stands, and its trials in their order."""

    search: Search
    standing: Standing
    trials: Sequence[Tried]


def find(ctx: Platform, workspace_id: str, job_id: str, version_name: str = "") -> Searched:
    """Of the latest version unless one is named."""
    job = jobs.find_job(ctx, workspace_id, job_id)
    version = jobs.find_version(ctx, job, version_name) if version_name else jobs.latest_version(ctx, job)
    if version.specification.search is None:
        raise NotFound(say("no_search", name=job.name), id=job.id)
    return Searched(
        search_of(version), trials.standings(ctx, [version.id])[version.id], trials.of_version(ctx, version.id)
    )


def find_trial(searched: Searched, id: str) -> Tried:
    for tried in searched.trials:
        if tried.id == id:
            return tried
    raise NotFound(say("no_trial", id=id), id=id)


def end_early(ctx: Platform, workspace_id: str, job_id: str, trial_id: str) -> Tried:
    """Stops one trial; what it has reached counts, and the search goes on. Conflict when it has ended already."""
    tried = find_trial(find(ctx, workspace_id, job_id), trial_id)
    if tried.run.has_ended:
        raise Conflict(say("trial_ended", id=trial_id, state=tried.run.state), id=trial_id)
    trials.mark_stopped_early(ctx, tried)
    runs.stop(ctx, workspace_id, tried.run.id)
    return tried


def chart_of(searched: Searched, parameter: str) -> str:
    """Where the picture of a hyperparameter lies, as /bucket/key."""
    names = [each.name for each in searched.search.parameters]
    if parameter not in names:
        raise NotFound(say("not_searched", parameter=parameter, names=", ".join(names)), name=parameter)
    charts: Mapping[str, str] = searched.standing.charts
    if parameter not in charts:
        raise NotFound(say("no_chart", parameter=parameter))
    return charts[parameter]
