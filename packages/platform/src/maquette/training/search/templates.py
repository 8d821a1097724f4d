"""The search algorithms in words, and ModelArts' YAML templates of them."""

from __future__ import annotations

from maquette.training.search.domain import ALGORITHMS, ANNEAL, BAYES, TPE

DESCRIPTIONS = {
    BAYES: "Hyperparameter search using Gaussian process.",
    TPE: "Hyperparameter search using the tree-structured Parzen estimator algorithm.",
    ANNEAL: "Hyperparameter search using simulated annealing algorithm.",
}
NAMES = {"Anneal": ANNEAL, "Bayes": BAYES, "TPE": TPE}

TEMPLATE = """\
general:
  instance_per_trial: 1

search_space:
  - params:
    - type: continuous_param
      name: lr
      start: 0.001
      stop: 0.1
    - type: discrete_param
      name: batch_size
      values: [16, 32, 64]

search_algorithm:
  type: {type}
  reward_attr: accuracy
  mode: max
{settings}

scheduler:
  type: FIFOScheduler  # or MedianStoppingRule
"""


def template(name: str) -> str:
    """The file of one algorithm, with the settings it has when none are given."""
    settings = [setting for setting in ALGORITHMS[NAMES[name]] if setting.key not in OF_SCHEDULER]
    lines = [f"  {setting.key}: {setting.default}" for setting in settings]
    return TEMPLATE.format(type=NAMES[name], settings="\n".join(lines))


OF_SCHEDULER = ("scheduler", "grace_period", "min_samples_required")
