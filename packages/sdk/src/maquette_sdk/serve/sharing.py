"""One `_inference` for several calls: which values fit together, whether sharing pays, and whether it gives the same.

A shape is whatever values must have in common to be stacked. Of each the first calls are done alone, the first batches
are compared with what their calls give alone, and one that turns out not to be made of rows is left alone for good.
"""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict
from typing import Any, Callable, Dict, Hashable, List, Optional, Tuple

from maquette_sdk.serve import stacking
from maquette_sdk.serve.door import Call
from maquette_sdk.serve.kept import Memory
from maquette_sdk.serve.output import say
from maquette_sdk.serve.pace import Pace
from maquette_sdk.serve.service import Failure, Handler

TRIED_ALONE = 3
"""So many calls of a shape are done alone before any are done together."""
COMPARED, COMPARED_AGAIN = 3, 64
"""The first batches of a shape are compared whole, and of every so many later ones a call."""
MOST_SHAPES, SHAPES_AT_A_TIME = 64, 4
MOST_BYTES = 64 << 20

ALONE = "Requests of one shape are answered one at a time: {}."
NO_ARRAYS = (
    "Requests are answered one at a time where _preprocess gives no array, or dict of arrays, with a first axis of one "
    "length, such as this {}."
)


class Job:
    """One call on its way through the stages."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request: Any = call.request
        self.begun = time.monotonic()
        self.start = time.perf_counter()
        self.value: Any = None
        self.original: Any = None
        self.shape: Optional[Shape] = None
        self.memory = Memory()
        self.result: Any = None
        self.shared = 1
        self.waited = 0.0
        self.stages: Dict[str, float] = {}

    @property
    def failed(self) -> bool:
        return isinstance(self.result, Failure)

    def secure(self) -> None:
        """Takes the arrays out of reach of the code, which may use them again for the next request."""
        if self.original is None:
            self.original, self.value = self.value, stacking.copy_of(self.value)

    @property
    def most_together(self) -> int:
        """How many may share with it, as far as it is for it to say."""
        limit = self.shape.limit(self.value) if self.shape is not None else 1
        return min(limit, self.call.most_together or limit)


class Shape:
    """What is known of values with one key."""

    def __init__(self, ways: Tuple[str, ...], most: int) -> None:
        self.pace = Pace(ways, most)
        self.form: Optional[stacking.Rows] = None
        self.compared: List[str] = []
        self.alone = 0
        self.batches = 0
        self.off = False

    def limit(self, value: Any) -> int:
        if self.off or self.form is None or self.alone < TRIED_ALONE:
            return 1
        return min(self.pace.limit, max(1, MOST_BYTES // max(1, stacking.bytes_of(value))))

    def leave_alone(self, why: str) -> None:
        if not self.off:
            say(ALONE.format(why))
        self.off = True

    def saw(self, result: Any, rows: int) -> None:
        """What one call's value has become."""
        self.alone += 1
        if self.off or (self.form is not None and self.alone > TRIED_ALONE):
            return
        try:
            self.form = stacking.form_of(result, rows)
        except stacking.NotRows as found:
            self.leave_alone("for {} rows the model gives {}".format(rows, found))

    def due(self, way: str) -> Tuple[bool, bool]:
        """Whether the next batch is to be compared, and whether all of it."""
        whole = self.batches < COMPARED or way not in self.compared
        return whole or self.batches % COMPARED_AGAIN == 0, whole


class Sharing:
    """The `_inference` of one service, for one call or for several."""

    def __init__(self, handler: Handler, most: int, note: Callable[..., None], still_us: Callable[[], None]) -> None:
        self._handler = handler
        self._service = handler.service
        self._most = most
        self._note = note
        self._still_us = still_us
        self._told = False
        self._shapes: OrderedDict[Hashable, Shape] = OrderedDict()
        offered = getattr(self._service, "_maquette_shares", None)
        self._arrays = self._service._maquette_arrays if offered is not None and offered() else _as_they_are

    @property
    def room(self) -> int:
        """How many calls it is worth to have here, as far as the shapes tell that came last."""
        last = itertools.islice(reversed(self._shapes.values()), SHAPES_AT_A_TIME)
        return max((shape.pace.room for shape in last if not shape.off), default=1)

    def take(self, job: Job, data: Any) -> None:
        """Puts what `_preprocess` gave into the job, as arrays where it can be shared."""
        job.value = data
        try:
            arrays = self._arrays(data)
        except Exception:  # noqa: BLE001 - `_inference` will meet the same, and its error is the one that is told
            return
        value, mark = arrays
        key = stacking.key_of(value)
        if key is not None:
            job.value = value
            job.shape = self._shape(mark, key, value)
        elif not self._told:
            self._told = True
            say(NO_ARRAYS.format(type(data).__name__))

    def infer(self, jobs: List[Job]) -> None:
        """Runs `_inference` for jobs of one shape, together if there are several. Sets their results."""
        shape = jobs[0].shape
        if len(jobs) == 1 or shape is None or shape.off:
            self._each_alone(jobs)
            return
        way = shape.pace.way(len(jobs))
        begun = time.perf_counter()
        parts, error = self._run_together(jobs, shape, way)
        seconds = time.perf_counter() - begun
        if error is not None:
            self._fail(jobs, shape, way, error)
        elif parts is None or not self._confirmed(jobs, shape, way, parts):
            self._each_alone(jobs)
        else:
            shape.pace.ran(len(jobs), way, seconds)
            shape.batches += 1
            for job, part in zip(jobs, parts):
                job.result, job.shared = part, len(jobs)
                job.stages["inference"] = seconds * 1000

    def _each_alone(self, jobs: List[Job]) -> None:
        for job in jobs:
            self.infer_alone(job)

    def infer_alone(self, job: Job) -> None:
        """Runs `_inference` for one job and learns from it."""
        job.memory.put_back()
        self._note(job.call.id)
        begun = time.perf_counter()
        job.result = self._handler.guarded(job.request, self._service._inference, job.value)
        self._still_us()
        if job.shape is not None and not job.failed:
            stacking.settle(job.value)
            job.shape.pace.ran(1, stacking.AS_THEY_COME, time.perf_counter() - begun)
            job.shape.saw(job.result, stacking.rows_of(job.value))
        job.stages["inference"] = (time.perf_counter() - begun) * 1000

    def _run_together(
        self, jobs: List[Job], shape: Shape, way: str
    ) -> Tuple[Optional[List[Any]], Optional[BaseException]]:
        """What each job gets, or nothing where that cannot be told, or what was raised."""
        self._note(*(job.call.id for job in jobs))
        values = [job.value for job in jobs]
        assert shape.form is not None
        try:
            result = self._service._inference(stacking.stack(values, way))
            self._still_us()
            stacking.settle(values[0])
            return stacking.split(result, shape.form, [stacking.rows_of(value) for value in values]), None
        except stacking.Undecided:
            return None, None
        except stacking.NotRows as found:
            shape.leave_alone("the model gives {}".format(found))
            return None, None
        except BaseException as error:  # noqa: BLE001 - also SystemExit: whose fault it is shows when each is alone
            self._still_us()
            return None, error

    def _fail(self, jobs: List[Job], shape: Shape, way: str, error: BaseException) -> None:
        """One of them may have spoilt it for all: each is done alone. Were it none of them, it was the sharing."""
        if way != stacking.AS_THEY_COME:
            shape.pace.give_up(way)
            self.infer(jobs)
            return
        self._each_alone(jobs)
        if any(job.failed for job in jobs):
            return
        if len(jobs) > 3:
            shape.pace.hold(len(jobs) // 2)  # so many may be too many for the memory
        else:
            what = "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__
            shape.leave_alone("together they fail ({})".format(" ".join(what.split())[:200]))

    def _confirmed(self, jobs: List[Job], shape: Shape, way: str, parts: List[Any]) -> bool:
        """Whether calls give the same together and alone, where that is looked at."""
        due, whole = shape.due(way)
        for job, part in list(zip(jobs, parts))[: len(jobs) if whole else due]:
            job.memory.put_back()
            self._note(job.call.id)
            begun = time.perf_counter()
            value = stacking.copy_of(job.value)  # the network may change it in its place
            alone = self._handler.guarded(job.request, self._service._inference, value)
            self._still_us()
            stacking.settle(value)
            shape.pace.ran(1, stacking.AS_THEY_COME, time.perf_counter() - begun)
            if isinstance(alone, Failure) or not stacking.close(part, alone):
                self._differs(shape, way)
                return False
        shape.compared += [way] if due and way not in shape.compared else []
        return True

    def _differs(self, shape: Shape, way: str) -> None:
        if way != stacking.AS_THEY_COME:
            shape.pace.give_up(way)
            return
        shape.leave_alone("together they give something else than alone")

    def _shape(self, mark: Hashable, key: Hashable, value: Any) -> Shape:
        shape = self._shapes.get((mark, key))
        if shape is None:
            shape = self._shapes[mark, key] = Shape(stacking.ways_of(value), self._most)
            reason = getattr(self._service, "_maquette_why_alone", None)
            why = reason(mark) if reason is not None else ""
            if why:
                shape.leave_alone(why)
            if len(self._shapes) > MOST_SHAPES:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end((mark, key))
        return shape


def _as_they_are(data: Any) -> Tuple[Any, None]:
    return data, None
