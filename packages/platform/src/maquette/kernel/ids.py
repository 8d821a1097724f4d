"""Names for new things."""

from __future__ import annotations

import secrets
import uuid


def new_id() -> str:
    """A fresh id as ModelArts prints them: a UUID."""
    return str(uuid.uuid4())


def new_secret() -> str:
    return secrets.token_urlsafe(30)
