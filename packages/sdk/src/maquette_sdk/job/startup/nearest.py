"""What is tried in place of a requirement that cannot be had: the releases nearest to it."""

from __future__ import annotations

from typing import Sequence

from maquette_sdk.job.startup.resolving import Era, Uv, attempt, plan_with, taken, tells_dates
from maquette_sdk.job.startup.words import Failure, extras_of, limits_of, name_of, normal, pin_of, release_of

LOWER = (">", ">=", "==", "~=")
# What was built for NumPy 1 cannot be imported beside NumPy 2, and its metadata do not say so. This was the day before.
BEFORE_NUMPY_2 = "2024-06-15"


def nearest_to(
    uv: Uv, line: str, kept: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str]
) -> list[str]:
    """Requirements to try in place of one: the next release up, the next one down, then any."""
    name, version = name_of(line), pin_of(line)
    if version:
        pins = nearest_pins(uv, name, version, options)
        if built_for_numpy(uv, line, pins, options) and has_numpy_2(uv, kept, era, options, lifted):
            pins = of_numpy_2(uv, name, pins, options) + pins
        return [pin.replace("==", extras_of(line) + "==") for pin in pins] + [name + extras_of(line)]
    limits = limits_of(line)
    if not limits:
        return []
    full = name + extras_of(line)
    up = [full + ">=" + bound for operator, bound in limits if operator in ("<", "<=", "==", "~=")]
    down = [full + ("<=" if operator == ">" else "<") + bound for operator, bound in limits if operator in LOWER]
    lowest = [pin for above in up for pin in lowest_of(uv, above, kept, era, options, lifted)]
    return [*lowest, *down, full]


def lowest_of(
    uv: Uv, line: str, kept: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str]
) -> list[str]:
    """The lowest release that a requirement allows beside what is kept, as a pin."""
    name = normal(name_of(line))
    try:
        beside = attempt(uv, kept, era, options, lifted)
        pins = [one for one in beside.lines if pin_of(one) and normal(name_of(one)) != name]
        plan = attempt(uv, [*kept, *pins, line], era, [*options, "--resolution", "lowest-direct"], lifted)
    except Failure as error:
        if error.kind not in ("unsolvable", "build"):
            raise
        return []
    found = [one for one in plan.lines if pin_of(one) and normal(name_of(one)) == name]
    return [one.replace("==", extras_of(line) + "==") for one in found]


def nearest_pins(uv: Uv, name: str, version: str, options: Sequence[str]) -> list[str]:
    """The same release without the build part of its version, the next one up that has a wheel, the next one down."""
    public = version.split("+")[0]
    found = ["{}=={}".format(name, public)] if public != version else []
    for range_, resolution in ((">=", "lowest-direct"), ("<=", "highest")):
        found += wheel_of(uv, name + range_ + public, [*options, "--resolution", resolution])
    return found


def wheel_of(uv: Uv, line: str, options: Sequence[str]) -> list[str]:
    """The release that meets a requirement and has a wheel, as a pin; nothing where there is none."""
    name = name_of(line)
    try:
        return plan_with(uv, [line], [*options, "--no-deps", "--only-binary", name, "--reinstall-package", name]).lines
    except Failure as error:
        if error.kind not in ("unsolvable", "build"):
            raise
        return []


def built_for_numpy(uv: Uv, line: str, pins: Sequence[str], options: Sequence[str]) -> bool:
    """Whether a package needs NumPy, and must be built for each Python: the release asked for has no wheel."""
    if not pins or normal(name_of(line)) == "numpy" or wheel_of(uv, line, options):
        return False
    try:
        plan = plan_with(uv, pins[-1:], [*options, "--only-binary", name_of(line), "--reinstall-package", "numpy"])
    except Failure as error:
        if error.kind not in ("unsolvable", "build"):
            raise
        return False
    return "numpy" in [normal(name_of(one)) for one in plan.lines]


def has_numpy_2(uv: Uv, kept: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str]) -> bool:
    """Whether NumPy 2 or newer is there already, or comes with what is kept."""
    version = pin_of(taken(uv, attempt(uv, kept, era, options, lifted), "numpy"))
    return bool(version) and release_of(version)[0] >= 2


def of_numpy_2(uv: Uv, name: str, pins: Sequence[str], options: Sequence[str]) -> list[str]:
    """Those of the pins that came after NumPy 2, else the first release that did."""
    before = wheel_of(uv, name, [*options, "--exclude-newer", BEFORE_NUMPY_2])
    if not before:
        return [] if tells_dates(uv, [name]) else [name]  # all came after it; or nobody knows, and the newest did
    last = pin_of(before[0])
    after = [pin for pin in pins if release_of(pin_of(pin)) > release_of(last)]
    return after or wheel_of(uv, "{}>{}".format(name, last), [*options, "--resolution", "lowest-direct"])
