"""Feeds one batch: a call for every input, to whichever instance is free, and what it answers into the bucket."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import islice
from typing import BinaryIO, TypeVar

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, MaquetteError
from maquette.services.batch_book import Book, Input, Lost, Outcome
from maquette.services.batch_calls import Ended, Files, NumberedLink, json_body, predict
from maquette.services.batch_inputs import (
    MANIFEST,
    BadRow,
    BadTable,
    Named,
    list_folder,
    list_manifest,
    make_request,
    read_rows,
)
from maquette.services.batch_results import Answer, Answers, Results, folder_of, forget_answers, own
from maquette.services.batches import CSV_ENDING, Batch, InputState, Phase, batch_of
from maquette.services.bodies import Body
from maquette.services.counts import Counts
from maquette.services.deployment import Instance, Service, Wanted
from maquette.services.domain import CallLimits, State
from maquette.services.line import Line
from maquette.services.sentences import say

LOOK_SECONDS = 0.2
SAVE_SECONDS = 0.5
GRACE_SECONDS = 5.0
"""Calls under way are given so long when the worker ends."""
AGAIN_SECONDS = 2.0
"""An instance whose connection broke and that still is one after so long is tried again."""
AHEAD = 2
"""Beyond the calls that an instance holds so many inputs are being read, or their results written."""
FILES_AT_ONCE = 16
TABLES_AT_ONCE = 4
ROWS_AT_ONCE = 200
MOST_UNORDERED = 2000
"""So many answers to later rows wait in memory for the answer to an earlier one."""
RATE_SECONDS = 15.0
HOPELESS_INPUTS = 5
"""When the instance ends in each of so many inputs one after another, the package is at fault and not they."""
HOPELESS_STARTS = 10
"""And so it is when so many starts in a row have failed."""

T = TypeVar("T")


class BatchFailed(Exception):
    """The batch cannot go on, for this reason."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Feeding:
    """One batch while it is fed."""

    def __init__(self, ctx: Platform, book: Book, limits: CallLimits, ending: threading.Event) -> None:
        self.ctx = ctx
        self.book = book
        self.limits = limits
        self.ending = ending
        self.batch: Batch = batch_of(book.service)
        self.store = store_of_workspace(ctx, book.service.workspace_id)
        self.files = Files(self.store)
        self.results = Results(self.store, self.batch.results, book)
        self.resumed = book.phase is Phase.FEEDING
        self.links: dict[str, NumberedLink] = {}
        self.leaving: list[NumberedLink] = []
        self.outcomes: list[Outcome] = []
        self.samples: deque[tuple[float, int]] = deque()
        self.counts = Counts()
        self.places_taken = 0
        self.lost_in_a_row = 0
        self.stopped = False

    def run(self) -> None:
        """Until every input is settled, or the batch is to stop."""
        if self.book.phase is Phase.LISTING:
            forget_answers(self.ctx, self.book.service.id)
            self.book.put_down(self.inputs(), self.is_over)
        if self.is_over():
            return
        self.book.open()
        with ThreadPoolExecutor(1, "batch-rows") as self.clerk:
            try:
                asyncio.run(self.feed())
            except ExceptionGroup as group:
                lost, others = group.split(Lost)
                if others is None:
                    raise Lost from None
                if lost is None:
                    self.save(self.outcomes)
                if not isinstance(others.exceptions[0], Ended):
                    raise others.exceptions[0] from None

    def inputs(self) -> Iterator[Named]:
        batch = self.batch
        if batch.src_type == MANIFEST:
            return list_manifest(self.store, batch.source)
        return list_folder(self.store, batch.source, batch.results, CSV_ENDING if batch.is_csv else "")

    def is_over(self) -> bool:
        return self.stopped or self.ending.is_set()

    # ── feeding ──────────────────────────────────────────────────────────────────────────────────

    async def feed(self) -> None:
        threads = ThreadPoolExecutor(FILES_AT_ONCE, "batch-files")
        asyncio.get_running_loop().set_default_executor(threads)  # which ends them too
        self.line = Line(self.limits)
        self.news, self.through = asyncio.Event(), asyncio.Event()
        try:
            async with asyncio.TaskGroup() as self.group:
                self.group.create_task(self.watch())
                await self.settle_all()
                self.through.set()
        finally:
            for link in [*self.links.values(), *self.leaving]:
                link.close()
        await self.in_rows(self.save, self.take_outcomes())
        if not self.is_over():
            await asyncio.to_thread(self.results.write_manifests, self.batch.instances)
            await self.in_rows(self.book.finish)
            forget_answers(self.ctx, self.book.service.id)

    async def settle_all(self) -> None:
        under_way: set[asyncio.Task[None]] = set()

        def settled(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            self.news.set()

        async for one in self.unsettled():
            if self.batch.is_csv:
                while len(under_way) >= TABLES_AT_ONCE and not self.is_over():
                    await self.something_new()
            elif not await self.get_place():
                break
            if self.is_over():
                break
            task = self.group.create_task(self.settle_table(one) if self.batch.is_csv else self.settle_file(one))
            under_way.add(task)
            task.add_done_callback(settled)
        if under_way:
            await asyncio.wait(under_way)

    async def unsettled(self) -> AsyncIterator[Input]:
        after: int | None = -1
        while after is not None and not self.is_over():
            page = await self.in_rows(self.book.unsettled, after)
            for one in page:
                yield one
            after = page[-1].number if page else None

    async def settle_file(self, one: Input) -> None:
        try:
            instance = await asyncio.to_thread(self.results.found, one) if self.resumed else None
            if instance is not None:
                self.book.tally.add(True)
                self.outcomes.append(Outcome(one.number, InputState.DONE, instance))
                return
            answer = await self.answer_to_file(one)
            self.book.tally.add(answer.ok)
            outcome = await self.kept(one, answer)
            self.outcomes.append(outcome)  # to the list there is now: it changes while others are awaited
        except Ended:
            return
        finally:
            self.give_place()

    async def answer_to_file(self, one: Input) -> Answer:
        try:
            body = await asyncio.to_thread(self.files.read, one.source, self.batch.part, one.name)
        except (MaquetteError, OSError) as error:
            return own(0, why(error))
        try:
            return await self.ask(body)
        finally:
            body.close()

    async def kept(self, one: Input, answer: Answer) -> Outcome:
        if answer.ok:
            try:
                await self.write(one, iter([answer.body]), answer.instance)
                return Outcome(one.number, InputState.DONE, answer.instance)
            except BadInput as error:
                answer = own(0, say("result_not_written", reason=error.message), answer.instance)
        await asyncio.to_thread(self.results.forget, one)
        return Outcome(one.number, InputState.FAILED, answer.instance, 1, 1, (answer.failure(),))

    async def write(self, one: Input, pieces: Iterator[bytes], instance: int) -> None:
        """Raises BadInput for a name that no object can have."""
        try:
            await asyncio.to_thread(self.results.put, one, pieces, instance)
        except BadInput:
            raise
        except (MaquetteError, OSError) as error:
            raise BatchFailed(say("not_written", place=self.batch.results, reason=error)) from None

    # ── tables ───────────────────────────────────────────────────────────────────────────────────

    async def settle_table(self, one: Input) -> None:
        try:
            if not one.name.lower().endswith(CSV_ENDING):
                raise BadTable(say("no_csv_file", ending=CSV_ENDING))
            stream, of = await asyncio.to_thread(self.files.open, one.source)
            with closing(stream):
                answers = Answers(folder_of(self.ctx, self.book.service.id) / str(one.number), of)
                await self.settle_rows(one, answers, stream)
        except Ended:
            return
        except (BadTable, MaquetteError, OSError) as error:
            self.book.tally.add(False)
            outcome = await self.kept(one, own(0, why(error)))
            self.outcomes.append(outcome)

    async def settle_rows(self, one: Input, answers: Answers, stream: BinaryIO) -> None:
        """All rows have to be answered before the file's result appears; the answers so far are kept beside."""
        try:
            await asyncio.to_thread(answers.open)
            self.book.tally.requests += answers.count
            self.book.tally.failed_requests += answers.failed
            await self.answer_rows(answers, islice(read_rows(stream), answers.count, None))
            outcome = answers.outcome(one)
            if outcome.state is InputState.DONE:
                await self.write(one, answers.lines(), answers.instance)
            else:
                await asyncio.to_thread(self.results.forget, one)
            self.outcomes.append(outcome)
        except (BadTable, BadInput):
            self.book.tally.requests -= answers.count
            self.book.tally.failed_requests -= answers.failed
            raise
        finally:
            answers.close()

    async def answer_rows(self, answers: Answers, rows: Iterator[list[str]]) -> None:
        asked: deque[asyncio.Task[Answer | None]] = deque()

        async def take_first() -> None:
            answer = await asked.popleft()
            if answer is None:
                raise Ended
            answers.add(answer)
            self.book.tally.add(answer.ok)

        try:
            while some := await asyncio.to_thread(lambda: list(islice(rows, ROWS_AT_ONCE))):
                for row in some:
                    if not await self.get_place():
                        break
                    asked.append(self.group.create_task(self.answer_to_row(row)))
                    while asked and (asked[0].done() or len(asked) > MOST_UNORDERED):
                        await take_first()
                if self.is_over():
                    raise Ended
        finally:
            while asked:
                await take_first()

    async def answer_to_row(self, row: list[str]) -> Answer | None:
        try:
            return await self.ask(json_body(make_request(self.batch.mapping_rule, row)))
        except BadRow as bad:
            return own(0, say("no_request", reason=why(bad)))
        except Ended:
            return None
        finally:
            self.give_place()

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, body: Body) -> Answer:
        began = time.monotonic()
        answer = await predict(self.line, body, self.limits, self.is_over)
        self.counts.add(self.book.service.id, self.batch.model_id, answer.ok, time.monotonic() - began)
        self.lost_in_a_row = self.lost_in_a_row + 1 if answer.status == 502 else 0
        if self.lost_in_a_row >= HOPELESS_INPUTS:
            raise BatchFailed(say("ends_each_time", count=HOPELESS_INPUTS))
        return answer

    async def get_place(self) -> bool:
        """Waits until an instance can take one more; False when the batch is to stop."""
        while not self.is_over() and self.places_taken >= sum(link.room + AHEAD for link in self.line.links):
            await self.something_new()
        if self.is_over():
            return False
        self.places_taken += 1
        return True

    def give_place(self) -> None:
        self.places_taken -= 1
        self.news.set()

    async def something_new(self) -> None:
        self.news.clear()
        await self.news.wait()

    # ── what goes on ─────────────────────────────────────────────────────────────────────────────

    async def watch(self) -> None:
        next_save = time.monotonic() + SAVE_SECONDS
        patience = 0.0
        while not self.through.is_set():  # and never cancelled: what it has taken to save would be lost
            service, instances = await self.in_rows(self.book.look)
            self.stopped = self.stopped or service.wanted is not Wanted.RUNNING
            self.follow(service, instances)
            if time.monotonic() >= next_save:
                next_save = time.monotonic() + SAVE_SECONDS
                await self.in_rows(self.save, self.take_outcomes())
            if self.is_over():
                self.line.give_up()
                patience = patience or time.monotonic() + GRACE_SECONDS
                if self.ending.is_set() and time.monotonic() > patience:
                    raise Ended
            self.news.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.through.wait(), LOOK_SECONDS)

    def take_outcomes(self) -> list[Outcome]:
        """In the loop's thread, which adds them."""
        taken, self.outcomes = self.outcomes, []
        return taken

    def save(self, outcomes: Sequence[Outcome]) -> None:
        now = time.monotonic()
        self.samples.append((now, self.book.tally.requests))
        while now - self.samples[0][0] > RATE_SECONDS:
            self.samples.popleft()
        since, before = self.samples[0]
        rate = (self.book.tally.requests - before) / (now - since) if now > since else 0.0
        self.book.save(outcomes, max(0.0, rate))
        for one in outcomes if self.batch.is_csv else ():
            (folder_of(self.ctx, self.book.service.id) / str(one.number)).unlink(missing_ok=True)
        self.counts.save(self.ctx)

    def follow(self, service: Service, instances: Sequence[Instance]) -> None:
        """Takes on instances that are new, and lets go those that are not there any more."""
        here = {one.run.id: one for one in instances if one.takes_calls and service.target(one.key)}
        for run_id, link in list(self.links.items()):
            broken = link.state is State.BROKEN and time.monotonic() - link.closed_at > AGAIN_SECONDS
            if run_id not in here or broken:
                self.line.leaving(link)
                self.leaving.append(self.links.pop(run_id))
        for run_id, one in here.items():
            if run_id not in self.links:
                self.links[run_id] = NumberedLink(one.run.address, self.free_number())
                self.line.opened(self.links[run_id])
        for link in [link for link in self.leaving if not link.calls]:
            link.close()
            self.leaving.remove(link)
        troubles = [service.trouble[key] for key in service.trouble if service.target(key)]
        hopeless = next((one for one in troubles if one.failures >= HOPELESS_STARTS), None)
        if hopeless and not self.line.ready:
            raise BatchFailed(say("no_instance", reason=hopeless.reason))

    def free_number(self) -> int:
        """The lowest that no instance has; there are no more of them than instances that are asked for."""
        numbers = {link.number for link in self.links.values()}
        free = next(number for number in range(len(numbers) + 1) if number not in numbers)
        return free % self.batch.instances

    async def in_rows(self, work: Callable[..., T], *arguments: object) -> T:
        """In the one thread that reads and writes rows: slow files do not keep it from its turn."""
        return await asyncio.get_running_loop().run_in_executor(self.clerk, work, *arguments)


def why(error: Exception) -> str:
    """What it says, as the sentence that it was made of."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, str) and said else str(error)
