"""What a failed job is told to do about it is kept with it, once, and shown."""

import pytest
from sqlalchemy import update

from maquette.runs import actions as runs
from maquette.runs.table import runs as run_rows
from maquette.training import jobs, work

MISSING = "Traceback …\nModuleNotFoundError: No module named 'easydict'\n"
FIX = "Name its package 'easydict' in pip-requirements.txt"


@pytest.fixture
def job(project, job_body):
    made = project.good("POST", "training-jobs", job_body())
    return jobs.find_job(project.ctx, project.who.workspace_id, made["metadata"]["id"])


def end(project, job, log, **columns):
    """The job's run as its worker leaves it, before its kind looks at what it left."""
    ctx = project.ctx
    run = jobs.latest_version(ctx, job).run
    folder = runs.folder_of(ctx, run.id, 1)
    folder.log.parent.mkdir(parents=True, exist_ok=True)
    folder.log.write_text(log)
    ended = {"state": "failed", "cause": "exit", "code": 1, "tries": 1, **columns}
    with ctx.database.write() as rows:
        rows.execute(update(run_rows).where(run_rows.c.id == run.id).values(ended))
    return runs.find(ctx, project.who.workspace_id, run.id)


def shown(project, job):
    """As the list of versions and the version itself tell it."""
    path = f"training-jobs/{job.id}/versions"
    told = project.client.get(f"/maquette/{project.who.workspace_id}/{path}").json()["versions"][0]["advice"]
    assert project.client.get(f"/maquette/{project.who.workspace_id}/{path}/latest").json()["advice"] == told
    return told


def test_a_known_failure_keeps_its_advice_as_an_event_and_once(project, job):
    run = end(project, job, MISSING)
    for _ in range(3):
        work.ended(project.ctx, run)
    (sentence,) = shown(project, job)
    assert FIX in sentence
    path = f"/maquette/{project.who.workspace_id}/training-jobs/{job.id}/versions/latest"
    (told,) = project.client.get(path).json()["advice_told"]
    assert (told["code"], told["parameters"]) == ("advice.module", {"name": "easydict", "package": "easydict"})
    told = [event for event in runs.events(project.ctx, [run.id]) if event.code == "advice"]
    assert [(event.message, str(event.level), event.run_id) for event in told] == [(sentence, "warning", run.id)]
    events = project.good("GET", f"training-jobs/{job.id}/events")["events"]
    assert any(FIX in str(event) for event in events)


def test_an_argument_is_known_by_the_names_of_the_jobs_own_channels(project, job):
    work.ended(project.ctx, end(project, job, "error: unrecognized arguments: --data_url=/x --lr=1\n"))
    (sentence,) = shown(project, job)
    assert "does not know --data_url" in sentence


@pytest.mark.parametrize(
    ("log", "columns"),
    [
        (MISSING, {"state": "succeeded", "code": 0}),
        (MISSING, {"state": "stopped", "cause": "stopped", "code": 143}),
        (MISSING, {"cause": "memory", "code": 137}),
        ("ValueError: nothing that is known\n", {}),
    ],
)
def test_nothing_is_said_where_nothing_is_known(project, job, log, columns):
    work.ended(project.ctx, end(project, job, log, **columns))
    assert shown(project, job) == []


def test_only_the_last_attempt_counts(project, job):
    work.ended(project.ctx, end(project, job, MISSING))
    work.ended(project.ctx, end(project, job, "ValueError: nothing that is known\n", attempt=2))
    assert shown(project, job) == []


def test_a_log_that_has_gone_is_no_error(project, job):
    run = end(project, job, MISSING)
    runs.folder_of(project.ctx, run.id, 1).log.unlink()
    work.ended(project.ctx, run)
    assert shown(project, job) == []
