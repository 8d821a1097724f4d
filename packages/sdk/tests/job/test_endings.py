"""Causes of an end."""

from __future__ import annotations

import pytest

from maquette_sdk.job.endings import End, natural_end, shell_code
from maquette_sdk.job.limits import Limits

EXITED = 8  # wait statuses keep the code above the signal


@pytest.mark.parametrize(
    ("status", "code"), [(0, 0), (3 << EXITED, 3), (9, 137), (15, 143), (139, 139), (255 << EXITED, 255)]
)
def test_codes_are_as_a_shell_tells_them(status: int, code: int) -> None:
    assert shell_code(status) == code


@pytest.mark.parametrize(
    ("status", "last_line", "expected"),
    [
        (0, "", End("exit", "")),
        (2 << EXITED, "", End("exit", "The run ended with code 2.")),
        (255 << EXITED, "", End("exit", "The run ended with code 255.")),
        (200 << EXITED, "", End("exit", "The run ended with code 200.")),
        (128 << EXITED, "", End("exit", "The run ended with code 128.")),
        (11, "", End("signal", "The run was killed by SIGSEGV (segmentation fault).")),
        (139 << EXITED, "", End("signal", "The run was killed by SIGSEGV (segmentation fault).")),
        (9, "", End("signal", "The run was killed by SIGKILL.")),
        (
            127 << EXITED,
            "setpriv: failed to execute x: No such file or directory",
            End(
                "failed_to_start",
                "The run could not be started: setpriv: failed to execute x: No such file or directory.",
            ),
        ),
        (127 << EXITED, "sh: 1: x: not found", End("exit", "The run ended with code 127.")),
    ],
)
def test_an_end_is_named(status: int, last_line: str, expected: End) -> None:
    assert natural_end(status, Limits({}, "run"), last_line, memory_kills=2**60) == expected


def test_a_run_killed_when_the_machine_was_out_of_memory_says_so() -> None:
    end = natural_end(9, Limits({}, "run"), "", memory_kills=-1)
    assert end == End("memory", "The machine ran out of memory, and the run was killed for it.")
