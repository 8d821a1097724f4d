"""A search for hyperparameters: the space, the three algorithms with their settings, the rewards, and the trials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Point = Mapping[str, str]
"""A trial's hyperparameters as its script is given them: name and text."""


# ── the space ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Continuous:
    """Any number between two bounds, both included; with `points`, one of so many at even distances."""

    name: str
    lower: float
    upper: float
    points: int = 0
    whole: bool = False

    @property
    def by_magnitude(self) -> bool:
        """Bounds that are a hundredfold apart, as those of learning rates are, mean magnitudes: as much is tried
        between 0.001 and 0.01 as between 0.01 and 0.1."""
        return self.lower > 0 and self.upper / self.lower >= HUNDREDFOLD and not (self.points or self.whole)

    def text(self, value: float) -> str:
        """The nearest value that is allowed, as a script is given it."""
        if self.points:
            step = (self.upper - self.lower) / (self.points - 1)
            value = self.lower + round((value - self.lower) / step) * step
        inside = min(max(float(f"{value:.{DIGITS}g}"), self.lower), self.upper)
        return str(self._whole(inside)) if self.whole else repr(float(inside))

    def texts(self) -> tuple[str, ...]:
        """Every value, when they can be counted; else nothing."""
        if self.points:
            step = (self.upper - self.lower) / (self.points - 1)
            return tuple(dict.fromkeys(self.text(self.lower + index * step) for index in range(self.points)))
        if self.whole and self.upper - self.lower < MOST_COUNTED:
            return tuple(str(value) for value in range(math.ceil(self.lower), math.floor(self.upper) + 1))
        return ()

    def _whole(self, value: float) -> int:
        return min(max(round(value), math.ceil(self.lower)), math.floor(self.upper))


@dataclass(frozen=True)
class Choices:
    """One of the values listed, in the spelling of the list."""

    name: str
    values: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        """Numbers lie beside each other; words do not."""
        return all(number(value) is not None for value in self.values)

    def texts(self) -> tuple[str, ...]:
        """Every value, numbers by size."""
        return tuple(sorted(self.values, key=float)) if self.ordered else self.values


Parameter = Continuous | Choices
MOST_COUNTED = 1000
DIGITS = 12  # more are noise: 0.0010000000000000002 for a bound of 0.001
HUNDREDFOLD = 100 * (1 - 1e-9)  # 0.1 / 0.001 is not quite a hundred to a computer


def number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


# ── the algorithms ───────────────────────────────────────────────────────────────────────────────


class Kind(StrEnum):
    """What a setting's value is, as ModelArts spells it."""

    INTEGER = "Integer"
    FLOAT = "Float"
    STRING = "String"


@dataclass(frozen=True)
class Setting:
    """One setting of an algorithm: its default, and what is allowed."""

    key: str
    default: str
    kind: Kind
    least: float = -math.inf
    most: float = math.inf
    open: bool = False  # the bounds themselves are not allowed
    words: tuple[str, ...] = ()
    listed: bool = True  # in ModelArts' own list; the others are ours


MOST_SAMPLES = 1000
LARGEST_SEED = 2**31 - 1
SEED = Setting("seed", "1", Kind.INTEGER, 0, LARGEST_SEED)
SAMPLES = Setting("num_samples", "20", Kind.INTEGER, 1, MOST_SAMPLES)
FIFO, MEDIAN = "FIFOScheduler", "MedianStoppingRule"
FOR_ALL = (
    Setting("max_concurrent", "4", Kind.INTEGER, 1, 64, listed=False),
    Setting("scheduler", FIFO, Kind.STRING, words=(FIFO, MEDIAN), listed=False),
    Setting("grace_period", "3", Kind.INTEGER, 1, 10_000, listed=False),
    Setting("min_samples_required", "3", Kind.INTEGER, 1, MOST_SAMPLES, listed=False),
)
"""What may be set for each of the three, beyond ModelArts' own list; the names are those of its YAML files."""

BAYES, TPE, ANNEAL = "bayes_opt_search", "tpe_search", "anneal_search"
ALGORITHMS: Mapping[str, tuple[Setting, ...]] = {
    BAYES: (
        Setting("kind", "ucb", Kind.STRING, words=("ucb", "ei", "poi")),
        Setting("kappa", "2.5", Kind.FLOAT, 0, 1000),
        Setting("xi", "0.0", Kind.FLOAT, 0),
        SAMPLES,
        SEED,
        *FOR_ALL,
    ),
    TPE: (
        Setting("gamma", "0.25", Kind.FLOAT, 0, 1, open=True),
        Setting("n_initial_points", "20", Kind.INTEGER, 1, MOST_SAMPLES),
        SAMPLES,
        SEED,
        *FOR_ALL,
    ),
    ANNEAL: (
        Setting("avg_best_idx", "2.0", Kind.FLOAT, 1, 1000),
        Setting("shrink_coef", "0.1", Kind.FLOAT, 0, 1000),
        SAMPLES,
        SEED,
        *FOR_ALL,
    ),
}


# ── the search ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Reward:
    """A figure that the script prints, found in its log by a regular expression."""

    name: str
    highest: bool
    regex: str

    def better(self, one: float, other: float) -> bool:
        return one > other if self.highest else one < other


@dataclass(frozen=True)
class Search:
    """What is looked for, where, and how. The first reward is the one that is made better; the others are noted."""

    parameters: tuple[Parameter, ...]
    rewards: tuple[Reward, ...]
    algorithm: str = BAYES
    settings: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[Point, ...] = ()

    def setting(self, key: str) -> str:
        """What was set, or the algorithm's default."""
        return self.settings.get(key) or next(each.default for each in ALGORITHMS[self.algorithm] if each.key == key)

    @property
    def goal(self) -> Reward:
        return self.rewards[0]

    @property
    def samples(self) -> int:
        """How many trials there will be: as many as asked for, or fewer when the space has no more."""
        asked = int(self.setting("num_samples"))
        count = self.count
        return asked if count is None else min(asked, count)

    @property
    def initial_points(self) -> int:
        """Trials drawn before anything is learned; at most half of all, or nothing would be."""
        if self.algorithm != TPE:
            return min(max(3, 2 * len(self.parameters)), max(1, self.samples // 2))
        return min(int(self.setting("n_initial_points")), max(1, self.samples // 2))

    @property
    def concurrent(self) -> int:
        return int(self.setting("max_concurrent"))

    @property
    def stops_early(self) -> bool:
        return self.setting("scheduler") == MEDIAN

    @property
    def count(self) -> int | None:
        """How many points the space has, if they can be counted; those to be skipped are left out when few."""
        counts = [len(parameter.texts()) for parameter in self.parameters]
        if not all(counts):
            return None
        total = math.prod(counts)
        return total - self._skipped_of(total) if total <= MOST_COUNTED else total

    def skips(self, point: Point) -> bool:
        """Is this one of the combinations that the user left out?"""
        return any(all(same(point[name], value) for name, value in left_out.items()) for left_out in self.skipped)

    def _skipped_of(self, total: int) -> int:
        return sum(map(self.skips, self.points())) if self.skipped else 0

    def points(self) -> Iterable[Point]:
        """Every point of a space that can be counted."""
        texts = [parameter.texts() for parameter in self.parameters]
        names = [parameter.name for parameter in self.parameters]
        for index in range(math.prod(map(len, texts))):
            point = {}
            for name, values in zip(names, texts, strict=True):
                index, place = divmod(index, len(values))
                point[name] = values[place]
            yield point


def same(one: str, other: str) -> bool:
    """`0.10` is `0.1`."""
    numbers = number(one), number(other)
    return one == other if None in numbers else numbers[0] == numbers[1]


# ── the trials ───────────────────────────────────────────────────────────────────────────────────

MOST_REPORTS = 2000


@dataclass(frozen=True)
class Figures:
    """What a trial has printed for one reward: the first two thousand figures, the last one, the best one, how many."""

    count: int = 0
    best: float | None = None
    kept: tuple[float, ...] = ()

    @property
    def last(self) -> float | None:
        return self.kept[-1] if self.kept else None

    def after(self, value: float, reward: Reward) -> Figures:
        """The same with one more."""
        kept = (*self.kept[: MOST_REPORTS - 1], value)
        better = math.isfinite(value) and (self.best is None or reward.better(value, self.best))
        return Figures(self.count + 1, value if better else self.best, kept)


class TrialState(StrEnum):
    """Where a trial stands. `stopped` is a trial that was ended early and keeps what it had reached."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self not in (TrialState.WAITING, TrialState.RUNNING)


@dataclass(frozen=True)
class Trial:
    """One point that was tried: `reports` is what it printed for the goal, one after the other."""

    number: int
    point: Point
    state: TrialState = TrialState.WAITING
    reports: tuple[float, ...] = ()

    @property
    def reward(self) -> float | None:
        """What the trial is judged by: the last figure it printed, as the weights it leaves are its last, too.

        A trial that failed, printed nothing, or ended on `nan` has none.
        """
        if self.state is TrialState.FAILED or not self.reports or not math.isfinite(self.reports[-1]):
            return None
        return self.reports[-1]


def best_of(trials: Sequence[Trial], goal: Reward) -> Trial | None:
    """The ended trial with the best reward; the earlier of two equals."""
    best: Trial | None = None
    for trial in trials:
        if not trial.state.ended or trial.reward is None:
            continue
        if best is None or best.reward is None or goal.better(trial.reward, best.reward):
            best = trial
    return best


def best_report(reports: Iterable[float], goal: Reward) -> float | None:
    """The best of the figures printed, not only the last."""
    figures = [report for report in reports if math.isfinite(report)]
    if not figures:
        return None
    return max(figures) if goal.highest else min(figures)
