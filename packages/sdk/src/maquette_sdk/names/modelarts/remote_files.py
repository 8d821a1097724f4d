"""Files between buckets of a server and this machine, by the four functions that a session needs."""

from __future__ import annotations

import os

from maquette_sdk.client.buckets import Objects
from maquette_sdk.client.calls import Calls


class RemoteFiles:
    """Does over HTTP what `moxing.framework.file` does in a run."""

    def __init__(self, calls: Calls) -> None:
        self.objects = Objects(calls)

    def copy(self, src: str, dst: str) -> None:
        """A file. A target that ends in a slash, or is a folder here, is what it is put into."""
        if is_remote(src) and is_remote(dst):
            self.objects.copy(src, dst + (os.path.basename(src) if dst.endswith("/") else ""))
        elif is_remote(src):
            if dst.endswith("/"):
                os.makedirs(dst, exist_ok=True)
            self.objects.download(src, dst)
        else:
            self.objects.upload(src, dst)

    def copy_parallel(self, src: str, dst: str) -> None:
        """All that is in a folder into another."""
        if is_remote(src) and is_remote(dst):
            base = src.rstrip("/") + "/"
            for one in list(self.objects.list(base)):
                self.objects.copy(one.address, dst.rstrip("/") + "/" + one.address[len(as_obs(base)) :])
        elif is_remote(src):
            self.objects.download(src.rstrip("/") + "/", dst)
        else:
            self.objects.upload(src, dst.rstrip("/") + "/")

    def is_directory(self, path: str) -> bool:
        if not is_remote(path):
            return os.path.isdir(path)
        return next(iter(self.objects.list(path.rstrip("/") + "/")), None) is not None

    def exists(self, path: str) -> bool:
        if not is_remote(path):
            return os.path.exists(path)
        return self.is_directory(path) or (not path.endswith("/") and self.objects.exists(path))

    def make_dirs(self, path: str) -> None:
        """A folder in a bucket is an object of no bytes whose name ends in a slash."""
        self.objects.write(path.rstrip("/") + "/", b"")


def is_remote(path: str) -> bool:
    return path.startswith(("obs://", "s3://"))


def as_obs(address: str) -> str:
    return "obs://" + address.split("://", 1)[1]
