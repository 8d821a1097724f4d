"""`import moxing.pytorch as mox`: `mox.file` works; the training helpers for PyTorch say what to use instead."""

from .. import training_helpers
from ..framework import file

__all__ = ["file"]

__getattr__ = training_helpers.attribute_of(__name__)
