"""Ray's own process is not started: it listens on every address of the machine."""

import ray
from ray import tune

assert tune.Tuner
print("version", ray.__version__)
