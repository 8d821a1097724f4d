"""Tags of objects."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]


def tagged(**tags: str) -> dict[str, Any]:
    return {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}


def tags_of(s3: Any, bucket: str, key: str = "x") -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]}


def test_tags_are_written_read_and_removed_and_change_nothing_else(s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "a/é"}
    s3.put_object(**named, Body=b"x", ContentType="image/png", Metadata={"a": "b"}, ChecksumAlgorithm="SHA256")
    before = s3.head_object(**named, ChecksumMode="ENABLED")
    for tags in ({"b": "2", "a": "1 & ="}, {"猫": ""}, {str(number): "v" * 256 for number in range(10)}):
        s3.put_object_tagging(**named, Tagging=tagged(**tags))
        assert tags_of(s3, bucket, "a/é") == tags
        after = s3.head_object(**named, ChecksumMode="ENABLED")
        assert after.pop("TagCount") == len(tags)
        for name in ("ETag", "LastModified", "Metadata", "ContentType", "ChecksumSHA256"):
            assert after[name] == before[name]
    s3.delete_object_tagging(**named)
    assert tags_of(s3, bucket, "a/é") == {}
    assert s3.get_object(**named)["Body"].read() == b"x"


@pytest.mark.parametrize(
    "tags",
    [
        tagged(**{str(number): "" for number in range(11)}),
        tagged(**{"k" * 129: ""}),
        tagged(a="v" * 257),
        {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
    ],
)
def test_tags_that_no_object_can_have_are_refused_and_the_old_ones_stay(s3: Any, bucket: str, tags: Any) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x", Tagging="old=1")
    with pytest.raises(ClientError) as told:
        s3.put_object_tagging(Bucket=bucket, Key="x", Tagging=tags)
    assert told.value.response["Error"]["Code"] == "InvalidTag"
    assert tags_of(s3, bucket) == {"old": "1"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedXML"),
        (b"<Tags/>", "MalformedXML"),
        (b"<Tagging/>", "MalformedXML"),
        (b"<Tagging><TagSet><Tag><Value>nameless</Value></Tag></TagSet></Tagging>", "InvalidTag"),
    ],
)
def test_a_document_that_holds_no_tags_is_refused(served: Any, s3: Any, bucket: str, body: bytes, code: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    answer = served.signed("PUT", f"/{bucket}/x?tagging", {}, body)
    assert (answer.status, answer.code) == (400, code)


@pytest.mark.parametrize("text", ["a%01=x", "a=%0B", "=x", "&".join(f"{number}=" for number in range(11))])
def test_a_header_with_tags_that_cannot_be_kept_is_refused(served: Any, bucket: str, text: str) -> None:
    answer = served.signed("PUT", f"/{bucket}/x", {"x-amz-tagging": text}, b"x")
    assert (answer.status, answer.code) == (400, "InvalidTag")
    assert served.signed("HEAD", f"/{bucket}/x").status == 404


def test_tags_of_what_is_not_there_are_told_as_missing(s3: Any, bucket: str) -> None:
    for call, more in ((s3.get_object_tagging, {}), (s3.put_object_tagging, {"Tagging": tagged(a="1")})):
        with pytest.raises(ClientError) as told:
            call(Bucket=bucket, Key="missing", **more)
        assert told.value.response["Error"]["Code"] == "NoSuchKey"


def test_objects_are_made_with_tags_and_copies_keep_or_replace_them(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x", Tagging="b=2&a", Metadata={"m": "1"}, ContentType="image/png")
    assert tags_of(s3, bucket) == {"a": "", "b": "2"}
    source = f"{bucket}/x"
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="other", CopySource=source, TaggingDirective="REPLACE", Tagging="c=3")
    s3.copy_object(Bucket=bucket, Key="said", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "1"})
    assert [tags_of(s3, bucket, key) for key in ("kept", "other", "said")] == [{"a": "", "b": "2"}, {"c": "3"},
                                                                              {"a": "", "b": "2"}]  # fmt: skip
    told = [s3.head_object(Bucket=bucket, Key=key) for key in ("kept", "other", "said")]
    assert [one["Metadata"] for one in told] == [{"m": "1"}, {"m": "1"}, {"n": "1"}]
    assert [one["ContentType"] for one in told] == ["image/png", "image/png", "binary/octet-stream"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", Tagging="d=4")["UploadId"]
    named = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    part = s3.upload_part(**named, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert tags_of(s3, bucket, "parts") == {"d": "4"}
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    assert tags_of(s3, bucket) == {}
