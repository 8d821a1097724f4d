"""How runs and what happened to them are kept."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, Text

from maquette.kernel.database import metadata
from maquette.runs.sentences import SentenceText

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("details", JSON, nullable=False),
    Column("created_by", String(36), nullable=False, default=""),
    # what it may use, and how it is treated
    Column("cores", Integer, nullable=False),
    Column("memory_bytes", BigInteger, nullable=False),
    Column("gpus", Integer, nullable=False),
    Column("served", Boolean, nullable=False, default=False),
    Column("priority", Integer, nullable=False, default=1),
    Column("restarts", Integer, nullable=False, default=0),
    Column("group", String(64), nullable=False, default="", index=True),
    Column("node", Integer, nullable=False, default=0),
    Column("hang_seconds", Double),
    Column("stop_hanging", Boolean, nullable=False, default=False),
    # where it is
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=1),
    Column("tries", Integer, nullable=False, default=0),
    Column("wish", Integer, nullable=False, default=0),
    Column("wish_told", Integer, nullable=False, default=0),
    Column("created_at", Double, nullable=False),
    Column("queued_at", Double, nullable=False),
    Column("moments", JSON, nullable=False),
    Column("gpu_ids", JSON, nullable=False),
    Column("address", Text, nullable=False, default=""),
    Column("ready", Boolean, nullable=False, default=False),
    # how it ended
    Column("code", Integer),
    Column("cause", String(16)),
    Column("message", SentenceText, nullable=False, default=""),
    Column("peak_memory_bytes", BigInteger, nullable=False, default=0),
    Column("settled", Boolean, nullable=False, default=False),  # its kind has looked at what it left
    # who moves it on
    Column("place", Text, nullable=False, default=""),  # the machine and home in which it is
    Column("owner", Text, nullable=False, default=""),  # the worker's process
    Column("leased_until", Double, nullable=False, default=0.0),
    Index("ix_runs_queue", "settled", "state", "priority", "queued_at"),
    Index("ix_runs_workspace", "workspace_id", "kind", "created_at"),
    Index("ix_runs_subject", "subject", "node", "created_at", "state"),  # all that a list sorted by state asks
    Index("ix_runs_standing", "workspace_id", "kind", "node", "state", "subject"),  # all that a list by state asks
)

run_events = Table(
    "run_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("level", String(8), nullable=False),
    Column("code", String(48), nullable=False),
    Column("message", SentenceText, nullable=False),
    Column("parameters", JSON, nullable=False),
    sqlite_autoincrement=True,  # numbers of what has gone are not given out again
)
