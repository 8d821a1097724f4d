"""Keeps a service's instances alive: replaces what has died or hangs, and renews all when the package has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from maquette.kernel.context import Context
from maquette.kernel.errors import MaquetteError
from maquette.kernel.ports import Tell
from maquette.services.actions import Recipe
from maquette.services.domain import State
from maquette.services.instances import Instance, Show, end_sentence
from maquette.services.lifeline import Lifeline
from maquette.services.line import Line

LOOK_SECONDS = 0.1
BROKEN_SECONDS = 2.0
STEADY_SECONDS = 30.0
"""An instance that lived as long as this, or answered a call, is replaced at once when it dies; others after a pause
that grows."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class Keeper:
    """`count` instances of a recipe behind a line, for as long as `keep` runs.

    A package that cannot be loaded at first is given up, unless the keeper is `patient`: somebody may be about to
    mend it.
    """

    def __init__(
        self,
        ctx: Context,
        line: Line,
        recipe: Recipe,
        count: int,
        lifeline: Lifeline,
        tell: Tell,
        show: Callable[[int], Show],
        patient: bool = False,
    ) -> None:
        self.ctx = ctx
        self.line = line
        self.recipe = recipe
        self.count = count
        self.lifeline = lifeline
        self.tell = tell
        self.show = show
        self.patient = patient
        self.ready = asyncio.Event()
        self.complete = asyncio.Event()
        self.filled: set[int] = set()
        self.renewed = asyncio.Event()
        self.renewing = asyncio.Lock()
        self.retiring: set[asyncio.Task[None]] = set()
        # Every instance occupies a thread that follows its log; a renewed one overlaps with its successor.
        self.threads = ThreadPoolExecutor(max_workers=4 * count + 4, thread_name_prefix="instance")

    async def keep(self) -> None:
        """Ends when it is cancelled, and then all instances have ended. Raises MaquetteError."""
        keeping = [asyncio.create_task(self.keep_one(number)) for number in range(1, self.count + 1)]
        try:
            await asyncio.gather(*keeping)
        finally:
            ending = {*keeping, *self.retiring}
            for task in ending:
                task.cancel()
            await asyncio.wait(ending)
            self.threads.shutdown()

    def renew(self, recipe: Recipe) -> None:
        """From now on instances are made from this recipe; those that run are replaced one after another."""
        self.recipe = recipe
        self.renewed.set()
        self.renewed = asyncio.Event()

    async def keep_one(self, number: int) -> None:
        """One place that has an instance in it, from its first to its last."""
        pause = 0.0
        while True:
            instance = self.instance(number)
            began = time.monotonic()
            try:
                await instance.start()
            except MaquetteError as failed:
                pause = longer(pause)
                await self.rest_after(failed, pause)
                continue
            self.line.opened(instance.link)
            await instance.start_shown()
            self.announce(number)
            last = await self.watch(instance, number)
            useful = last.link.answers or time.monotonic() - began > STEADY_SECONDS
            pause = 0.0 if useful else longer(pause)
            await self.rest(pause)

    def instance(self, number: int) -> Instance:
        return Instance(self.ctx, self.recipe, self.threads, self.lifeline, self.tell, self.show(number))

    def announce(self, number: int) -> None:
        """Says that the first instance is ready, and when each place has had one."""
        self.filled.add(number)
        self.ready.set()
        if len(self.filled) == self.count:
            self.complete.set()

    async def watch(self, instance: Instance, number: int) -> Instance:
        """The instance, or the last of its successors, when it is over and gone."""
        reason = ""
        try:
            while not reason:
                await instance.wait(LOOK_SECONDS)
                reason = self.reason_to_replace(instance)
                if not reason and self.recipe not in (instance.recipe, instance.refused_recipe):
                    instance = await self.succeed(instance, number)
            self.tell(reason)
        finally:
            self.line.leaving(instance.link)
            await instance.stop(now=bool(reason))
        return instance

    def reason_to_replace(self, instance: Instance) -> str:
        """Why an instance cannot go on, in one sentence; empty while it can."""
        link, longest = instance.link, self.recipe.limits.patience * self.recipe.limits.seconds
        if (ended := instance.exit()) is not None:
            return f"an instance has ended: {end_sentence(ended)}; another one is started"
        if link.seconds_of_first() > longest:
            return f"a call has run for more than {longest:.0f} s; its instance is replaced"
        if link.state is State.BROKEN and time.monotonic() - link.closed_at > BROKEN_SECONDS:
            return "an instance has closed its connection; it is replaced"
        return ""

    async def succeed(self, instance: Instance, number: int) -> Instance:
        """The successor, which is made from the newest recipe, or the instance itself when that cannot be loaded.

        One after another, so that the others answer meanwhile."""
        async with self.renewing:
            successor = self.instance(number)
            try:
                await successor.start()
            except MaquetteError as failed:
                self.tell(f"{failed.message}\nThe package as it was before goes on answering.")
                instance.refused_recipe = successor.recipe
                return instance
            self.line.opened(successor.link)
            self.line.leaving(instance.link)
            retiring = asyncio.create_task(self.retire(instance))
            self.retiring.add(retiring)
            retiring.add_done_callback(self.retiring.discard)
            self.tell("the package has changed and answers as it is now")
            return successor

    async def retire(self, instance: Instance) -> None:
        """Lets an instance finish the calls it has, and ends it."""
        longest = self.recipe.limits.patience * self.recipe.limits.seconds
        try:
            while instance.link.calls and instance.link.seconds_of_first() < longest:
                await instance.wait(LOOK_SECONDS)
        finally:
            await instance.stop()

    async def rest_after(self, failed: MaquetteError, pause: float) -> None:
        """What follows a start that failed. Raises it again when nothing can be hoped for."""
        if not self.ready.is_set() and not self.patient:
            raise failed
        self.tell(failed.message)
        if not self.line.ready:
            self.line.give_up()
        await self.rest(None if self.patient else pause)

    async def rest(self, seconds: float | None) -> None:
        """Waits so long, or until the package has changed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.renewed.wait(), seconds)


def longer(pause: float) -> float:
    return min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)
