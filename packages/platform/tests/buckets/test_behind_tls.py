"""`maquette up` where others reach it: by its own TLS, and behind a proxy that speaks it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .conftest import PATIENCE

NAME = "maquette.example"
PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that it has signed itself, for this machine and for a name; and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(NAME), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


class Browser:
    """As much of one as signing in needs: cookies, the page's origin, and a change token."""

    def __init__(self, port: int, certificate: Path, host: str) -> None:
        self.context = ssl.create_default_context(cafile=str(certificate))
        self.port, self.host = port, host
        self.cookie = ""
        self.token = ""
        self.cookies: list[str] = []

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=PATIENCE)
        with contextlib.closing(connection):
            said = {"Host": self.host, "Cookie": self.cookie, "X-Change-Token": self.token, **headers}
            said = {name.replace("_", "-"): value for name, value in said.items() if value}
            connection.request(method, path, json.dumps(body) if body else None, said)
            answer = connection.getresponse()
            self.cookies = answer.headers.get_all("Set-Cookie") or []
            return answer.status, answer.read()

    def sign_in(self, **headers: str) -> str:
        """What is said of the session's cookie; empty where there is none."""
        body = {"name": "admin", "password": PASSWORD}
        self.send("POST", "/maquette/session", body, Content_Type="application/json", **headers)
        if not self.cookies:
            return ""
        self.cookie, _, said = self.cookies[0].partition(";")
        self.token = json.loads(self.send("GET", "/maquette/session")[1])["change_token"]
        return said.lower()

    def make_bucket(self, name: str, **headers: str) -> int:
        """A change by the session's cookie."""
        return self.send("PUT", f"/obs/{name}", **headers)[0]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def check_browser(browser: Browser, origin: str) -> None:
    """Signs in and changes something; what another site's page sends changes nothing."""
    status, page = browser.send("GET", "/sign-in")
    assert status == 200 and b"<html" in page.lower()
    assert browser.make_bucket("pets") == 403  # nobody
    assert browser.sign_in(Origin="https://evil.example") == ""
    said = browser.sign_in(Origin=origin)
    assert all(word in said for word in ("secure", "httponly", "samesite=lax"))
    assert browser.make_bucket("pets", Origin=origin) == 200
    assert browser.make_bucket("other", Origin="https://evil.example") in (401, 403)
    token, browser.token = browser.token, ""
    assert browser.make_bucket("other", Origin=origin) in (401, 403)
    browser.token = token
    assert b"pets" in browser.send("GET", "/obs/")[1] and b"other" not in browser.send("GET", "/obs/")[1]


def check_clients(client: Any, certificate: Path) -> None:
    """An object goes up and down, by the client and by links."""
    client.create_bucket(Bucket="flowers")
    named = {"Bucket": "flowers", "Key": "图片/a b.jpg"}
    body = bytes(range(256)) * 40_000
    client.put_object(**named, Body=body)
    assert client.get_object(**named)["Body"].read() == body
    up = client.generate_presigned_url("put_object", Params=named, ExpiresIn=600)
    assert follow(up, certificate, b"by link")[0] == 200
    down = client.generate_presigned_url("get_object", Params=named, ExpiresIn=600)
    assert follow(down, certificate) == (200, b"by link")
    assert follow(down.replace("flowers", "pets"), certificate)[0] == 403


def follow(link: str, certificate: Path, body: bytes | None = None) -> tuple[int, bytes]:
    """What a link answers; with a body it is an upload."""
    parts = urlsplit(link)
    context = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET" if body is None else "PUT", f"{parts.path}?{parts.query}", body)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_with_a_certificate_browsers_and_clients_reach_all_of_it_by_tls(start_up: Any, certificate: Any) -> None:
    cert, key = certificate
    up = start_up("--host", "0.0.0.0", "--tls-cert", str(cert), "--tls-key", str(key))
    assert up.url.startswith("https://") and up.store_url.startswith("https://")
    port = port_of(up.url)
    browser = Browser(port, cert, f"127.0.0.1:{port}")
    check_browser(browser, f"https://127.0.0.1:{port}")
    check_clients(up.client(verify=str(cert), signature_version="s3v4"), cert)
    assert Browser(port, cert, f"{NAME}:{port}").send("GET", "/sign-in")[0] == 200  # the certificate names it
    status, told = Browser(port, cert, f"evil.example:{port}").send("GET", "/sign-in")
    assert status == 421 and b"not called 'evil.example'." in told
    plain = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(plain), pytest.raises((ConnectionError, http.client.HTTPException)):
        plain.request("GET", "/health")
        plain.getresponse()


def test_the_link_to_sign_in_by_leads_where_others_are(start_up: Any, certificate: Any) -> None:
    cert, key = certificate
    unused = ("", "")
    by_tls = start_up("--host", "0.0.0.0", "--tls-cert", str(cert), "--tls-key", str(key), key=unused)
    link = by_tls.until(r"(https://\S+/sign-in#\S+)")
    place, _, ticket = link.partition("/sign-in#")
    assert place == f"https://{NAME}:{port_of(by_tls.url)}"
    browser = Browser(port_of(by_tls.url), cert, f"{NAME}:{port_of(by_tls.url)}")
    body = {"link": ticket, "password": PASSWORD}
    said = {"Content_Type": "application/json", "Origin": place}
    assert browser.send("POST", "/maquette/session/link", body, **said)[0] == 204
    assert "secure" in browser.sign_in(Origin=place)
    behind = start_up("--behind-proxy", hosts=NAME, key=unused)
    assert behind.until(r"(http\S+/sign-in)#") == f"https://{NAME}/sign-in"


class Proxy:
    """Speaks TLS and hands on, one request a connection; `keeps_host` or tells the name in a header of its own."""

    def __init__(self, target: str, certificate: tuple[Path, Path], keeps_host: bool) -> None:
        self.target = port_of(target)
        self.keeps_host = keeps_host
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        serving = asyncio.start_server(self.hand_on, "127.0.0.1", 0, ssl=self.context)
        self.server = asyncio.run_coroutine_threadsafe(serving, self.loop).result(PATIENCE)
        self.port = self.server.sockets[0].getsockname()[1]

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
            to_server.write(self.rewritten(head))
            await asyncio.gather(splice(reader, to_server), splice(from_server, writer))

    def rewritten(self, head: bytes) -> bytes:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        told = {name.lower(): value for name, value in headers}
        kept = [(name, value) for name, value in headers if name.lower() not in ("connection", "x-forwarded-for")]
        if not self.keeps_host:
            kept = [(name, value) for name, value in kept if name.lower() != "host"]
            kept += [("Host", f"127.0.0.1:{self.target}"), ("X-Forwarded-Host", told["host"])]
        before = told.get("x-forwarded-for")
        kept.append(("X-Forwarded-For", f"{before}, 192.0.2.1" if before else "192.0.2.1"))
        kept += [("X-Forwarded-Proto", "https"), ("Connection", "close")]
        return "\r\n".join([first, *(f"{name}: {value}" for name, value in kept), "", ""]).encode("latin-1")

    def close(self) -> None:
        async def end() -> None:
            self.server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()


async def splice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All that comes, until it ends; then the other side is closed too."""
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()


@pytest.fixture(scope="module", params=[True, False], ids=["host-kept", "host-told"])
def behind(request: pytest.FixtureRequest, start_up: Any, certificate: Any) -> Iterator[Any]:
    """A server behind a proxy for each of its ports."""
    up = start_up("--behind-proxy", hosts=NAME)
    proxies = [Proxy(url, certificate, request.param) for url in (up.url, up.store_url)]
    yield up, *proxies
    for proxy in proxies:
        proxy.close()


def test_behind_a_proxy_browsers_sign_in_and_only_our_own_page_changes_things(behind: Any, certificate: Any) -> None:
    _, main, _ = behind
    for host in (NAME, f"{NAME}:{main.port}"):
        browser = Browser(main.port, certificate[0], host)
        check_browser(browser, f"https://{host}")
        assert browser.send("DELETE", "/obs/pets", Origin=f"https://{host}")[0] == 204
    assert Browser(main.port, certificate[0], "evil.example").send("GET", "/sign-in")[0] == 421


def test_behind_a_proxy_clients_and_links_work(behind: Any, certificate: Any) -> None:
    up, _, store = behind
    for version in ("s3v4", "s3"):
        client = up.client(url=f"https://127.0.0.1:{store.port}", verify=str(certificate[0]), signature_version=version)
        check_clients(client, certificate[0])
        client.delete_object(Bucket="flowers", Key="图片/a b.jpg")
        client.delete_bucket(Bucket="flowers")


def test_behind_a_proxy_who_guesses_passwords_cannot_make_up_new_addresses(behind: Any, certificate: Any) -> None:
    _, main, _ = behind
    browser = Browser(main.port, certificate[0], NAME)
    answers = []
    for number in range(40):
        body = {"name": f"user{number}", "password": "wrong"}
        said = {"Content_Type": "application/json", "X_Forwarded_For": f"198.51.100.{number}"}
        answers.append(browser.send("POST", "/maquette/session", body, **said)[0])
    assert answers[0] == 401 and 429 in answers
