"""The part of the ModelArts SDK that works here: sessions with their bucket calls, training jobs, models, services."""

from __future__ import annotations

from . import not_here

not_here.answer_for(__name__)
__getattr__ = not_here.submodule_of(__name__)
