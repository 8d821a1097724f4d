"""Pictures inside a service's answer: base64 in some text of its JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEGINNINGS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{32}")


def picture_in(text: str) -> bytes | None:
    """The picture that a text is; None for any other text."""
    text = text[found.end() :] if (found := DATA_URL.match(text)) else text
    if not BASE64.match(text):
        return None
    try:
        data = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (ValueError, binascii.Error):
        return None
    web = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    bitmap = data[:2] == b"BM" and int.from_bytes(data[2:6], "little") == len(data)
    return data if web or bitmap or data.startswith(BEGINNINGS) else None


def replaced(value: Any, spell: Callable[[bytes], str]) -> Any:
    """The answer with something else in the place of each picture."""
    if isinstance(value, dict):
        return {name: replaced(one, spell) for name, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, spell) for one in value]
    picture = picture_in(value) if isinstance(value, str) else None
    return value if picture is None else spell(picture)


def put_aside(value: Any, out: Path) -> tuple[Any, dict[Path, bytes]]:
    """The answer with the names of files in the place of its pictures, and what is to be in these. The first is `out`,
    others have a number before its ending."""
    files: dict[Path, bytes] = {}

    def keep(picture: bytes) -> str:
        number = len(files) + 1
        file = out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        files[file] = picture
        return str(file)

    return replaced(value, keep), files
