"""Calls to a Maquette: signed in by a key, over connections that are kept, tried again when a kept one had gone."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import xml.etree.ElementTree as xml
from contextlib import contextmanager
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, Optional, Union
from urllib.parse import quote, urlencode, urlsplit

from maquette_sdk.client.account import Account
from maquette_sdk.client.errors import MaquetteError

SECONDS = 120.0
Content = Union[bytes, IO[bytes]]
Refusal = Callable[[int, bytes, str, str], MaquetteError]
"""Makes an error of an answer's status and body, and of the method and path that were asked."""


class Calls:
    """One account's way to its Maquette; may be used by several threads."""

    def __init__(self, account: Account, certificate: Optional[str] = None) -> None:
        self.account = account
        self.address = urlsplit(account.url)
        if self.address.scheme not in ("http", "https") or not self.address.netloc:
            raise MaquetteError(
                "'{}' is no address of a Maquette. Write it like http://127.0.0.1:7788.".format(account.url)
            )
        self.context = ssl.create_default_context(cafile=certificate) if self.address.scheme == "https" else None
        self.seconds = SECONDS
        self.idle: List[http.client.HTTPConnection] = []
        self.signing_in = threading.Lock()
        self.token = ""
        self.project = ""

    @property
    def project_id(self) -> str:
        if not self.project:
            self.sign_in("")
        return self.project

    def json(self, method: str, path: str, body: Any = None, query: Optional[Mapping[str, Any]] = None) -> Any:
        """What a route answers. `{project_id}` in the path is filled in. Raises MaquetteError."""
        path = path.replace("{project_id}", self.project_id)
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        if given:
            path += "?" + urlencode(given, doseq=True)
        content = b"" if body is None else json.dumps(body).encode()
        data = self.send(method, path, {} if body is None else {"Content-Type": "application/json"}, content)
        return json.loads(data) if data else None

    def send(
        self,
        method: str,
        path: str,
        headers: Optional[Mapping[str, str]] = None,
        content: Content = b"",
        size: int = -1,
    ) -> bytes:
        """The whole body of the answer; `content` may be an open file of `size` bytes."""
        with self.open(method, path, headers, content, size) as answer:
            return answer.read()

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        headers: Optional[Mapping[str, str]] = None,
        content: Content = b"",
        size: int = -1,
        refuse: Optional[Refusal] = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer while it comes. A token that has run out is renewed once."""
        sent = dict(headers or {}, **({"Content-Length": str(size)} if size >= 0 else {}))
        token = self.token or self.sign_in("")
        for again in (True, False):
            with self.asked(method, path, dict(sent, **{"X-Auth-Token": token}), content) as answer:
                if answer.status != 401 or not again:
                    if answer.status >= 400:
                        raise (refuse or refusal)(answer.status, answer.read(), method, path)
                    yield answer
                    return
            token = self.sign_in(token)
            rewind(content)

    @contextmanager
    def asked(
        self, method: str, path: str, headers: Mapping[str, str], content: Content
    ) -> Iterator[http.client.HTTPResponse]:
        """A request and its answer. A connection that was kept may have been closed meanwhile; then a new one gets the
        request. A connection is kept when its answer was read to the end."""
        connection = self.idle.pop() if self.idle else None
        answer = None
        if connection is not None:
            try:
                answer = request(connection, method, path, headers, content, self.seconds)
            except socket.timeout as error:  # it was received; sent again it would be done twice
                connection.close()
                raise self.late() from error
            except (http.client.HTTPException, OSError):
                connection.close()
                rewind(content)
        if answer is None:
            connection = self.connect()
            try:
                answer = request(connection, method, path, headers, content, self.seconds)
            except socket.timeout as error:
                connection.close()
                raise self.late() from error
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                told = "Nothing answers at {} ({}). Is `maquette up` running there?"
                raise MaquetteError(told.format(self.account.url, error)) from error
        assert connection is not None
        try:
            yield answer
        except BaseException:
            answer.close()
            connection.close()
            raise
        if answer.isclosed() and not answer.will_close:
            self.idle.append(connection)
        else:
            answer.close()
            connection.close()

    def late(self) -> MaquetteError:
        return MaquetteError("{} did not answer within {:g} s.".format(self.account.url, self.seconds))

    def close(self) -> None:
        """Ends the connections that are kept."""
        while self.idle:
            self.idle.pop().close()

    def connect(self) -> http.client.HTTPConnection:
        host, port = self.address.hostname or "", self.address.port
        if self.context is not None:
            return http.client.HTTPSConnection(host, port, timeout=self.seconds, context=self.context)
        return http.client.HTTPConnection(host, port, timeout=self.seconds)

    def sign_in(self, old: str) -> str:
        """A new token in the place of an old one, unless another thread has got one already."""
        with self.signing_in:
            if self.token and self.token != old:
                return self.token
            key = {"access": {"key": self.account.access}, "secret": {"key": self.account.secret}}
            body = {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": key}}}
            headers = {"Content-Type": "application/json"}
            with self.asked("POST", "/v3/auth/tokens", headers, json.dumps(body).encode()) as answer:
                data = answer.read()
            if answer.status >= 400:
                raise refusal(answer.status, data, "POST", "/v3/auth/tokens")
            self.token = answer.headers["X-Subject-Token"]
            self.project = json.loads(data)["token"]["project"]["id"]
            return self.token

    def lines(self, path: str, headers: Optional[Mapping[str, str]] = None) -> Iterator[str]:
        """The lines of an answer that goes on, as they come."""
        with self.open("GET", path.replace("{project_id}", self.project_id), headers) as answer:
            for line in answer:
                yield line.decode("utf-8", "replace").rstrip("\r\n")


def rewind(content: Content) -> None:
    if not isinstance(content, bytes):
        content.seek(0)


def request(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], content: Content,
    seconds: float,
) -> http.client.HTTPResponse:  # fmt: skip
    if connection.sock is not None:  # it was kept, and was made when another patience may have been wished for
        connection.sock.settimeout(seconds)
    connection.request(method, path, body=content or None, headers=dict(headers))
    return connection.getresponse()


def refusal(status: int, data: bytes, method: str, path: str) -> MaquetteError:
    """What the server says, in the words of its routes or of its object store."""
    try:
        told: Dict[str, Any] = json.loads(data)
        return MaquetteError(
            str(told.get("error_msg") or told["error_message"]),
            status,
            str(told.get("code", "")),
            told.get("parameters"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    try:
        root = xml.fromstring(data)
        return MaquetteError(root.findtext("Message") or "", status, root.findtext("Code") or "")
    except xml.ParseError:
        return MaquetteError("{} {} was answered with {}.".format(method, path, status), status)


def quoted(key: str) -> str:
    return quote(key, safe="/-_.~")
