"""Which paths name an object: `obs://bucket/key`, and `s3://bucket/key` as a second spelling of it."""

from __future__ import annotations

import os
from typing import Any, NamedTuple, Optional

# One slash is enough: pathlib and os.path.normpath make `obs:/bucket/key` of a URL.
_SCHEMES = ("obs:/", "s3:/")


class Remote(NamedTuple):
    """A place in a bucket. `key` has no slash at either end; `slash` tells whether the URL ended with one."""

    scheme: str
    bucket: str
    key: str
    slash: bool

    @property
    def url(self) -> str:
        return "{}://{}/{}".format(self.scheme, self.bucket, self.key)

    def below(self, name: str) -> Remote:
        """The place `name` in this directory."""
        return self._replace(key="/".join(part for part in (self.key, name) if part), slash=False)


def is_remote(path: Any) -> bool:
    """Whether this is a path of a bucket; file descriptors, bytes and whatever else are not."""
    if type(path) is not str:
        path = os.fspath(path) if hasattr(path, "__fspath__") else path
        if not isinstance(path, str):
            return False
    return path.startswith(_SCHEMES)


def join_inside(folder: Any, name: str) -> str:
    """The local path of a name that comes from a bucket; ValueError for one that would lead out of the folder."""
    if ".." in name.split("/"):
        message = "'{}' leads out of {} and cannot be copied there. Rename the object, or read it by its URL."
        raise ValueError(message.format(name, os.fspath(folder)))
    return "{}/{}".format(os.fspath(folder).rstrip("/"), name)


def remote(path: Any) -> Optional[Remote]:
    """The place in a bucket that the path names, None for a local path.

    Repeated slashes and `.` say nothing, as in local paths: `obs://b/out//./x` is `obs://b/out/x`.
    """
    if not is_remote(path):
        return None
    text = os.fspath(path)
    scheme, _, rest = text.partition(":")
    bucket, _, tail = rest.lstrip("/").partition("/")
    key = "/".join(part for part in tail.split("/") if part not in ("", "."))
    return Remote(scheme, bucket, key, not key or text.endswith("/"))
