"""Requests for encryption: this store has none, and says so; those that make no sense anywhere are told as such."""

from __future__ import annotations

import base64
import binascii
from hashlib import md5

from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.call import Call

_HEADER = "x-amz-server-side-encryption"
_CUSTOMER = f"{_HEADER}-customer-"
_KINDS = ("AES256", "aws:kms", "aws:kms:dsse")


def refuse(call: Call) -> None:
    """What a client believes to be encrypted must not lie here in the clear."""
    asked = next((name for name, _ in call.request.headers if name.startswith(_HEADER)), None)
    if asked is None:
        return
    kind = call.header(_HEADER)
    if kind is not None and kind not in _KINDS:
        raise S3Error("InvalidArgument", f"{_HEADER} must be one of {', '.join(_KINDS)}, not '{kind[:40]}'.")
    if asked.startswith(_CUSTOMER):
        _check_customers_key(call)
    elif kind is None:
        raise S3Error("InvalidArgument", f"{asked} means nothing without {_HEADER}.")
    raise S3Error("NotImplemented", f"This store does not encrypt: leave {asked} out.")


def _check_customers_key(call: Call) -> None:
    algorithm, key, told = (call.header(_CUSTOMER + name) for name in ("algorithm", "key", "key-md5"))
    if algorithm != "AES256" or key is None or told is None:
        raise S3Error("InvalidArgument", f"{_CUSTOMER}algorithm must be AES256, with a key and its MD5 beside it.")
    try:
        octets = base64.b64decode(key, validate=True)
    except binascii.Error:
        octets = b""
    right = base64.b64encode(md5(octets, usedforsecurity=False).digest()).decode()
    if len(octets) != 32 or told != right:
        raise S3Error("InvalidArgument", f"{_CUSTOMER}key must be 32 bytes in base 64, and its MD5 theirs.")
