"""How searches and their trials are kept."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from maquette.kernel.database import metadata
from maquette.runs.sentences import SentenceText

searches = Table(
    "searches",
    metadata,
    Column("version_id", ForeignKey("job_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),  # `running` until the last trial has been looked at
    Column("best", String(8), nullable=False, default=""),
    Column("message", SentenceText, nullable=False, default=""),
    Column("importances", JSON, nullable=False, default=dict),
    Column("charts", JSON, nullable=False, default=dict),
)

search_trials = Table(
    "search_trials",
    metadata,
    Column("version_id", ForeignKey("searches.version_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(8), nullable=False),
    Column("run_id", String(36), nullable=False, index=True),
    Column("point", JSON(none_as_null=True)),  # chosen when its turn has come, after what the others found by then
    Column("stopped_early", Boolean, nullable=False, default=False),
    Column("closed", Boolean, nullable=False, default=False),  # its log has been read to the end
    Column("figures", JSON, nullable=False, default=dict),
    Column("message", SentenceText, nullable=False, default=""),
    # how far its log has been read: which of the run's tries, and how many bytes
    Column("read_try", Integer, nullable=False, default=1),
    Column("read_bytes", BigInteger, nullable=False, default=0),
    UniqueConstraint("version_id", "id"),
)
