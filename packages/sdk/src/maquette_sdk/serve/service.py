"""One request through a service: what came in becomes `data`, what the code returns or raises becomes an answer."""

from __future__ import annotations

import collections
import io
import json
import os
import sys
import time
import traceback
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

from model_service.model_service import stage_times

from maquette_sdk.serve.advice import advise
from maquette_sdk.serve.frameworks.mxnet import make_inputs
from maquette_sdk.serve.load import LoadError
from maquette_sdk.serve.output import flush, say
from maquette_sdk.serve.protocol import Frame

JSON = "application/json"

INVALID_INPUT = {"erno": "MR.0101", "msg": "The input parameter is invalid", "words_result": {}}
FAILED = {"erno": "MR.0105", "msg": "Recognition failed", "words_result": {}}
INVALID_BODY = {"erno": "PY.0101", "msg": "The input data is invalid"}
PREDICTION_FAILED = {"erno": "PY.0105", "msg": "Predict failed"}


class Answer(NamedTuple):
    """What goes back: a status, a body, and how long each stage took in milliseconds."""

    status: int
    body: bytes
    times: Dict[str, float]


class Request(NamedTuple):
    """A call, read: `data` for the code, `query`, and `meta` that is sent back with the answer. With a `problem` the
    code does not see it."""

    data: Any = None
    query: Optional[Dict[str, str]] = None
    meta: Any = None
    problem: Optional[Answer] = None


# ── what came in ─────────────────────────────────────────────────────────────────────────────────


def read(frame: Frame, raw_body: bool) -> Request:
    """The request in a frame. Reads passed files and decodes JSON, so it runs beside the code, not in its thread."""
    contents = [(part, part.read()) for part in frame.parts]
    if raw_body:
        return _read_raw(contents[0][1] if contents else b"", frame.header)
    if not contents:
        return _unreadable("it holds nothing")
    if frame.header["body"] == "form":
        return Request(_read_form(contents), frame.header.get("query"))
    try:
        data = json.loads(contents[0][1])
    except (ValueError, RecursionError) as error:
        kind = frame.header.get("content_type") or "of no content type"
        return _unreadable("its body, {}, is neither a form nor JSON ({})".format(kind, error))
    if not data:
        return _unreadable("its JSON, {}, counts as nothing".format(json.dumps(data)))
    return Request(data, frame.header.get("query"))


def _unreadable(why: str) -> Request:
    """The answer tells its client nothing but that; the log tells whoever runs the service."""
    say("A request was answered with MR.0101: {}.".format(why))
    return Request(problem=_answer(400, INVALID_INPUT))


def _read_raw(body: bytes, header: Dict[str, Any]) -> Request:
    """The engines that take the body as it came, which must be JSON."""
    try:
        if header["body"] == "form":
            raise ValueError("The body is {}; this service takes JSON.".format(header["content_type"]))
        decoded = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Request(problem=_answer(500, dict(INVALID_BODY, error_info=describe(error))))
    return Request(body, meta=decoded.get("meta") if isinstance(decoded, dict) else None)


def _read_form(contents: Any) -> Dict[str, Any]:
    """Texts by name, the first of each; files by name, each an OrderedDict of file name and BytesIO. Files win."""
    texts: Dict[str, Any] = {}
    files: Dict[str, Any] = {}
    for part, content in contents:
        if part.filename is None:
            texts.setdefault(part.name, content.decode("utf-8", "replace"))
        else:
            files.setdefault(part.name, collections.OrderedDict())[part.filename] = io.BytesIO(content)
    texts.update(files)
    return texts


# ── through the code ─────────────────────────────────────────────────────────────────────────────


class Failure(NamedTuple):
    """The answer to a request whose code has raised."""

    status: int
    body: bytes


class Handler:
    """Calls one service, in the thread that calls `respond`."""

    def __init__(self, service: Any, raw_body: bool, package: str) -> None:
        self.service = service
        self.package = package
        self._raw_body = raw_body
        self._named_inputs = _takes_named_inputs(service)
        self._stages = stage_times
        self._stages.at_once = False

    def respond(self, request: Request) -> Answer:
        """The answer to a request. Nothing that the code raises leaves this function."""
        self._stages.clear()
        start = time.perf_counter()
        status, body = self._call(request)
        times = {name: round(value, 3) for name, value in self._stages.items()}
        times["handler"] = round((time.perf_counter() - start) * 1000, 3)
        return Answer(status, body, times)

    def log(self) -> None:
        """Writes to the log how long the stages of the last call took, where the code let them be measured."""
        if "postprocess" in self._stages:
            self._stages.log()

    def _call(self, request: Request) -> Tuple[int, bytes]:
        result = self.guarded(request, self._infer, request)
        return result if isinstance(result, Failure) else self.encoded(request, result)

    def _infer(self, request: Request) -> Any:
        return self.service.inference(self.make_data(request))

    def guarded(self, request: Request, work: Callable[..., Any], *arguments: Any) -> Any:
        """What the code returns, or a Failure. Nothing that it raises leaves this function."""
        try:
            return work(*arguments)
        except (KeyError, TypeError) as error:
            return self._failed(400, error, request.data)
        except BaseException as error:  # noqa: BLE001 - also SystemExit and KeyboardInterrupt: the instance lives on
            return self._failed(500, error, request.data)

    def encoded(self, request: Request, result: Any) -> Tuple[int, bytes]:
        """The status and body of the answer with this result."""
        try:
            return 200, dumps(self._wrap(result, request.meta))
        except NoJson as error:
            return self._failed(500, TypeError(str(error)))  # the encoder's own frames tell nobody anything
        except BaseException as error:  # noqa: BLE001 - objects of the code's own are asked for their values
            return self._failed(500, error)

    def make_data(self, request: Request) -> Any:
        """What the code is given."""
        data = request.data
        if request.query and isinstance(data, dict):
            data.update(request.query)
        if self._named_inputs:
            return make_inputs(data, self.service.signature)
        return data

    def _wrap(self, result: Any, meta: Any) -> Any:
        if not self._raw_body:
            return result
        wrapped = {"data": {"resp_data": result}}
        return wrapped if meta is None else dict(wrapped, meta=meta)

    def _failed(self, status: int, error: BaseException, data: Any = None) -> Failure:
        text = describe(error)
        flush()
        say("Algorithm crashed!\n" + text + advise(error, self.package, data))
        body = dict(PREDICTION_FAILED, error_info=text) if self._raw_body else FAILED
        return Failure(status, dumps(body))


def _takes_named_inputs(service: Any) -> bool:
    """Services of MXNet Model Server get a list with one content for each input of their signature."""
    module = sys.modules.get("mms.model_service.model_service")
    return module is not None and isinstance(service, module.ModelService)


def describe(error: BaseException) -> str:
    """The traceback from the package's code on, without the frames of the instance itself."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(ROOT):
        trace = trace.tb_next
    if trace is None and not isinstance(error, (SyntaxError, LoadError)):
        trace = error.__traceback__
    try:
        return "".join(traceback.format_exception(type(error), error, trace))
    except Exception:  # noqa: BLE001 - an exception of the code's own that cannot be shown
        return "{} (its text cannot be shown)\n".format(type(error).__name__)


ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


# ── what goes back ───────────────────────────────────────────────────────────────────────────────


def dumps(value: Any) -> bytes:
    """JSON in UTF-8. Arrays, tensors and their scalars become lists and numbers; NaN stays, as Python writes it."""
    try:
        text = _encode(value)
    except TypeError as error:
        # Keys that are NumPy numbers never reach `_plain`.
        if "keys must be" not in str(error):
            raise
        text = _encode(_plain_keys(value))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair: only an escape can carry it.
        return json.dumps(json.loads(text)).encode("ascii")


class NoJson(TypeError):
    """The code's answer holds what JSON cannot."""


def _plain(value: Any) -> Any:
    """What JSON can hold, of an object that it cannot."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise NoJson("The answer holds bytes, which JSON cannot. Decode them to text, or send them as base64.")
    for name in ("tolist", "asnumpy", "numpy"):
        method = getattr(value, name, None)
        if callable(method):
            return method()
    kind = type(value).__name__
    raise NoJson("The answer holds a {}, which JSON cannot. Return dicts, lists, texts and numbers.".format(kind))


_encode = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def _plain_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain_key(key): _plain_keys(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_keys(one) for one in value]
    return value


def _plain_key(key: Any) -> Any:
    return key if isinstance(key, (str, int, float, bool, type(None))) else _plain(key)


def _answer(status: int, body: Dict[str, Any]) -> Answer:
    return Answer(status, dumps(body), {})
