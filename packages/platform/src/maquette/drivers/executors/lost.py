"""A run whose supervisor was killed: ends what is left of it and writes down that it is lost."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import Cause, Exit
from maquette_sdk.job import folder as files
from maquette_sdk.job import groups, processes
from maquette_sdk.job.sentences import say
from maquette_sdk.sentences import told

KILLED = 137


def clean_up(folder: Path) -> Exit:
    """Ends the leftovers, writes `exit.json`, and returns what it says."""
    record = files.read_json(str(folder), files.SUPERVISOR)
    if record is not None and record["boot"] == processes.boot():
        if not processes.kill_all(lambda: leftovers(record), lambda: None):
            raise Unavailable(f"Some processes of the lost run in {folder} cannot be ended.", folder=str(folder))
        for path in record["groups"]:
            groups.remove(path)
    started_at = record["started_at"] if record is not None else 0.0
    message = say("supervisor_gone")
    ended = Exit(KILLED, Cause.LOST, message, started_at=started_at, ended_at=time.time())
    content = {**asdict(ended), "cause": str(ended.cause), "told": told(message), "notes": [], "log_bytes_dropped": 0}
    files.give_room(str(folder))
    files.write_json(str(folder), files.EXIT, content, durable=True)
    return ended


def leftovers(record: dict[str, Any]) -> list[int]:
    """Processes that the run's cookie, session, control groups or own user give away, and their descendants."""
    known = processes.table()
    grouped = {pid for path in record["groups"] for pid in groups.members(path)}
    found = {entry.pid for entry in known.values() if entry.pid in grouped or belongs(entry, record)}
    found |= {entry.pid for pid in found.copy() for entry in processes.descendants(known, pid)}
    return sorted(found & known.keys())


def belongs(entry: processes.Entry, record: dict[str, Any]) -> bool:
    if record["session"] and entry.session == record["session"] and entry.started >= record["session_started"]:
        return True
    cookie = processes.cookie(entry.pid)
    if cookie is not None:
        return bool(cookie == record["cookie"])
    # Without a cookie the user must tell; one that was given on since would show the new run's cookie.
    user: int | None = record["user"]
    return user is not None and processes.owner(entry.pid) == user
