from __future__ import annotations

import importlib
from typing import Any


def test_text_and_bytes_become_each_other(mox: Any) -> None:
    compat = importlib.import_module("moxing.framework.util.compat")
    assert [compat.as_str(b"\xc3\xa4"), compat.as_str("ä"), compat.as_text(b"x")] == ["ä", "ä", "x"]
    assert [compat.as_bytes("ä"), compat.as_bytes(b"x")] == [b"\xc3\xa4", b"x"]
