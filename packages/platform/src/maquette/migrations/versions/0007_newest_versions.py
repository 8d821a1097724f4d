"""Every job knows its newest version; an index for lists sorted by state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEWEST = """
UPDATE training_jobs SET newest_id = (
    SELECT id FROM job_versions WHERE job_id = training_jobs.id ORDER BY version DESC LIMIT 1
)"""


def upgrade() -> None:
    with op.batch_alter_table("training_jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("newest_id", sa.String(length=36), nullable=True))
    op.execute(NEWEST)
    with op.batch_alter_table("job_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_job_versions_newest")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_subject")
        batch_op.create_index("ix_runs_subject", ["subject", "node", "created_at", "state"], unique=False)
