"""Loggers for services: `log.getLogger(__name__)` writes from INFO on to standard output."""

from __future__ import annotations

import logging
from typing import Optional

from maquette_sdk.serve.output import log_to_standard_output

level = logging.INFO


def getLogger(name: Optional[str] = None) -> logging.Logger:
    """A logger of this name whose lines from INFO on appear in the log of the service."""
    log_to_standard_output()
    logger = logging.getLogger(name)
    logger.setLevel(level)
    return logger
