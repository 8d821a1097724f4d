"""Sends pictures to a service as any program would: one multipart request each, over HTTP, with an app code."""

from __future__ import annotations

import http.client
import json
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from maquette.kernel.errors import MaquetteError

FIELD = "images"
SECONDS = 60.0
NOT_YET = (502, 503, 504)


class NotReady(MaquetteError):
    """No instance of the service answers yet."""

    code = "not_ready"


class Predictions:
    """An online service at its address, over one connection that is kept. `calls` counts what it has answered."""

    def __init__(self, address: str, app_code: str) -> None:
        parts = urlsplit(address)
        self.path = parts.path
        self.headers = {"X-Apig-AppCode": app_code}
        self.connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
        self.calls = 0

    def predict(self, image: Path) -> str:
        """The `predicted_label` that it gives a picture. Raises NotReady, and MaquetteError for any other answer."""
        body, content_type = form(image)
        try:
            self.connection.request("POST", self.path, body, {**self.headers, "Content-Type": content_type})
            answer = self.connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise MaquetteError(f"The service does not answer a prediction ({error}).") from error
        text = said.decode("utf-8", "replace")
        if answer.status in NOT_YET:
            raise NotReady(f"The service is not ready: {answer.status} {text}")
        try:
            label = str(json.loads(text)["predicted_label"])
        except (ValueError, KeyError, TypeError):
            raise MaquetteError(f"The service has answered {answer.status}: {text}") from None
        self.calls += 1
        return label

    def close(self) -> None:
        self.connection.close()


def form(image: Path) -> tuple[bytes, str]:
    """The picture as a form of one file, and its content type."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{FIELD}"; filename="{image.name}"\r\n\r\n'
    body = head.encode() + image.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
