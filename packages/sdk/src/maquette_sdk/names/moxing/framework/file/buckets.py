"""The buckets that this process may use: read in their folders, written by the run's store.

In a run, `MAQUETTE_BUCKETS` names the folders, bound read-only. What is written is first a complete file in
`MAQUETTE_STAGING`, and one call to `MAQUETTE_STORE_URL` makes objects of such files. Outside a run the buckets
are the folders of `MAQUETTE_HOME/buckets`, and files are moved into them here, by the same rules.
"""

from __future__ import annotations

import abc
import http.client
import json
import os
import time
import uuid
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple
from urllib.parse import urlsplit

from maquette_sdk import objects

from .errors import Response, no_bucket, read_only, refused

_STORE_SECONDS = 600.0
_BATCH = 10000
_LEFT_BEHIND_SECONDS = 24 * 3600.0


class Bucket(abc.ABC):
    """One bucket: finding and listing what is in it, and changing it."""

    def __init__(self, name: str, path: str, writable: bool) -> None:
        self.name = name
        self.path = path
        self.writable = writable

    def find(self, key: str) -> Optional[str]:
        """Path of the object's file, None where there is no such object."""
        return objects.find(self.path, key) if key else None

    def scan(self, prefix: str, delimiter: str = "") -> Iterator[objects.Entry]:
        return objects.scan(self.path, prefix, delimiter)

    def has_directory(self, key: str) -> bool:
        """Whether something lies under `key/`; the bucket itself always is a directory."""
        return not key or self._holds_a_file(key) or next(self.scan(key + "/"), None) is not None

    def _holds_a_file(self, key: str) -> bool:
        # Most answers need one entry of one folder; only an odd one needs the listing.
        if not objects.is_faithful(key):
            return False
        try:
            with os.scandir(os.path.join(self.path, key)) as items:
                return any(item.is_file() and objects.is_faithful(item.name) for item in items)
        except OSError:
            return False

    def need_writable(self, key: str) -> None:
        if not self.writable:
            raise read_only(self.name, key)

    @abc.abstractmethod
    def folders(self) -> List[str]:
        """The folders that change while objects are written."""

    @abc.abstractmethod
    def stage(self, count: int = 1) -> List[str]:
        """Paths for new files that `commit` can take."""

    def commit(self, files: Sequence[Tuple[str, str]]) -> None:
        """Makes objects of complete staged files, (path, key) each; files that it does not take are removed."""
        try:
            for start in range(0, len(files), _BATCH):
                self._commit(files[start : start + _BATCH])
        except BaseException:
            discard(path for path, _ in files)
            raise

    @abc.abstractmethod
    def _commit(self, files: Sequence[Tuple[str, str]]) -> None: ...

    @abc.abstractmethod
    def delete(self, keys: Iterable[str]) -> None:
        """Removes objects; a missing one is no error."""


class RunBucket(Bucket):
    """A bucket of this run."""

    def folders(self) -> List[str]:
        return [self.path, os.environ["MAQUETTE_STAGING"]]

    def stage(self, count: int = 1) -> List[str]:
        start = os.path.join(os.environ["MAQUETTE_STAGING"], uuid.uuid4().hex)
        return ["{}-{}".format(start, index) for index in range(count)]

    def _commit(self, files: Sequence[Tuple[str, str]]) -> None:
        staged = [[os.path.basename(path), key] for path, key in files]
        _ask_store("commit", {"bucket": self.name, "files": staged})

    def delete(self, keys: Iterable[str]) -> None:
        listed = list(keys)
        for start in range(0, len(listed), _BATCH):
            _ask_store("delete", {"bucket": self.name, "keys": listed[start : start + _BATCH]})


class HomeBucket(Bucket):
    """A bucket of the chosen home, written by this process itself."""

    def folders(self) -> List[str]:
        return [self.path]

    def stage(self, count: int = 1) -> List[str]:
        folder = os.path.join(self.path, objects.RESERVED, "moxing")
        objects.make_folders(self.path, folder)
        if folder not in _cleared:
            _cleared.add(folder)
            _remove_old_files(folder)
        start = os.path.join(folder, uuid.uuid4().hex)
        return ["{}-{}".format(start, index) for index in range(count)]

    def _commit(self, files: Sequence[Tuple[str, str]]) -> None:
        for path, key in files:
            objects.give_to_owner(self.path, path)
            objects.install(self.path, path, key)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            objects.remove(self.path, key)


def bucket(name: str) -> Bucket:
    """The bucket of this name; the error for an unknown one names the commands that make it."""
    known = os.environ.get("MAQUETTE_BUCKETS")
    if known:
        place = _read_places(known).get(name)
        if place is None:
            raise no_bucket(name)
        return RunBucket(name, place["path"], bool(place.get("writable")))
    home = os.environ.get("MAQUETTE_HOME") or os.path.join(os.path.expanduser("~"), ".maquette")
    path = os.path.join(home, "buckets", name)
    if not objects.is_bucket_name(name) or not os.path.isdir(path):
        raise no_bucket(name)
    return HomeBucket(name, path, os.access(path, os.W_OK))


def in_a_run() -> bool:
    return bool(os.environ.get("MAQUETTE_BUCKETS"))


def copy_in_store(pairs: Sequence[Tuple[Tuple[str, str], Tuple[str, str]]]) -> None:
    """Lets the run's store copy objects, ((bucket, key), (bucket, key)) each."""
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        _ask_store("copy", {"pairs": [[list(source), list(target)] for source, target in batch]})


def discard(paths: Iterable[str]) -> None:
    """Removes staged files that became no objects."""
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue  # it became one


_places: Dict[str, Dict[str, Any]] = {}
_cleared: Set[str] = set()


def _read_places(text: str) -> Dict[str, Any]:
    if text not in _places:
        _places.clear()
        _places[text] = json.loads(text)
    return _places[text]


def _remove_old_files(folder: str) -> None:
    """Clears what killed processes left; a file being written is younger than a day."""
    for item in os.scandir(folder):
        try:
            if time.time() - item.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                os.unlink(item.path)
        except FileNotFoundError:
            continue  # it just became an object


def _ask_store(call: str, body: Dict[str, Any]) -> None:
    # http.client rather than urllib: a proxy in the environment must not come between us and the loopback.
    address = urlsplit(os.environ["MAQUETTE_STORE_URL"])
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=_STORE_SECONDS)
    headers = {
        "Authorization": "Bearer " + os.environ.get("MAQUETTE_STORE_TOKEN", ""),
        "Content-Type": "application/json",
    }
    try:
        connection.request("POST", "/_maquette/" + call, json.dumps(body).encode("utf-8"), headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        message = "The run's store at {} does not answer: {}.".format(os.environ["MAQUETTE_STORE_URL"], error)
        raise refused(Response(503, "ServiceUnavailable", message)) from error
    finally:
        connection.close()
    if answer.status >= 300:
        raise refused(_read_refusal(answer.status, text))


def _read_refusal(status: int, text: bytes) -> Response:
    try:
        told = json.loads(text.decode("utf-8"))
        return Response(status, str(told.get("code", "")), str(told.get("message", "")))
    except (ValueError, AttributeError):
        said = text[:200].decode("utf-8", "replace")
        return Response(status, "", "The store answered with status {}: {}".format(status, said))
