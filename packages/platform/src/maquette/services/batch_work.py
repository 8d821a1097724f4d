"""The worker's part with batch services: takes those that nobody feeds, and feeds each in a thread of its own.

A batch is fed by one worker at a time. Whatever becomes of that worker, the next one goes on: an input is settled once
it is written down so, or once its result lies in the bucket with the mark of this round.
"""

from __future__ import annotations

import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import select

from maquette.kernel.clock import has_passed
from maquette.kernel.context import Platform
from maquette.kernel.errors import MaquetteError
from maquette.runs.queue import LEASE_SECONDS, Worker
from maquette.runs.sentences import say as about
from maquette.services import batch_book
from maquette.services.batch_book import Book, Lost
from maquette.services.batch_feeding import BatchFailed, Feeding
from maquette.services.batch_results import folder_of
from maquette.services.domain import CallLimits
from maquette.services.table import services

log = logging.getLogger(__name__)

AT_ONCE = 16
SEEK_SECONDS = 0.5
PAUSE_SECONDS = 5.0
"""After a failure that could not even be written down."""


@dataclass
class Batches:
    """The batches that this worker feeds."""

    ctx: Platform
    worker: Worker
    limits: CallLimits = field(default_factory=CallLimits)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "batches"))
    busy: set[str] = field(default_factory=set)
    ending: threading.Event = field(default_factory=threading.Event)
    looked_at: float = 0.0
    renewed_at: float = 0.0

    def step(self) -> None:
        """Takes what nobody feeds: new batches, those that were started again, those whose worker has died."""
        now = self.ctx.clock()
        if self.busy and has_passed(LEASE_SECONDS / 3, self.renewed_at, now):
            self.renewed_at = now
            batch_book.renew(self.ctx, self.worker)
        if not has_passed(SEEK_SECONDS, self.looked_at, now):
            return
        self.looked_at = now
        for service_id in batch_book.waiting(self.ctx, self.worker, self.busy):
            book = batch_book.claim(self.ctx, self.worker, service_id) if len(self.busy) < AT_ONCE else None
            if book is not None:
                self.busy.add(service_id)
                self.pool.submit(self.feed, book)

    def close(self) -> None:
        """Calls under way are finished, within a few seconds."""
        self.ending.set()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def feed(self, book: Book) -> None:
        """In a thread of its own."""
        try:
            self.work_through(book)
            book.release()
        except Lost:
            log.info("The batch %s is fed here no more.", book.service.name)
        except Exception:
            log.exception("The batch %s could not be fed; it is taken up again.", book.service.name)
            self.ending.wait(PAUSE_SECONDS)
        finally:
            self.busy.discard(book.service.id)

    def work_through(self, book: Book) -> None:
        try:
            Feeding(self.ctx, book, self.limits, self.ending).run()
        except BatchFailed as failed:
            book.fail(failed.message)
        except Lost:
            raise
        except MaquetteError as error:
            book.fail(error.message)
        except Exception as error:
            log.exception("The batch %s could not be fed.", book.service.name)
            book.fail(about("itself", error=f"{type(error).__name__}: {error}"))


def sweep(ctx: Platform) -> None:
    """Forgets the answers of batches that were removed."""
    folder = folder_of(ctx, "")
    kept = list(folder.iterdir()) if folder.is_dir() else []
    with ctx.database.read() as rows:
        known = set(rows.execute(select(services.c.id)).scalars()) if kept else set()
    for path in kept:
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)
