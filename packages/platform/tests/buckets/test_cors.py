"""Pages of other places that use a bucket from a browser."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from .conftest import PATIENCE

RULES = [
    {"AllowedMethods": ["GET"], "AllowedOrigins": ["*suffix"]},
    {"AllowedMethods": ["GET"], "AllowedOrigins": ["start*end"], "ID": "middle"},
    {"AllowedMethods": ["PUT", "POST"], "AllowedOrigins": ["*.put"], "AllowedHeaders": ["x-amz-*"], "MaxAgeSeconds": 60,
     "ExposeHeaders": ["ETag"]},
]  # fmt: skip


def refused(call, **arguments):
    with pytest.raises(ClientError) as told:
        call(**arguments)
    return told.value.response["Error"]["Code"]


@pytest.fixture
def mine(client, key):
    made = client(*key())
    made.create_bucket(Bucket="pets", ACL="public-read")
    return made


@pytest.fixture
def asked(live):
    """`asked(method, path, **headers)` is status, and what of CORS is told: origin and methods."""
    address = urlsplit(live.store_url)

    def ask(method, path, **headers):
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, headers=said)
            answer = connection.getresponse()
            answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
        names = ("access-control-allow-origin", "access-control-allow-methods")
        assert "access-control-allow-credentials" not in told
        ask.told = told
        return answer.status, *(told.get(name) for name in names)

    return ask


def test_rules_are_read_as_they_were_put(mine):
    assert refused(mine.get_bucket_cors, Bucket="pets") == "NoSuchCORSConfiguration"
    mine.put_bucket_cors(Bucket="pets", CORSConfiguration={"CORSRules": RULES})
    assert mine.get_bucket_cors(Bucket="pets")["CORSRules"] == RULES
    mine.delete_bucket_cors(Bucket="pets")
    assert refused(mine.get_bucket_cors, Bucket="pets") == "NoSuchCORSConfiguration"


ORIGINS = [
    ("foo.suffix", True),
    ("foo.suffix.get", False),
    ("startend", True),
    ("start12end", True),
    ("0start12end", False),
    ("foo.put", False),
    ("foo[x]suffix", True),
]


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS)
def test_a_page_hears_of_the_rule_that_is_about_it_and_another_hears_nothing(mine, asked, origin, allowed):
    assert asked("GET", "/pets", Origin=origin) == (200, None, None)
    mine.put_bucket_cors(Bucket="pets", CORSConfiguration={"CORSRules": RULES})
    told = (origin, "GET") if allowed else (None, None)
    assert asked("GET", "/pets", Origin=origin) == (200, *told)
    assert asked("GET", "/pets/none", Origin=origin) == (404, *told)
    asking = {"Origin": origin, "Access_Control_Request_Method": "GET"}
    assert asked("OPTIONS", "/pets/none", **asking) == (200 if allowed else 403, *told)
    assert asked("GET", "/pets") == (200, None, None)


def test_a_browser_that_asks_first_hears_all_of_the_rule(mine, asked):
    mine.put_bucket_cors(Bucket="pets", CORSConfiguration={"CORSRules": RULES})
    asking = {"Origin": "a.put", "Access_Control_Request_Method": "PUT"}
    headers = {"Access_Control_Request_Headers": "X-Amz-Date, x-amz-acl"}
    assert asked("OPTIONS", "/pets/x", **asking, **headers) == (200, "a.put", "PUT, POST")
    assert asked.told["access-control-allow-headers"] == "x-amz-date, x-amz-acl"
    assert asked.told["access-control-expose-headers"] == "ETag" and asked.told["access-control-max-age"] == "60"
    assert asked("OPTIONS", "/pets/x", **asking, Access_Control_Request_Headers="range")[0] == 403
    assert asked("PUT", "/pets/x", Origin="a.put") == (403, "a.put", "PUT, POST")


def test_an_open_rule_names_no_origin(mine, asked):
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    mine.put_bucket_cors(Bucket="pets", CORSConfiguration={"CORSRules": [rule]})
    assert asked("GET", "/pets", Origin="http://example.org") == (200, "*", "GET")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/pets", {}, 400),
        ("/pets", {"Origin": "a.suffix"}, 400),
        ("/pets", {"Origin": "a.suffix", "Access_Control_Request_Method": "GET"}, 403),
        ("/", {"Origin": "a.suffix", "Access_Control_Request_Method": "GET"}, 403),
        ("/no-such-bucket", {"Origin": "a.suffix", "Access_Control_Request_Method": "GET"}, 404),
        ("/pets/%FF", {"Origin": "a.suffix", "Access_Control_Request_Method": "GET"}, 400),
    ],
)
def test_a_question_that_no_rule_answers_is_refused(mine, asked, path, headers, status):
    assert asked("OPTIONS", path, **headers) == (status, None, None)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "MalformedXML"),
        ([{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}], "InvalidRequest"),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["a*b*c"]}], "InvalidRequest"),
        ([{"AllowedMethods": [], "AllowedOrigins": ["*"]}], "MalformedXML"),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}] * 101, "MalformedXML"),
    ],
)
def test_rules_that_say_nothing_clear_are_refused(mine, rules, code):
    assert refused(mine.put_bucket_cors, Bucket="pets", CORSConfiguration={"CORSRules": rules}) == code
