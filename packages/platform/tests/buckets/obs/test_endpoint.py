"""Who may ask, and what is answered to calls that are none."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from botocore.session import get_session  # type: ignore[import-untyped]

from maquette.web import signing


def test_a_request_without_a_signature_is_refused(served: Any, bucket: str) -> None:
    for method, path in (("GET", "/"), ("GET", f"/{bucket}"), ("PUT", f"/{bucket}/x"), ("HEAD", f"/{bucket}/x")):
        answer = served.send(method, path)
        assert answer.status == 403
        assert method == "HEAD" or answer.code == "AccessDenied"


def test_wrong_keys_are_refused_with_the_codes_of_s3(clients: Any, bucket: str) -> None:
    for keys, code in (
        ({"access": "FAKEACCESSKEY9999999"}, "InvalidAccessKeyId"),
        ({"secret": "another-fake-secret"}, "SignatureDoesNotMatch"),
    ):
        client = clients(**keys)
        with pytest.raises(ClientError) as told:
            client.list_objects_v2(Bucket=bucket)
        assert told.value.response["Error"]["Code"] == code
        client.close()


def test_an_old_request_is_refused(served: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = served.signature("GET", f"/{bucket}")
    monkeypatch.setattr(signing, "MAX_SKEW_SECONDS", -1)
    assert served.send("GET", f"/{bucket}", headers).code == "RequestTimeTooSkewed"


def test_a_link_works_without_keys_until_it_expires(served: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b/é+.txt", Body=b"linked")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b/é+.txt"}, ExpiresIn=600)
    assert served.send("GET", url.removeprefix(served.url)).body == b"linked"
    assert served.send("PUT", url.removeprefix(served.url)).code == "SignatureDoesNotMatch"
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "up"}, ExpiresIn=600)
    assert served.send("PUT", url.removeprefix(served.url), body=b"up").status == 200
    assert s3.get_object(Bucket=bucket, Key="up")["Body"].read() == b"up"
    expired = served.link("GET", f"/{bucket}/up", seconds=1).replace("X-Amz-Expires=1", "X-Amz-Expires=0")
    assert served.send("GET", expired).code == "AccessDenied"


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_methods_that_are_no_calls_are_refused(served: Any, bucket: str, method: str) -> None:
    answer = served.signed(method, f"/{bucket}/x")
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")


def test_calls_that_this_store_does_not_know_say_so(served: Any, bucket: str) -> None:
    for method, path in (
        ("PUT", f"/{bucket}?versioning"),
        ("POST", f"/{bucket}/x?restore"),
        ("PUT", f"/{bucket}?notification"),
        ("PUT", f"/{bucket}?cors"),
    ):
        answer = served.signed(method, path, {}, b"<x><y/></x>")
        assert (answer.status, answer.code) == (501, "NotImplemented"), path


def calls_by_a_word() -> list[tuple[str, bool, str]]:
    """Method, whether it names an object, and the query of each call of S3 that the query alone tells from another."""
    model = get_session().get_service_model("s3")
    found = set()
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        if query:
            found.add((http["method"], "{Key+}" in path, query))
    return sorted(found)


OBS_WORDS = [
    *("storageinfo", "quota", "storageClass", "storagePolicy", "customdomain", "disPolicy", "directcoldaccess"),
    *("truncate&length=1", "modify&position=0", "rename&name=y", "x-obs-accesslabel", "obscompresspolicy", "obsalias"),
]


@pytest.mark.parametrize(
    ("method", "of_object", "query"),
    [one for one in calls_by_a_word() if one[0] in ("PUT", "DELETE") and "uploadId" not in one[2]]
    + [(method, named, word) for word in OBS_WORDS for method in ("PUT", "DELETE") for named in (False, True)],
)
def test_no_call_is_taken_for_one_that_writes_or_removes(
    served: Any, s3: Any, bucket: str, method: str, of_object: bool, query: str
) -> None:
    """A call that is not known is none without the word that tells it, such as the removal of the bucket."""
    if of_object:
        s3.put_object(Bucket=bucket, Key="x", Body=b"contents", Metadata={"colour": "red"})
    before = s3.head_object(Bucket=bucket, Key="x")["LastModified"] if of_object else None
    path = f"/{bucket}/x" if of_object else f"/{bucket}"
    served.signed(method, f"{path}?{query}")
    s3.head_bucket(Bucket=bucket)
    if of_object:
        there = s3.get_object(Bucket=bucket, Key="x")
        assert (there["Body"].read(), there["Metadata"], there["LastModified"]) == (
            b"contents",
            {"colour": "red"},
            before,
        )


@pytest.mark.parametrize("query", OBS_WORDS)
def test_the_words_of_obs_that_are_no_calls_here_are_told(served: Any, bucket: str, query: str) -> None:
    answer = served.signed("PUT", f"/{bucket}/x?{query}")
    assert (answer.status, answer.code) == (501, "NotImplemented")


def test_a_bucket_may_stand_in_the_hosts_name(clients: Any, served: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x/y", Body=b"virtual")
    headers = {"Host": f"{bucket}.localhost:{served.port}"}
    signature = served.signature("GET", "/x/y", headers)
    assert served.send("GET", "/x/y", signature).body == b"virtual"
    assert b"x/y" in served.send("GET", "/?list-type=2", served.signature("GET", "/?list-type=2", headers)).body


def test_every_answer_has_an_id_and_errors_name_the_resource(served: Any, bucket: str) -> None:
    answer = served.signed("GET", f"/{bucket}/a%20b")
    assert len(answer.headers["x-amz-request-id"]) == 16 and answer.headers["server"] == "Maquette"
    assert f"<Resource>/{bucket}/a%20b</Resource>".encode() in answer.body
    assert answer.headers["content-type"].startswith("application/xml")


def test_tensorflows_way_to_ask_for_a_folder(served: Any, s3: Any, bucket: str) -> None:
    """Old clients of AWS's C++ library: HEAD the key, HEAD it with a slash, then list; bodies not hashed."""
    free = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert served.signed("HEAD", f"/{bucket}/model", free).status == 404
    assert served.signed("PUT", f"/{bucket}/model/", free).status == 200
    assert served.signed("HEAD", f"/{bucket}/model/", free).headers["content-length"] == "0"
    assert served.signed("PUT", f"/{bucket}/model/saved_model.pb", free, b"pb").status == 200
    answer = served.signed("GET", f"/{bucket}?prefix=model%2F&max-keys=100&delimiter=%2F", free)
    assert b"<Key>model/saved_model.pb</Key>" in answer.body and b"<Key>model/</Key>" in answer.body


def test_a_head_that_fails_says_why_in_its_headers(served: Any) -> None:
    answer = served.signed("HEAD", "/share-course/x")
    assert (answer.status, answer.body, answer.headers["x-amz-error-code"]) == (404, b"", "NoSuchBucket")
    assert "`maquette mb obs://share-course`" in answer.headers["x-amz-error-message"]
