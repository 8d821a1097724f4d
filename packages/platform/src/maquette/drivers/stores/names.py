"""What every store says about names: which it can hold, and what it answers when a thing is not there."""

from __future__ import annotations

from maquette.drivers.stores.sentences import say
from maquette.kernel.errors import BadInput, NotFound
from maquette_sdk import objects


def check_bucket_name(bucket: str) -> None:
    if not objects.is_bucket_name(bucket):
        raise BadInput(say("bucket_name", bucket=bucket), bucket=bucket)


def check_key(bucket: str, key: str) -> None:
    try:
        objects.check_key(key)
    except ValueError as error:
        raise BadInput(str(error), bucket=bucket, key=key) from None


def no_such_bucket(bucket: str) -> NotFound:
    return NotFound(say("no_bucket", bucket=bucket), bucket=bucket)


def no_such_key(bucket: str, key: str) -> NotFound:
    folder = key[: key.rfind("/") + 1]
    return NotFound(say("no_object", bucket=bucket, key=key, folder=folder), bucket=bucket, key=key)
