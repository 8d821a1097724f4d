"""Whose a bucket is and who else may read it; the objects themselves are the store's."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, String, Table, Text

from maquette.kernel.database import metadata

buckets = Table(
    "buckets",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("policy", Text, nullable=False, default="private"),  # public-read where anybody may do anything
    Column("created_at", Double, nullable=False),
)

bucket_settings = Table(
    "bucket_settings",
    metadata,
    Column("bucket", ForeignKey("buckets.name", ondelete="CASCADE"), primary_key=True),
    Column("name", String(32), primary_key=True),  # acl, policy, cors, … as the object store's calls name them
    Column("text", Text, nullable=False),
)
