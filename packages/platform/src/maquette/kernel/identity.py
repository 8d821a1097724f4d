"""Who is asking: what the door has found out of a request, and what a role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What somebody may do in a workspace; a higher one may do all that a lower one may."""

    VIEWER = 1
    MEMBER = 2
    OWNER = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Proof(StrEnum):
    """How somebody has shown who they are."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  a word, not a secret
    ACCESS_KEY = "access_key"
    APP_CODE = "app_code"


class Access(StrEnum):
    """What a scoped key may do with a bucket."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class Identity:
    """Somebody in a workspace. `buckets` is None where every bucket of the workspace may be used, else
    what a scoped key may do with which; such a key opens no other door than the object store's."""

    user_id: str
    user_name: str
    workspace_id: str
    role: Role
    proof: Proof
    key_id: str = ""
    administrator: bool = False
    buckets: Mapping[str, Access] | None = field(default=None)
