"""What `mox.file` changes: contents, directories, names."""

from __future__ import annotations

import errno
import os
import shutil
from typing import Any, Optional

from .buckets import bucket
from .copying import copy, copy_parallel
from .errors import no_object
from .paths import Remote, remote
from .reading import exists, is_file, list_directory, read
from .stream import File


def write(url: Any, data: Any, binary: bool = False, client_id: Any = None, **options: Any) -> None:
    """Makes the file hold this text or these bytes and nothing else."""
    _write(url, data, "w", binary)


def append(url: Any, data: Any, binary: bool = False, client_id: Any = None, **options: Any) -> None:
    """Adds text or bytes at the end of the file; a missing one is made."""
    _write(url, data, "a", binary)


def append_remote(src_url: Any, dst_url: Any, client_id: Any = None, **options: Any) -> None:
    """Adds the contents of one file at the end of another; a missing one is made."""
    data = read(src_url, binary=True)
    append(dst_url, data, binary=True)


def make_dirs(url: Any, client_id: Any = None, **options: Any) -> None:
    """Makes the directory and those above it; one that exists is no error. A bucket keeps it as `key/`."""
    place = remote(url)
    if place is None:
        os.makedirs(url, exist_ok=True)
        return
    home = bucket(place.bucket)
    if home.has_directory(place.key):
        return
    home.need_writable(place.key + "/")
    marker = home.stage()[0]
    os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    home.commit([(marker, place.key + "/")])


def mk_dir(url: Any, client_id: Any = None, **options: Any) -> None:
    """Makes one directory; OSError where the one above it is missing."""
    place = remote(url)
    if place is None:
        os.mkdir(url)
        return
    above = place.key[: max(place.key.rfind("/"), 0)]
    if not bucket(place.bucket).has_directory(above):
        message = "obs://{}/{} does not exist, so '{}' cannot be made in it. Use mox.file.make_dirs.".format(
            place.bucket, above, place.key[len(above) + 1 :]
        )
        raise FileNotFoundError(errno.ENOENT, message)
    make_dirs(url)


def remove(url: Any, recursive: bool = False, client_id: Any = None, **options: Any) -> None:
    """Removes a file, or with `recursive` a directory and all in it.

    Without `recursive` a directory stays, and there is no error; so it is with a file's name and a slash behind it.
    """
    place = remote(url)
    if place is None:
        _remove_local(os.fspath(url), recursive)
        return
    home = bucket(place.bucket)
    if not place.slash and home.find(place.key) is not None:
        keys = [place.key]
    elif recursive:
        keys = [entry.key for entry in home.scan(place.key + "/" if place.key else "")]
    else:
        return
    if keys:
        home.need_writable(keys[0])
        home.delete(keys)


def rename(src_url: Any, dst_url: Any, client_id: Any = None, **options: Any) -> None:
    """Moves a file or directory, also between a bucket and this machine; folders above the target are made."""
    source, target = remote(src_url), remote(dst_url)
    if source is None and target is None:
        _rename_local(os.fspath(src_url), os.fspath(dst_url))
        return
    if source is not None and target is not None and source[1:3] == target[1:3]:
        return
    _need_removable(source)
    if is_file(src_url):
        copy(src_url, dst_url)
        remove(src_url)
        return
    if not exists(src_url):
        raise (
            no_object(source.bucket, source.key)
            if source
            else FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(src_url))
        )
    if source is not None and target is not None and _lies_in(target, source):
        raise OSError(errno.EINVAL, "{} cannot be moved into itself".format(source.url), target.url)
    if list_directory(src_url, recursive=True, skip_dir=True):
        copy_parallel(src_url, dst_url)
    else:
        make_dirs(dst_url)
    remove(src_url, recursive=True)


# ── how ──────────────────────────────────────────────────────────────────────────────────────────


def _write(url: Any, data: Any, mode: str, binary: bool) -> None:
    """Bytes are written as they are and text as UTF-8, whichever `binary` says."""
    with File(url, mode + "b") as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


def _remove_local(path: str, recursive: bool) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        if recursive:
            shutil.rmtree(path)
    elif not path.endswith("/"):
        os.remove(path)


def _rename_local(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target.rstrip("/")) or ".", exist_ok=True)
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)


def _lies_in(inner: Remote, outer: Remote) -> bool:
    return inner.bucket == outer.bucket and (inner.key + "/").startswith(outer.key + "/" if outer.key else "")


def _need_removable(source: Optional[Remote]) -> None:
    # Better before the copy than after it.
    if source is not None:
        bucket(source.bucket).need_writable(source.key)
