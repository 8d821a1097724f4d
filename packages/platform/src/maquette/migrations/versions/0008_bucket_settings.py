"""What buckets say of themselves: ACL, policy, CORS and the like."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    settings = op.create_table(
        "bucket_settings",
        sa.Column("bucket", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bucket"], ["buckets.name"], name=op.f("fk_bucket_settings_bucket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bucket", "name", name=op.f("pk_bucket_settings")),
    )
    buckets = sa.table("buckets", sa.column("name"), sa.column("policy"))
    found = op.get_bind().execute(sa.select(buckets.c.name).where(buckets.c.policy == "public-read"))
    public = [{"bucket": name, "name": "policy", "text": _everybody_reads(name)} for name in found.scalars()]
    if public:
        op.bulk_insert(settings, public)


def _everybody_reads(bucket: str) -> str:
    """What `public-read` has meant so far: objects too."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    actions = ["s3:GetObject", "s3:ListBucket"]
    statement = {"Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
