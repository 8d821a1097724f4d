"""What a program of a run is told, and what of its answers reaches the browser."""

import pytest

from maquette.web.proxy_headers import handshake_free, to_browser, to_program

PREFIX = "/maquette/p/proxy/r/secret/"
HOST = "127.0.0.1:7788"


def told(**headers):
    return dict(to_program([(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]))


def answered(name, value):
    headers = to_browser([(name.encode(), value.encode())], PREFIX, HOST)
    return next((value.decode() for found, value in headers if found == name.encode()), None)


def test_nothing_that_opens_maquette_is_passed_on():
    proofs = ("authorization", "x-auth-token", "x-change-token", "x-sdk-date", "x-apig-appcode")
    assert told(**dict.fromkeys(proofs, "secret"), accept="*/*") == {b"accept": b"*/*"}


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        ("maquette-session=x", None),
        ("_xsrf=1; maquette-session=x; a=b", b"_xsrf=1; a=b"),
        ("Maquette-Session=x;a=b", b"a=b"),
        ("maquette-other=x", None),
        ("=maquette-session=x; a=b", b"a=b"),
        ("maquette-session", None),
        ("my-maquette-session=1", b"my-maquette-session=1"),
        (";;", None),
    ],
)
def test_our_cookie_is_taken_out_and_others_stay(sent, passed):
    assert told(cookie=sent).get(b"cookie") == passed


def test_headers_for_the_next_hop_only_end_here():
    assert told(connection="keep-alive, X-Own", x_own="1", upgrade="h2c", te="trailers", host=HOST) == {
        b"host": HOST.encode()
    }


@pytest.mark.parametrize(
    ("set_by_program", "kept"),
    [
        ("a=b", f"a=b; Path={PREFIX}"),
        ("a=b; Path=/; HttpOnly", f"a=b; HttpOnly; Path={PREFIX}"),
        (f"a=b; path={PREFIX}tree; Domain=example.com", f"a=b; Path={PREFIX}tree"),
        ("maquette-session=stolen; Path=/", None),
        (" Maquette-Session =stolen", None),
        ("=maquette-session=stolen", None),
        ("maquette-session", None),
        ("__Host-a=b; Path=/; Secure", None),
    ],
)
def test_cookies_of_a_program_hold_below_its_path_only(set_by_program, kept):
    assert answered("set-cookie", set_by_program) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/login?next=%2F", f"{PREFIX}login?next=%2F"),
        (f"{PREFIX}lab", f"{PREFIX}lab"),
        (PREFIX.rstrip("/"), PREFIX.rstrip("/")),
        (f"{PREFIX.rstrip('/')}more", f"{PREFIX}{PREFIX[1:-1]}more"),
        ("lab/tree", "lab/tree"),
        (f"http://{HOST}/tree#a", f"{PREFIX}tree#a"),
        (f"https://{HOST}", PREFIX),
        ("https://jupyter.example/docs", "https://jupyter.example/docs"),
    ],
)
def test_redirects_of_a_program_stay_below_its_path(said, kept):
    assert answered("location", said) == kept


@pytest.mark.parametrize(
    "name", ["clear-site-data", "service-worker-allowed", "strict-transport-security", "transfer-encoding", "date"]
)
def test_a_program_does_not_speak_for_the_whole_host(name):
    assert answered(name, "x") is None


def test_the_path_with_its_secret_is_not_told_to_other_sites():
    assert answered("referrer-policy", "unsafe-url") == "unsafe-url"
    assert (b"referrer-policy", b"same-origin") in to_browser([], PREFIX, HOST)


def test_a_page_of_a_program_reaches_its_own_path_only():
    headers = to_browser([(b"content-security-policy", b"frame-ancestors 'self'")], PREFIX, HOST)
    policies = [value.decode() for name, value in headers if name == b"content-security-policy"]
    assert policies[0] == "frame-ancestors 'self'"
    directives = dict(part.strip().partition(" ")[::2] for part in policies[1].split(";"))
    own = [f"{scheme}://{HOST}{PREFIX}" for scheme in ("http", "https", "ws", "wss")]
    assert directives["connect-src"].split() == [*own, "data:", "blob:"]
    assert directives["form-action"].split() == own
    assert directives["frame-src"].split() == [*own, "data:", "blob:"]


def test_a_program_does_not_choose_who_has_a_hold_of_its_windows():
    headers = to_browser([(b"cross-origin-opener-policy", b"same-origin")], PREFIX, HOST)
    assert [value for name, value in headers if name == b"cross-origin-opener-policy"] == [b"unsafe-none"]


def test_a_websocket_opens_with_its_own_handshake():
    headers = [(b"host", b"h"), (b"sec-websocket-key", b"k"), (b"origin", b"http://h")]
    assert handshake_free(headers) == [("origin", "http://h")]
