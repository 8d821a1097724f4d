"""Puts together the command that starts a run: its program, inside the sandbox when there is one."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

ARGUMENTS = 3  # descriptors that bubblewrap inherits: its options …
STATUS = 4  # … and where it tells how it gets on

UNSAFE_PREFIXES = ("LD_", "MALLOC_")
# fmt: off
UNSAFE_NAMES = frozenset((
    "GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NIS_PATH", "NLSPATH",
    "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR",
))
# fmt: on
"""Variables by which the C library lets a caller load or read what it likes (those it ignores in setuid programs)."""


class Start(NamedTuple):
    """A command line, its environment, and the options that bubblewrap reads from a descriptor."""

    command: List[str]
    environment: Dict[str, str]
    options: bytes


def in_sandbox(
    sandbox: Dict[str, Any], command: List[str], environment: Dict[str, str], cookie: Dict[str, str]
) -> Start:
    """The start through bubblewrap.

    Bubblewrap itself runs outside the sandbox, perhaps as root, so the run's variables must not reach it: they are
    options, which come through a descriptor and so are not seen in the process table either. `become` is a command
    that gives up root inside; variables that could make it load something are set only behind it.
    """
    become: List[str] = list(sandbox["become"])
    late = {name: value for name, value in environment.items() if become and is_unsafe(name)}
    options: List[str] = list(sandbox["options"]) + ["--json-status-fd", str(STATUS)]
    for name, value in environment.items():
        if name not in late:
            options += ["--setenv", name, value]
    if late:
        become += ["/usr/bin/env"] + ["{}={}".format(name, value) for name, value in late.items()]
    return Start(
        command=[sandbox["program"], "--args", str(ARGUMENTS), "--"] + become + command,
        environment=cookie,
        options=b"".join(option.encode("utf-8", "surrogateescape") + b"\0" for option in options),
    )


def is_unsafe(name: str) -> bool:
    return name.startswith(UNSAFE_PREFIXES) or name in UNSAFE_NAMES
