"""The command line that starts a run in its sandbox."""

from __future__ import annotations

import pytest

from maquette_sdk.job.sandboxed import in_sandbox, is_unsafe

SANDBOX = {"program": "/usr/bin/bwrap", "options": ["--unshare-pid"], "become": []}


def test_variables_are_options_that_nobody_else_sees() -> None:
    start = in_sandbox(SANDBOX, ["python", "x"], {"A": "1", "B": "2 3"}, {"COOKIE": "c"})
    assert start.command == ["/usr/bin/bwrap", "--args", "3", "--", "python", "x"]
    assert start.environment == {"COOKIE": "c"}
    assert start.options == b"--unshare-pid\0--json-status-fd\0004\0--setenv\0A\0001\0--setenv\0B\0002 3\0"


def test_variables_that_load_code_are_set_after_root_has_been_given_up() -> None:
    sandbox = {**SANDBOX, "become": ["/usr/bin/setpriv", "--"]}
    start = in_sandbox(sandbox, ["python"], {"A": "1", "LD_PRELOAD": "/x.so"}, {})
    assert start.command[4:] == ["/usr/bin/setpriv", "--", "/usr/bin/env", "LD_PRELOAD=/x.so", "python"]
    assert b"LD_PRELOAD" not in start.options
    assert b"LD_PRELOAD" in in_sandbox(SANDBOX, ["python"], {"LD_PRELOAD": "/x.so"}, {}).options


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [
        ("LD_LIBRARY_PATH", True),
        ("GLIBC_TUNABLES", True),
        ("MALLOC_ARENA_MAX", True),
        ("PATH", False),
        ("OLD_PATH", False),
    ],
)
def test_unsafe_variables(name: str, unsafe: bool) -> None:
    assert is_unsafe(name) is unsafe
