"""`import moxing.tensorflow as mox`: `mox.file` works; the helpers for TensorFlow 1 say what to use instead."""

from .. import training_helpers
from ..framework import file
from .flags import define_flags

__all__ = ["cache", "file"]


def cache() -> None:
    """MoXing wrote TensorFlow's checkpoints by way of a local folder after this; buckets are local here anyway."""


define_flags()
__getattr__ = training_helpers.attribute_of(__name__)
