"""Rows of every version come to be those of this one."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import maquette
from maquette import migrations
from maquette.kernel.database import Database, metadata
from maquette.kernel.errors import Conflict


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


def test_rows_of_a_newer_version_are_left_alone_and_told(database):
    with database.write() as rows:
        rows.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="step 9999"):
        migrations.upgrade(database)
    assert migrations.found(database) == "9999"
