"""How MoXing sets up logging: a script that imports it logs from INFO on, unless it says otherwise here."""

from __future__ import annotations

import logging
import os
import sys

VERSION = "2.1.0"


def announce() -> None:
    """Prints the version as MoXing does when it is imported, once per script, not in the processes that it starts.

    `MOX_SILENT_MODE=1` keeps it quiet. The number is that of the MoXing whose calls these are.
    """
    logging.basicConfig()
    logging.getLogger().setLevel(logging.INFO)
    if os.environ.get("MOX_SILENT_MODE") != "1" and not _is_child():
        logging.info("Using MoXing-v%s (Maquette)", VERSION)


def reset_logger(level: int = logging.INFO) -> None:
    """Lets the root logger log from this level on."""
    logging.getLogger().setLevel(level)


def clear_logger_handlers() -> None:
    """Takes all handlers from the root logger, so that logging.basicConfig works after `import moxing`."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)


def _is_child() -> bool:
    multiprocessing = sys.modules.get("multiprocessing.process")
    return bool(multiprocessing and multiprocessing.current_process().name != "MainProcess")
