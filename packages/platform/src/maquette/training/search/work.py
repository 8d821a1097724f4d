"""What the worker does for searches: gives a trial its point when its turn has come, follows its log, gives up those
that are hopeless, goes on to the next, and sums up at the end.

Each step is taken by whoever moves the trial's run on, and can be taken again: nothing but rows is remembered. Optuna
and numpy are loaded by the first worker's step that needs them, never by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, MaquetteError, NotFound
from maquette.kernel.ports import Process, Stopped
from maquette.runs import actions as runs
from maquette.runs.domain import Level, Run, State
from maquette.runs.kinds import Kind, Preparing
from maquette.training import jobs, results
from maquette.training.hints import keep_advice
from maquette.training.jobs import Job, JobVersion
from maquette.training.logs import keep_log
from maquette.training.search import trials
from maquette.training.search.domain import Figures, Point, Search, best_of
from maquette.training.search.logs import Read, read_log
from maquette.training.search.stopping import hopeless
from maquette.training.search.summary import charts_of, importances_of, keep_charts
from maquette.training.search.trials import KIND, Standing, Tried
from maquette.training.search.versions import search_of, version_of_trial
from maquette.training.sentences import say
from maquette.training.work import discard_view, make_process
from maquette_sdk.sentences import several


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """The version's process with the trial's hyperparameters, which are chosen now."""
    from maquette.training.search.sampling import ask  # heavy: numpy and Optuna

    _, version = jobs.version_of_run(ctx, run)
    if trials.was_stopped(trials.of_version(ctx, version.id)):  # it was added while the job was being stopped
        runs.stop(ctx, run.workspace_id, run.id)
        raise Stopped
    search = search_of(version)

    def choose(others: Sequence[Tried]) -> Point:
        return ask(search, [other.as_trial(search) for other in others])

    tried = trials.give_point(ctx, trials.of_run(ctx, run), choose)
    told = ", ".join(f"{name}={value}" for name, value in (tried.point or {}).items())
    preparing.tell(say("trial", id=tried.id, number=tried.number + 1, count=search.samples, point=told))
    return make_process(ctx, run, version_of_trial(version, tried), preparing)


def watch(ctx: Platform, run: Run) -> None:
    """While it runs: its figures are kept, its log goes where the job wants it, and a hopeless trial is stopped."""
    _, version = jobs.version_of_run(ctx, run)
    search, tried = search_of(version), trials.of_run(ctx, run)
    follow(ctx, tried, search, to_the_end=False)
    keep_log(ctx, run, version_of_trial(version, tried))
    everyone = trials.of_version(ctx, version.id)
    mine = next(other for other in everyone if other.number == tried.number)
    others = [other.as_trial(search) for other in everyone if other.number != tried.number and other.closed]
    if mine.message:
        give_up(ctx, mine, mine.message)
    elif not mine.stopped_early and hopeless(search, mine.as_trial(search), others):
        told = say("given_up", name=search.goal.name)
        give_up(ctx, mine, told)


def give_up(ctx: Platform, tried: Tried, told: str) -> None:
    trials.mark_stopped_early(ctx, tried)
    with ctx.database.write() as rows:
        runs.note(ctx, rows, tried.run.id, tried.run.attempt, Level.WARNING, "given_up", told)
    runs.stop(ctx, tried.run.workspace_id, tried.run.id)


def ended(ctx: Platform, run: Run) -> None:
    """Its figures and its log are kept, the folders it lived in go, and the search goes on."""
    try:
        job, version = jobs.version_of_run(ctx, run)
        tried = trials.of_run(ctx, run)
    except NotFound:
        return  # removed meanwhile, and there is nobody to go on for
    search = search_of(version)
    if not tried.closed:
        follow(ctx, tried, search, to_the_end=True)
    keep_log(ctx, run, version_of_trial(version, tried))
    keep_advice(ctx, run, version)
    for folder in runs.folders(ctx, run):
        discard_view(folder.path)
    go_on(ctx, job, version, search)


def follow(ctx: Platform, tried: Tried, search: Search, to_the_end: bool) -> None:
    """Reads what the log has more than at the last time."""
    try:
        read = read_log(ctx, tried, search, to_the_end)
        message = why_without_reward(tried, search, read.figures) if to_the_end else ""
    except BadInput as error:  # an expression that is too slow for this log
        read, message = Read(tried.figures, tried.read_try, tried.read_bytes), error.message
    trials.keep_figures(ctx, tried, read.figures, read.read_try, read.read_bytes, message=message, closed=to_the_end)


def why_without_reward(tried: Tried, search: Search, figures: Mapping[str, Figures]) -> str:
    """What is wrong with a trial that ended well; nothing, mostly."""
    if tried.run.state is not State.SUCCEEDED:
        return ""
    kept = figures.get(search.goal.name, Figures()).kept
    if not kept:
        return say("no_match", expression=repr(search.goal.regex), name=search.goal.name)
    finished = replace(tried, figures=figures).as_trial(search)
    return say("no_number", name=search.goal.name, value=repr(kept[-1])) if finished.reward is None else ""


def go_on(ctx: Platform, job: Job, version: JobVersion, search: Search) -> None:
    """Queues the next trials; after the last one, sums up."""
    if trials.add_next(ctx, version.id, search):
        return
    tried = trials.of_version(ctx, version.id)
    if all(trial.closed or trial.run.settled for trial in tried):
        sum_up(ctx, job, version, search, tried)


def sum_up(ctx: Platform, job: Job, version: JobVersion, search: Search, tried: Sequence[Tried]) -> None:
    """The best trial is named and its results are the version's; shares and charts of the hyperparameters are kept."""
    known = [trial.as_trial(search) for trial in tried if trial.point is not None]
    best = best_of(known, search.goal)
    winner = next((trial for trial in tried if best and trial.number == best.number), None)
    if winner is not None:
        results.keep_results(ctx, job, version_of_trial(version, winner), winner.run)
    importances = importances_of(search, known)
    try:
        charts = keep_charts(ctx, job.workspace_id, version, charts_of(search, known, importances))
    except MaquetteError:
        charts = {}  # the bucket has gone, or is full; the figures are in the rows
    state, message = outcome(search, tried, winner)
    trials.finish(ctx, version.id, Standing(state, winner.id if winner else "", message, importances, charts), tried)


def outcome(search: Search, tried: Sequence[Tried], winner: Tried | None) -> tuple[State, str]:
    """How the search ended, and in words."""
    if trials.was_stopped(tried):
        return State.STOPPED, say("search_stopped", count=len(tried), samples=search.samples)
    if winner is None:
        last = next((trial.message or trial.run.message for trial in reversed(tried)), "")
        return State.FAILED, several(say("search_failed", count=len(tried)), last)
    figure = {"name": search.goal.name, "reward": f"{winner.as_trial(search).reward:g}"}
    return State.SUCCEEDED, say("search_ended", count=len(tried), id=winner.id, **figure)


def sweep(ctx: Platform) -> None:
    """Goes on with searches whose last step nobody took."""
    for version_id in trials.unfinished(ctx):
        tried = trials.of_version(ctx, version_id)
        if tried and all(trial.run.settled for trial in tried):
            job, version = jobs.version_of_run(ctx, tried[0].run)
            go_on(ctx, job, version, search_of(version))


trial = Kind(KIND, prepare, ended, watch)
