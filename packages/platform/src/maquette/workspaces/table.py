"""How users, workspaces, keys and sessions are kept. What opens a door is kept as a hash, or encrypted."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, Text

from maquette.kernel.database import metadata

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("description", Text, nullable=False, default=""),
    Column("created_at", Double, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", Text),
    Column("administrator", Boolean, nullable=False, default=False),
    Column("language", String(8), nullable=False, default=""),  # until one is chosen, what the browser asks for
    Column("theme", String(8), nullable=False, default="system"),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Double, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Integer, nullable=False),
    Index("ix_members_user_id", "user_id"),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("access", String(64), primary_key=True),
    Column("secret", Text, nullable=False),  # encrypted: signatures need the secret itself
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("description", Text, nullable=False, default=""),
    Column("buckets", JSON(none_as_null=True)),  # null: whatever the user may
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("last_used_at", Double),
    Column("disabled", Boolean, nullable=False, default=False),
)

app_codes = Table(
    "app_codes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("created_at", Double, nullable=False),
    Column("last_used_at", Double),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(8), nullable=False),  # session: a browser's cookie; token: an X-Auth-Token; link: to sign in
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("last_seen_at", Double, nullable=False),
    Column("address", String(64), nullable=False, default=""),
    Column("agent", String(256), nullable=False, default=""),
)

guesses = Table(
    "guesses",
    metadata,
    Column("subject", String(160), primary_key=True),  # what was guessed at: a user's name, an address
    Column("failures", Integer, nullable=False),
    Column("last_at", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("workspace_id", String(36), index=True),  # kept when the workspace is gone
    Column("user_name", String(64), nullable=False),
    Column("proof", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Integer, nullable=False),
)
