"""Signatures are held against botocore, which signs for most clients there are, and against published examples."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from maquette.web import signing
from maquette.web.signing import Signature, Signed, SigningError

ACCESS, SECRET = "FAKEACCESSKEY0000000", "fake-secret-fake-secret"
HOST = "127.0.0.1:9000"


def asked(request: Any) -> Signed:
    """A request of botocore's as it would arrive here."""
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    headers = [("host", HOST)]
    for name, value in prepared.headers.items():
        text = value.decode() if isinstance(value, bytes) else value
        if name.lower() != "host":
            headers.append((name.lower(), text))
    return Signed(prepared.method, parts.path, parts.query, tuple(headers))


def signed_by_botocore(method: str, url: str, headers: dict[str, str] | None = None, expires: int = 0) -> Signed:
    request = AWSRequest(method, f"http://{HOST}{url}", headers=headers or {})
    credentials = Credentials(ACCESS, SECRET)
    if expires:
        S3SigV4QueryAuth(credentials, "s3", "cn-north-4", expires=expires).add_auth(request)
    else:
        S3SigV4Auth(credentials, "s3", "cn-north-4").add_auth(request)
    return asked(request)


def check(request: Signed, secret: str = SECRET, after_seconds: float = 0) -> Signature:
    signature = signing.read_signature(request)
    assert signature
    signing.verify(request, signature, secret, signing.seconds(signature.timestamp) + after_seconds)
    return signature


REQUESTS = [
    ("GET", "/", {}),
    ("GET", "/pets?list-type=2&prefix=a%2Fb&delimiter=%2F&encoding-type=url", {}),
    ("GET", "/pets?uploads", {}),
    ("GET", "/pets?b=2&a=1&a=0&A=3&empty=", {}),
    ("PUT", "/pets/a%20b/%C3%A9%2B~_.-%25", {"Content-Type": "text/plain", "x-amz-meta-note": "  two   spaces "}),
    ("DELETE", "/pets/a//b/../c/", {"x-amz-meta-a": "1", "X-Amz-Meta-B": "2"}),
    ("HEAD", "/pets/%E5%9B%BE.jpg", {"Range": "bytes=0-9"}),
]


@pytest.mark.parametrize(("method", "url", "headers"), REQUESTS)
def test_what_botocore_signs_in_a_header_is_right(method: str, url: str, headers: dict[str, str]) -> None:
    signature = check(signed_by_botocore(method, url, headers))
    assert (signature.access_key, signature.region, signature.service) == (ACCESS, "cn-north-4", "s3")
    assert signature.expires_seconds is None


@pytest.mark.parametrize(("method", "url", "headers"), REQUESTS)
def test_what_botocore_signs_in_the_query_is_right(method: str, url: str, headers: dict[str, str]) -> None:
    signature = check(signed_by_botocore(method, url, headers, expires=600), after_seconds=599)
    assert (signature.expires_seconds, signature.payload) == (600, "UNSIGNED-PAYLOAD")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30), st.text(max_size=10))
def test_any_key_and_query_are_spelled_alike_on_both_sides(key: str, value: str) -> None:
    url = f"/pets/{quote(key, safe='/~')}?prefix={quote(value, errors='replace', safe='~')}"
    check(signed_by_botocore("GET", url))


def changed(request: Signed, **changes: Any) -> Signed:
    return replace(request, **changes)


def with_header(request: Signed, name: str, value: str) -> Signed:
    return changed(request, headers=tuple((key, value if key == name else old) for key, old in request.headers))


CHANGES = [
    {"method": "DELETE"},
    {"path": "/pets/other"},
    {"path": "/pets/x/"},
    {"query": "versionId=null"},
]


@pytest.mark.parametrize("expires", [0, 600])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_request_is_refused(change: dict[str, str], expires: int) -> None:
    request = signed_by_botocore("PUT", "/pets/x", {"Content-Type": "text/plain"}, expires)
    if "query" in change:
        change = {"query": f"{request.query}&{change['query']}"}
    with pytest.raises(SigningError) as told:
        check(changed(request, **change))
    assert told.value.code == "SignatureDoesNotMatch"


def test_a_changed_header_host_or_body_hash_is_refused() -> None:
    request = signed_by_botocore("PUT", "/pets/x", {"Content-Type": "text/plain", "x-amz-meta-a": "1"})
    for name in ("content-type", "host", "x-amz-meta-a", "x-amz-content-sha256"):
        with pytest.raises(SigningError) as told:
            check(with_header(request, name, "other"))
        assert told.value.code == "SignatureDoesNotMatch"


def test_a_wrong_secret_is_refused() -> None:
    with pytest.raises(SigningError, match="Check the secret key"):
        check(signed_by_botocore("GET", "/"), secret="another")


def test_an_added_amz_header_that_is_not_signed_is_refused() -> None:
    request = signed_by_botocore("PUT", "/pets/x")
    more = changed(request, headers=(*request.headers, ("x-amz-copy-source", "/secret/thing")))
    with pytest.raises(SigningError) as told:
        check(more)
    assert told.value.code == "AccessDenied" and "x-amz-copy-source" in told.value.message


@pytest.mark.parametrize("after_seconds", [-901, 901, 10**6])
def test_a_clock_more_than_15_minutes_off_is_refused(after_seconds: int) -> None:
    with pytest.raises(SigningError) as told:
        check(signed_by_botocore("GET", "/"), after_seconds=after_seconds)
    assert told.value.code == "RequestTimeTooSkewed"
    check(signed_by_botocore("GET", "/"), after_seconds=899)


@pytest.mark.parametrize(("after_seconds", "words"), [(601, "has expired"), (-901, "not yet valid")])
def test_a_link_holds_for_its_time_only(after_seconds: int, words: str) -> None:
    with pytest.raises(SigningError, match=words) as told:
        check(signed_by_botocore("GET", "/pets/x", expires=600), after_seconds=after_seconds)
    assert told.value.code == "AccessDenied"


def test_a_request_without_a_signature_has_none() -> None:
    assert signing.read_signature(Signed("GET", "/", "list-type=2", (("host", HOST),))) is None


GOOD = "AWS4-HMAC-SHA256 Credential=KEY/20260102/r/s3/aws4_request, SignedHeaders=host, Signature=00"
DATED = {"x-amz-date": "20260102T030405Z", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
BAD_HEADERS = [
    ("AWS KEY:signature", DATED, "InvalidRequest"),
    ("Bearer token", DATED, "InvalidRequest"),
    ("Basic", DATED, "InvalidRequest"),
    ("AWS4-HMAC-SHA256 Credential=KEY/20260102/r/s3/aws4_request", DATED, "AuthorizationHeaderMalformed"),
    (GOOD.replace("/s3/", "/ec2/"), DATED, "AuthorizationHeaderMalformed"),
    (GOOD.replace("/20260102/", "/"), DATED, "AuthorizationHeaderMalformed"),
    (GOOD.replace("20260102", "20260103"), DATED, "AuthorizationHeaderMalformed"),
    (GOOD, {"x-amz-date": "20260102T030405Z"}, "InvalidRequest"),
    (GOOD, {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, "AccessDenied"),
    (GOOD, {**DATED, "x-amz-date": "yesterday"}, "AccessDenied"),
]


def test_an_empty_header_is_none() -> None:
    assert signing.read_signature(Signed("GET", "/", "", (("host", HOST), ("authorization", "")))) is None


@pytest.mark.parametrize(("authorization", "headers", "code"), BAD_HEADERS)
def test_a_header_that_cannot_be_read_is_told(authorization: str, headers: dict[str, str], code: str) -> None:
    request = Signed("GET", "/", "", (("host", HOST), ("authorization", authorization), *headers.items()))
    with pytest.raises(SigningError) as told:
        signing.read_signature(request)
    assert told.value.code == code


BAD_QUERIES = [
    {"X-Amz-Expires": "soon"},
    {"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"},
    {"X-Amz-Date": "20260102"},
    {"X-Amz-Credential": "KEY"},
    {"X-Amz-SignedHeaders": ""},
]


def link_with(change: dict[str, str]) -> Signed:
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "KEY/20260102/r/s3/aws4_request",
        "X-Amz-Date": "20260102T030405Z",
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "00",
        **change,
    }
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return Signed("GET", "/", text, (("host", HOST),))


@pytest.mark.parametrize("change", BAD_QUERIES)
def test_a_link_that_cannot_be_read_is_told(change: dict[str, str]) -> None:
    with pytest.raises(SigningError) as told:
        signing.read_signature(link_with(change))
    assert told.value.code == "AuthorizationQueryParametersError"


@pytest.mark.parametrize("seconds", ["0", "-7", "604801", "9" * 40])
def test_a_link_for_no_time_or_for_more_than_a_week_is_refused(seconds: str) -> None:
    with pytest.raises(SigningError) as told:
        signing.read_signature(link_with({"X-Amz-Expires": seconds}))
    assert told.value.code == "AccessDenied"


def test_an_older_kind_of_link_is_none_of_these() -> None:
    query = "AWSAccessKeyId=KEY&Expires=1767322800&Signature=abc%3D"
    assert signing.read_signature(Signed("GET", "/pets/x", query, (("host", HOST),))) is None


def test_a_date_header_stands_in_for_x_amz_date() -> None:
    headers = (
        ("host", HOST),
        ("authorization", GOOD),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    )
    signature = signing.read_signature(Signed("GET", "/", "", headers))
    assert signature and signature.timestamp == "20260102T030405Z"


# The worked example of the S3 documentation ("Signature Calculations: Transferring Payload in Multiple Chunks").
DOCUMENTED_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
DOCUMENTED = Signature(
    "AKIAIOSFODNN7EXAMPLE",
    "20130524T000000Z",
    "us-east-1",
    "s3",
    (),
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
)


def test_chunks_are_signed_as_the_documentation_shows() -> None:
    key = signing.signing_key(DOCUMENTED_SECRET, DOCUMENTED.scope)
    previous = DOCUMENTED.value
    expected = [
        (b"a" * 65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (b"a" * 1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (b"", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ]
    for data, value in expected:
        previous = signing.sign(key, signing.chunk_text(DOCUMENTED, previous, sha256(data).hexdigest()))
        assert previous == value
