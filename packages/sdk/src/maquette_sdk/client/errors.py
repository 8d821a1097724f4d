"""What goes wrong between a program and a Maquette."""

from __future__ import annotations

from typing import Any, Mapping, Optional


class MaquetteError(Exception):
    """A failure in one sentence with the fix. `status` is that of the answer, `code` Maquette's word for it, `details`
    what else it tells, such as the `field` that is wrong; all empty when nothing answered."""

    def __init__(
        self, message: str, status: int = 0, code: str = "", details: Optional[Mapping[str, Any]] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.details = dict(details or {})
