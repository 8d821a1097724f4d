"""Search by annealing: each new point is drawn about one of the best so far, from a range that shrinks as trials end.

The idea and the names of its settings are hyperopt's: the good point is chosen for each hyperparameter on its own, by a
geometric law with the mean rank `avg_best_idx`; after T trials the range is 1 / (1 + T · shrink_coef) of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from maquette.training.search.coding import edges


class AnnealingSampler(BaseSampler):
    def __init__(self, avg_best_idx: float, shrink_coef: float, seed: int) -> None:
        self._avg_best_idx, self._shrink_coef = avg_best_idx, shrink_coef
        self._random = np.random.default_rng(seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        ranked = best_first(study)
        if not ranked:
            return self._about(param_distribution, None, 1.0)
        rank = min(int(self._random.geometric(1 / self._avg_best_idx)) - 1, len(ranked) - 1)
        return self._about(
            param_distribution, ranked[rank].params[param_name], 1 / (1 + len(ranked) * self._shrink_coef)
        )

    def _about(self, each: BaseDistribution, middle: Any, share: float) -> Any:
        """A value from a range of this share of the whole, about the middle, pushed inside where it would stand out."""
        if isinstance(each, CategoricalDistribution):
            if middle is not None and self._random.uniform() >= share:
                return middle
            return each.choices[int(self._random.integers(len(each.choices)))]
        low, high = edges(each)
        if isinstance(each, IntDistribution):  # an integer owns the ground half a step to its left and right
            low, high = low - 0.5, high + 0.5
        half = (high - low) * share / 2
        center = (low + high) / 2 if middle is None else min(max(float(middle), low + half), high - half)
        value = self._random.uniform(center - half, center + half)
        if isinstance(each, IntDistribution):
            return min(max(round(value), each.low), each.high)
        return min(max(value, low), high)


def best_first(study: Study) -> list[FrozenTrial]:
    """The ended trials; those without a reward come last."""
    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    return sorted(ended, key=lambda trial: (trial.value is None, sign * (trial.value or 0.0)))
