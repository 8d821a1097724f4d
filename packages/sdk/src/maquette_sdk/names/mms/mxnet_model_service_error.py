"""The error that MXNet services raise with a code of their own."""

from __future__ import annotations

from typing import Any


class MMSError(Exception):
    """An error with a code and a message."""

    def __init__(self, code: Any, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def get_code(self) -> Any:
        """The code given, or set since."""
        return self.code

    def get_message(self) -> str:
        """The message given."""
        return self.message

    def set_code(self, code: Any) -> None:
        """Replaces the code."""
        self.code = code
