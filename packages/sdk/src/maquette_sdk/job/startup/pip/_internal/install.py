"""`pip install`: into the run's own site folder, as pip would decide, under the engine's era and index."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from typing import Any, Sequence

from maquette_sdk.job.startup.packages import (
    Era,
    Failure,
    Plan,
    Uv,
    cause,
    install_or_relax,
    name_of,
    normal,
    solve,
)

from .cli.options import Arguments
from .configuration import many, read_configuration
from .installed import Installed, installed
from .overlay import make_overlay
from .requirements import Options, as_requirement, read_requirements

OWN_ADDRESSES = ("index-url", "extra-index-url", "find-links")
NOT_FOR_UV = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_EXCLUDE_NEWER", "__PYVENV_LAUNCHER__")
SAID_BY_UV = ("Using Python", "warning: ", "Resolved ", "hint: `UV_")


def install(arguments: Arguments) -> int:
    """Install what the command line asks for; exit code 0 or 1."""
    try:
        wanted, options = read_wanted(arguments)
    except OSError as error:
        return fail("Could not open requirements file: {}".format(error))
    if not wanted and not arguments.words and not options.get("requirement"):
        return fail('You must give at least one requirement to install (see "pip help install")')
    wanted = [line for line in wanted if not is_pip(line)]
    site = arguments.last("target") or os.environ.get("MAQUETTE_SITE", "")
    if not site:
        return fail("MAQUETTE_SITE is not set: this pip works only inside a run of Maquette")
    os.makedirs(site, exist_ok=True)
    with Lock(os.path.join(site, ".pip.lock")):
        return install_into(os.path.abspath(site), wanted, arguments, options) if wanted else 0


def install_into(site: str, wanted: list[str], arguments: Arguments, options: Options) -> int:
    own_target = bool(arguments.last("target"))
    present = installed([site] if own_target else None)
    folder = tempfile.mkdtemp(prefix="maquette-pip-")
    try:
        python = make_overlay(folder, present)
        plan = plan_or_fall_back(python, wanted, arguments, options)
        say_satisfied(wanted, plan, present, arguments)
        if not plan.lines or "dry-run" in arguments.flags:
            return say_planned(plan)
        say(arguments, "Installing collected packages: {}".format(", ".join(map(label, plan.lines))))
        done = put_in(python, plan, site, wanted, arguments, options)
        say(arguments, "Successfully installed " + versions(done))
        return 0
    except Failure as failure:
        return explain(failure)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plan_or_fall_back(python: str, wanted: list[str], arguments: Arguments, options: Options) -> Plan:
    """With the addresses that the script names; when they cannot be reached, with the configured index."""
    if any(options.get(name) for name in OWN_ADDRESSES):
        try:
            return find_plan(python, wanted, arguments, options)
        except Failure as failure:
            if failure.kind != "network":
                raise
            named = ", ".join(address for name in OWN_ADDRESSES for address in options.get(name, []))
            warn("{} cannot be reached ({}). The configured index is used instead.".format(named, cause(failure.text)))
            for name in OWN_ADDRESSES:
                options.pop(name, None)
    return find_plan(python, wanted, arguments, options)


def find_plan(python: str, wanted: list[str], arguments: Arguments, options: Options, more: Sequence[str] = ()) -> Plan:
    uv = Uv(uv_binary(), python, uv_environment(options, arguments))
    plan = solve(uv, wanted, era(), [*uv_options(wanted, arguments, options), *more], warn)
    for note in plan.notes:
        warn(note)
    return plan


def put_in(python: str, plan: Plan, site: str, wanted: list[str], arguments: Arguments, options: Options) -> Plan:
    """Old releases of the same packages in the site folder are replaced by uv itself."""

    def settled(plan: Plan) -> Plan:
        plan.options = without(plan.options, flags=("--upgrade", "--no-deps"), valued=("-P", "--reinstall-package"))
        return plan

    def again(more: list[str]) -> Plan:
        return settled(find_plan(python, wanted, arguments, options, more))

    progress = None if "quiet" in arguments.flags else print
    uv = Uv(uv_binary(), python, uv_environment(options, arguments), progress=progress)
    anew = ["--reinstall"] if "reinstall" in arguments.flags else []
    return install_or_relax(uv, settled(plan), again, warn, ["--target", site, *anew])


def without(options: Sequence[str], flags: Sequence[str], valued: Sequence[str]) -> list[str]:
    """The options that still have a meaning when every version is fixed."""
    kept: list[str] = []
    rest = list(options)
    while rest:
        option = rest.pop(0)
        if option in valued:
            rest.pop(0)
        elif option not in flags:
            kept.append(option)
    return kept


def read_wanted(arguments: Arguments) -> tuple[list[str], Options]:
    """Requirements of the command line and its files; addresses of the line win over those of files and settings."""
    options = {name: list(values) for name, values in arguments.values.items()}
    here = os.getcwd()
    wanted = [as_requirement(word, here) for word in arguments.words]
    wanted += ["-e " + as_requirement(path, here) for path in arguments.values.get("editable", [])]
    for path in arguments.values.get("requirement", []):
        lines, found = read_requirements(path)
        wanted += lines
        merge(options, found)
    settings = read_configuration()
    merge(options, {name: many(settings[name]) for name in (*OWN_ADDRESSES, "trusted-host") if name in settings})
    return wanted, options


def merge(options: Options, more: Options) -> None:
    for name, values in more.items():
        if name == "index-url" and options.get(name):
            continue
        options.setdefault(name, []).extend(value for value in values if value)


def uv_options(wanted: Sequence[str], arguments: Arguments, options: Options) -> list[str]:
    names = [name_of(line) for line in wanted if name_of(line)]
    result: list[str] = []
    result += ["--" + flag for flag in ("no-deps", "no-index", "no-build-isolation") if flag in arguments.flags]
    if "pre" in arguments.flags:
        result += ["--prerelease", "allow"]
    if "upgrade" in arguments.flags and arguments.last("upgrade-strategy") == "eager":
        result.append("--upgrade")
    elif "upgrade" in arguments.flags:
        result += [part for name in names for part in ("-P", name)]
    if "reinstall" in arguments.flags:
        result += [part for name in names for part in ("--reinstall-package", name)]
    for name, option in (("constraint", "-c"), ("no-binary", "--no-binary"), ("only-binary", "--only-binary")):
        result += [part for value in options.get(name, []) for part in (option, value)]
    return result


def uv_environment(options: Options, arguments: Arguments) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_UV}
    if options.get("index-url"):
        environment["UV_DEFAULT_INDEX"] = options["index-url"][-1]
        environment["UV_HTTP_RETRIES"] = "1"
    extend(environment, "UV_INDEX", options.get("extra-index-url", []), " ")
    extend(environment, "UV_FIND_LINKS", options.get("find-links", []), ",")
    extend(environment, "UV_INSECURE_HOST", options.get("trusted-host", []), " ")
    if arguments.last("cert"):
        environment["SSL_CERT_FILE"] = arguments.last("cert")
    if arguments.last("proxy"):
        environment["ALL_PROXY"] = arguments.last("proxy")
    if arguments.last("timeout").isdigit():
        environment["UV_HTTP_TIMEOUT"] = arguments.last("timeout")
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip: all indexes are equal
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    return environment


def extend(environment: dict[str, str], name: str, values: Sequence[str], separator: str) -> None:
    joined = separator.join([*filter(None, [environment.get(name, "")]), *values])
    if joined:
        environment[name] = joined


def era() -> Era | None:
    date = os.environ.get("MAQUETTE_ERA")
    return Era(date, os.environ.get("MAQUETTE_ERA_CONSTRAINTS")) if date else None


def uv_binary() -> str:
    named = os.environ.get("MAQUETTE_UV", "")
    return named if os.path.exists(named) else (shutil.which("uv") or "uv")


def say_satisfied(wanted: Sequence[str], plan: Plan, present: Sequence[Installed], arguments: Arguments) -> None:
    planned = {normal(name_of(line)) for line in plan.lines}
    by_name = {package.key: package for package in present}
    for line in wanted:
        package = by_name.get(normal(name_of(line)))
        if package and package.key not in planned:
            text = "Requirement already satisfied: {} in {} ({})"
            say(arguments, text.format(line, package.location, package.version))


def say_planned(plan: Plan) -> int:
    if plan.lines:
        print("Would install " + versions(plan))
    return 0


def versions(plan: Plan) -> str:
    return " ".join(label(line).replace("==", "-") for line in plan.lines)


def label(line: str) -> str:
    return line if "==" in line else (name_of(line) or line)


def explain(failure: Failure) -> int:
    for line in failure.text.splitlines():
        if line.strip() and not line.startswith(SAID_BY_UV):
            sys.stderr.write("  {}\n".format(line))
    texts = {
        "network": "The package index cannot be reached: {}.",
        "disk": "The disk is full: {}.",
        "build": "{0} could not be built: {1}.",
        "broken": "{0} is broken on the index: {1}.",
    }
    text = texts.get(failure.kind, "{}")
    reason = cause(failure.text).rstrip(".")
    return fail(text.format(failure.package or "A package", reason) if "{0}" in text else text.format(reason))


def is_pip(line: str) -> bool:
    """Scripts upgrade pip out of habit; this front is what a run has."""
    if normal(name_of(line)) != "pip":
        return False
    print("Requirement already satisfied: {} (a run's pip is part of Maquette)".format(line))
    return True


def say(arguments: Arguments, text: str) -> None:
    if "quiet" not in arguments.flags:
        print(text)
        sys.stdout.flush()


def warn(text: str) -> None:
    sys.stderr.write("WARNING: {}\n".format(text))


def fail(text: str) -> int:
    sys.stderr.write("ERROR: {}\n".format(text))
    return 1


class Lock:
    """One install at a time into a folder, also among the processes of a distributed job."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.file = open(self.path, "a")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *ignored: Any) -> None:
        self.file.close()
