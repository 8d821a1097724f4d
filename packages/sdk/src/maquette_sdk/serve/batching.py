"""Calls of different clients that share one `_inference`, where the package's class leaves that to Maquette.

`_preprocess` and `_postprocess` are called for one request at a time, in the order in which the requests came; between
the two what the requests became is stacked along the first axis, and what the model made of it taken apart again.
Everything runs in the main thread. Whatever cannot be shared is done one at a time, as if there were no batching.
"""

from __future__ import annotations

import os
import time
from typing import Any, List, Optional

from model_service.model_service import SingleNodeService, stage_times

from maquette_sdk.serve import stacking
from maquette_sdk.serve.door import Call, Door
from maquette_sdk.serve.kept import Change, Kept
from maquette_sdk.serve.output import flush, say
from maquette_sdk.serve.pace import MOST_TOGETHER, Gaps
from maquette_sdk.serve.service import Answer, Failure, Handler
from maquette_sdk.serve.sharing import Job, Sharing

VARIABLE = "MAQUETTE_BATCH_SIZE"
ATTRIBUTE = "maquette_batch_size"
PLAIN_INFERENCE = SingleNodeService.inference
WATCHED = 200
"""At so many calls one looks whether `_postprocess` keeps something."""
STATEFUL = "Requests are answered one at a time: {}, which requests that are done together would share."


# ── which services ───────────────────────────────────────────────────────────────────────────────


def most_together(service: Any) -> int:
    """How many calls may share an `_inference` of this service; 1 where none may."""
    kind = type(service)
    own = getattr(service, "__dict__", {})
    if getattr(kind, "inference", None) is not PLAIN_INFERENCE or "inference" in own or "_inference" in own:
        return 1
    asked = _number(ATTRIBUTE, getattr(kind, ATTRIBUTE, None))
    shares = getattr(service, "_maquette_shares", None)
    if asked is None and not (shares is not None and shares()):
        return 1
    allowed = _number(VARIABLE, os.environ.get(VARIABLE) or None)
    return min(asked or MOST_TOGETHER, allowed or MOST_TOGETHER, MOST_TOGETHER)


def _number(name: str, value: Any) -> Optional[int]:
    """A number of calls; what is none is told, and passed over."""
    if value is None:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number > 0:
        return number
    say("{} is {!r} and not a number from 1 on; it is passed over.".format(name, value))
    return None


# ── a round of calls ─────────────────────────────────────────────────────────────────────────────


class Rounds:
    """Answers calls that came together. `off` says that from now on each had better be answered by itself."""

    def __init__(self, door: Door, handler: Handler, most: int) -> None:
        self.off = most < 2
        self._door = door
        self._handler = handler
        self._service = handler.service
        self._most = most
        self._process = os.getpid()
        self._sharing = Sharing(handler, most, door.note.write, self._still_us)
        self._kept = Kept(self._service, handler.package)
        self._gaps = Gaps()
        self._finished = 0

    def answer(self, first: Call) -> None:
        """Answers this call and those that share with it."""
        self._gaps.came(first.arrived)
        jobs = self._gather(first)
        left = len(jobs)
        for group in grouped(jobs):
            self._sharing.infer(group)
            self._door.state.room = 1 if self.off else min(self._sharing.room, self._door.calls.limit)
            for job in group:
                left -= 1
                self._finish(job, last=left == 0)
        self._door.note.write()
        flush()

    def _gather(self, first: Call) -> List[Job]:
        """The calls whose `_preprocess` has succeeded, this one first; the others are answered."""
        jobs: List[Job] = []
        changes: List[Change] = []
        call: Optional[Call] = first
        while call is not None:
            job = Job(call)
            self._door.state.busy_since = job.begun
            if jobs:
                jobs[-1].secure()
                self._kept.look()
            self._preprocess(job)
            changed = self._kept.changes() if jobs else []
            for change in changed:
                for earlier in jobs:
                    earlier.memory.keep(change, change.before)
            changes += changed
            if job.failed:
                self._finish(job, last=not jobs)
            else:
                self._watch_arrays(job, jobs)
                jobs.append(job)
            call = self._next(jobs)
        for job in jobs:
            job.memory.keep_present(changes)
        return jobs

    def _preprocess(self, job: Job) -> None:
        self._door.note.write(job.call.id)
        made = self._handler.guarded(
            job.request, lambda: self._service._preprocess(self._handler.make_data(job.request))
        )
        self._still_us()
        job.stages["preprocess"] = (time.perf_counter() - job.start) * 1000
        if isinstance(made, Failure):
            job.result = made
        else:
            self._sharing.take(job, made)

    def _next(self, jobs: List[Job]) -> Optional[Call]:
        """The next call, if it may share with those. Waits for one where that pays."""
        if not jobs or self.off or jobs[-1].shape is None or len(jobs) >= self._most:
            return None
        if sum(job.shape is jobs[0].shape for job in jobs) >= jobs[0].most_together:
            return None
        call = self._door.calls.take_soon()
        if call is not None:
            return call
        shape = jobs[0].shape
        seconds = self._gaps.wait(len(jobs), shape.pace.saved, time.monotonic()) if shape is not None else 0.0
        call = self._door.calls.take_soon(seconds) if seconds else None
        if call is not None:
            self._gaps.came(call.arrived)
        return call

    def _finish(self, job: Job, last: bool) -> None:
        """`_postprocess` and the answer."""
        if not job.failed:
            self._postprocess(job)
        status, body = job.result if job.failed else self._handler.encoded(job.request, job.result)
        self._still_us()
        stages = dict(job.stages) if "postprocess" in job.stages and not job.failed else {}
        times = {name: round(value, 3) for name, value in stages.items()}
        times["handler"] = round((time.perf_counter() - job.start) * 1000, 3)
        times["queued"] = round((job.begun - job.call.arrived) * 1000, 3)
        if job.shared > 1:
            times["gathered"] = round(job.waited * 1000, 3)
        self._send(job, Answer(status, body, times), last)
        if stages:
            stage_times.update(stages)
            stage_times.log()

    def _postprocess(self, job: Job) -> None:
        job.memory.put_back()
        self._door.note.write(job.call.id)
        watched = self._finished < WATCHED
        if watched:
            self._kept.look()
        begun = time.perf_counter()
        job.waited = begun - job.start - (job.stages["preprocess"] + job.stages["inference"]) / 1000
        job.result = self._handler.guarded(job.request, self._service._postprocess, job.result)
        self._still_us()
        job.stages["postprocess"] = (time.perf_counter() - begun) * 1000
        # The first call of all may have loaded something for good.
        changed = self._kept.changes() if watched and self._finished else []
        self._finished += 1
        if changed:
            self._stop("_postprocess changes {}".format(self._kept.name_of(changed[0])))

    def _watch_arrays(self, job: Job, earlier: List[Job]) -> None:
        """Code that fills one array for every request may read it again after `_inference`, as its own."""
        if job.shape is None or self.off or self._finished >= WATCHED:
            return
        held = [one for one in getattr(self._service, "__dict__", {}).values() if stacking.key_of(one) is not None]
        held += [one.original for one in earlier if one.shape is not None]
        places = {place for one in held for place in stacking.places_of(one)}
        if places.intersection(stacking.places_of(job.value)):
            self._stop("_preprocess returns an array that it uses again")

    def _stop(self, why: str) -> None:
        if self.off:
            return
        self.off, self._door.state.room = True, 1
        say(STATEFUL.format(why))

    def _send(self, job: Job, answer: Answer, last: bool) -> None:
        state = self._door.state
        state.busy_since = None if last else time.monotonic()
        if answer.status == 200:
            state.served += 1
        else:
            state.failed += 1
        job.call.answer(answer, together=job.shared, room=state.room)

    def _still_us(self) -> None:
        """Ends a child that the code has forked and let come back: only the parent answers."""
        if os.getpid() != self._process:
            os._exit(0)


def grouped(jobs: List[Job]) -> List[List[Job]]:
    """Jobs that are done together, in the order of the first of each group."""
    groups: List[List[Job]] = []
    most: List[int] = []
    for job in jobs:
        last = max((place for place, group in enumerate(groups) if group[0].shape is job.shape), default=None)
        allowed = job.most_together
        if job.shape is not None and last is not None and len(groups[last]) < min(allowed, most[last]):
            groups[last].append(job)
            most[last] = min(allowed, most[last])
        else:
            groups.append([job])
            most.append(allowed)
    return groups
