"""How many calls are done together, and how long one waits for the next: learned from what it took and when they came.

A batch is only worth what it saves. A model that needs eight times as long for eight calls is given one at a time.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Deque, Dict, List, Optional, Tuple

MOST_TOGETHER = 32
MOST_SECONDS = 1.0
"""No batch is made larger that would take longer: every call in it waits for all."""
NEEDED, CERTAIN, KEPT = 3, 6, 9
"""After so many measurements of a size larger ones may be tried, after so many it may be given up, and as many of the
last are remembered: a machine that is busy with something else for a moment tells nothing."""
WORTH = 0.97
"""A size is better than a smaller one if a call takes at most so much of the time."""
FIRST_PATIENCE, LONGEST_PATIENCE = 16, 4096
"""After so many batches a size that was no better is tried again, each time after twice as many."""
LEAST_SAVED = 0.0002
MOST_WAIT = 0.05
LEARNING = 1 / 8


class Pace:
    """How quick batches of one shape are. `limit` is how many calls may be done together now.

    Sizes are looked at in steps: 1, 2, up to 4, up to 8, … Each step is entered when the one before was worth it, and
    in each every way to stack is measured.
    """

    def __init__(self, ways: Tuple[str, ...], most: int) -> None:
        self._ways = list(ways)
        self._most = most
        self._step = 0
        self._times: Dict[Tuple[int, str], Deque[float]] = {}
        self._patience = FIRST_PATIENCE
        self._batches_left = 0
        self._given_up: Optional[float] = None

    @property
    def limit(self) -> int:
        return min(1 << self._step, self._most)

    @property
    def saved(self) -> float:
        """Seconds that a call costs less in a batch than alone, as far as is known."""
        alone = self._best(0)
        together = [seconds for seconds in map(self._best, range(1, self._step + 1)) if seconds is not None]
        return max(0.0, alone - min(together)) if together and alone is not None else 0.0

    @property
    def room(self) -> int:
        """How many calls it is worth to have here: one batch under way, and the next."""
        return 2 * self.limit if self._step else 1

    def way(self, calls: int) -> str:
        """The way to stack so many: each is measured, then the quickest is taken."""
        step = step_of(calls)
        counts = {way: len(self._times.get((step, way), ())) for way in self._ways}
        unsure = step == self._step and self._is_worse(step)
        unknown = [way for way in self._ways if counts[way] < (CERTAIN if unsure else NEEDED)]
        return unknown[0] if unknown else min(self._ways, key=lambda way: self._seconds(step, way) or 0.0)

    def give_up(self, way: str) -> None:
        """Models may fail for the way in which a tensor lies in memory."""
        self._ways.remove(way)

    def hold(self, most: int) -> None:
        """From now on no more than these."""
        self._most = min(self._most, most)
        self._step = min(self._step, step_of(self._most))

    def ran(self, calls: int, way: str, seconds: float) -> None:
        """So many calls together took so long."""
        step = step_of(calls)
        times = self._times.get((step, way))
        if times is None:
            # The first of a kind is not measured: frameworks prepare themselves in it.
            self._times[step, way] = deque(maxlen=KEPT)
            return
        times.append(seconds / calls)
        self._learn(step)

    def _learn(self, step: int) -> None:
        here = self._best(step)
        if here is None:
            return
        if self._is_worse(step) and not self._leads_on(step):
            if all(len(self._times[step, way]) >= CERTAIN for way in self._ways):
                self._go_back(self._best_below(step)[1])
        elif step != self._step:
            return
        elif self._given_up is not None and self._given_up <= WORTH * here:
            self._come_back()
        elif self._batches_left > 0:
            self._batches_left -= 1
        elif self.limit < self._most and here * (2 << step) <= MOST_SECONDS:
            self._step += 1

    def _is_worse(self, step: int) -> bool:
        """Whether a smaller batch is as good for each of its calls, as far as is known."""
        here = self._best(step)
        return here is not None and here > WORTH * self._best_below(step)[0]

    def _leads_on(self, step: int) -> bool:
        """Whether larger batches than this one are better than the smaller ones."""
        wanted = WORTH * self._best_below(step)[0]
        larger = [self._best(one) for one in range(step + 1, self._step + 1)]
        return any(seconds is not None and seconds <= wanted for seconds in larger)

    def _best_below(self, step: int) -> Tuple[float, int]:
        lower = [(self._best(one), one) for one in range(step)]
        return min(((seconds, one) for seconds, one in lower if seconds is not None), default=(math.inf, 0))

    def _go_back(self, step: int) -> None:
        """To the size that was best; what was measured of larger ones is forgotten, for it is to be tried again. So is
        what was measured of this one: that may have been while the machine had less else to do."""
        above = [self._best(one) for one in range(step + 1, self._step + 1)]
        self._given_up = min((seconds for seconds in above if seconds is not None), default=None)
        self._step = step
        for key, times in list(self._times.items()):
            if key[0] > step:
                del self._times[key]
            elif key[0] == step:
                times.clear()
        self._batches_left = self._patience
        self._patience = min(2 * self._patience, LONGEST_PATIENCE)

    def _come_back(self) -> None:
        """What was given up was better: not it had become slower, but the machine."""
        self._given_up = None
        self._batches_left = 0
        self._patience = max(self._patience // 2, FIRST_PATIENCE)

    def _seconds(self, step: int, way: str) -> Optional[float]:
        """Of a call. One of the quicker ones: whatever else the machine does only ever makes them slower."""
        times = sorted(self._times.get((step, way), ()))
        return times[len(times) // 4] if len(times) >= NEEDED else None

    def _best(self, step: int) -> Optional[float]:
        """Seconds for a call in the quickest way, when all are known."""
        ways = self._ways if step else self._ways[:1]
        known: List[float] = []
        for way in ways:
            seconds = self._seconds(step, way)
            if seconds is None:
                return None
            known.append(seconds)
        return min(known)


def step_of(calls: int) -> int:
    return (calls - 1).bit_length()


class Gaps:
    """How soon another call comes when so many are held: learned whether or not anybody waited for it."""

    def __init__(self) -> None:
        self._chance: Dict[int, float] = {}
        self._cost: Dict[int, float] = {}
        self._open: Optional[Tuple[int, float, float]] = None

    def wait(self, held: int, saved: float, now: float) -> float:
        """Seconds to wait for one more: as long as it costs those that are held less than it saves, and none where
        experience says that it will not pay."""
        longest = min(saved / held, MOST_WAIT)
        self._open = (held, now, longest) if saved >= LEAST_SAVED else None
        chance, cost = self._chance.get(held, 0.0), self._cost.get(held, 0.0)
        return longest if saved >= LEAST_SAVED and chance * saved > held * cost else 0.0

    def came(self, arrived: float) -> None:
        """The next call after somebody asked how long to wait."""
        if self._open is None:
            return
        (held, since, longest), self._open = self._open, None
        gap = max(0.0, arrived - since)
        chance, cost = self._chance.get(held, 0.0), self._cost.get(held, longest)
        self._chance[held] = chance + (float(gap <= longest) - chance) * LEARNING
        self._cost[held] = cost + (min(gap, longest) - cost) * LEARNING
