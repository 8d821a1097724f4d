"""Rows of every version come to be those of this one."""

import importlib
import pkgutil

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import maquette
from maquette import migrations
from maquette.buckets.sharing import Action, Sharing
from maquette.buckets.statements import read_policy
from maquette.kernel.database import Database, metadata
from maquette.kernel.errors import Conflict

EARLIER_ROWS = [
    "INSERT INTO workspaces (id, name, description, created_at) VALUES ('w', 'w', '', 0)",
    *(
        "INSERT INTO training_jobs (id, workspace_id, name, description, tags, created_by, created_at, updated_at, "
        f"versions) VALUES ('{name}', 'w', '{name}', '', '[]', '', 0, 0, 2)"
        for name in ("bare", "once", "twice")
    ),
    *(
        "INSERT INTO job_versions (id, job_id, version, specification, created_by, created_at, engine, code_hash, "
        f"packages, results) VALUES ('{name}-{version}', '{name}', {version}, '{{}}', '', 0, '{{}}', '', '[]', '{{}}')"
        for name, version in (("twice", 2), ("once", 1), ("twice", 1))
    ),
]


def test_the_steps_lead_to_the_tables_that_the_code_uses(database):
    for module in pkgutil.walk_packages(maquette.__path__, "maquette."):
        if module.name.endswith(".table"):
            importlib.import_module(module.name)
    with database.read() as rows:
        assert compare_metadata(MigrationContext.configure(rows, opts={"compare_type": True}), metadata) == []


def test_a_database_knows_how_far_it_is(database_url):
    database = Database(database_url)
    assert migrations.found(database) is None
    migrations.upgrade(database)
    assert migrations.found(database) == migrations.newest()
    migrations.upgrade(database)
    database.close()


def test_jobs_of_earlier_rows_come_to_know_their_newest_version(database_url):
    database = Database(database_url)
    steps = migrations.config()
    with database.write() as rows:
        steps.attributes["connection"] = rows
        command.upgrade(steps, "0006")
    with database.write() as rows:
        for sentence in EARLIER_ROWS:
            rows.execute(text(sentence))
    migrations.upgrade(database)
    with database.read() as rows:
        told = rows.execute(text("SELECT id, newest_id FROM training_jobs ORDER BY id")).all()
    database.close()
    assert [tuple(row) for row in told] == [("bare", None), ("once", "once-1"), ("twice", "twice-2")]


def test_rows_of_a_newer_version_are_left_alone_and_told(database):
    with database.write() as rows:
        rows.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="step 9999"):
        migrations.upgrade(database)
    assert migrations.found(database) == "9999"


def test_buckets_that_everybody_could_read_stay_so_and_others_stay_closed(database_url):
    database = Database(database_url)
    with database.write() as rows:
        steps = migrations.config()
        steps.attributes["connection"] = rows
        command.upgrade(steps, "0007")
        rows.execute(text("INSERT INTO workspaces VALUES ('w', 'work', '', 0)"))
        for name, policy in (("open", "public-read"), ("closed", "private")):
            rows.execute(text(f"INSERT INTO buckets VALUES ('{name}', 'w', '{policy}', 0)"))
    migrations.upgrade(database)
    with database.read() as rows:
        found = rows.execute(text("SELECT bucket, name, text FROM bucket_settings")).all()
    database.close()
    ((bucket, name, told),) = found
    sharing = Sharing(bucket, "w", (), read_policy(told, bucket))
    assert (bucket, name) == ("open", "policy")
    assert sharing.allows(Action.GET, "", "any/key") and sharing.allows(Action.LIST, "")
    assert not sharing.allows(Action.PUT, "", "any/key")
