from __future__ import annotations

import importlib
import logging
from typing import Any

import pytest


def test_a_logger_writes_to_standard_output_from_info_on(names: None, capsys: pytest.CaptureFixture[str]) -> None:
    log = importlib.import_module("log")
    logger = log.getLogger("customize_service")
    assert log.getLogger("customize_service") is logger and len(logger.handlers) == 1
    logger.debug("not this")
    logger.info("this: %d", 1)
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.endswith("customize_service - INFO - this: 1\n") and told.out.count("\n") == 1


def test_a_logger_that_cannot_write_does_not_stop_the_script(names: None, monkeypatch: Any) -> None:
    problems = []
    logger = importlib.import_module("log").getLogger("test_a_logger_that_cannot_write")
    monkeypatch.setattr(logging.Handler, "handleError", lambda handler, record: problems.append(record))
    logger.info("%d", "no number")
    assert len(problems) == 1
