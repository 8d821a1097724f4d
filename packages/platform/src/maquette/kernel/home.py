"""The home folder of a server: made, found fit, and held so that no second server takes it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from maquette.kernel.errors import BadInput, Conflict, Refused, Unavailable
from maquette.kernel.settings import Home

NETWORK_FILE_SYSTEMS = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.rclone",
)
MODE = 0o711
"""Others may pass through, for runs of an own account do, but not look around; what is secret is closed itself."""
READABLE = 0o066
LEAST_FREE_BYTES = 2 << 30
SECRET_BYTES = 32


def make(home: Home, secret: bytes = b"") -> None:
    """The folder, with its key: a new one, or that of a backup.

    Raises Refused for a place where rows would not be safe."""
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        if stat.S_IMODE(home.path.stat().st_mode) & READABLE:
            home.path.chmod(MODE)
    except OSError as error:
        told = f"The home '{home.path}' cannot be made ({error.strerror}). Choose another folder with --home."
        raise BadInput(told, field="home") from None
    kind = file_system(home.path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise Refused(
            f"The home '{home.path}' is on a network file system ({kind}), where two machines could spoil each other's "
            "rows. Choose a local folder with --home, or keep rows in PostgreSQL (MAQUETTE_DATABASE)."
        )
    if not home.secret.exists():
        keep_secret(home.secret, secret or secrets.token_hex(SECRET_BYTES).encode())


def keep_secret(path: Path, secret: bytes) -> None:
    """Whole or not at all, and never in the place of one that is there."""
    half = path.with_suffix(f".{os.getpid()}")
    half.touch(0o600)
    try:
        half.write_bytes(secret)
        with contextlib.suppress(FileExistsError):
            os.link(half, path)
    finally:
        half.unlink()


def read_secret(home: Home) -> bytes:
    """The key that secrets at rest are encrypted with."""
    try:
        secret = bytes.fromhex(home.secret.read_text())
    except FileNotFoundError:
        raise Unavailable(
            f"'{home.secret}' is missing: the access keys in this home cannot be read without it. "
            "Put it back, or restore a backup."
        ) from None
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise Unavailable(f"'{home.secret}' is damaged. Put the right file back, or restore a backup.")
    return secret


def file_system(path: Path) -> str:
    """The kind of file system a path is on, as Linux calls it."""
    place, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].encode().decode("unicode_escape")
        if len(point) >= len(place) and (f"{path}/".startswith(point.rstrip("/") + "/")):
            place, kind = point, after.split(" ")[0]
    return kind


def free_bytes(path: Path) -> int:
    return shutil.disk_usage(path).free


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Keeps the home for this process. Raises Conflict, naming who has it."""
    with home.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Maquette is running on '{home.path}' already{holder(home)}. Use that one, or stop it first."
            ) from None
        lock.truncate(0)
        try:
            yield
        finally:
            lock.truncate(0)


def tell_where(home: Home, address: str) -> None:
    """Leaves word for the next one that asks for this home."""
    home.lock.write_text(json.dumps({"process": os.getpid(), "address": address}))


def holder(home: Home) -> str:
    try:
        told = json.loads(home.lock.read_text())
        return f" (process {told['process']}, {told['address']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def address(home: Home) -> str:
    """Where the server of this home answers; empty while none has told."""
    try:
        return str(json.loads(home.lock.read_text())["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
