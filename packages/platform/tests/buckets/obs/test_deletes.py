"""Deletes that say what the object must be like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)
FALSE = [{"IfMatch": '"another"'}, {"IfMatchLastModifiedTime": LONG_AGO}, {"IfMatchSize": 9999}]
IN_A_DOCUMENT = {"IfMatch": "ETag", "IfMatchLastModifiedTime": "LastModifiedTime", "IfMatchSize": "Size"}


def in_a_document(said: dict[str, Any]) -> dict[str, Any]:
    return {IN_A_DOCUMENT[name]: value for name, value in said.items()}


@pytest.mark.parametrize("said", FALSE, ids=lambda said: next(iter(said)))
def test_an_object_that_is_not_the_one_that_is_meant_stays(s3: Any, bucket: str, said: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    with pytest.raises(ClientError) as told:
        s3.delete_object(Bucket=bucket, Key="x", **said)
    assert told.value.response["Error"]["Code"] == "PreconditionFailed"
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x", **in_a_document(said)}]})
    assert [one["Code"] for one in answer["Errors"]] == ["PreconditionFailed"]
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"


@pytest.mark.parametrize("way", ["one", "many"])
def test_the_object_that_is_meant_is_deleted_and_what_is_gone_is_no_mistake(s3: Any, bucket: str, way: str) -> None:
    for name in IN_A_DOCUMENT:
        s3.put_object(Bucket=bucket, Key="x", Body=b"x")
        info = s3.head_object(Bucket=bucket, Key="x")
        right = {"IfMatch": info["ETag"], "IfMatchLastModifiedTime": info["LastModified"], "IfMatchSize": 1}[name]
        for value in (right, right):
            said = {name: value}
            if way == "one":
                s3.delete_object(Bucket=bucket, Key="x", **said)
            else:
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x", **in_a_document(said)}]})
                assert [one["Key"] for one in answer["Deleted"]] == ["x"]
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-if-match-last-modified-time": "yesterday"},
        {"x-amz-if-match-size": "large"},
        {"x-amz-if-match-size": "-1"},
    ],
)
def test_what_cannot_be_understood_deletes_nothing(served: Any, s3: Any, bucket: str, headers: dict[str, str]) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    answer = served.signed("DELETE", f"/{bucket}/x", headers)
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert s3.head_object(Bucket=bucket, Key="x")["ContentLength"] == 1
