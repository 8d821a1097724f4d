"""Command lines as scripts write them."""

from __future__ import annotations

import pytest

from maquette_sdk.job.startup.pip._internal.cli.options import read_arguments

# line: (command, words, values, flags, unknown)
LINES = {
    "install toy": ("install", ["toy"], {}, set(), []),
    "-q install toy": ("install", ["toy"], {}, {"quiet"}, []),
    "--disable-pip-version-check install toy": ("install", ["toy"], {}, set(), []),
    "install -qU toy": ("install", ["toy"], {}, {"quiet", "upgrade"}, []),
    "install -r a.txt -rb.txt --requirement=c.txt": (
        "install", [], {"requirement": ["a.txt", "b.txt", "c.txt"]}, set(), []
    ),
    "install -i http://a toy": ("install", ["toy"], {"index-url": ["http://a"]}, set(), []),
    "install -ihttp://a toy": ("install", ["toy"], {"index-url": ["http://a"]}, set(), []),
    "install --index-url=http://a toy": ("install", ["toy"], {"index-url": ["http://a"]}, set(), []),
    "install --index http://a toy": ("install", ["toy"], {"index-url": ["http://a"]}, set(), []),
    "install --upgrad toy": ("install", ["toy"], {}, set(), ["--upgrad"]),
    "install --trusted a toy": ("install", ["toy"], {"trusted-host": ["a"]}, set(), []),
    "install --cache-dir /x toy": ("install", ["toy"], {}, set(), []),
    "install --global-option build_ext toy": ("install", ["toy"], {}, set(), ["--global-option"]),
    "install --frobnicate=3 toy": ("install", ["toy"], {}, set(), ["--frobnicate"]),
    "install -- -odd": ("install", ["-odd"], {}, set(), []),
    "show -f toy": ("show", ["toy"], {}, set(), []),
    "uninstall -y toy more": ("uninstall", ["toy", "more"], {}, set(), []),
    "install -r": ("install", [], {"requirement": [""]}, set(), []),
    "": ("", [], {}, set(), []),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_is_taken_apart(line):
    found = read_arguments(line.split())
    assert (found.command, found.words, found.values, found.flags, found.unknown) == LINES[line]
