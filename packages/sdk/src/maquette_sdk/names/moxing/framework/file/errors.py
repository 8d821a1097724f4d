"""The exceptions of `mox.file`; each is also the OSError that a script written for local files would catch."""

from __future__ import annotations

import errno
from typing import Any, NamedTuple, Optional


class Response(NamedTuple):
    """What `except … as e: e.resp` finds, under the names of the OBS client."""

    status: int
    errorCode: str = ""
    errorMessage: str = ""
    reason: str = ""
    requestId: str = ""


class _MoxFileBaseRespException(OSError):
    _number = errno.EIO

    def __init__(self, resp: Optional[Response] = None, *args: Any) -> None:
        super().__init__(*(args or ("The store refused the request.",)))
        self.resp = resp
        self.errno = self._number

    def __reduce__(self) -> Any:
        return type(self), (self.resp,) + self.args


class MoxFileRespException(_MoxFileBaseRespException):
    """The store answered with a status of 300 or more; `resp` has `status`, `errorCode`, `errorMessage`."""


class MoxFileReadException(_MoxFileBaseRespException):
    """Reading broke off half way. Reading a folder does not, so this is only here to be caught."""


class MoxFileNotExistsException(MoxFileRespException, FileNotFoundError):
    """There is no such object, directory or bucket."""

    _number = errno.ENOENT


class MoxFileNameDuplicateException(FileExistsError):
    """A local folder cannot hold what the bucket holds: a file and a directory of one name."""


class Forbidden(MoxFileRespException, PermissionError):
    """The run may not do this to the bucket."""

    _number = errno.EACCES


class IsADirectory(MoxFileRespException, IsADirectoryError):
    """A file is needed, and the name is that of a directory."""

    _number = errno.EISDIR


def no_bucket(bucket: str) -> MoxFileNotExistsException:
    if not bucket:
        return _missing("NoSuchBucket", "The URL names no bucket. Write obs://bucket/key.")
    message = (
        "Bucket '{0}' does not exist here. Make it with `maquette mb obs://{0}`, "
        "or let a folder stand for it: `maquette run … --bucket {0}=DIR`."
    )
    return _missing("NoSuchBucket", message.format(bucket))


def no_object(bucket: str, key: str) -> MoxFileNotExistsException:
    folder = key[: key.rfind("/") + 1]
    message = "Bucket '{0}' has no object '{1}'. List it with `maquette ls obs://{0}/{2}`."
    return _missing("NoSuchKey", message.format(bucket, key, folder))


def no_directory(bucket: str, key: str) -> MoxFileNotExistsException:
    message = "Bucket '{0}' has nothing under '{1}/'. List it with `maquette ls obs://{0}/`."
    return _missing("NoSuchKey", message.format(bucket, key))


def read_only(bucket: str, key: str) -> Forbidden:
    message = "Bucket '{}' can only be read here, so '{}' was not written. Write to another bucket.".format(bucket, key)
    return Forbidden(Response(403, "AccessDenied", message), message)


def is_a_directory(url: str) -> IsADirectory:
    message = (
        "{} is a directory, and this call takes one file. "
        "Copy a directory with mox.file.copy_parallel, list it with mox.file.list_directory."
    ).format(url)
    return IsADirectory(Response(404, "NoSuchKey", message), message)


def refused(response: Response) -> MoxFileRespException:
    message = response.errorMessage or "The store answered with status {}.".format(response.status)
    kinds = {403: Forbidden, 404: MoxFileNotExistsException}
    return kinds.get(response.status, MoxFileRespException)(response, message)


def _missing(code: str, message: str) -> MoxFileNotExistsException:
    return MoxFileNotExistsException(Response(404, code, message), message)
