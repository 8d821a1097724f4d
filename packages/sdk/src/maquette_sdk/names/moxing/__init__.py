"""MoXing, as training scripts for ModelArts import it: `import moxing as mox`, then `mox.file`."""

from . import framework, training_helpers
from .framework import file
from .framework.util.runtime import VERSION as __version__
from .framework.util.runtime import announce

__all__ = ["__version__", "file", "framework"]

announce()
training_helpers.answer_for(__name__)
__getattr__ = training_helpers.attribute_of(__name__, training_helpers.NAMES)
