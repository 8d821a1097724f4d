"""Loggers of MXNet services."""

from __future__ import annotations

import logging
from typing import Any, Optional, Union

from maquette_sdk.serve.output import log_to_standard_output


def get_logger(
    name: Optional[str] = None,
    filename: Optional[str] = None,
    level: Union[int, str] = "INFO",
    *rest: Any,
    **named: Any,
) -> logging.Logger:
    """A logger whose lines from INFO on (or `level`) appear in the log of the service; `filename` gets them too."""
    log_to_standard_output()
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO if level in ("NOTSET", logging.NOTSET) else level)
    if filename and not any(isinstance(handler, logging.FileHandler) for handler in logger.handlers):
        logger.addHandler(logging.FileHandler(filename))
    return logger


def getLogger(name: Optional[str] = None, *rest: Any, **named: Any) -> logging.Logger:
    """The older spelling of `get_logger`."""
    return get_logger(name)
