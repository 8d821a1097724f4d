"""How models are kept; their packages lie frozen in the home, each in a folder of its id."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from maquette.kernel.database import metadata
from maquette.runs.sentences import SentenceText

models = Table(
    "models",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("version", String(8), nullable=False),
    Column("major", Integer, nullable=False),  # the version's three numbers, by which versions are in order
    Column("minor", Integer, nullable=False),
    Column("patch", Integer, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("request", JSON, nullable=False),  # what it was imported from, and how
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    # the import
    Column("status", String(16), nullable=False),
    Column("progress", SentenceText, nullable=False, default=""),
    Column("owner", Text, nullable=False, default=""),
    Column("leased_until", Double, nullable=False, default=0.0),
    Column("error", SentenceText, nullable=False, default=""),
    # what was found in the package
    Column("model_type", String(32), nullable=False, default=""),
    Column("size_bytes", BigInteger, nullable=False, default=0),
    Column("files", Integer, nullable=False, default=0),
    Column("config", JSON, nullable=False, default=dict),
    Column("report", JSON, nullable=False, default=dict),
    UniqueConstraint("workspace_id", "name", "version"),
    Index("ix_models_workspace", "workspace_id", "created_at"),
    Index("ix_models_status", "status"),
)
