"""A list of many jobs looks at few rows."""

import pytest
from sqlalchemy import func, select

from maquette import migrations
from maquette.kernel.database import Database
from maquette.runs.domain import State
from maquette.training.listing import Query, matching
from maquette.training.table import training_jobs


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
    assert len(steps) == 3
    assert all("USING COVERING INDEX" in step for step in steps), plan
