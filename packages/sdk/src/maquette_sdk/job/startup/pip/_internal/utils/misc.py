"""`from pip._internal.utils.misc import get_installed_distributions`."""

from __future__ import annotations

from typing import Any

from ..installed import Installed, installed


def get_installed_distributions(*args: Any, **options: Any) -> list[Installed]:
    """What is installed; each has `key`, `project_name`, `version` and `location`."""
    return installed()
