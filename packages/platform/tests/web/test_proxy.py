"""Programs of runs behind the server: real ones on sockets of their own, asked as browsers ask."""

import asyncio
import contextlib
import hashlib
import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.server import ServerProtocol
from websockets.sync.client import connect

from maquette.kernel.errors import NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.web import proxy_sockets
from maquette.web.door import Threshold, Unidentified, make_door
from maquette.web.listening import HttpServer, listen
from maquette.web.proxy import Program, prefix_of, proxy_router

PREFIX = prefix_of("p", "run", "secret")
COOKIE = {"cookie": "maquette-session=good; _xsrf=1"}
MEGABYTE = 1 << 20
PIECE = bytes(range(256)) * 256
WAIT_SECONDS = 120.0

# ── a program ────────────────────────────────────────────────────────────────────────────────────


async def tell_request(request):
    body = await request.body()
    return JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": [[name.decode(), value.decode()] for name, value in request.scope["headers"]],
            "md5": hashlib.md5(body).hexdigest(),
            "size": len(body),
        }
    )


class Echo:
    """Sends back each piece of the body as it comes."""

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})


async def send_pieces(request):
    async def pieces():
        for _ in range(int(request.query_params["pieces"])):
            request.app.state.sent += len(PIECE)
            yield PIECE

    return StreamingResponse(pieces())


async def answer_early(request):
    return Response("too large", 413)


async def answer_together(request):
    """Answers once so many have asked."""
    state = request.app.state
    state.together += 1
    while state.together < int(request.query_params["many"]):
        await asyncio.sleep(0.01)
    return Response("at last")


async def wait_for_leave(request):
    """Answers only when whoever asked has gone."""
    request.app.state.waiting.set()
    while (await request.receive())["type"] != "http.disconnect":
        continue
    request.app.state.left.set()
    return Response()


async def redirect(request):
    return RedirectResponse("/login")


async def set_cookies(request):
    response = Response()
    response.headers.append("set-cookie", "own=1; Path=/")
    response.headers.append("set-cookie", "maquette-session=stolen; Path=/")
    return response


async def echo_messages(websocket):
    if websocket.query_params.get("refuse"):
        await websocket.close()
        return
    await websocket.accept(subprotocol=next(iter(websocket.scope["subprotocols"]), None))
    await websocket.send_json(dict(websocket.headers))
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            websocket.app.state.closed.append((message["code"], message.get("reason") or ""))
            return
        if (message.get("text") or "").startswith("close"):
            await websocket.close(int(message["text"].split()[1]), "as you said")
            return
        await websocket.send({**message, "type": "websocket.send"})


ROUTES = {
    "told": tell_request,
    "echo": Echo(),
    "pieces": send_pieces,
    "early": answer_early,
    "together": answer_together,
    "leave": wait_for_leave,
    "redirect": redirect,
    "cookies": set_cookies,
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@pytest.fixture
def app():
    routes = [Route(f"{PREFIX}{name}", do, methods=METHODS) for name, do in ROUTES.items()]
    routes.append(Route(f"{PREFIX}a b", tell_request))
    routes.append(WebSocketRoute(f"{PREFIX}echo", echo_messages))
    app = Starlette(routes=routes)
    app.state.sent, app.state.together, app.state.closed = 0, 0, []
    app.state.waiting, app.state.left = threading.Event(), threading.Event()
    return app


class Threaded:
    """Servers in a thread of this process."""

    def __init__(self, *servers):
        self.servers = servers
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()))
        self.thread.start()
        until(lambda: all(server.started for server, _ in servers))

    async def serve(self):
        await asyncio.gather(*(server.serve([listening]) for server, listening in self.servers))

    def stop(self):
        for server, _ in self.servers:
            server.should_exit = True
        self.thread.join()


def until(happened):
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def program(app, tmp_path_factory):
    """The program's server on a Unix socket, and where it is."""
    path = tmp_path_factory.mktemp("s") / "s"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)
    threaded = Threaded((HttpServer(app), listening))
    yield Program("notebook 'n'", PREFIX, socket=path)
    threaded.stop()


# ── the server in front ──────────────────────────────────────────────────────────────────────────


def identify(request, body):
    """Cookies, here, say who and in which role."""
    role = {"good": Role.VIEWER, "gone": None}.get(request.cookies.get("maquette-session"))
    if role is None:
        raise Unidentified
    return Identity("u", "somebody", "p", role, Proof.SESSION)


@pytest.fixture
def front(request):
    """`front(program)` is the (host, port) of a server that passes on to it."""
    started = []

    def start(program):
        def find(who, run_id, secret):
            if (run_id, secret) != ("run", "secret"):
                raise NotFound("There is no such run.")
            return program

        listening = listen("127.0.0.1", 0)
        app = Threshold(make_door([proxy_router(find)], identify), (), lambda *_: None)
        started.append(Threaded((HttpServer(app), listening)))
        return listening.getsockname()

    yield start
    for one in started:
        one.stop()


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def told(self):
        return json.loads(self.body)


def ask(front, path, method="GET", body=None, headers=COOKIE, prefix=PREFIX):
    """The whole answer; raises what http.client raises for one that breaks off."""
    with contextlib.closing(http.client.HTTPConnection(*front, timeout=WAIT_SECONDS)) as connection:
        connection.request(method, prefix + path, body, dict(headers))
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read())


# ── requests and answers ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_request_arrives_as_it_was_sent(program, front, method):
    seen = ask(front(program), "told?a=%2F&b", method, b"x" if method != "GET" else None).told
    assert (seen["method"], seen["path"], seen["query"]) == (method, f"{PREFIX}told", "a=%2F&b")
    assert seen["size"] == (0 if method == "GET" else 1)


def test_the_path_goes_on_unread(program, front):
    assert ask(front(program), "a%20b").told["path"] == f"{PREFIX}a%20b"


def test_our_cookie_and_our_tokens_never_arrive(program, front):
    proofs = {"x-auth-token": "t", "x-change-token": "c", "x-apig-appcode": "a", "x-security-token": "s"}
    at = front(program)
    seen = ask(at, "told", headers={**COOKIE, **proofs}).told
    assert dict(seen["headers"])["cookie"] == "_xsrf=1"
    assert not {"authorization", *proofs} & {name for name, _ in seen["headers"]}
    assert dict(seen["headers"])["host"] == f"{at[0]}:{at[1]}"


def test_redirects_and_cookies_are_kept_within_the_path(program, front):
    at = front(program)
    assert ask(at, "redirect").headers["location"] == f"{PREFIX}login"
    assert ask(at, "cookies").headers.get_all("set-cookie") == [f"own=1; Path={PREFIX}"]


def test_pages_of_ours_keep_pages_of_programs_at_a_distance(program, front):
    at = front(program)
    assert ask(at, "told").headers["cross-origin-opener-policy"] == "unsafe-none"
    ours = ask(at, "/nothing", prefix="")
    assert (ours.status, ours.headers["cross-origin-opener-policy"]) == (404, "same-origin")
    assert ours.headers["content-security-policy"] is None
    assert ask(at, "/obs/pets/page.html", prefix="").headers["content-security-policy"] == "sandbox"


def test_fifty_megabytes_go_up_and_come_down(program, front):
    at, pieces = front(program), 50 * MEGABYTE // len(PIECE)
    uploaded = ask(at, "told", "POST", iter([PIECE] * pieces)).told
    assert uploaded["size"] == 50 * MEGABYTE
    assert uploaded["md5"] == hashlib.md5(PIECE * pieces).hexdigest()
    assert ask(at, f"pieces?pieces={pieces}").body == PIECE * pieces


def test_the_answer_comes_down_while_the_body_goes_up(program, front):
    """More than any buffer holds, so neither way can wait for the other to be done."""
    connection = socket.create_connection(front(program), timeout=WAIT_SECONDS)
    head = f"POST {PREFIX}echo HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {COOKIE['cookie']}\r\n"
    received = bytearray()

    def read():
        while len(received) < 64 * MEGABYTE and (chunk := connection.recv(MEGABYTE)):
            received.extend(chunk)

    with connection, ThreadPoolExecutor(1) as pool:
        connection.sendall(f"{head}content-length: {64 * MEGABYTE}\r\n\r\n".encode())
        reading = pool.submit(read)
        for _ in range(64 * MEGABYTE // len(PIECE)):
            connection.sendall(PIECE)
        reading.result(WAIT_SECONDS)
    assert received.startswith(b"HTTP/1.1 200 OK")


def test_a_browser_that_does_not_read_holds_the_program_back(program, front, app):
    """What is on its way lies in the buffers of four sockets, and nowhere else."""
    connection = http.client.HTTPConnection(*front(program), timeout=WAIT_SECONDS)
    connection.connect()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    connection.request("GET", f"{PREFIX}pieces?pieces=8000", headers=COOKIE)  # 500 MB
    seen = -1
    while seen != app.state.sent or not seen:
        seen = app.state.sent
        time.sleep(0.3)
    connection.close()
    assert seen < 30 * MEGABYTE


def test_twenty_slow_answers_are_awaited_at_once(program, front):
    at = front(program)
    with ThreadPoolExecutor(20) as pool:
        bodies = list(pool.map(lambda _: ask(at, "together?many=20").body, range(20)))
    assert bodies == [b"at last"] * 20


def test_an_answer_before_the_body_is_read_is_brought_back(program, front):
    response = ask(front(program), "early", "POST", iter([PIECE] * 4))
    assert (response.status, response.body) == (413, b"too large")


def test_a_browser_that_leaves_is_gone_for_the_program_too(program, front, app):
    connection = http.client.HTTPConnection(*front(program), timeout=WAIT_SECONDS)
    connection.request("GET", f"{PREFIX}leave", headers=COOKIE)
    assert app.state.waiting.wait(WAIT_SECONDS)
    connection.close()
    assert app.state.left.wait(WAIT_SECONDS)


# ── programs that fail ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def scripted():
    """`scripted(bytes)` is a program on a port that sends these bytes to whoever asks, and hangs up."""
    opened = []

    def make(said):
        listening = listen("127.0.0.1", 0)
        opened.append(listening)

        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        return Program("TensorBoard 't'", PREFIX, port=listening.getsockname()[1])

    yield make
    for one in opened:
        one.shutdown(socket.SHUT_RDWR)
        one.close()


def test_a_program_that_is_not_there_is_told_in_a_sentence(front, tmp_path):
    for program in (Program("notebook 'n'", PREFIX, socket=tmp_path / "none"), Program("notebook 'n'", PREFIX, port=1)):
        response = ask(front(program), "lab")
        assert response.status == 503
        assert response.told["error_msg"].startswith("notebook 'n' does not answer.")


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-le", b"what is this?\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000],
    ids=["nothing", "half a head", "no HTTP", "an endless head"],
)
def test_a_program_that_does_not_answer_rightly_is_told_in_a_sentence(front, scripted, said):
    response = ask(front(scripted(said)), "lab")
    assert response.status == 502
    assert "TensorBoard 't' broke off" in response.told["error_msg"]


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
def test_a_program_that_dies_midway_never_looks_finished(front, scripted, said):
    with pytest.raises(http.client.IncompleteRead):
        ask(front(scripted(said)), "lab")


def test_an_answer_that_ends_with_its_connection_is_whole(front, scripted):
    assert ask(front(scripted(b"HTTP/1.0 200 OK\r\n\r\nall of it")), "lab").body == b"all of it"


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, f"{PREFIX}told", 401),
        ({"cookie": "maquette-session=bad"}, f"{PREFIX}told", 401),
        (COOKIE, prefix_of("other", "run", "secret") + "told", 401),
        (COOKIE, prefix_of("p", "run", "wrong") + "told", 404),
        (COOKIE, prefix_of("p", "none", "secret") + "told", 404),
        ({**COOKIE, "origin": "http://evil.example"}, f"{PREFIX}told", 403),
        ({**COOKIE, "origin": "null"}, f"{PREFIX}told", 403),
        ({**COOKIE, "host": "evil.example", "origin": "http://evil.example"}, f"{PREFIX}told", 421),
    ],
)
def test_nobody_else_gets_through(program, front, headers, path, status):
    at = front(program)
    assert ask(at, path, "POST", b"", headers, prefix="").status == status
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{at[0]}:{at[1]}{path[:-4]}echo", additional_headers=without_host(headers, at)).close()
    assert refused.value.response.status_code == (status if status != 421 else 403)


def without_host(headers, at):
    """This client says `Host` by itself."""
    return {name: value for name, value in headers.items() if name != "host"}


def test_a_page_of_ours_may_change_what_it_likes_without_a_change_token(program, front):
    at = front(program)
    assert ask(at, "told", "POST", headers={**COOKIE, "origin": f"http://{at[0]}:{at[1]}"}).status == 200


def test_a_websocket_under_a_foreign_name_is_not_opened(program, front):
    at = front(program)
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://evil.example{PREFIX}echo", sock=socket.create_connection(at), additional_headers=COOKIE)
    assert refused.value.response.status_code == 421


# ── websockets ───────────────────────────────────────────────────────────────────────────────────


def opened(at, query="", **options):
    return connect(
        f"ws://{at[0]}:{at[1]}{PREFIX}echo{query}",
        additional_headers=COOKIE,
        max_size=None,
        open_timeout=WAIT_SECONDS,
        close_timeout=WAIT_SECONDS,
        **options,
    )


def test_messages_go_both_ways_whole_and_in_order(program, front):
    messages = ["text", "視覺", b"\x00\xff" * 1000, "", b"", PIECE * 200, "x" * MEGABYTE]
    with opened(front(program)) as browser:
        browser.recv(WAIT_SECONDS)
        for message in messages:
            browser.send(message)
        assert [browser.recv(WAIT_SECONDS) for _ in messages] == messages


def test_a_websocket_tells_the_program_nothing_of_ours(program, front):
    at = front(program)
    with opened(at, subprotocols=["v1.kernel.websocket.jupyter.org", "other"], origin=f"http://{at[0]}:{at[1]}") as one:
        seen = json.loads(one.recv(WAIT_SECONDS))
        assert one.subprotocol == "v1.kernel.websocket.jupyter.org"
    assert (seen["cookie"], seen["host"], seen["origin"]) == ("_xsrf=1", f"{at[0]}:{at[1]}", f"http://{at[0]}:{at[1]}")


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4001])
def test_how_the_program_closes_reaches_the_browser(program, front, code):
    with opened(front(program)) as browser:
        browser.recv(WAIT_SECONDS)
        browser.send(f"close {code}")
        with pytest.raises(ConnectionClosed) as closed:
            browser.recv(WAIT_SECONDS)
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "as you said")


@pytest.mark.parametrize("code", [1000, 4001])
def test_how_the_browser_closes_reaches_the_program(program, front, app, code):
    with opened(front(program)) as browser:
        browser.recv(WAIT_SECONDS)
        browser.close(code, "done")
    until(lambda: app.state.closed)
    assert app.state.closed == [(code, "done")]


def test_a_browser_that_vanishes_is_gone_for_the_program_too(program, front, app):
    with opened(front(program)) as browser:
        browser.recv(WAIT_SECONDS)
        browser.socket.shutdown(socket.SHUT_RDWR)
    until(lambda: app.state.closed)


def test_a_refusal_of_the_program_is_one_for_the_browser(program, front):
    with pytest.raises(InvalidStatus) as refused:
        opened(front(program), "?refuse=1")
    assert refused.value.response.status_code == 403


def test_a_websocket_to_a_program_that_is_gone_is_told_in_a_sentence(front, tmp_path):
    with pytest.raises(InvalidStatus) as refused:
        opened(front(Program("notebook 'n'", PREFIX, socket=tmp_path / "none")))
    assert refused.value.response.status_code == 503
    assert b"notebook 'n'" in refused.value.response.body


def test_a_program_that_dies_closes_the_websocket_as_a_bad_gateway(front, app, tmp_path_factory):
    path = tmp_path_factory.mktemp("s") / "s"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(1)

    def serve():
        connection, _ = listening.accept()
        with connection:
            protocol = ServerProtocol()
            protocol.receive_data(connection.recv(1 << 16))
            protocol.send_response(protocol.accept(*protocol.events_received()))
            connection.sendall(b"".join(protocol.data_to_send()))

    threading.Thread(target=serve, daemon=True).start()
    with opened(front(Program("notebook 'n'", PREFIX, socket=path))) as browser, pytest.raises(ConnectionClosed) as end:
        browser.recv(WAIT_SECONDS)
    listening.close()
    assert end.value.rcvd.code == 1014


def test_a_websocket_closes_when_it_is_not_theirs_any_more(program, monkeypatch):
    monkeypatch.setattr(proxy_sockets, "LOOK_AGAIN_SECONDS", 0.05)
    known = {"good"}

    def identify_now(request, body):
        if request.cookies.get("maquette-session") not in known:
            raise Unidentified
        return Identity("u", "somebody", "p", Role.VIEWER, Proof.SESSION)

    listening = listen("127.0.0.1", 0)
    app = Threshold(make_door([proxy_router(lambda *_: program)], identify_now), (), lambda *_: None)
    threaded = Threaded((HttpServer(app), listening))
    try:
        with opened(listening.getsockname()) as browser:
            browser.recv(WAIT_SECONDS)
            known.clear()
            with pytest.raises(ConnectionClosed) as closed:
                browser.recv(WAIT_SECONDS)
        assert closed.value.rcvd.code == 1008
    finally:
        threaded.stop()


# ── the door ─────────────────────────────────────────────────────────────────────────────────────


def test_a_websocket_that_any_page_may_open_is_no_route():
    from fastapi import APIRouter, WebSocket

    from maquette.web.door import needs, open_to_all

    for guard in ([], [open_to_all], [needs(Role.VIEWER)]):
        router = APIRouter()

        @router.websocket("/open", dependencies=guard)
        async def talk(websocket: WebSocket) -> None:
            await websocket.accept()

        with pytest.raises(TypeError, match="any page may open"):
            make_door([router], identify)
