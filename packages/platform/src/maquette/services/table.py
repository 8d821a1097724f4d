"""How services are kept, and what became of them. Their instances are runs."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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

services = Table(
    "services",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("infer_type", String(16), nullable=False, default="real-time"),
    Column("details", JSON, nullable=False, default=dict),  # of a batch: what it reads, and where its results go
    Column("targets", JSON, nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("settled", Integer, nullable=False, default=0),  # the last revision that was wholly ready
    Column("wanted", String(16), nullable=False),
    Column("stop_hours", Double, nullable=False, default=0.0),
    Column("due_at", Double),
    Column("tags", JSON, nullable=False, default=list),
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("published_at", Double, nullable=False),
    # how it fares
    Column("status", String(16), nullable=False),
    Column("error", SentenceText, nullable=False, default=""),
    Column("trouble", JSON, nullable=False, default=dict),
    Column("transition_at", Double, nullable=False),
    Column("asleep", Boolean, nullable=False, default=False),
    Column("called_at", Double, nullable=False, default=0.0),
    UniqueConstraint("workspace_id", "name"),
    Index("ix_services_wanted", "wanted"),
)

service_models = Table(
    "service_models",
    metadata,
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", ForeignKey("models.id"), primary_key=True, index=True),  # what is deployed is not removed
)

service_instances = Table(
    "service_instances",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key", String(16), nullable=False),
    Column("model_id", String(36), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("leaving_at", Double),  # since then it gets no new calls
    Column("ready_at", Double),
)

service_updates = Table(
    "service_updates",
    metadata,
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("result", String(8), nullable=False),
    Column("targets", JSON, nullable=False),
    Column("message", SentenceText, nullable=False, default=""),
    Column("by", String(36), nullable=False, default=""),
)

service_events = Table(
    "service_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("abnormal", Boolean, nullable=False, default=False),
    Column("code", String(48), nullable=False),
    Column("message", SentenceText, nullable=False),
    Column("parameters", JSON, nullable=False),
    sqlite_autoincrement=True,  # numbers of what has gone are not given out again
)

service_counts = Table(
    "service_counts",
    metadata,
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", String(36), primary_key=True),
    Column("calls", BigInteger, nullable=False, default=0),
    Column("failures", BigInteger, nullable=False, default=0),
    Column("seconds", Double, nullable=False, default=0.0),
    Column("histogram", JSON, nullable=False, default=list),  # calls by their latency, as counts.py bounds it
)

service_batches = Table(
    "service_batches",
    metadata,
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), primary_key=True),
    Column("round", Integer, nullable=False, default=1),  # grows each time it begins anew
    Column("phase", String(16), nullable=False),
    Column("owner", Text, nullable=False, default=""),  # the worker that feeds it
    Column("leased_until", Double, nullable=False, default=0.0),
    Column("total", Integer, nullable=False, default=0),
    Column("done", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("requests", BigInteger, nullable=False, default=0),  # a file is one, or as many as a table has rows
    Column("failed_requests", BigInteger, nullable=False, default=0),
    Column("rate", Double, nullable=False, default=0.0),  # requests a second, lately
    Column("began_at", Double),
    Column("ended_at", Double),
    Column("updated_at", Double, nullable=False, default=0.0),
)

service_inputs = Table(
    "service_inputs",
    metadata,
    Column("service_id", ForeignKey("services.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),  # its result is <name>_result.txt
    Column("state", String(8), nullable=False, default="waiting"),
    Column("instance", Integer, nullable=False, default=0),  # in whose manifest it is told
    Column("requests", Integer, nullable=False, default=0),
    Column("failed_requests", Integer, nullable=False, default=0),
    Column("failures", JSON, nullable=False, default=list),  # the first of them, each with row, status and reason
    Index("ix_service_inputs_state", "service_id", "state", "number"),
)
