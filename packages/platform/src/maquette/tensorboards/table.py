"""How TensorBoards are kept."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from maquette.kernel.database import metadata

tensorboards = Table(
    "tensorboards",
    metadata,
    Column("number", Integer, primary_key=True),  # ModelArts names them by numbers
    Column("id", String(36), nullable=False, unique=True),  # the subject of its runs
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(20), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("logs", Text, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("workspace_id", "name"),
    sqlite_autoincrement=True,  # numbers of what has gone are not given out again
)
