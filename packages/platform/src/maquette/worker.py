"""The worker role: does what takes time, and tidies up. It meets the server in the database only."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from maquette import migrations
from maquette.kernel.context import Platform
from maquette.kernel.errors import MaquetteError
from maquette.models.work import Imports
from maquette.notebooks.work import notebook
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.services.batch_work import Batches
from maquette.services.batch_work import sweep as sweep_batches
from maquette.services.rolling import Services
from maquette.services.work import service
from maquette.services.work import sweep as sweep_services
from maquette.tensorboards.work import tensorboard
from maquette.training.preparing import engine
from maquette.training.search.work import sweep, trial
from maquette.training.work import training
from maquette.workspaces import keys, sessions

log = logging.getLogger(__name__)

TIDY_SECONDS = 300.0
FIRST_TIDY_SECONDS = 5.0
STEP_SECONDS = 0.2
PAUSE_SECONDS = 2.0
"""After a failure, so that a lasting one does not fill the log."""

KINDS = {kind.name: kind for kind in (training, trial, tensorboard, notebook, service, engine)}
"""What runs can be for; a new noun that has something run adds its kind here."""


def work(ctx: Platform, stopped: threading.Event) -> None:
    """Until it is told to stop. What fails is logged and tried again."""
    await_rows(ctx, stopped)
    worker = this_worker(ctx)
    runs, imports, services = Work(ctx, KINDS, worker), Imports(ctx, worker), Services(ctx)
    batches = Batches(ctx, worker)
    next_tidy = time.monotonic() + FIRST_TIDY_SECONDS
    pause = 0.0
    while not stopped.wait(pause):
        done = [
            tried(runs.step, "Moving runs on"),
            tried(services.step, "Keeping services"),
            tried(imports.step, "Importing models"),
            tried(batches.step, "Feeding batches"),
        ]
        pause = STEP_SECONDS if all(done) else PAUSE_SECONDS
        if time.monotonic() >= next_tidy:
            next_tidy = time.monotonic() + TIDY_SECONDS
            tried(lambda: tidy(ctx), "Tidying up")
    batches.close()
    services.close()
    runs.close()
    imports.close()


def await_rows(ctx: Platform, stopped: threading.Event) -> None:
    """A server brings rows to this version's step; until one has, there is nothing to do."""
    if migrations.are_done(ctx.database):
        return
    log.warning("The rows are not at this version's step yet. Waiting for a server of this version.")
    while not stopped.wait(STEP_SECONDS) and not migrations.are_done(ctx.database):
        pass


def tried(what: Callable[[], None], name: str) -> bool:
    try:
        what()
    except MaquetteError as error:
        log.error("%s failed: %s", name, error.message)
    except Exception:
        log.exception("%s failed.", name)
    else:
        return True
    return False


def tidy(ctx: Platform) -> None:
    """Forgets sessions, links and keys that have run out; goes on with searches that nobody goes on with."""
    sweep(ctx)
    sweep_services(ctx)
    sweep_batches(ctx)
    gone = sessions.sweep(ctx) + keys.sweep(ctx)
    if gone:
        log.info("Forgot %d sessions and keys that had run out.", gone)
