"""The log of the server and the worker: lines for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import sys
import time

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
ALWAYS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message"}`, what `extra=` adds, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in ALWAYS},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def write_journal(kind: str) -> None:
    """From now on everything that is logged goes to stderr; `kind` is text, json, or auto."""
    as_json = kind == "json" or (kind == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter(TEXT, "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Alembic tells its steps, and uvicorn what we tell in our own words.
    for name in ("alembic", "uvicorn", "multipart"):
        logging.getLogger(name).setLevel(logging.WARNING)
