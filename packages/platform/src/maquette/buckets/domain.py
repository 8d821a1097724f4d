"""Addresses of buckets and objects, as people write them: `obs://bucket/key`; `s3://` is a second spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from maquette.buckets.sentences import say
from maquette.kernel.errors import BadInput
from maquette_sdk.objects import is_bucket_name

_SCHEME = re.compile(r"(?:obs|s3)://", re.IGNORECASE)
_NEARLY = re.compile(r"(?:obs|s3):(?!//)/?|(?:obs|s3)//", re.IGNORECASE)


class Policy(StrEnum):
    """Who may read a bucket's objects without a key of its workspace."""

    PRIVATE = "private"
    PUBLIC_READ = "public-read"


@dataclass(frozen=True)
class Address:
    """A bucket, or an object or folder in it. A key that is empty or ends in a slash is a folder."""

    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"obs://{self.bucket}/{self.key}"

    @property
    def is_folder(self) -> bool:
        return self.key == "" or self.key.endswith("/")

    def below(self, name: str) -> Address:
        """The object `name` in this folder."""
        folder = self.key if self.is_folder else self.key + "/"
        return Address(self.bucket, folder + name)


def is_address(text: str) -> bool:
    """Whether this is an address, well spelled or nearly so, rather than a local path."""
    return bool(_SCHEME.match(text) or _NEARLY.match(text))


def read_address(text: str) -> Address:
    """`obs://bucket/key` as an address; BadInput says how it is spelled right."""
    if not _SCHEME.match(text):
        near = _NEARLY.match(text)
        told = say("no_address", text=text)
        if near:
            told = say("no_address_meant", text=text, meant=f"obs://{text[near.end() :].lstrip('/')}")
        raise BadInput(told, address=text)
    bucket, _, key = text[text.index("://") + 3 :].partition("/")
    if not is_bucket_name(bucket):
        raise BadInput(
            say("no_bucket_named", text=text, bucket=bucket),
            address=text,
        )
    return Address(bucket, key)
