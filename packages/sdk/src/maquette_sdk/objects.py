"""Which file of a bucket's folder holds which object: the layout that the platform's store and moxing share.

A bucket is a folder. A key that is a faithful, portable relative path is that file below it. Any other
key (`..`, `//`, `a` beside `a/b`, a trailing slash, a segment too long for a file name …) is *odd*: its bytes
lie in `.maquette/keys/<sha256 of the key>` and the key itself beside them in `.maquette/keys/<sha256>.key`.
Names that begin with `.maquette` are ours on every level and never show as objects.
"""

from __future__ import annotations

import errno
import heapq
import os
import re
import shutil
import stat
import time
import uuid
from bisect import bisect_left, bisect_right
from functools import lru_cache
from hashlib import sha256
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

RESERVED = ".maquette"
MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255

_KEYS = RESERVED + "/keys"
_ATTEMPTS = 200
_KEPT_NAMES = 500  # folders with fewer names are read faster than remembered
_MOST_KEPT_NAMES = 200000  # of all folders together
_SETTLED_SECONDS = 2.0
# Control characters, and the lone surrogates by which Python spells file names that are not UTF-8.
_UNPORTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BUCKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9]|[.-](?=[a-z0-9])|-(?=-)){1,61}[a-z0-9]\Z")
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+\Z")


class Entry(NamedTuple):
    """One line of a listing: an object and its file, or (`is_prefix`) what several keys begin with."""

    key: str
    path: str
    size: int = 0
    modified: float = 0.0
    is_prefix: bool = False
    status: Optional[os.stat_result] = None


def is_bucket_name(name: str) -> bool:
    """3 to 63 lower-case letters, digits, dots and hyphens, as S3 and OBS have it."""
    return bool(_BUCKET_NAME.match(name)) and not _IP_ADDRESS.match(name)


def check_key(key: str) -> None:
    """ValueError, one sentence, for a key that no store can hold."""
    if not key:
        raise ValueError("An object needs a key; this one is empty.")
    try:
        size = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        raise ValueError("The key {!r} is not valid UTF-8. Rename the file.".format(key)) from None
    if size > MAX_KEY_BYTES:
        raise ValueError("The key '{}…' has {} bytes, more than {}. Shorten it.".format(key[:60], size, MAX_KEY_BYTES))


def is_faithful(key: str) -> bool:
    """Whether the key is a relative path that every file system here keeps exactly."""
    if not key or _UNPORTABLE.search(key) or len(key.encode("utf-8")) > MAX_KEY_BYTES:
        return False
    return all(map(_is_plain_name, key.split("/")))


def find(root: str, key: str) -> Optional[str]:
    """Path of the object's file in the bucket folder `root`; None where there is no such object."""
    for path in _paths(os.fspath(root), key):
        if os.path.isfile(path):
            return path
    return None


def place(root: str, key: str) -> str:
    """Path where an object of this key goes now; a file on its way or a folder in its place make it odd."""
    check_key(key)
    root = os.fspath(root)
    odd = _odd_path(root, key)
    if not is_faithful(key):
        return odd
    plain = os.path.join(root, key)
    if os.path.isfile(plain):
        return plain
    if os.path.isfile(odd) or os.path.lexists(plain):
        return odd
    folder = os.path.dirname(plain)
    while len(folder) > len(root) and not os.path.isdir(folder):
        if os.path.lexists(folder):
            return odd
        folder = os.path.dirname(folder)
    return plain


def install(root: str, source: str, key: str) -> str:
    """Make the complete file `source` the object `key` by one rename; returns its path."""
    root = os.fspath(root).rstrip("/")
    for _ in range(_ATTEMPTS):
        target = place(root, key)
        try:
            make_folders(root, os.path.dirname(target))
            _keep_key(root, key, target)
            give_to_owner(os.path.dirname(target), source)
            _move(source, target)
        except (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError):
            # Another writer made or removed a folder on the way: look again where the key goes.
            if not os.path.lexists(source) or not os.path.isdir(root):
                raise
            continue
        # A delete of the same odd key may just have taken the key's text away.
        _keep_key(root, key, target)
        return target
    raise OSError(errno.EBUSY, "Too many writers change the folders around this key", key)


def rename_into(root: str, source: str, key: str, owner: Tuple[int, int]) -> bool:
    """Whether one rename made the complete file of this owner the object `key`, as it does where its folder is there
    and nothing but a file in its place. Where not, nothing has happened, and `install` looks step by step."""
    if not is_faithful(key):
        return False
    target = "{}/{}".format(root, key)
    try:
        if not stat.S_ISREG(os.lstat(target).st_mode):
            return False
    except OSError:
        if os.path.lexists(_odd_path(root, key)):
            return False
    try:
        if os.geteuid() == 0:
            folder = os.stat(os.path.dirname(target))
            if owner != (folder.st_uid, folder.st_gid):
                os.chown(source, folder.st_uid, folder.st_gid)
        os.rename(source, target)
    except OSError:
        return False
    return True


class Landing:
    """Makes many complete files objects of one bucket, and looks at each folder on the way only once."""

    def __init__(self, root: str) -> None:
        self._root = os.fspath(root).rstrip("/")
        self._odd = os.path.isdir(os.path.join(self._root, RESERVED, "keys"))
        self._owners: Dict[str, Tuple[int, int]] = {}

    def install(self, source: str, key: str, owner: Tuple[int, int]) -> None:
        """As `install`; `owner` is whom the file belongs to."""
        folder = key[: key.rfind("/") + 1]
        if self._rename(source, key, folder, owner):
            return
        path = install(self._root, source, key)
        if _is_odd_path(self._root, path):
            self._odd = True
            return
        status = _status(os.path.dirname(path))
        if status:
            self._owners[folder] = (status.st_uid, status.st_gid)

    def _rename(self, source: str, key: str, folder: str, owner: Tuple[int, int]) -> bool:
        """Whether one rename did it, as it does where nothing stands in the way."""
        wanted = self._owners.get(folder)
        name = key[len(folder) :]
        if wanted is None or _UNPORTABLE.search(name) or not _is_plain_name(name):
            return False
        if self._odd and os.path.lexists(_odd_path(self._root, key)):
            return False
        path = "{}/{}".format(self._root, key)
        try:
            if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
                return False
            if owner != wanted and os.geteuid() == 0:
                os.chown(source, *wanted)
            os.rename(source, path)
        except OSError:
            return False  # somebody changes the folders: `install` looks again
        return True


def remove(root: str, key: str) -> bool:
    """Remove the object and the folders it leaves empty; False where there was none."""
    root = os.fspath(root).rstrip("/")
    removed = False
    for path in _paths(root, key):
        if os.path.isdir(path):  # also a link to a folder, which unlink would take
            continue
        try:
            os.unlink(path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        removed = True
        if _is_odd_path(root, path):
            _forget_key(root, key, path)
        else:
            remove_empty_folders(root, os.path.dirname(path))
    return removed


def scan(root: str, prefix: str = "", delimiter: str = "", after: str = "") -> Iterator[Entry]:
    """Objects whose key begins with `prefix` and lies behind `after`, in UTF-8 byte order of keys.

    With a `delimiter`, keys that hold it behind the prefix are told once, as one entry with `is_prefix`; an
    `after` that is such a common prefix skips all of it, so that a listing resumes at its last entry.
    File contents are not read.
    """
    root = os.fspath(root).rstrip("/")
    tree = _rolled(_tree(root, prefix, after, delimiter == "/"), prefix, delimiter, after)
    odd_keys = [key for key in _remembered(root + "/" + _KEYS, _odd_keys) if key > after and key.startswith(prefix)]
    if not odd_keys:
        return tree
    return _merged(tree, _rolled(_odd_entries(root, odd_keys), prefix, delimiter, after))


def _merged(one: Iterator[Entry], other: Iterator[Entry]) -> Iterator[Entry]:
    # Code points sort as their UTF-8 bytes do, so comparing strings is enough.
    last = None
    for entry in heapq.merge(one, other, key=_entry_key):
        if entry.key != last:
            yield entry
        last = entry.key


def make_folders(root: str, folder: str) -> None:
    """Make `folder` below the existing `root`; a new folder belongs to the owner of the one it is in."""
    missing = []
    while not os.path.isdir(folder):
        if len(folder) <= len(root):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), root)
        missing.append(folder)
        folder = os.path.dirname(folder)
    for folder in reversed(missing):
        try:
            os.mkdir(folder, 0o755)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
        else:
            give_to_owner(os.path.dirname(folder), folder)


def remove_empty_folders(root: str, folder: str) -> None:
    """Remove `folder` and its parents below `root` as long as they are empty."""
    while len(folder) > len(root):
        try:
            os.rmdir(folder)
        except OSError:
            return  # not empty, a link, or another writer's: all of them stay
        folder = os.path.dirname(folder)


def give_to_owner(folder: str, path: str) -> None:
    """What root writes into somebody's folder belongs to that somebody."""
    if os.geteuid() != 0:
        return
    owner, status = os.stat(folder), os.stat(path)
    if (owner.st_uid, owner.st_gid) != (status.st_uid, status.st_gid):
        os.chown(path, owner.st_uid, owner.st_gid)


def _move(source: str, target: str) -> None:
    """Rename; where a link or a mount leads to another file system, copy beside the target and rename there."""
    try:
        os.rename(source, target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    half = os.path.join(os.path.dirname(target), "{}-{}".format(RESERVED, uuid.uuid4().hex))
    try:
        shutil.copyfile(source, half)
        shutil.copystat(source, half)  # the same time, by which a writer knows its file again
        give_to_owner(os.path.dirname(target), half)
        os.rename(half, target)
    finally:
        if os.path.lexists(half):
            os.unlink(half)
    os.unlink(source)


# ── odd keys ─────────────────────────────────────────────────────────────────────────────────────


def _is_plain_name(name: str) -> bool:
    if name in ("", ".", "..") or name.startswith(RESERVED):
        return False
    return len(name) * 4 <= MAX_SEGMENT_BYTES or len(name.encode("utf-8")) <= MAX_SEGMENT_BYTES


def _paths(root: str, key: str) -> List[str]:
    """Where an object of this key can be; a plain file stands before an odd one."""
    try:
        odd = _odd_path(root, key)
    except UnicodeEncodeError:
        return []
    return [os.path.join(root, key), odd] if is_faithful(key) else [odd]


def _odd_path(root: str, key: str) -> str:
    return "{}/{}/{}".format(root, _KEYS, sha256(key.encode("utf-8")).hexdigest())


def _is_odd_path(root: str, path: str) -> bool:
    return path.startswith(os.path.join(root, RESERVED) + "/")


def _keep_key(root: str, key: str, path: str) -> None:
    if not _is_odd_path(root, path) or os.path.exists(path + ".key"):
        return
    half = "{}.{}".format(path, uuid.uuid4().hex)
    with open(half, "wb") as file:
        file.write(key.encode("utf-8"))
    give_to_owner(os.path.dirname(path), half)
    os.rename(half, path + ".key")


def _forget_key(root: str, key: str, path: str) -> None:
    try:
        os.unlink(path + ".key")
    except FileNotFoundError:
        return
    if os.path.exists(path):  # a new object of this key came while we removed the old one
        _keep_key(root, key, path)


def _odd_entries(root: str, keys: Iterable[str]) -> Iterator[Entry]:
    for key in keys:
        path = _odd_path(root, key)
        status = _status(path)
        # The same key as a plain file, dropped into the folder later, stands before this one.
        if status:
            yield Entry(key, path, status.st_size, status.st_mtime, False, status)


def _odd_keys(folder: str) -> List[str]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    keys = []
    for name in names:
        if name.endswith(".key"):
            try:
                keys.append(_key_text(os.path.join(folder, name)))
            except (FileNotFoundError, ValueError):
                continue  # deleted while we listed, or not a file of ours
    return sorted(keys)


@lru_cache(maxsize=1 << 16)
def _key_text(path: str) -> str:
    """The key told by `<sha256>.key`; its name says its contents, so it may be remembered for good."""
    with open(path, "rb") as file:
        data = file.read(MAX_KEY_BYTES + 1)
    if sha256(data).hexdigest() != os.path.basename(path)[: -len(".key")]:
        raise ValueError("{} is not the text of a key.".format(path))
    return data.decode("utf-8")


# ── the folder tree in the order of keys ─────────────────────────────────────────────────────────


def _tree(root: str, prefix: str, after: str, flat: bool) -> Iterator[Entry]:
    """Plain files in key order; `flat` tells a folder that holds an object as one prefix."""
    base = prefix[: prefix.rfind("/") + 1]
    if base and not is_faithful(base[:-1]):
        return
    levels = [(base, iter(_matching(root, base, prefix[len(base) :], after)))]
    above = [_identity(os.path.join(root, base))]
    while levels:
        base, names = levels[-1]
        name = next(names, None)
        if name is None:
            levels.pop()
            above.pop()
            continue
        key = base + name
        path = root + "/" + key
        if name[-1] != "/":
            status = _status(path)
            if status:
                yield Entry(key, path, status.st_size, status.st_mtime, False, status)
        elif flat:
            if key != after and next(_tree(root, key, after, False), None):
                yield Entry(key, path, is_prefix=True)
        elif _identity(path) not in above:  # a link to a folder above would never end
            levels.append((key, iter(_matching(root, key, "", after))))
            above.append(_identity(path))


def _matching(root: str, base: str, start: str, after: str) -> Iterable[str]:
    """Names in the folder of `base` that begin with `start` and may lead behind `after`; folders have a slash."""
    names = _remembered(os.path.join(root, base), _names)
    first = bisect_left(names, start)
    if after.startswith(base):
        tail = after[len(base) :]
        slash = tail.find("/") + 1
        first = max(first, bisect_left(names, tail[:slash]) if slash else bisect_right(names, tail))
    elif after > base:
        return
    for index in range(first, len(names)):
        if not names[index].startswith(start):
            return
        yield names[index]


def _names(folder: str) -> List[str]:
    names = []
    try:
        with os.scandir(folder) as items:
            for item in items:
                if _UNPORTABLE.search(item.name) or not _is_plain_name(item.name):
                    continue
                kind = _kind(item)
                if kind:
                    names.append(item.name + "/" if kind == "folder" else item.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    names.sort()
    return names


def _kind(item: "os.DirEntry[str]") -> str:
    try:
        return "folder" if item.is_dir() else "file" if item.is_file() else ""
    except OSError:
        return ""  # a link that leads nowhere is not an object


_memory: Dict[str, Tuple[Tuple[int, int, int], List[str]]] = {}


def _remembered(folder: str, read: Callable[[str], List[str]]) -> List[str]:
    """What `read` finds in a folder; for large folders kept while the folder does not change, so that
    paging through one does not read and sort it again for each page."""
    try:
        status = os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    mark = (status.st_dev, status.st_ino, status.st_mtime_ns)
    known = _memory.get(folder)
    if known and known[0] == mark:
        return known[1]
    # Only a folder at rest: two changes within one tick of the file system's clock leave the same mark.
    at_rest = time.time() - status.st_mtime > _SETTLED_SECONDS
    names = read(folder)
    if at_rest and len(names) >= _KEPT_NAMES:
        if sum(len(kept) for _, kept in list(_memory.values())) + len(names) > _MOST_KEPT_NAMES:
            _memory.clear()
        _memory[folder] = (mark, names)
    return names


def _rolled(entries: Iterator[Entry], prefix: str, delimiter: str, after: str) -> Iterator[Entry]:
    """Entries with keys that hold the delimiter behind the prefix told once, as their common prefix."""
    if not delimiter:
        return entries
    return _rolled_up(entries, prefix, delimiter, after)


def _rolled_up(entries: Iterator[Entry], prefix: str, delimiter: str, after: str) -> Iterator[Entry]:
    last = None
    for entry in entries:
        cut = entry.key.find(delimiter, len(prefix))
        if cut < 0:
            yield entry
            continue
        common = entry.key[: cut + len(delimiter)]
        if common != last and common != after:
            yield Entry(common, entry.path if entry.is_prefix else "", is_prefix=True)
        last = common


def _entry_key(entry: Entry) -> str:
    return entry.key


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None  # deleted while we listed


def _identity(path: str) -> Tuple[int, int]:
    status = _status(path)
    return (status.st_dev, status.st_ino) if status else (0, 0)
