"""A call of an online service: its form or JSON goes there, and its answer is decoded."""

from __future__ import annotations

import json
import mimetypes
import os
import uuid
from typing import IO, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union
from urllib.parse import quote

from maquette_sdk.client.calls import Calls
from maquette_sdk.client.errors import MaquetteError

JSON = "application/json"
File = Union[str, "os.PathLike[str]", IO[bytes], Tuple[str, bytes]]
"""A path of this machine, an open file, or a name with its content."""
Files = Mapping[str, Union[File, List[File]]]
"""The files of a form; a field may have several."""


class PredictionRefused(MaquetteError):
    """The service, or the gateway in front of it, has answered with an error. `answer` is its body: decoded JSON, or
    text."""

    def __init__(self, status: int, answer: Any) -> None:
        said = json.dumps(answer, ensure_ascii=False) if not isinstance(answer, str) else answer.strip()
        super().__init__("The service has answered {}: {}".format(status, said or "nothing"), status, word_of(answer))
        self.answer = answer


class Answer(NamedTuple):
    """What a service has answered. `value` is decoded JSON, text, or bytes where it is neither; `times` are the
    milliseconds that its parts took: queued, preprocess, inference and postprocess."""

    value: Any
    content_type: str
    times: Dict[str, float]


class Request(NamedTuple):
    """The body of a call."""

    content: bytes
    content_type: str


def ask(calls: Calls, service_id: str, request: Request, path: str = "/") -> Answer:
    """Raises PredictionRefused with the service's own words."""
    where = "/v1/infers/{}".format(quote(service_id)) + ("" if path in ("", "/") else "/" + quote(path.lstrip("/")))
    headers = {"Content-Type": request.content_type} if request.content else {}
    with calls.open("POST", where, headers, request.content, len(request.content), refuse=refused) as answer:
        data = answer.read()
    content_type = answer.headers.get("Content-Type", "")
    return Answer(decoded(data, content_type), content_type, times(answer.headers.get("Server-Timing", "")))


def make_request(
    files: Optional[Files] = None, fields: Optional[Mapping[str, Any]] = None, json: Any = None
) -> Request:
    """A form of files and fields, or JSON. Raises MaquetteError where both are given, or a file cannot be read."""
    if json is None:
        return make_form(fields or {}, files or {}) if files or fields else Request(b"", "")
    if files or fields:
        raise MaquetteError("A call carries JSON, or files and fields, and not both.", details={"field": "json"})
    return Request(dumped(json).encode(), JSON)


def make_form(fields: Mapping[str, Any], files: Files) -> Request:
    boundary = "maquette-" + uuid.uuid4().hex
    parts = list(field_parts(fields)) + list(file_parts(files))
    content = b"".join(
        "--{}\r\n{}\r\n\r\n".format(boundary, head).encode() + body + b"\r\n" for head, body in parts
    ) + "--{}--\r\n".format(boundary).encode()  # fmt: skip
    return Request(content, "multipart/form-data; boundary=" + boundary)


def field_parts(fields: Mapping[str, Any]) -> Iterator[Tuple[str, bytes]]:
    for name, value in fields.items():
        text = value if isinstance(value, str) else dumped(value)
        yield 'Content-Disposition: form-data; name="{}"'.format(escaped(name)), text.encode()


def file_parts(files: Files) -> Iterator[Tuple[str, bytes]]:
    given = [(name, one) for name, some in files.items() for one in (some if isinstance(some, list) else [some])]
    for name, file in given:
        called, data = content_of(name, file)
        told = 'Content-Disposition: form-data; name="{}"; filename="{}"\r\nContent-Type: {}'
        kind = mimetypes.guess_type(called)[0] or "application/octet-stream"
        yield told.format(escaped(name), escaped(called), kind), data


def content_of(field: str, file: File) -> Tuple[str, bytes]:
    """What the file is called, and what is in it."""
    if isinstance(file, tuple):
        return file
    if not isinstance(file, (str, os.PathLike)):
        return os.path.basename(str(getattr(file, "name", field))), file.read()
    path = os.fspath(file)
    try:
        with open(path, "rb") as opened:
            return os.path.basename(path), opened.read()
    except OSError as error:
        told = "The file '{}' of '{}' cannot be read: {}.".format(path, field, error.strerror)
        raise MaquetteError(told, details={"field": field}) from None


def escaped(name: str) -> str:
    """As browsers write the names of fields and files."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def dumped(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise MaquetteError("This cannot be sent as JSON: {}.".format(error), details={"field": "json"}) from None


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def refused(status: int, data: bytes, method: str, path: str) -> MaquetteError:
    return PredictionRefused(status, decoded(data, JSON))


def word_of(answer: Any) -> str:
    """The code of the error: `erno` of a package's own, `error_code` of the gateway's."""
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("erno") or answer.get("error_code") or "")


def decoded(data: bytes, content_type: str) -> Any:
    """JSON where it is some, for services tell their content type as they like; then text; then bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON or kind.startswith("text/") or not kind:
        try:
            return json.loads(data)
        except ValueError:
            return data.decode("utf-8", "replace")
    return data


def times(told: str) -> Dict[str, float]:
    """Of `queued;dur=0.10, inference;dur=12.00`."""
    found = {}
    for part in told.split(","):
        name, _, duration = part.strip().partition(";dur=")
        if duration:
            found[name] = float(duration)
    return found
