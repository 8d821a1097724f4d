"""Buckets and objects of a Maquette: `obs://bucket/key`, where `s3://` is a second spelling."""

from __future__ import annotations

import mimetypes
import os
import shutil
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any, Iterable, Iterator, List, NamedTuple, Sequence, Tuple
from urllib.parse import quote, unquote_plus, urlencode

from maquette_sdk.client.calls import Calls, quoted
from maquette_sdk.client.errors import MaquetteError

AT_ONCE = 8
PIECE = 1 << 20
SCHEMES = ("obs://", "s3://")


class Bucket(NamedTuple):
    """A bucket of the workspace; `made_at` in UTC."""

    name: str
    made_at: datetime


class Object(NamedTuple):
    """An object as a listing tells it; `modified_at` in UTC, `etag` without quotes."""

    address: str
    size: int
    modified_at: datetime
    etag: str


class Buckets:
    """`client.buckets`"""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def list(self) -> List[Bucket]:
        root = xml.fromstring(self.calls.send("GET", "/obs/"))
        return [
            Bucket(text(one, "Name"), moment(text(one, "CreationDate"))) for one in root.iter() if tag(one) == "Bucket"
        ]

    def make(self, name: str) -> None:
        """Raises MaquetteError where the name is taken, or no name for a bucket."""
        self.calls.send("PUT", "/obs/" + quoted(name), {"if-none-match": "*"})

    def remove(self, name: str) -> None:
        """An empty one."""
        self.calls.send("DELETE", "/obs/" + quoted(name))


class Objects:
    """`client.objects`: every method takes addresses such as `obs://pets/train/cat.jpg`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def list(self, address: str) -> Iterator[Object]:
        """Everything whose key begins with the address's, in the order of its bytes, page by page."""
        bucket, prefix = split(address)
        after = ""
        while True:
            query = {"list-type": "2", "prefix": prefix, "encoding-type": "url", "start-after": after}
            path = "/obs/{}?{}".format(
                quoted(bucket), urlencode({k: v for k, v in query.items() if v}, quote_via=quote)
            )
            root = xml.fromstring(self.calls.send("GET", path))
            for one in (child for child in root if tag(child) == "Contents"):
                after = unquoted(text(one, "Key"))
                yield Object(
                    "obs://{}/{}".format(bucket, after), int(text(one, "Size")), moment(text(one, "LastModified")),
                    text(one, "ETag").strip('"'),
                )  # fmt: skip
            if text(root, "IsTruncated") != "true":
                return

    def exists(self, address: str) -> bool:
        try:
            self.calls.send("HEAD", object_path(address))
        except MaquetteError as error:
            if error.status == 404:
                return False
            raise
        return True

    def read(self, address: str) -> bytes:
        return self.calls.send("GET", object_path(address))

    def write(self, address: str, data: bytes, content_type: str = "") -> None:
        headers = {"Content-Type": content_type or guess(address)}
        self.calls.send("PUT", object_path(address), headers, data, len(data))

    def delete(self, address: str) -> None:
        self.calls.send("DELETE", object_path(address))

    def copy(self, source: str, target: str) -> None:
        """Within the store; nothing travels."""
        bucket, key = split(source)
        self.calls.send("PUT", object_path(target), {"x-amz-copy-source": "/{}/{}".format(bucket, quoted(key))})

    def upload(self, path: str, address: str, leave_out: Sequence[str] = ()) -> int:
        """A file, or all that is in a folder, several at a time; how many. An address that ends in a slash is a folder
        in which a file keeps its name. Large files are sent as they are read; folders of the names in `leave_out` stay
        behind."""
        pairs = list(uploads(path, address, leave_out))
        self._at_once(self._send, pairs)
        return len(pairs)

    def download(self, address: str, path: str) -> int:
        """An object, or everything below an address that ends in a slash, several at a time; how many. Files appear
        whole or not at all."""
        pairs = list(self._downloads(address, path))
        if not pairs:
            raise MaquetteError("There is nothing at {}.".format(address), 404)
        self._at_once(self._fetch, pairs)
        return len(pairs)

    def _downloads(self, address: str, path: str) -> Iterator[Tuple[str, str]]:
        if not address.endswith("/") and split(address)[1]:
            name = os.path.join(path, address.rsplit("/", 1)[1]) if os.path.isdir(path) else path
            yield address, name
            return
        base = os.path.realpath(path)
        for one in self.list(address):
            target = os.path.realpath(os.path.join(base, one.address[len(spelled(address)) :]))
            if one.address.endswith("/"):
                continue
            if not target.startswith(base + os.sep):
                raise MaquetteError("{} would be written outside of {}.".format(one.address, path))
            yield one.address, target

    def _send(self, pair: Tuple[str, str]) -> None:
        path, address = pair
        with open(path, "rb") as file:
            headers = {"Content-Type": guess(address)}
            self.calls.send("PUT", object_path(address), headers, file, os.fstat(file.fileno()).st_size)

    def _fetch(self, pair: Tuple[str, str]) -> None:
        address, path = pair
        fetch_file(self.calls, object_path(address), path, address)

    def _at_once(self, work: Any, pairs: Iterable[Tuple[str, str]]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(work, pairs):
                pass


def fetch_file(calls: Calls, asked: str, path: str, called: str) -> None:
    """What the server answers becomes a file, whole or not at all; `called` is what an error calls it."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    half = "{}.{}.part".format(path, os.getpid())
    try:
        with calls.open("GET", asked) as answer, open(half, "wb") as file:
            shutil.copyfileobj(answer, file, PIECE)
            if answer.length:  # what is still to come; reading in pieces raises nothing when it does not
                raise MaquetteError("The connection ended before all of {} had come. Try again.".format(called))
        os.replace(half, path)
    finally:
        if os.path.exists(half):
            os.unlink(half)


def split(address: str) -> Tuple[str, str]:
    """Bucket and key. Raises MaquetteError for what is no address."""
    scheme = next((scheme for scheme in SCHEMES if address.lower().startswith(scheme)), "")
    bucket, _, key = address[len(scheme) :].partition("/")
    if not scheme or not bucket:
        raise MaquetteError("'{}' is no address. Write obs://BUCKET/KEY.".format(address))
    return bucket, key


def spelled(address: str) -> str:
    return "obs://{}/{}".format(*split(address))


def object_path(address: str) -> str:
    bucket, key = split(address)
    if not key:
        raise MaquetteError("'{}' names a bucket and no object. Write obs://BUCKET/KEY.".format(address))
    return "/obs/{}/{}".format(quoted(bucket), quoted(key))


def uploads(path: str, address: str, leave_out: Sequence[str] = ()) -> Iterator[Tuple[str, str]]:
    """Which file goes where."""
    if os.path.isfile(path):
        yield path, address + os.path.basename(path) if address.endswith("/") else address
        return
    if not os.path.isdir(path):
        raise MaquetteError("There is no file or folder '{}'.".format(path))
    split(address)
    seen = set()
    for folder, folders, names in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back to where it is
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if name not in leave_out)
        for name in sorted(names):
            file = os.path.join(folder, name)
            yield file, address.rstrip("/") + "/" + os.path.relpath(file, path).replace(os.sep, "/")


def guess(address: str) -> str:
    return mimetypes.guess_type(address)[0] or "binary/octet-stream"


def tag(element: xml.Element) -> str:
    """Without its namespace."""
    return element.tag.rpartition("}")[2]


def text(element: xml.Element, name: str) -> str:
    return next((child.text or "" for child in element if tag(child) == name), "")


def moment(told: str) -> datetime:
    return datetime.strptime(told[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)


def unquoted(key: str) -> str:
    return unquote_plus(key)
