"""Where a service's lines go: standard output, whatever the package's code has done to it."""

from __future__ import annotations

import logging
import os
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class StandardOutput(logging.Handler):
    """Writes to what `sys.stdout` is at that moment. Packages replace it, detach it or close it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - logging's own rule: a bad record must not fail the code that logs
            self.handleError(record)


def log_to_standard_output() -> None:
    """Sends the log lines of all loggers to standard output, unless somebody arranged it otherwise before."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = StandardOutput()
    handler.setFormatter(logging.Formatter(FORMAT, "%Y-%m-%d %H:%M:%S"))
    root.addHandler(handler)


def prepare_streams() -> None:
    """Makes both streams UTF-8 and written line by line, so that the log of the run is never behind."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]


def write(text: str) -> None:
    """Writes text at once; to the file descriptor itself where `sys.stdout` cannot be written any more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (AttributeError, ValueError, OSError):
        os.write(1, text.encode("utf-8", "backslashreplace"))


def say(text: str) -> None:
    """One line of the instance's own."""
    write("[Maquette] {}\n".format(text))


def flush() -> None:
    """Brings out what the package's code has printed; it may have put any object in the place of the streams."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            continue
