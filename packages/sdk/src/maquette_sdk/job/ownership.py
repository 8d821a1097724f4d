"""Gives a run's folders to the user that the run will be, and finds out what that user can reach."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from maquette_sdk.job import processes


class User(NamedTuple):
    """An account by its numbers; it needs no name on this machine."""

    uid: int
    gid: int
    groups: Tuple[int, ...] = ()

    @classmethod
    def of(cls, spec: Optional[Dict[str, Any]]) -> Optional[User]:
        if spec is None:
            return None
        return cls(int(spec["uid"]), int(spec["gid"]), tuple(spec["groups"]))

    def become(self) -> None:
        """Turns the calling process into this user for good."""
        os.setgroups(list(self.groups))
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        processes.forbid_new_privileges()


def give(path: str, user: User) -> int:
    """Gives a file, or a folder with all in it, to the user; follows no links.

    Returns how many files were left as they are because they have a second name elsewhere: giving them away
    would change that other file too.
    """
    os.chown(path, user.uid, user.gid)
    left = 0
    for _, folders, files, here in os.fwalk(path, follow_symlinks=False):
        for name in folders + files:
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
            if found.st_uid == user.uid and found.st_gid == user.gid:
                continue
            if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
                left += 1
                continue
            os.chown(name, user.uid, user.gid, dir_fd=here, follow_symlinks=False)
    return left


def is_closed(path: str, user: User) -> bool:
    """Can the user not read this file or folder itself? The folders above do not count: a sandbox opens the way."""
    found = os.stat(path)
    needed = 0o5 if stat.S_ISDIR(found.st_mode) else 0o4
    return found.st_mode & needed != needed and user.uid != found.st_uid


def unreachable(user: User, read: List[str], enter: List[str]) -> Optional[str]:
    """The first path that the user cannot read, or folder it cannot pass through; a child that becomes the user
    finds out."""
    report, reporting = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            user.become()
            os.write(reporting, os.fsencode(first_unreachable(read, enter)))
        except OSError as error:
            os.write(reporting, "uid {}: {}".format(user.uid, error.strerror).encode("utf-8"))
        finally:
            os._exit(0)
    os.close(reporting)
    with open(report, "rb") as file:
        answer = os.fsdecode(file.read())
    os.waitpid(pid, 0)
    return answer or None


def first_unreachable(read: List[str], enter: List[str]) -> str:
    for path in read:
        if not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
            return path
    for path in enter:
        if not os.access(path, os.X_OK):
            return path
    return ""
