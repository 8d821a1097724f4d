"""What to install for a list of requirements: uv decides, under an engine's era, and pins that cannot be are relaxed.

Used where engines' environments are made and by the `pip` front inside runs, so both follow the same rules:

1. What is not pinned is no newer than the era. By upload date where the index tells it, else by a list of newest
   versions (a constraint file).
2. A pin (`==`) is obeyed also when it is newer than the era.
3. A requirement that has no solution within the era is resolved without it.
4. A version that cannot be installed on this Python, or not beside the engine's own packages, gives way to the nearest
   release that can.
5. What has no wheel and does not build gives way to a release that has one.
6. What is taken instead leaves the engine's own packages as they are if it can, and beside NumPy 2 it is no release
   that was built for NumPy 1.

Every step beyond the second is told.
"""

from __future__ import annotations

from typing import Callable, Sequence

from maquette_sdk.job.startup.nearest import nearest_to
from maquette_sdk.job.startup.resolving import NO_INDEX as NO_INDEX
from maquette_sdk.job.startup.resolving import Era as Era
from maquette_sdk.job.startup.resolving import Plan as Plan
from maquette_sdk.job.startup.resolving import Tell, attempt, possible, taken
from maquette_sdk.job.startup.resolving import Uv as Uv
from maquette_sdk.job.startup.sentences import say
from maquette_sdk.job.startup.words import Failure as Failure
from maquette_sdk.job.startup.words import cause as cause
from maquette_sdk.job.startup.words import failure as failure
from maquette_sdk.job.startup.words import name_of as name_of
from maquette_sdk.job.startup.words import normal as normal
from maquette_sdk.job.startup.words import pin_of, release_of, temporary_file

ONLY_WHEEL = "--only-binary="  # Joined to the name, unlike a person's own option.


def solve(
    uv: Uv,
    requirements: Sequence[str],
    era: Era | None = None,
    options: Sequence[str] = (),
    tell: Tell = lambda line: None,
    fixed: Sequence[str] = (),
    relax: bool = True,
) -> Plan:
    """Find what to install into uv's environment for `fixed` (never relaxed) and `requirements`.

    Raises Failure when there is no way; its text is uv's own about the whole list.
    """
    options = list(options)
    plan = settle(uv, list(requirements), era, options, tell, list(fixed), relax)
    plan.notes += held_back(uv, plan, [*fixed, *requirements], era, options)
    return plan


def settle(
    uv: Uv, requirements: list[str], era: Era | None, options: list[str], tell: Tell, fixed: list[str], relax: bool
) -> Plan:
    """A plan by the rules above. `options` grows by what cannot be built."""
    first = None
    while True:
        try:
            return attempt(uv, fixed + requirements, era, options)
        except Failure as error:
            first = first or error
            if error.kind not in ("unsolvable", "build"):
                raise
            if error.kind == "unsolvable" or not error.package or ONLY_WHEEL + error.package in options:
                break
            tell(say("not_built", name=error.package))
            options.append(ONLY_WHEEL + error.package)
    if era:
        plan = beyond_era(uv, fixed, requirements, era, options)
        if plan:
            return plan
    if not relax or not requirements:
        raise first
    return relaxed(uv, fixed, requirements, era, options, first)


def held_back(uv: Uv, plan: Plan, wanted: Sequence[str], era: Era | None, options: Sequence[str]) -> list[str]:
    """A note for each requirement that would be newer, did all that it needs build here."""
    missing = [option[len(ONLY_WHEEL) :] for option in options if option.startswith(ONLY_WHEEL)]
    taken = {normal(name_of(line)): pin_of(line) for line in plan.lines}
    free = {normal(name_of(line)) for line in wanted if not pin_of(line)} & set(taken)
    if not missing or not free:
        return []
    own = [name for name in missing if normal(name) in free]
    notes: list[str] = [say("has_a_wheel", name=name, version=taken[normal(name)]) for name in own]
    others = [name for name in missing if name not in own]
    if not others:
        return notes
    try:
        with temporary_file("\n".join(others) + "\n") as path:
            newest = attempt(uv, wanted, era, [*options, "--excludes", path])
    except Failure:
        return notes  # then something else stands in the way as well
    for line in newest.lines:
        name = normal(name_of(line))
        if name in free and release_of(pin_of(line)) > release_of(taken[name]):
            notes.append(say("held_back", name=name, version=taken[name], others=" or ".join(others)))
    return notes


def beyond_era(
    uv: Uv, fixed: Sequence[str], requirements: Sequence[str], era: Era, options: Sequence[str]
) -> Plan | None:
    """First what is required may be newer than the era, then everything may."""
    names = [name_of(line) for line in requirements if name_of(line)]
    for lifted in (names, None):
        if lifted == []:
            continue
        try:
            plan = attempt(uv, [*fixed, *requirements], era if lifted else None, options, lifted or [])
        except Failure:
            continue
        plan.notes.append(say("beyond_era", era=era.date, names=", ".join(lifted) if lifted else say("everything")))
        return plan
    return None


def install(uv: Uv, plan: Plan, options: Sequence[str] = ()) -> None:
    """Install exactly the plan."""
    if not plan.lines:
        return
    with temporary_file("\n".join(plan.lines) + "\n") as path:
        uv.pip("install", "--no-deps", *uv.index_options, *plan.options, *options, "-r", path)


def install_or_relax(
    uv: Uv, plan: Plan, again: Callable[[list[str]], Plan], tell: Tell, options: Sequence[str] = ()
) -> Plan:
    """Install the plan. What turns out not to build is taken only as a wheel: `again` plans anew with more options."""
    only_wheels: list[str] = []
    while True:
        try:
            install(uv, plan, options)
            return plan
        except Failure as error:
            if error.kind != "build" or not error.package or error.package in only_wheels:
                raise
            not_built = error
        only_wheels.append(not_built.package)
        tell(say("not_built", name=not_built.package))
        try:
            plan = again([ONLY_WHEEL + name for name in only_wheels])
        except Failure as error:
            raise (not_built if error.kind == "unsolvable" else error) from None


def relaxed(
    uv: Uv, fixed: list[str], requirements: list[str], era: Era | None, options: Sequence[str], first: Failure
) -> Plan:
    """Take the requirements one by one; what does not go in gives way to the nearest release that does."""
    kept = list(fixed)
    lifted: list[str] = []
    notes: list[str] = []
    given: list[tuple[str, tuple[str, str]]] = []
    for line in requirements:
        name = name_of(line)
        if possible(uv, [*kept, line], era, options, lifted):
            kept.append(line)
            continue
        if era and name and possible(uv, [*kept, line], era, options, [*lifted, name]):
            lifted.append(name)
            kept.append(line)
            notes.append(say("beyond_era", era=era.date, names=name))
            continue
        candidates = nearest_to(uv, line, kept, era, options, lifted)
        nearest = first_possible(uv, candidates, fixed, kept, era, options, lifted)
        if nearest is None:
            raise first
        given.append((line, rival_of(uv, line, fixed, kept, options)))
        kept.append(nearest)
    plan = attempt(uv, kept, era, options, lifted)
    gave_way = [
        say(code, line=line.strip(), rival=rival, taken=taken(uv, plan, name_of(line))) for line, (code, rival) in given
    ]
    plan.notes[:0] = gave_way + notes
    return plan


def first_possible(
    uv: Uv,
    candidates: Sequence[str],
    fixed: Sequence[str],
    kept: Sequence[str],
    era: Era | None,
    options: Sequence[str],
    lifted: Sequence[str],
) -> str | None:
    """The first that leaves the engine's own packages as they are, else the first that goes in at all."""
    own = [line for line in attempt(uv, fixed, era, options).lines if pin_of(line)] if fixed else []
    for beside in (own, []):
        for near in candidates:
            others = [line for line in beside if normal(name_of(line)) != normal(name_of(near))]
            if possible(uv, [*kept, *others, near], era, options, lifted):
                return near
    return None


def rival_of(uv: Uv, line: str, fixed: Sequence[str], kept: Sequence[str], options: Sequence[str]) -> tuple[str, str]:
    """How it is told that a requirement gives way, and what it cannot stand beside, if it could be installed alone."""
    if not kept or not possible(uv, [line], None, options):
        return "gave_way", ""
    same_first = sorted(kept, key=lambda other: normal(name_of(other)) != normal(name_of(line)))
    rival = next((other for other in same_first if not possible(uv, [other, line], None, options)), None)
    if rival is None:
        return "gave_way_rest", ""
    return "gave_way_engine" if rival in fixed else "gave_way_rival", rival.strip()
