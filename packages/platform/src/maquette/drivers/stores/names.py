"""What every store says about names: which it can hold, and what it answers when a thing is not there."""

from __future__ import annotations

from maquette.kernel.errors import BadInput, NotFound
from maquette_sdk import objects


def check_bucket_name(bucket: str) -> None:
    if not objects.is_bucket_name(bucket):
        raise BadInput(
            f"'{bucket}' cannot be a bucket's name. Use 3 to 63 lower-case letters, digits, dots and hyphens, "
            "with a letter or digit at both ends.",
            bucket=bucket,
        )


def check_key(bucket: str, key: str) -> None:
    try:
        objects.check_key(key)
    except ValueError as error:
        raise BadInput(str(error), bucket=bucket, key=key) from None


def no_such_bucket(bucket: str) -> NotFound:
    return NotFound(
        f"Bucket '{bucket}' does not exist here. Make it with `maquette mb obs://{bucket}`, or let a folder "
        f"stand for it: `maquette run … --bucket {bucket}=DIR`.",
        bucket=bucket,
    )


def no_such_key(bucket: str, key: str) -> NotFound:
    folder = key[: key.rfind("/") + 1]
    return NotFound(
        f"Bucket '{bucket}' has no object '{key}'. List what is there with `maquette ls obs://{bucket}/{folder}`.",
        bucket=bucket,
        key=key,
    )
