"""The few errors of Maquette: what happened, to which thing, and what one may do about it."""

from __future__ import annotations

from typing import Any


class MaquetteError(Exception):
    """A failure told in one sentence with the fix; `code` and `parameters` let a console translate it."""

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, **parameters: Any) -> None:
        super().__init__(message)
        self.message = message
        self.parameters = parameters


class BadInput(MaquetteError):
    """What the caller gave cannot be accepted; names the field and the fix."""

    code = "bad_input"
    exit_code = 2


class NotFound(MaquetteError):
    """The thing named does not exist here."""

    code = "not_found"


class Conflict(MaquetteError):
    """The thing is in a state, or in other hands, that forbids this."""

    code = "conflict"


class Refused(MaquetteError):
    """Maquette will not do this, and says why."""

    code = "refused"


class Unavailable(MaquetteError):
    """Something outside Maquette is missing: network, disk space, an interpreter, a Debian package."""

    code = "unavailable"
