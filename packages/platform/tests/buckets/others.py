"""Who shares a bucket with whom, and what they find that they may."""

import json

import pytest
from botocore.exceptions import ClientError


def refused(call, **arguments):
    with pytest.raises(ClientError) as told:
        call(**arguments)
    return told.value.response["Error"]["Code"]


def done(call, **arguments):
    """Whether it was done; anything but a denial is no answer."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
        return False
    return True


def may(client, bucket):
    """What somebody may: read the first object, the second, list, write both and a new one."""
    found = [done(client.get_object, Bucket=bucket, Key=key) for key in ("first", "second")]
    found.append(done(client.list_objects_v2, Bucket=bucket))
    found += [done(client.put_object, Bucket=bucket, Key=key, Body=b"theirs") for key in ("first", "second", "new")]
    return "".join("rrlwww"[number] if one else "-" for number, one in enumerate(found))


def other_id(other_key, client):
    return client(*other_key).list_buckets()["Owner"]["ID"]


def policy_of(*statements):
    usual = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pets/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**usual, **one} for one in statements]})
