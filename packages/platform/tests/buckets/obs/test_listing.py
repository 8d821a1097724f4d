"""Buckets and listings through the endpoint."""

from __future__ import annotations

import time
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

KEYS = ["a", "a b/ü", "a+b", "b/1", "b/2", "b/c/3", "d//x", "d/", "tab\tkey", "z&<>\"'"]


def fill(s3: Any, bucket: str, keys: list[str] = KEYS) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def code_of(told: pytest.ExceptionInfo[ClientError]) -> str:
    return str(told.value.response["Error"]["Code"])


def test_buckets_are_made_listed_found_and_removed(s3: Any, served: Any) -> None:
    s3.create_bucket(Bucket="abc-1", CreateBucketConfiguration={"LocationConstraint": "cn-north-4"})
    assert (served.root / "abc-1").is_dir()
    found = {item["Name"]: item["CreationDate"] for item in s3.list_buckets()["Buckets"]}
    assert abs(found["abc-1"].timestamp() - time.time()) < 60
    s3.head_bucket(Bucket="abc-1")
    assert s3.get_bucket_location(Bucket="abc-1")["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(ClientError) as told:
        s3.create_bucket(Bucket="abc-1")
    assert code_of(told) == "BucketAlreadyOwnedByYou"
    s3.put_object(Bucket="abc-1", Key="x", Body=b"")
    with pytest.raises(ClientError, match=r"`maquette rm -r obs://abc-1/`") as told:
        s3.delete_bucket(Bucket="abc-1")
    assert code_of(told) == "BucketNotEmpty"
    s3.delete_object(Bucket="abc-1", Key="x")
    s3.delete_bucket(Bucket="abc-1")
    with pytest.raises(ClientError) as told:
        s3.head_bucket(Bucket="abc-1")
    assert code_of(told) == "404"


def test_a_name_that_no_bucket_can_have_is_refused(served: Any) -> None:
    for name in ("ab", "Upper", "a_b", ".maquette"):
        assert served.signed("PUT", f"/{name}").code == "InvalidBucketName"
        assert served.signed("GET", f"/{name}/upload.json").code == "InvalidBucketName"


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("call", ["list_objects", "list_objects_v2", "list_object_versions"])
def test_pages_tell_each_object_once_in_order(s3: Any, bucket: str, call: str, size: int) -> None:
    fill(s3, bucket)
    pages = list(s3.get_paginator(call).paginate(Bucket=bucket, PaginationConfig={"PageSize": size}))
    lines = [item for page in pages for item in page.get("Contents", page.get("Versions", []))]
    assert [item["Key"] for item in lines] == sorted(KEYS)
    assert all(item["Size"] == len(item["Key"].encode()) and len(item["ETag"]) == 34 for item in lines)
    assert len(pages) == -(-len(KEYS) // size)


@pytest.mark.parametrize("size", [1, 2, 1000])
@pytest.mark.parametrize("call", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize(
    ("prefix", "objects", "prefixes"),
    [
        ("", ["a", "a+b", "tab\tkey", "z&<>\"'"], ["a b/", "b/", "d/"]),
        ("b/", ["b/1", "b/2"], ["b/c/"]),
        ("b", [], ["b/"]),
        ("d/", ["d/"], ["d//"]),
        ("nothing", [], []),
    ],
)
def test_folders_are_told_as_common_prefixes(
    s3: Any, bucket: str, call: str, size: int, prefix: str, objects: list[str], prefixes: list[str]
) -> None:
    fill(s3, bucket)
    pages = list(
        s3.get_paginator(call).paginate(
            Bucket=bucket, Prefix=prefix, Delimiter="/", PaginationConfig={"PageSize": size}
        )
    )
    assert [item["Key"] for page in pages for item in page.get("Contents", [])] == objects
    assert [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])] == prefixes


def test_a_listing_begins_behind_a_key(s3: Any, bucket: str) -> None:
    fill(s3, bucket)
    found = s3.list_objects_v2(Bucket=bucket, StartAfter="b/1", MaxKeys=2, FetchOwner=True)
    assert [item["Key"] for item in found["Contents"]] == ["b/2", "b/c/3"]
    assert (found["KeyCount"], found["IsTruncated"], found["StartAfter"]) == (2, True, "b/1")
    assert found["Contents"][0]["Owner"]["ID"] == "maquette"
    found = s3.list_objects(Bucket=bucket, Marker="b/1", MaxKeys=2)
    assert [item["Key"] for item in found["Contents"]] == ["b/2", "b/c/3"] and found["Marker"] == "b/1"


def test_no_keys_at_most_is_an_empty_page_and_the_last(s3: Any, bucket: str) -> None:
    fill(s3, bucket, ["x"])
    found = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (found["KeyCount"], found["IsTruncated"], found.get("Contents")) == (0, False, None)


def test_names_are_percent_encoded_only_where_that_was_asked(served: Any, s3: Any, bucket: str) -> None:
    fill(s3, bucket, ["a b/ü&"])
    plain = ElementTree.fromstring(served.signed("GET", f"/{bucket}?list-type=2").body)
    encoded = ElementTree.fromstring(served.signed("GET", f"/{bucket}?list-type=2&encoding-type=url").body)
    name = "{http://s3.amazonaws.com/doc/2006-03-01/}Contents/{http://s3.amazonaws.com/doc/2006-03-01/}Key"
    assert plain.findtext(name) == "a b/ü&"
    assert encoded.findtext(name) == "a%20b/%C3%BC%26"


BAD_QUERIES = ["max-keys=many", "max-keys=-1", "encoding-type=base64", "list-type=2&continuation-token=%21%21"]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_listing_that_cannot_be_understood_is_refused(served: Any, bucket: str, query: str) -> None:
    answer = served.signed("GET", f"/{bucket}?{query}")
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_a_listing_holds_a_thousand_keys_at_most(served: Any, s3: Any, bucket: str) -> None:
    for number in range(1100):
        (served.root / bucket / f"{number:04d}").touch()
    found = s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)
    assert (found["KeyCount"], found["MaxKeys"], found["IsTruncated"]) == (1000, 1000, True)


def test_a_file_dropped_into_the_bucket_is_listed_and_read(served: Any, s3: Any, bucket: str) -> None:
    (served.root / bucket / "sub").mkdir()
    (served.root / bucket / "sub" / "dropped.txt").write_bytes(b"dropped")
    (line,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert line["Key"] == "sub/dropped.txt" and line["ETag"].endswith('-0"')
    found = s3.get_object(Bucket=bucket, Key="sub/dropped.txt", IfMatch=line["ETag"])
    assert found["Body"].read() == b"dropped"


ABSENT = {
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_tagging": "NoSuchTagSet",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_ownership_controls": "OwnershipControlsNotFoundError",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
}


@pytest.mark.parametrize("call", ABSENT)
def test_what_a_bucket_has_not_is_told_as_s3_tells_it(s3: Any, bucket: str, call: str) -> None:
    with pytest.raises(ClientError) as told:
        getattr(s3, call)(Bucket=bucket)
    assert code_of(told) == ABSENT[call]


@pytest.mark.parametrize("call", ABSENT)
def test_of_a_bucket_that_is_not_there_it_is_told_that_it_is_not(s3: Any, call: str) -> None:
    with pytest.raises(ClientError) as told:
        getattr(s3, call)(Bucket="no-such-bucket")
    assert code_of(told) == "NoSuchBucket"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("logging", "LoggingEnabled"),
        ("notification_configuration", "QueueConfigurations"),
        ("accelerate_configuration", "Status"),
    ],
)
def test_what_every_bucket_has_is_empty(s3: Any, bucket: str, call: str, name: str) -> None:
    assert name not in getattr(s3, f"get_bucket_{call}")(Bucket=bucket)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


@pytest.mark.parametrize("what", ["lifecycle", "encryption", "website", "replication"])
def test_what_is_not_there_can_be_removed(s3: Any, bucket: str, what: str) -> None:
    assert getattr(s3, f"delete_bucket_{what}")(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_prefix_is_told_as_it_was_asked_for_in_the_first_version_too(s3: Any, bucket: str) -> None:
    for prefix in ("图片/ a+b%", "\n"):
        assert s3.list_objects(Bucket=bucket, Prefix=prefix)["Prefix"] == prefix
        assert s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Prefix"] == prefix


def test_a_listing_by_delimiter_has_an_order(served: Any, s3: Any, bucket: str) -> None:
    assert served.signed("GET", f"/{bucket}?allow-unordered=true").status == 200
    answer = served.signed("GET", f"/{bucket}?allow-unordered=true&delimiter=%2F")
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_a_bucket_keeps_one_version_and_belongs_to_one(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    for grants in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="x")):
        assert [grant["Permission"] for grant in grants["Grants"]] == ["FULL_CONTROL"]
    assert s3.get_object_tagging(Bucket=bucket, Key="x")["TagSet"] == []
    assert s3.get_object(Bucket=bucket, Key="x", VersionId="null")["Body"].read() == b"x"
    with pytest.raises(ClientError) as told:
        s3.get_object(Bucket=bucket, Key="x", VersionId="7")
    assert code_of(told) == "NoSuchVersion"
