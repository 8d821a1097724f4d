"""How notebooks are kept."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, String, Table, Text, UniqueConstraint

from maquette.kernel.database import metadata

notebooks = Table(
    "notebooks",
    metadata,
    Column("id", String(36), primary_key=True),  # the subject of its runs
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("image", Text, nullable=False),  # the names of its engines, with & between
    Column("flavour", String(128), nullable=False),
    Column("folder", Text, nullable=False, default=""),  # of a bucket, to be synced with
    Column("told", JSON, nullable=False, default=dict),  # what a client said of it and wants to hear again
    Column("auto_stop", Boolean, nullable=False),
    Column("leased_at", Double, nullable=False),
    Column("lease_seconds", Double, nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("workspace_id", "created_by", "name"),
)
