"""Who works here: workspaces, users and their roles, access keys, and what a name or a password must be like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from maquette.kernel.errors import BadInput
from maquette.kernel.identity import Access, Role
from maquette.workspaces.sentences import say

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
MOST_KEYS = 20
TOKEN_SECONDS = 24 * 3600
SESSION_SECONDS = 14 * 24 * 3600
LINK_SECONDS = 3600
LANGUAGES = ("zh-cn", "en-us")
THEMES = ("light", "dark", "system")

_USER_NAME = re.compile(r"[\w][\w.@+-]{0,63}\Z")
_WORKSPACE_NAME = re.compile(r"[\w][\w-]{2,62}[\w]\Z")


@dataclass(frozen=True)
class Workspace:
    """All that people who work together share. Its id is `project_id` in every address."""

    id: str
    name: str
    description: str
    created_at: float


@dataclass(frozen=True)
class User:
    """Somebody with a name and, once chosen, a password. An administrator makes users and workspaces."""

    id: str
    name: str
    administrator: bool
    language: str
    theme: str
    disabled: bool
    has_password: bool
    created_at: float


@dataclass(frozen=True)
class Member:
    """A user's place in a workspace."""

    workspace_id: str
    user_id: str
    user_name: str
    role: Role


@dataclass(frozen=True)
class AccessKey:
    """A key of programs. `buckets` None: it may do all that its user may; else only this, in the object store."""

    access: str
    user_id: str
    workspace_id: str
    description: str
    buckets: Mapping[str, Access] | None
    created_at: float
    expires_at: float | None
    last_used_at: float | None
    disabled: bool


@dataclass(frozen=True)
class AppCode:
    """A key that opens online services and nothing else."""

    id: str
    workspace_id: str
    name: str
    created_at: float
    last_used_at: float | None


@dataclass(frozen=True)
class AuditEntry:
    """That somebody changed something, or tried to: `status` is that of the answer."""

    at: float
    workspace_id: str | None
    user_name: str
    proof: str
    address: str
    action: str
    subject: str
    status: int
    number: int = 0


def check_user_name(name: str) -> None:
    if not _USER_NAME.match(name):
        raise BadInput(
            say("user_name", name=name),
            field="name",
        )


def check_workspace_name(name: str) -> None:
    """As ModelArts has it: 4 to 64 characters."""
    if not _WORKSPACE_NAME.match(name):
        raise BadInput(
            say("workspace_name", name=name),
            field="name",
        )


def check_password(password: str, user_name: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(say("password_length", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD), field="password")
    if password.casefold() == user_name.casefold() or len(set(password)) < 4:
        raise BadInput(say("password_easy"), field="password")


def read_role(text: str) -> Role:
    try:
        return Role[text.upper()]
    except KeyError:
        raise BadInput(say("no_role", name=text), field="role") from None
