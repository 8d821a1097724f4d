"""How requirement lines and uv's words are read."""

from __future__ import annotations

import pytest

from maquette_sdk.job.startup.words import PLANNED, cause, failure, limits_of, name_of, pin_of, planned_line

# line: (name, pinned version)
LINES = {
    "numpy": ("numpy", ""),
    "numpy==1.17.0": ("numpy", "1.17.0"),
    "numpy == 1.17.0": ("numpy", "1.17.0"),
    "numpy===1.17.0": ("numpy", "1.17.0"),
    "numpy (==1.17.0)": ("numpy", "1.17.0"),
    "numpy==1.17.*": ("numpy", ""),
    "numpy>=1.17,<2": ("numpy", ""),
    "numpy!=1.17.0": ("numpy", ""),
    "torch==1.8.0+cu101": ("torch", "1.8.0+cu101"),
    "opencv_python.headless[extra]==4.1": ("opencv_python.headless", "4.1"),
    "six==1.0; python_version < '3'": ("six", "1.0"),
    "six==1.0 # why": ("six", "1.0"),
    "mine @ https://host.example/mine.whl": ("mine", ""),
    "https://host.example/mine.whl": ("", ""),
    "git+https://host.example/mine.git": ("", ""),
    "./mine.whl": ("", ""),
    "/tmp/mine-1.0-py3-none-any.whl": ("", ""),
    "mine-1.0-py3-none-any.whl": ("", ""),
    "folder/mine": ("", ""),
    "-e .": ("", ""),
    "": ("", ""),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_names_a_package_and_may_pin_it(line):
    assert (name_of(line), pin_of(line)) == LINES[line]


LIMITS = {
    "numpy>=1.21.0": [(">=", "1.21.0")],
    "numpy (>=1.17, <2) ; python_version < '3.8'": [(">=", "1.17"), ("<", "2")],
    "numpy[all]==1.17.*": [("==", "1.17")],
    "numpy~=1.17 # why": [("~=", "1.17")],
    "numpy!=1.17.0,>1": [("!=", "1.17.0"), (">", "1")],
    "numpy==1.17.0": [],
    "numpy": [],
    "numpy @ https://host.example/numpy.whl?x>=1": [],
    "./numpy>=1.whl": [],
    "": [],
}


@pytest.mark.parametrize("line", LIMITS)
def test_a_line_that_names_no_single_version_has_limits(line):
    assert limits_of(line) == LIMITS[line]


SAID = {
    "error: Request failed after 3 retries\n  cause: dns error\n  cause: no such host": ("network", "no such host"),
    "error: Failed to fetch: `https://index.example`\n  cause: HTTP status client error (403)": (
        "network", "HTTP status client error (403)",
    ),
    "error: failed to write\n  cause: No space left on device (os error 28)": (
        "disk", "No space left on device (os error 28)",
    ),
    "error: Failed to download and build `toy==1.0`\n  cause: exit status 1": ("build", "exit status 1"),
    "error: No solution found when resolving dependencies\n  cause: Because a and b fight.": (
        "unsolvable", "Because a and b fight.",
    ),
    "error: No solution found\n  cause: Because toy==1.0 has an invalid package format and so on.": (
        "broken", "Because toy==1.0 has an invalid package format and so on.",
    ),
    "error: Failed to download `toy==1.0`\n  cause: Failed to extract archive\n  cause: Invalid zip": (
        "broken", "Invalid zip",
    ),
    "something quite new": ("other", "something quite new"),
    "": ("other", "it gave no reason"),
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_what_uv_says_is_of_a_kind_and_has_a_cause(text):
    assert (failure(text).kind, cause(text)) == SAID[text]


def test_a_failure_names_the_package_where_uv_does():
    assert failure("error: Failed to download and build `toy==1.0`").package == "toy"
    assert failure("hint: The structure of `toy` (v1.0) was invalid: has an invalid package format").package == "toy"


@pytest.mark.parametrize(
    ("said", "planned"),
    [
        (" + toy==1.0", "toy==1.0"),
        (" ~ toy==1.0", "toy==1.0"),
        (" + torch==2.13.0+cpu", "torch==2.13.0+cpu"),
        (" + toy @ file:///tmp/toy-1.0-py3-none-any.whl", "toy @ file:///tmp/toy-1.0-py3-none-any.whl"),
        (" + toy==1.0 (from file:///tmp/toy)", "toy @ file:///tmp/toy"),
        (" + mine==0.1 (from file:///work/my%20code)", "-e /work/my code"),
    ],
)
def test_a_planned_package_is_said_as_a_requirement(said, planned):
    assert planned_line(PLANNED.match(said), ["/work/my code"]) == planned


@pytest.mark.parametrize("said", [" - toy==1.0", "Resolved 3 packages in 2ms", "warning: + toy==1.0"])
def test_other_lines_plan_nothing(said):
    assert PLANNED.match(said) is None
