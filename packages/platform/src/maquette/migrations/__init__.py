"""The steps from one version's rows to the next, forward only; Alembic walks them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from maquette.kernel.database import Database
from maquette.kernel.errors import Conflict

FOLDER = Path(__file__).parent


def newest() -> str:
    """The step that this version of Maquette needs."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def found(database: Database) -> str | None:
    """The step that the rows are at; None where there are none."""
    with database.read() as rows:
        return MigrationContext.configure(rows).get_current_revision()


def are_done(database: Database) -> bool:
    """Whether the rows are as this version needs them."""
    return found(database) == newest()


def upgrade(database: Database) -> None:
    """Walks the missing steps in one transaction. Raises Conflict for rows of a newer version."""
    with database.write() as rows:
        check_known(rows)
        steps = config()
        steps.attributes["connection"] = rows
        command.upgrade(steps, "head")


def check_known(rows: Connection) -> None:
    revision = MigrationContext.configure(rows).get_current_revision()
    known = {step.revision for step in ScriptDirectory.from_config(config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise Conflict(
            f"This home was used by a newer Maquette (its rows are at step {revision}). Install that version again, "
            "or restore a backup that was made before.",
            revision=revision,
        )


def config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
