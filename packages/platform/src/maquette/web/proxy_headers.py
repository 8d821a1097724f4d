"""Which headers go with a request to a program of a run, and which come back: values in, values out.

The program is somebody's code. It must not learn what opens Maquette, and must not act beyond its own path.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from maquette.web.door import OPENER_POLICY

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
PROOFS = frozenset(
    b"authorization x-auth-token x-change-token x-security-token x-sdk-date x-sdk-content-sha256 x-project-id "
    b"x-apig-appcode".split()
)
"""What shows who asks."""
ANSWERED_HERE = frozenset({b"expect", b"date", b"server"})
BEYOND_ITS_PATH = frozenset(
    b"clear-site-data service-worker-allowed strict-transport-security alt-svc cross-origin-opener-policy".split()
)
"""Answers by which a page speaks for the whole host."""
HANDSHAKE = b"sec-websocket-"
OUR_COOKIES = "maquette-"
HOST_COOKIES = "__host-"
"""Browsers take these for the path `/` only."""


def to_program(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """What the program is told of a request: all but what is for the server alone. Names are lower case."""
    headers = list(headers)
    dropped = HOP_BY_HOP | PROOFS | ANSWERED_HERE | named_in_connection(headers)
    kept = [(name, value) for name, value in headers if name not in dropped | {b"cookie"}]
    cookies = [own for name, value in headers if name == b"cookie" for own in cookies_to_program(value)]
    if cookies:
        kept.append((b"cookie", b"; ".join(cookies)))
    return kept


def cookies_to_program(value: bytes) -> list[bytes]:
    cookies = [cookie.strip() for cookie in value.split(b";")]
    return [
        cookie for cookie in cookies if cookie and not cookie_name(cookie.decode("latin-1")).startswith(OUR_COOKIES)
    ]


def cookie_name(cookie: str) -> str:
    """Lower case, because a name that differs by that alone is as bad. One without a name is read by its value."""
    name, _, value = cookie.partition("=")
    return (name.strip() or value.strip()).lower()


def to_browser(headers: Iterable[tuple[bytes, bytes]], prefix: str, host: str) -> Headers:
    """What comes back, with redirects and cookies kept below `prefix`."""
    headers = list(headers)
    dropped = HOP_BY_HOP | ANSWERED_HERE | BEYOND_ITS_PATH | named_in_connection(headers)
    kept: Headers = []
    for name, value in headers:
        if name in dropped:
            continue
        text = value.decode("latin-1")
        if name == b"set-cookie":
            text = cookie_below(text, prefix)
        elif name in (b"location", b"content-location"):
            text = address_below(text, prefix, host)
        if text:
            kept.append((name, text.encode("latin-1")))
    if not any(name == b"referrer-policy" for name, _ in kept):
        kept.append((b"referrer-policy", b"same-origin"))  # the path is a secret
    return [*kept, *confined(prefix, host)]


def confined(prefix: str, host: str) -> Headers:
    """What a page of the program may reach of this host: its own path, and nothing in whoever's name is signed in.

    Code in a notebook's output runs in the page. It may not ask other paths, show them in a frame or send forms there;
    and a window that it opens on one is out of its reach, for all other pages say `same-origin` here. The browser
    enforces this besides what the program says itself."""
    at = f"{host}{prefix}"
    own = f"http://{at} https://{at} ws://{at} wss://{at}"
    policy = (
        f"connect-src {own} data: blob:; form-action {own}; frame-src {own} data: blob:; object-src {own} data: blob:; "
        "frame-ancestors 'self'"
    )
    return [(b"content-security-policy", policy.encode("latin-1")), (OPENER_POLICY, b"unsafe-none")]


def named_in_connection(headers: Headers) -> set[bytes]:
    """Headers that are meant for the next hop only, as `Connection` names them."""
    values = (value for name, value in headers if name == b"connection")
    return {word.strip().lower() for value in values for word in value.split(b",")} - {b"close", b""}


def cookie_below(cookie: str, prefix: str) -> str:
    """A cookie for this path alone; empty for one that the program may not set."""
    first, *attributes = (part.strip() for part in cookie.split(";"))
    name = first.partition("=")[0].strip().lower()
    if not name or "=" not in first or name.startswith((OUR_COOKIES, HOST_COOKIES)):
        return ""
    path = next((text[5:].strip() for text in attributes if text.lower().startswith("path=")), "")
    kept = [text for text in attributes if not text.lower().startswith(("path=", "domain="))]
    return "; ".join([first, *kept, f"Path={path if path.startswith(prefix) else prefix}"])


def address_below(address: str, prefix: str, host: str) -> str:
    """An address of the program as the browser finds it; one of another host is left alone."""
    parts = urlsplit(address)
    if parts.netloc and parts.netloc.lower() != host.lower():
        return address
    if not parts.path.startswith("/"):
        return address if not parts.netloc else prefix
    path = parts.path if f"{parts.path}/".startswith(prefix) else prefix + parts.path.lstrip("/")
    return parts._replace(scheme="", netloc="", path=path).geturl()


def handshake_free(headers: Headers) -> list[tuple[str, str]]:
    """For a websocket's client, which says `Host` and how it opens by itself."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if name not in (b"host", b"content-length") and not name.startswith(HANDSHAKE)
    ]
