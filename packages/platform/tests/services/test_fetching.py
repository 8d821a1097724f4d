"""Files from elsewhere: by https, with clear words for what does not arrive."""

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from maquette.kernel.errors import MaquetteError
from maquette.services.batch_calls import Files
from maquette.services.fetching import fetch

silent = threading.Event()
"""Until it is set a slow machine says nothing."""


class Far(http.server.BaseHTTPRequestHandler):
    """Another machine's store."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/slow":
            silent.wait()
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/a.txt")
            self.end_headers()
        elif query != "signature=good":
            self.send_error(403)
        else:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(b"x" * 3_000_000)

    def log_message(self, *_):
        return


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed one of this machine's own address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "far")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("far") / "far.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def far(certificate):
    """The address of a machine that answers by https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Far) as server:
        server.handle_error = lambda *_: None  # clients that do not trust it
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        silent.clear()
        yield f"https://127.0.0.1:{server.server_port}"
        silent.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def trust(certificate):
    return ssl.create_default_context(cafile=str(certificate))


def test_a_signed_link_is_fetched(far, trust):
    assert b"".join(fetch(f"{far}/a.txt?signature=good", trust)) == b"x" * 3_000_000


def test_a_fetched_file_becomes_the_part_of_a_form(far, trust):
    body = Files(None, trust).read(f"{far}/a.txt?signature=good", "image", "sub/a.txt")
    assert (body.parts[0].name, body.parts[0].filename, body.parts[0].content_type) == ("image", "a.txt", "text/plain")
    assert body.parts[0].read() == b"x" * 3_000_000


def test_a_fetched_table_is_read_from_its_beginning(far, trust):
    stream, of = Files(None, trust).open(f"{far}/a.csv?signature=good")
    with stream:
        assert (len(stream.read()), of) == (3_000_000, "3000000")


@pytest.mark.parametrize(
    ("path", "seconds", "told"),
    [
        ("/a.txt?signature=secret", 240, "answers 403 Forbidden. A signed link may have run out."),
        ("/moved?signature=secret", 240, "answers 302"),
        ("/slow?signature=secret", 0.8, "cannot be fetched: .*timed out"),
    ],
)
def test_what_does_not_arrive_is_told_without_the_secret(far, trust, path, seconds, told):
    with pytest.raises(MaquetteError, match=told) as caught:
        list(fetch(far + path, trust, seconds))
    assert "secret" not in caught.value.message and "127.0.0.1/" in caught.value.message


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1/a.txt", "no https address"),
        ("file:///etc/hostname", "no https address"),
        ("https:///a.txt", "no https address"),
        ("https://127.0.0.1:1/a.txt", "cannot be fetched"),
        ("https://127.0.0.1:0x/a.txt", "cannot be fetched"),
    ],
)
def test_what_is_no_address_of_anything_is_told(url, told):
    with pytest.raises(MaquetteError, match=told):
        list(fetch(url))


def test_a_machine_that_nobody_trusts_is_not_listened_to(far):
    with pytest.raises(MaquetteError, match=r"cannot be fetched: .*certificate"):
        list(fetch(f"{far}/a.txt?signature=good"))
