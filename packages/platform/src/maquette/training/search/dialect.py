"""ModelArts' own calls about searches: their algorithms and templates, the trials of a job, and what they have shown.

Tables come as ModelArts prints them, a header and rows of texts; only `config` is an object. Its columns are those of
Ray Tune, which runs the searches there.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query

from maquette.kernel.errors import NotFound
from maquette.training.search import actions
from maquette.training.search.actions import Searched
from maquette.training.search.domain import ALGORITHMS, Figures, TrialState, number
from maquette.training.search.templates import DESCRIPTIONS, NAMES, template
from maquette.training.search.trials import Tried
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v2/{project_id}", tags=["search"])

Version = Annotated[str, Query(max_length=64)]
"""Ours: another version than the job's latest, such as `V0001`."""

STATUS = {
    TrialState.WAITING: "PENDING",
    TrialState.RUNNING: "RUNNING",
    TrialState.SUCCEEDED: "TERMINATED",
    TrialState.STOPPED: "TERMINATED",
    TrialState.FAILED: "ERROR",
}


# ── what there is to search with ─────────────────────────────────────────────────────────────────


@router.get("/search-algorithms", dependencies=viewer)
def list_algorithms() -> dict[str, Any]:
    """The three search algorithms, with the settings they have when none are given."""
    listed = [
        {
            "name": name,
            "params": [
                {"key": setting.key, "value": setting.default, "type": setting.kind}
                for setting in settings
                if setting.listed
            ],
            "description": DESCRIPTIONS[name],
        }
        for name, settings in ALGORITHMS.items()
    ]
    return {"search_algo_count": len(listed), "search_algo_list": listed}


@router.get("/training-jobs/autosearch/yaml-templates", dependencies=viewer)
def list_templates() -> dict[str, Any]:
    """The templates there are; of ModelArts' four types, hyperparameters only."""
    return {
        "yaml_templates": [
            {"algorithm_type_en": "hpo", "algorithm_type_zh": "超参搜索", "algorithm_names": sorted(NAMES)}
        ]
    }


@router.get("/training-jobs/autosearch/yaml-templates/{algorithm_type}/{algorithm_name}", dependencies=viewer)
def show_template(algorithm_type: str, algorithm_name: str) -> dict[str, str]:
    if algorithm_type != "hpo" or algorithm_name not in NAMES:
        known = ", ".join(f"hpo/{name}" for name in sorted(NAMES))
        raise NotFound(f"There is no template '{algorithm_type}/{algorithm_name}'; there are {known}.")
    return {"file_name": f"{algorithm_name}.yaml", "content": template(algorithm_name)}


# ── the trials ───────────────────────────────────────────────────────────────────────────────────


@router.get("/training-jobs/{job_id}/autosearch-trials", dependencies=viewer)
def list_trials(
    ctx: Ctx, who: Who, job_id: str, limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0, version: Version = "",
) -> dict[str, Any]:  # fmt: skip
    """All trials, one row each."""
    searched = actions.find(ctx, who.workspace_id, job_id, version)
    page = searched.trials[offset : offset + limit]
    rewards = [reward.name for reward in searched.search.rewards]
    header = [
        "", "done", "pid", "config", "trial_id", "training_iteration", "time_total_s", "worker_index", "reward_attr",
        "status", *rewards, "best_reward",
    ]  # fmt: skip
    data = [
        [
            str(tried.number), done(tried.run.has_ended), "", config(searched, tried), tried.id,
            str(goal_of(searched, tried).count), seconds(ctx.clock(), tried), "", shown(goal_of(searched, tried).last),
            STATUS[tried.state], *(shown(figures(tried, name).last) for name in rewards),
            shown(goal_of(searched, tried).best),
        ]
        for tried in page
    ]  # fmt: skip
    return {
        "total": len(searched.trials), "count": len(page), "limit": limit, "offset": offset, "group_by": "",
        "items": {"header": header, "data": data},
    }  # fmt: skip


@router.get("/training-jobs/{job_id}/autosearch-trials/{trial_id}", dependencies=viewer)
def show_trial(ctx: Ctx, who: Who, job_id: str, trial_id: str) -> dict[str, Any]:
    """One trial, a row for each figure that it has printed."""
    searched = actions.find(ctx, who.workspace_id, job_id)
    tried = actions.find_trial(searched, trial_id)
    rewards = [reward.name for reward in searched.search.rewards]
    header = [
        "done", "pid", "best_reward", "time_total_s", "config", *rewards, "trial_id", "training_iteration",
        "reward_attr",
    ]  # fmt: skip
    goal = goal_of(searched, tried)
    data = []
    for index in range(max(len(goal.kept), 1)):
        last = index == max(len(goal.kept), 1) - 1
        iteration = goal.count if last else index + 1
        data.append(
            [
                done(last and tried.run.has_ended), "", shown(goal.best), seconds(ctx.clock(), tried),
                config(searched, tried), *(shown(nth(figures(tried, name), index)) for name in rewards), tried.id,
                str(iteration), shown(nth(goal, index)),
            ]
        )  # fmt: skip
    return {"header": header, "data": data}


@router.post("/training-jobs/{job_id}/autosearch-trial-earlystop/{trial_id}", dependencies=member)
def end_trial(ctx: Ctx, who: Who, job_id: str, trial_id: str) -> dict[str, str]:
    """Ends one trial; the search goes on with the next."""
    return {"earlystop_trial": actions.end_early(ctx, who.workspace_id, job_id, trial_id).id}


# ── what they have shown ─────────────────────────────────────────────────────────────────────────


@router.get("/training-jobs/{job_id}/autosearch-parameter-analysis", dependencies=viewer)
def show_importances(ctx: Ctx, who: Who, job_id: str, version: Version = "") -> dict[str, Any]:
    """The share of each hyperparameter; no rows before the search has ended."""
    shares = actions.find(ctx, who.workspace_id, job_id, version).standing.importances
    data = [[name, f"{mean:.4f}/{deviation:.4f}"] for name, (mean, deviation) in shares.items()]
    return {"header": ["parameters", "the mean/std of importance"], "data": data}


@router.get("/training-jobs/{job_id}/autosearch-parameter-analysis/{parameter_name}", dependencies=viewer)
def show_chart(ctx: Ctx, who: Who, job_id: str, parameter_name: str) -> dict[str, str]:
    """Where the picture of one hyperparameter lies."""
    return {"file_path": actions.chart_of(actions.find(ctx, who.workspace_id, job_id), parameter_name)}


# ── cells ────────────────────────────────────────────────────────────────────────────────────────


def config(searched: Searched, tried: Tried) -> dict[str, Any]:
    """The hyperparameters, numbers as numbers; none before the trial's turn has come."""
    point = {name: as_number(value) for name, value in (tried.point or {}).items()}
    return {**point, "trial_index": tried.number, **{f"param/{name}": value for name, value in point.items()}}


def as_number(value: str) -> float | int | str:
    found = number(value)
    if found is None:
        return value
    return int(value) if value.lstrip("+-").isdecimal() else found


def figures(tried: Tried, name: str) -> Figures:
    return tried.figures.get(name, Figures())


def goal_of(searched: Searched, tried: Tried) -> Figures:
    return figures(tried, searched.search.goal.name)


def nth(figures: Figures, index: int) -> float | None:
    return figures.kept[index] if index < len(figures.kept) else None


def shown(value: float | None) -> str:
    return "" if value is None else repr(value) if math.isfinite(value) else str(value)


def done(ended: bool) -> str:
    return str(ended)


def seconds(now: float, tried: Tried) -> str:
    return repr(round(tried.run.seconds(now), 3))
