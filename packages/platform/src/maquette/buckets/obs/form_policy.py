"""The policy of an upload by form: what the signer lets the form say. It is the text that is signed."""

from __future__ import annotations

import base64
import binascii
import calendar
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.dialect import OURS, THEIRS
from maquette.web import signing
from maquette.web.signing import SigningError
from maquette.web.signing_v2 import sign_v2

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z\Z", re.ASCII)
_CREDENTIAL = re.compile(r"(?P<key>.+)/(?P<scope>\d{8}/[^/]*/s3/aws4_request)\Z")
_SIGNING = {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"}
# Fields of which a policy need not speak: they sign it, they can only make the upload fail, or they are for others.
_FREE = {"policy", "file", "signature", "awsaccesskeyid", "accesskeyid", *_SIGNING}
_FREE_PREFIXES = ("x-ignore-", "x-amz-checksum-")


@dataclass(frozen=True)
class Condition:
    """A field must be this value, or begin with it."""

    field: str
    value: str
    begins: bool = False

    def allows(self, value: str | None) -> bool:
        if value is None:
            return False
        return value.startswith(self.value) if self.begins else value == self.value


@dataclass(frozen=True)
class Policy:
    """`text` is what is signed; `least` and `most` are the sizes that a file may have."""

    text: str
    access_key: str
    expires: float
    conditions: tuple[Condition, ...]
    least: int = 0
    most: int | None = None

    def check(self, fields: Mapping[str, str], now: float) -> None:
        """S3Error unless the form says what it may, and nothing else."""
        if now > self.expires:
            raise S3Error("AccessDenied", "Invalid according to Policy: Policy expired.")
        for one in self.conditions:
            if not one.allows(fields.get(one.field)):
                told = f"Invalid according to Policy: the field '{one.field}' is not as the policy wants it."
                raise S3Error("AccessDenied", told)
        spoken_of = {one.field for one in self.conditions} | _FREE
        extra = [name for name in fields if name not in spoken_of and not name.startswith(_FREE_PREFIXES)]
        if extra:
            told = f"Invalid according to Policy: the policy says nothing of the field '{extra[0]}'."
            raise S3Error("AccessDenied", told)

    def within(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes of the file; S3Error where they are too many or too few."""
        size = 0
        for block in blocks:
            size += len(block)
            if self.most is not None and size > self.most:
                raise S3Error("EntityTooLarge", f"The policy takes {self.most} bytes at most.")
            yield block
        if size < self.least:
            raise S3Error("EntityTooSmall", f"The policy takes no less than {self.least} bytes; these are {size}.")


def read_policy(fields: Mapping[str, str]) -> Policy | None:
    """The policy among the fields; None where nobody has signed."""
    text, access = fields.get("policy"), _access_key(fields)
    signature = fields.get("x-amz-signature") or fields.get("signature")
    if text is None and access is None and signature is None:
        return None
    if not text or not access or not signature:
        told = "A form that is signed has the fields policy, signature and AWSAccessKeyId, or those of Version 4."
        raise S3Error("InvalidArgument", told)
    try:
        said = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _unreadable("it must be JSON in base 64") from None
    if not isinstance(said, dict) or not isinstance(said.get("conditions"), list):
        raise _unreadable("it must have 'conditions'")
    conditions, least, most = _conditions(said["conditions"])
    return Policy(text, access, _expires(said.get("expiration")), conditions, least, most)


def verify(policy: Policy, fields: Mapping[str, str], secret: str) -> None:
    """SigningError unless the policy was signed with this secret."""
    match = _CREDENTIAL.match(fields.get("x-amz-credential", ""))
    if match:
        right = signing.sign(signing.signing_key(secret, match["scope"]), policy.text)
    else:
        right = sign_v2(secret, policy.text)
    told = fields["x-amz-signature"] if match else fields.get("signature", "")
    if not signing.same(right, told):
        raise SigningError("SignatureDoesNotMatch", "The signature does not fit the policy. Check the secret key.")


def _access_key(fields: Mapping[str, str]) -> str | None:
    if "x-amz-signature" not in fields:
        return fields.get("awsaccesskeyid") or fields.get("accesskeyid")
    match = _CREDENTIAL.match(fields.get("x-amz-credential", ""))
    if not match or fields.get("x-amz-algorithm") != signing.ALGORITHM:
        scope = "KEY/20260102/REGION/s3/aws4_request"
        told = f"x-amz-credential must look like {scope}, and x-amz-algorithm must be {signing.ALGORITHM}."
        raise S3Error("InvalidArgument", told)
    return match["key"]


def _expires(text: Any) -> float:
    match = _DATE.match(text) if isinstance(text, str) else None
    with suppress(ValueError):  # no such day
        if match:
            return calendar.timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))
    raise _unreadable("its 'expiration' must look like 2026-01-02T03:04:05Z")


def _conditions(said: list[Any]) -> tuple[tuple[Condition, ...], int, int | None]:
    found: list[Condition] = []
    least, most = 0, None
    for one in said:
        match one:
            case dict() if len(one) == 1 and all(isinstance(value, str) for value in one.values()):
                found += [Condition(_field(name), value) for name, value in one.items()]
            case [str(kind), str(name), str(value)] if kind.lower() in ("eq", "starts-with") and name.startswith("$"):
                found.append(Condition(_field(name[1:]), value, kind.lower() == "starts-with"))
            case [str(kind), int(low), int(high)] if kind.lower() == "content-length-range" and 0 <= low <= high:
                least, most = max(least, low), high if most is None else min(most, high)
            case _:
                raise _unreadable(f"the condition {json.dumps(one)[:100]} is none")
    return tuple(found), least, most


def _field(name: str) -> str:
    name = name.lower()
    return OURS + name.removeprefix(THEIRS) if name.startswith(THEIRS) else name


def _unreadable(why: str) -> S3Error:
    return S3Error("InvalidPolicyDocument", f"The policy of the form cannot be read: {why}.")
