"""What others may do with an object's tags, and by a form that nobody has signed."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from .conftest import PATIENCE

TAGS = {"TagSet": [{"Key": "kind", "Value": "cat"}]}
MAY = {"s3:GetObjectTagging": "r--", "s3:PutObjectTagging": "-w-", "s3:DeleteObjectTagging": "--d"}


@pytest.fixture
def mine(client, key):
    made = client(*key())
    made.create_bucket(Bucket="pets")
    made.put_object(Bucket="pets", Key="x", Body=b"x", Tagging="kind=dog")
    return made


def may(client):
    named = {"Bucket": "pets", "Key": "x"}
    calls = (("r", client.get_object_tagging, {}), ("w", client.put_object_tagging, {"Tagging": TAGS}),
             ("d", client.delete_object_tagging, {}))  # fmt: skip
    found = ""
    for letter, call, more in calls:
        try:
            call(**named, **more)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
            letter = "-"
        found += letter
    return found


@pytest.mark.parametrize("action", MAY)
def test_tags_are_opened_one_by_one_by_a_policy_and_by_nothing_else(client, mine, other_key, action):
    theirs = client(*other_key)
    mine.put_bucket_acl(Bucket="pets", ACL="public-read-write")
    mine.put_object_acl(Bucket="pets", Key="x", ACL="public-read-write")
    assert may(theirs) == "---"
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::pets/*"}
    mine.put_bucket_policy(Bucket="pets", Policy=json.dumps({"Statement": [statement]}))
    assert may(theirs) == MAY[action]
    assert may(mine) == "rwd"


def post(live, fields):
    lines = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    address = urlsplit(live.store_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    try:
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        connection.request("POST", "/pets", f"{lines}--B--\r\n", kind)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_form_that_nobody_signed_is_taken_where_everybody_may_write(mine, live):
    fields = [("key", "new"), ("acl", "public-read"), ("Content-Type", "image/png"), ("file", "pixels")]
    for acl, status in (("public-read", 403), ("public-read-write", 204)):
        mine.put_bucket_acl(Bucket="pets", ACL=acl)
        assert post(live, fields) == status
    found = mine.get_object(Bucket="pets", Key="new")
    assert (found["Body"].read(), found["ContentType"]) == (b"pixels", "image/png")
    assert len(mine.get_object_acl(Bucket="pets", Key="new")["Grants"]) == 2
