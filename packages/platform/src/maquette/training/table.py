"""How algorithms, training jobs and their versions are kept."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Double, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from maquette.kernel.database import metadata

algorithms = Table(
    "algorithms",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("content", JSON, nullable=False),
    Column("tags", JSON, nullable=False, default=list),
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

training_jobs = Table(
    "training_jobs",
    metadata,
    Column("number", Integer, primary_key=True),  # the first generation names jobs by numbers
    Column("id", String(36), nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("versions", Integer, nullable=False, default=0),  # how many there ever were
    Column("newest_id", String(36)),  # of its newest version, whose state and time lists ask for; none has one
    UniqueConstraint("workspace_id", "name"),
    Index("ix_training_jobs_workspace", "workspace_id", "created_at"),
    sqlite_autoincrement=True,  # numbers of what has gone are not given out again
)

job_versions = Table(
    "job_versions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(36), nullable=False, unique=True),  # the subject of its runs
    Column("job_id", ForeignKey("training_jobs.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),  # 1 is V0001
    Column("previous", Integer),
    Column("specification", JSON, nullable=False),
    Column("created_by", String(36), nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    # found out while it was prepared and when it had ended
    Column("engine", JSON, nullable=False, default=dict),
    Column("code_hash", String(64), nullable=False, default=""),
    Column("packages", JSON, nullable=False, default=list),
    Column("metrics", JSON(none_as_null=True)),
    Column("results", JSON, nullable=False, default=dict),
    UniqueConstraint("job_id", "version"),
    sqlite_autoincrement=True,  # numbers of what has gone are not given out again
)

job_configurations = Table(
    "job_configurations",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("description", Text, nullable=False, default=""),
    Column("content", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
)

experiments = Table(
    "training_experiments",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

experiment_jobs = Table(
    "training_experiment_jobs",
    metadata,
    Column("job_id", ForeignKey("training_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("experiment_id", ForeignKey("training_experiments.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("serial", Integer, nullable=False),  # counts the jobs of one experiment
)
