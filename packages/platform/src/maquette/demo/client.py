"""Sends pictures to a service as any program would: one multipart request each, over HTTP."""

from __future__ import annotations

import json
import urllib.request
import uuid
from pathlib import Path


def predict(address: str, image: Path, field: str = "images") -> str:
    """The `predicted_label` that the service at `address` gives a picture. Raises OSError when it gives none."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{image.name}"\r\n\r\n'
    body = head.encode() + image.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    content_type = f"multipart/form-data; boundary={boundary}"
    request = urllib.request.Request(address, body, {"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(json.load(answer)["predicted_label"])
