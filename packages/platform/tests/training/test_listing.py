"""A list of many jobs looks at few rows, and is sorted by what the latest versions tell."""

import pytest
from sqlalchemy import func, select, update

from maquette import migrations
from maquette.kernel.database import Database
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.runs.domain import State
from maquette.runs.table import runs
from maquette.training import jobs
from maquette.training.listing import Query, matching, order_of
from maquette.training.specification import Specification
from maquette.training.table import training_jobs
from maquette.workspaces import actions as workspaces


@pytest.mark.parametrize(
    "query", [Query(states=[State.SUCCEEDED]), Query(states=[State.FAILED, State.LOST]),
              Query(other_states=[State.SUCCEEDED])]
)  # fmt: skip
def test_a_list_by_state_asks_indexes_and_no_rows_of_runs_and_versions(tmp_path, query):
    rows_file = Database(f"sqlite:///{tmp_path}/rows.db")
    migrations.upgrade(rows_file)
    count = select(func.count()).select_from(training_jobs).where(*matching("w", query))
    asked = str(count.compile(rows_file._reading, compile_kwargs={"literal_binds": True}))
    with rows_file.read() as rows:
        plan = [row.detail for row in rows.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    rows_file.close()
    steps = [step for step in plan if " runs " in step or " job_versions" in step]
    assert len(steps) == 1
    assert "USING COVERING INDEX" in steps[0], plan


def test_a_list_sorted_by_state_reads_no_rows_of_runs(tmp_path):
    rows_file = Database(f"sqlite:///{tmp_path}/rows.db")
    migrations.upgrade(rows_file)
    page = select(training_jobs.c.number).order_by(*order_of(Query(sort="status"), 0.0))
    asked = str(page.compile(rows_file._reading, compile_kwargs={"literal_binds": True}))
    with rows_file.read() as rows:
        plan = [row.detail for row in rows.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    rows_file.close()
    assert [step for step in plan if " runs " in step and "USING COVERING INDEX" not in step] == []
    assert any(" runs " in step for step in plan), plan


SEARCH = {
    "reward_attrs": [{"name": "acc", "mode": "max", "regex": "acc: ([0-9.]+)"}],
    "search_params": [{"name": "lr", "param_type": "continuous", "lower_bound": "0.1", "upper_bound": "0.9"}],
    "algo_configs": [{"name": "tpe_search", "params": []}],
}


class Shelf:
    """Jobs in states and times that a test says."""

    def __init__(self, ctx):
        self.ctx = ctx
        user_id, self.workspace_id = workspaces.owner_of_all(ctx)
        self.who = Identity(user_id, "admin", self.workspace_id, Role.OWNER, Proof.TOKEN)

    def job(self, name, *nodes, search=None):
        """With a run for each of (state, started, ended), times in seconds before now; None where it has not."""
        count = 1 if search else max(1, len(nodes))
        spec = Specification(code="obs://lab/code/", boot_file="train.py", nodes=count, search=search)
        job = jobs.create_job(self.ctx, self.who, name, "", spec if nodes else None)
        for run, (state, *times) in zip(jobs.latest_version(self.ctx, job).runs if nodes else (), nodes, strict=False):
            told = zip(("started", "process_ended"), times, strict=False)
            moments = {moment: self.ctx.clock() - ago for moment, ago in told if ago is not None}
            with self.ctx.database.write() as rows:
                rows.execute(update(runs).where(runs.c.id == run.id).values(state=state, moments=moments))
        return job

    def again(self, job, state):
        """Another version of a job."""
        spec = jobs.latest_version(self.ctx, job).specification
        version = jobs.create_version(self.ctx, self.who, job, spec)
        self.set_state(version, state)

    def set_state(self, version, state):
        with self.ctx.database.write() as rows:
            rows.execute(update(runs).where(runs.c.id == version.run.id).values(state=state))

    def listed(self, **query):
        found, _ = jobs.list_jobs(self.ctx, self.workspace_id, Query(**query))
        return [job.name for job, _ in found]


@pytest.fixture
def shelf(platform):
    return Shelf(platform)


def test_jobs_are_sorted_by_the_state_of_their_latest_version_and_those_alike_by_age(shelf):
    shelf.job("done", ("succeeded", 90, 80))
    shelf.job("waits", ("queued",))
    shelf.job("runs", ("running", 50))
    shelf.job("lost", ("lost", 50, 40))
    shelf.job("bare")
    twice = shelf.job("twice", ("failed", 30, 20))
    shelf.again(twice, "stopped")
    shelf.job("waits-too", ("queued",))
    ascending = ["bare", "waits", "waits-too", "runs", "done", "twice", "lost"]
    assert shelf.listed(sort="status", descending=False) == ascending
    assert shelf.listed(sort="status") == ascending[::-1]
    pages = [shelf.listed(sort="status", offset=offset, limit=2) for offset in range(0, 8, 2)]
    assert [name for page in pages for name in page] == ascending[::-1]
    assert shelf.listed(sort="status", states=[State.QUEUED, State.STOPPED]) == ["twice", "waits-too", "waits"]
    assert shelf.listed(other_states=[State.QUEUED, State.STOPPED]) == ["bare", "lost", "runs", "done"]


def test_a_job_whose_newest_version_is_removed_is_listed_with_the_one_before_and_then_with_none(shelf):
    job = shelf.job("twice", ("succeeded", 90, 80))
    shelf.job("other", ("queued",))
    shelf.again(job, "failed")
    assert shelf.listed(states=[State.FAILED]) == ["twice"]
    for state in (State.SUCCEEDED, None):
        newest = jobs.latest_version(shelf.ctx, job)
        jobs.stop_version(shelf.ctx, newest)
        with shelf.ctx.database.write() as rows:
            rows.execute(update(runs).where(runs.c.subject == newest.id).values(settled=True))
        jobs.remove_version(shelf.ctx, job, newest)
        assert shelf.listed(states=[State.FAILED]) == []
        assert shelf.listed(states=[State.SUCCEEDED]) == (["twice"] if state else [])
        found, _ = jobs.list_jobs(shelf.ctx, shelf.workspace_id, Query(names=["twice"]))
        assert [version and version.state for _, version in found] == [state]


@pytest.mark.parametrize(
    ("offset", "limit", "count"), [(0, 2, 2), (2, 2, 1), (2, 1, 1), (0, 3, 3), (0, 9, 3), (5, 2, 0)]
)
def test_every_page_tells_how_many_there_are_in_all(shelf, offset, limit, count):
    for number in range(3):
        shelf.job(f"job-{number}")
    found, total = jobs.list_jobs(shelf.ctx, shelf.workspace_id, Query(offset=offset, limit=limit))
    assert (len(found), total) == (count, 3)


def test_jobs_are_sorted_by_how_long_they_run_or_ran(shelf):
    shelf.job("short", ("succeeded", 90, 89))
    shelf.job("long", ("running", 60))
    shelf.job("never", ("queued",))
    shelf.job("bare")
    shelf.job("nodes", ("failed", 50, 20), ("stopped", 50, 10))
    shelf.job("search", ("succeeded", 100, 90), ("running", 100, None), search=SEARCH)
    assert shelf.listed(sort="duration") == ["search", "long", "nodes", "short", "bare", "never"]
    assert shelf.listed(sort="duration", descending=False, limit=3) == ["never", "bare", "short"]


def test_jobs_made_at_one_moment_are_listed_once(shelf):
    for number in range(7):
        shelf.job(f"job-{number}")
    pages = [shelf.listed(offset=offset, limit=3) for offset in (0, 3, 6)]
    assert [name for page in pages for name in page] == [f"job-{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("number", [0, 1 << 31, 10**15 - 1, 1 << 70])
def test_a_number_that_no_job_and_no_version_has_is_told(shelf, number):
    job = shelf.job("one", ("queued",))
    with pytest.raises((NotFound, BadInput)):
        jobs.find_job(shelf.ctx, shelf.workspace_id, number)
    for id in (number, f"V{number}"):
        with pytest.raises((NotFound, BadInput)):
            jobs.find_version(shelf.ctx, job, id)
