"""`modelarts.config`: what models and services are described by."""

from __future__ import annotations

from .. import not_here

__getattr__ = not_here.submodule_of(__name__)
