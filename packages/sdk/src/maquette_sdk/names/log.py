"""`import log`: the logger that ModelArts puts beside training and serving scripts."""

from __future__ import annotations

import logging
import sys

_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"


def getLogger(name: str) -> logging.Logger:
    """The logger of this name; it writes to standard output, from INFO on."""
    logger = logging.getLogger(name)
    if not any(isinstance(handler, _OutputHandler) for handler in logger.handlers):
        handler = _OutputHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger


class _OutputHandler(logging.Handler):
    """Writes to what is standard output now, which a script may have replaced since."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:  # noqa: BLE001  a handler's own errors go where logging sends them
            self.handleError(record)
