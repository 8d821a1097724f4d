"""The worker role: does what takes time, and tidies up. It meets the server in the database only."""

from __future__ import annotations

import logging
import threading

from maquette.kernel.context import Platform
from maquette.kernel.errors import MaquetteError
from maquette.workspaces import keys, sessions

log = logging.getLogger(__name__)

TIDY_SECONDS = 300.0
FIRST_TIDY_SECONDS = 5.0


def work(ctx: Platform, stopped: threading.Event) -> None:
    """Until it is told to stop. What fails is logged and tried again."""
    pause = FIRST_TIDY_SECONDS
    while not stopped.wait(pause):
        pause = TIDY_SECONDS
        try:
            tidy(ctx)
        except MaquetteError as error:
            log.error("Tidying up failed: %s", error.message)
        except Exception:
            log.exception("Tidying up failed.")


def tidy(ctx: Platform) -> None:
    """Forgets sessions, links and keys that have run out."""
    gone = sessions.sweep(ctx) + keys.sweep(ctx)
    if gone:
        log.info("Forgot %d sessions and keys that had run out.", gone)
