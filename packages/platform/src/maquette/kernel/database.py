"""Rows, on SQLite or PostgreSQL: how a connection is had, and nothing of what is kept.

    with database.write() as rows:   # one transaction; rolled back when anything is raised
        rows.execute(...)

On SQLite every write begins with BEGIN IMMEDIATE on one connection per process, so writers wait for each other
instead of failing half way. No network and no process start belongs inside a transaction.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from maquette.kernel.errors import BadInput, Unavailable

BUSY_SECONDS = 30
READERS = 8
INTEGRITY_CLASS = "23"
OUT_OF_RANGE = "22003"
"""Of PostgreSQL's error codes."""
TOO_LARGE = "A number in this call is larger than any that is kept here. Name a smaller one."
PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}", "cache_size=-8000")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables; every noun's `table.py` adds its own."""


class Database:
    """The rows behind one URL: `sqlite:////home/me/.maquette/maquette.db`, `postgresql+pg8000://user@host/name`.

    `safe_against_power_loss` makes SQLite wait for the disk at every commit; without it a commit survives the
    death of the process, not that of the machine.
    """

    def __init__(self, url: str, safe_against_power_loss: bool = False) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            make_private(self.url.database)
            synchronous = "FULL" if safe_against_power_loss else "NORMAL"
            self._reading = sqlite_engine(url, "BEGIN", synchronous, poolclass=QueuePool, pool_size=READERS)
            self._writing = sqlite_engine(url, "BEGIN IMMEDIATE", synchronous, poolclass=StaticPool)
        else:
            self._reading = self._writing = postgresql_engine(url)
        self._one_writer = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A view of the rows as they are at its first question."""
        with told_when_too_large(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. Do not call it inside another one."""
        if not self.is_sqlite:
            with told_when_too_large(), self._writing.begin() as connection:
                yield connection
            return
        with told_when_too_large(), told_when_full(), self._one_writer, self._writing.begin() as connection:
            yield connection

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """A connection without a transaction, for the few commands that allow none, such as VACUUM."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    def copy_to(self, file: Path) -> None:
        """A whole copy of SQLite's rows as they are now, while others go on writing."""
        with self.outside() as rows:
            rows.exec_driver_sql("VACUUM INTO ?", (str(file),))

    def close(self) -> None:
        self._reading.dispose()
        self._writing.dispose()


def one_at_a_time(rows: Connection, name: str) -> None:
    """Transactions that ask for the same name go one after another. SQLite has one writer anyway."""
    if rows.dialect.name == "postgresql":
        rows.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


FULL = "No room left on the disk of Maquette's home; nothing was changed. Free some space."
ROOM_TO_OPEN = 1 << 20


def no_room(url: str) -> bool:
    file = make_url(url).database
    return bool(file) and shutil.disk_usage(Path(str(file)).parent).free < ROOM_TO_OPEN


@contextmanager
def told_when_full() -> Iterator[None]:
    """Say in a sentence that SQLite has no room left; nothing of the transaction is kept."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
            raise
        raise Unavailable(FULL, reason="full") from error


@contextmanager
def told_when_too_large() -> Iterator[None]:
    """A number that no column holds is nobody's; PostgreSQL and SQLite's driver say so each in their own way."""
    try:
        yield
    except OverflowError as error:
        if "SQLite" not in str(error):
            raise
        raise BadInput(TOO_LARGE) from error
    except DBAPIError as error:
        if code_of(error.orig) != OUT_OF_RANGE:
            raise
        raise BadInput(TOO_LARGE) from error


def code_of(error: BaseException | None) -> str:
    """PostgreSQL's code of an error; empty for any other's."""
    told = error.args[0] if error and error.args else None
    return str(told.get("C")) if isinstance(told, dict) else ""


def make_private(file: str | None) -> None:
    """Rows are for their owner alone; SQLite gives its side files the same mode."""
    if file and Path(file).parent.is_dir():
        Path(file).touch(0o600)


def sqlite_engine(url: str, begin: str, synchronous: str, **options: Any) -> Engine:
    """The driver begins reads too late and writes too mildly, so its own way of beginning is switched off."""
    engine = create_engine(url, connect_args={"isolation_level": None, "check_same_thread": False}, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        try:
            for pragma in (*PRAGMAS, f"synchronous={synchronous}"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            # To open rows takes room beside them; SQLite tells its want as a fault of the disk.
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL) or not no_room(url):
                raise
            raise Unavailable(FULL, reason="full") from error

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgresql_engine(url: str) -> Engine:
    """Its driver calls only duplicates an IntegrityError; whatever else rows forbid is made one here."""
    engine = create_engine(
        url, pool_size=READERS, max_overflow=READERS, pool_pre_ping=True, isolation_level="READ COMMITTED"
    )

    @event.listens_for(engine, "handle_error")
    def tell(context: ExceptionContext) -> None:
        error = context.original_exception
        forbidden = code_of(error).startswith(INTEGRITY_CLASS)
        if forbidden and isinstance(context.sqlalchemy_exception, ProgrammingError):
            raise IntegrityError(context.statement, context.parameters, error) from error

    return engine
