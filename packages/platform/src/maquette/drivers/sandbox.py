"""What a run sees of this machine: the mounts of its sandbox, and the bubblewrap options that make them."""

from __future__ import annotations

import functools
import os
import posixpath
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Place, Process

MOST_ENTRIES = 1000
"""A folder is rebuilt entry by entry, where a mount point is missing in it, only up to this size."""


class Kind(StrEnum):
    """What stands at a target."""

    READ = "read"  # a folder or file of the host, read-only
    WRITE = "write"  # … that the run may change
    DEVICE = "device"  # … whose device files work
    LINK = "link"  # a symbolic link with `source` as its text
    EMPTY = "empty"  # a folder in memory, `size` bytes at most
    FOLDER = "folder"  # a folder on the way to others
    DEVICES = "devices"  # the few devices every program expects
    PROCESSES = "processes"


@dataclass(frozen=True)
class Mount:
    """One thing at one path of the run's view."""

    kind: Kind
    target: str
    source: str = ""
    size: int | None = None
    mode: int = 0o755


@dataclass(frozen=True)
class Machine:
    """What of this machine goes into every run's view: links such as /bin → usr/bin, readable folders and files,
    and for runs with GPUs the devices and the folders with their drivers."""

    links: tuple[tuple[str, str], ...] = ()
    readable: tuple[str, ...] = ("/usr",)
    gpu_devices: tuple[str, ...] = ()
    gpu_folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class MountPoint:
    """A folder (or file) that must be made in a writable source, for another place to be mounted on."""

    root: str
    path: str
    is_folder: bool


@dataclass(frozen=True)
class View:
    """All mounts, in an order in which each finds its mount point, and what must be made before."""

    mounts: tuple[Mount, ...]
    to_make: tuple[MountPoint, ...] = ()


@dataclass(frozen=True)
class Account:
    """Whom the run is. `uid` and `gid` are the numbers it sees; `drops` means that bubblewrap runs as root and
    the run gives that up, else the numbers are those of a user namespace."""

    uid: int
    gid: int
    name: str
    home: str
    drops: bool
    groups: tuple[int, ...] = ()


# ── the view ─────────────────────────────────────────────────────────────────────────────────────


def view(process: Process, machine: Machine, generated: Path) -> View:
    """What the process sees. `generated` is a folder with the run's own passwd, group and hosts.

    Reads the disk to learn what the places' sources are. Raises BadInput for a place that cannot be put there.
    """
    mounts = {mount.target: mount for mount in system(process, machine, generated)}
    for place in process.places:
        mount = of_place(place, machine)
        mounts[mount.target] = mount
    return fit(in_order(mounts.values()))


def system(process: Process, machine: Machine, generated: Path) -> Iterator[Mount]:
    """What every run sees besides its places."""
    yield Mount(Kind.DEVICES, "/dev")
    yield Mount(Kind.PROCESSES, "/proc")
    memory = process.limits.memory_bytes
    for target in ("/dev/shm", "/tmp", "/var/tmp"):  # noqa: S108 – the run's own
        yield Mount(Kind.EMPTY, target, size=memory, mode=0o1777)
    yield Mount(Kind.EMPTY, "/run", size=memory)
    yield Mount(Kind.LINK, "/var/run", "/run")
    for target, text in machine.links:
        yield Mount(Kind.LINK, target, text)
    for path in machine.readable:
        yield Mount(Kind.READ, path, path)
    for name in ("passwd", "group", "hosts"):
        yield Mount(Kind.READ, f"/etc/{name}", str(generated / name))
    if process.gpus:
        for path in machine.gpu_devices:
            yield Mount(Kind.DEVICE, path, path)
        for path in machine.gpu_folders:
            yield Mount(Kind.READ, path, path)
    if not any(is_within(process.home, place.target) for place in process.places):
        yield Mount(Kind.EMPTY, process.home, size=memory, mode=0o1777)


def of_place(place: Place, machine: Machine) -> Mount:
    kind = Kind.WRITE if place.writable else Kind.READ
    return Mount(kind, real_target(place.target, machine.links), os.path.realpath(place.source))


def real_target(target: str, links: Sequence[tuple[str, str]]) -> str:
    """The target without `..`, and below `/usr/lib` where the view has `/lib` as a link."""
    path = posixpath.normpath("/" + target.lstrip("/"))
    for link, text in links:
        if is_within(path, link) and path != link:
            return posixpath.join("/", text, path[len(link) + 1 :])
    return path


def in_order(mounts: Iterable[Mount]) -> list[Mount]:
    """Parents before what is mounted inside them."""
    return sorted(mounts, key=lambda mount: len(PurePosixPath(mount.target).parts))


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


# ── mount points ─────────────────────────────────────────────────────────────────────────────────


def fit(mounts: list[Mount]) -> View:
    """Sees to it that every mount finds its mount point, and leaves out what is there anyway."""
    fitted: dict[str, Mount] = {}
    to_make: list[MountPoint] = []
    for mount in mounts:
        parent = around(mount, fitted.values())
        if parent is None:
            fitted[mount.target] = mount
            continue
        if mount.kind is Kind.LINK:
            continue  # a place holds this part of the view, and has its own idea of it
        inner = posixpath.relpath(mount.target, parent.target)
        source = posixpath.join(parent.source, inner)
        if mount.kind is parent.kind is Kind.READ and mount.source == os.path.realpath(source):
            continue
        missing = first_missing(parent, inner, mount)
        if missing and parent.kind is Kind.WRITE:
            to_make.append(MountPoint(parent.source, inner, is_folder(mount)))
        elif missing:
            fitted.update((one.target, one) for one in rebuilt(parent, posixpath.dirname(missing)))
        fitted[mount.target] = mount
    return View(tuple(in_order(with_folders(fitted))), tuple(to_make))


def with_folders(fitted: dict[str, Mount]) -> list[Mount]:
    """Adds the folders on the way: those that bubblewrap makes by itself may be closed to the run's user."""
    found = dict(fitted)
    for mount in fitted.values():
        for path in map(str, PurePosixPath(mount.target).parents):
            if path != "/" and path not in found:
                folder = Mount(Kind.FOLDER, path)
                if around(folder, fitted.values()) is None:
                    found[path] = folder
    return list(found.values())


def around(mount: Mount, others: Iterable[Mount]) -> Mount | None:
    """The mount of the host's files in which this one lies; folders in memory get their mount points by themselves."""
    holding = [other for other in others if is_within(mount.target, other.target) and other.target != mount.target]
    nearest = max(holding, key=lambda other: len(other.target), default=None)
    return nearest if nearest is not None and nearest.kind in (Kind.READ, Kind.WRITE, Kind.DEVICE) else None


def first_missing(parent: Mount, inner: str, mount: Mount) -> str:
    """The first part of the mount point that the parent lacks, relative to it; empty when all is there.

    A link on the way is refused: it may lead anywhere, and a run may have put it there.
    """
    parts = PurePosixPath(inner).parts
    for count in range(1, len(parts) + 1):
        path = posixpath.join(*parts[:count])
        try:
            mode = os.lstat(posixpath.join(parent.source, path)).st_mode
        except FileNotFoundError:
            return path
        wanted_folder = count < len(parts) or is_folder(mount)
        if stat.S_ISLNK(mode) or stat.S_ISDIR(mode) != wanted_folder:
            what = "a symbolic link" if stat.S_ISLNK(mode) else "a file" if wanted_folder else "a folder"
            raise BadInput(
                f"{mount.target} cannot be placed into the run: {posixpath.join(parent.source, path)} is {what}.",
                place=mount.target,
            )
    return ""


def rebuilt(parent: Mount, inner: str) -> Iterator[Mount]:
    """A read-only folder made anew in memory, each entry mounted by itself, so that a mount point can be added."""
    target = posixpath.normpath(posixpath.join(parent.target, inner))
    with os.scandir(posixpath.join(parent.source, inner)) as entries:
        names = sorted(entries, key=lambda entry: entry.name)
    if len(names) > MOST_ENTRIES:
        raise BadInput(f"Nothing more can be placed into {target}: it has {len(names)} entries.", place=target)
    yield Mount(Kind.EMPTY, target)
    for entry in names:
        at = posixpath.join(target, entry.name)
        if entry.is_symlink():
            yield Mount(Kind.LINK, at, str(Path(entry.path).readlink()))
        else:
            yield Mount(parent.kind, at, entry.path)


def is_folder(mount: Mount) -> bool:
    return mount.kind is Kind.EMPTY or Path(mount.source).is_dir()


# ── bubblewrap ───────────────────────────────────────────────────────────────────────────────────


def options(seen: View, account: Account, host_name: str, directory: str, sizes: bool = True) -> list[str]:
    """The bubblewrap options for a view; values in, values out. `sizes`: does this bubblewrap know `--size`?"""
    chosen = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", host_name]
    if account.drops:
        # What the change to another user needs, and nothing else; it is gone after the change.
        chosen += ["--cap-drop", "ALL"]
        chosen += [word for name in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{name}")]
    else:
        chosen += ["--unshare-user", "--uid", str(account.uid), "--gid", str(account.gid), "--cap-drop", "ALL"]
    for mount in seen.mounts:
        chosen += words(mount, sizes)
    for mount in seen.mounts:
        if mount.kind is Kind.EMPTY and mount.mode & 0o002 == 0:
            chosen += ["--remount-ro", mount.target]
    return [*chosen, "--remount-ro", "/", "--chdir", directory]


def words(mount: Mount, sizes: bool) -> list[str]:
    match mount.kind:
        case Kind.READ:
            return ["--ro-bind", mount.source, mount.target]
        case Kind.WRITE:
            return ["--bind", mount.source, mount.target]
        case Kind.DEVICE:
            return ["--dev-bind", mount.source, mount.target]
        case Kind.LINK:
            return ["--symlink", mount.source, mount.target]
        case Kind.DEVICES:
            return ["--dev", mount.target]
        case Kind.PROCESSES:
            return ["--proc", mount.target]
        case Kind.FOLDER:
            return ["--perms", f"{mount.mode:04o}", "--dir", mount.target]
        case Kind.EMPTY:
            limit = ["--size", str(mount.size)] if sizes and mount.size else []
            return ["--perms", f"{mount.mode:04o}", *limit, "--tmpfs", mount.target]


def become(account: Account, setpriv: str) -> list[str]:
    """The command that, inside the sandbox, turns root into the run's account; empty when there is no need."""
    if not account.drops:
        return []
    groups = ["--groups", ",".join(map(str, account.groups))] if account.groups else ["--clear-groups"]
    nothing = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"]
    return [setpriv, f"--reuid={account.uid}", f"--regid={account.gid}", *groups, *nothing, "--"]


# ── the run's own passwd, group and hosts ────────────────────────────────────────────────────────


def accounts_of(account: Account) -> dict[str, str]:
    """The texts of `passwd` and `group`: root, the run's own account, nobody."""
    passwd = (
        "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        f"{account.name}:x:{account.uid}:{account.gid}::{account.home}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )
    group = f"root:x:0:\n{account.name}:x:{account.gid}:\nnogroup:x:65534:\n"
    return {"passwd": passwd, "group": group}


def hosts_with(text: str, host_name: str) -> str:
    """The machine's hosts and the run's own name, which programs look up (PyTorch's Gloo does)."""
    return f"{text.rstrip()}\n127.0.0.1 {host_name}\n".lstrip()


# ── does it work here? ───────────────────────────────────────────────────────────────────────────

INSTALL = "Install it with `apt install bubblewrap`."


@dataclass(frozen=True)
class Probe:
    """Can runs be sandboxed on this machine? `reason` says why not and what helps; empty when they can."""

    bubblewrap: str = ""
    setpriv: str = ""
    sizes: bool = True
    reason: str = ""

    @property
    def works(self) -> bool:
        return not self.reason


@functools.lru_cache(maxsize=4)
def probe(path: str | None = None) -> Probe:
    """Tries a small sandbox, once per process. `path` is where to look for the programs, PATH by default."""
    bubblewrap, setpriv = shutil.which("bwrap", path=path), shutil.which("setpriv", path=path)
    if bubblewrap is None:
        return Probe(reason=f"bubblewrap is not installed. {INSTALL}")
    drops = os.geteuid() == 0
    if drops and setpriv is None:
        return Probe(
            reason="The program setpriv is missing, by which a sandbox of root gives up its rights."
            " Install it with `apt install util-linux`."
        )
    problem = try_out(bubblewrap, setpriv or "", drops, sizes=True)
    if "--size" in problem:  # bubblewrap before 0.7
        return Probe(bubblewrap, setpriv or "", False, explain(try_out(bubblewrap, setpriv or "", drops, sizes=False)))
    return Probe(bubblewrap, setpriv or "", True, explain(problem))


def try_out(bubblewrap: str, setpriv: str, drops: bool, sizes: bool) -> str:
    """Runs `true` in a sandbox; returns what went wrong."""
    account = Account(uid=65534, gid=65534, name="nobody", home="/", drops=drops)
    everything = Mount(Kind.READ, "/", "/")
    memory = Mount(Kind.EMPTY, "/tmp", size=1 << 16, mode=0o1777)  # noqa: S108 – the sandbox's own
    seen = View((everything, Mount(Kind.DEVICES, "/dev"), Mount(Kind.PROCESSES, "/proc"), memory))
    command = [bubblewrap, *options(seen, account, "probe", "/", sizes), "--", *become(account, setpriv), "/bin/true"]
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"bwrap ended with code {done.returncode}"


SWITCHES = (
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
)
"""Settings by which distributions forbid sandboxes to ordinary users: file, value that forbids, what allows."""


def explain(problem: str) -> str:
    if not problem:
        return ""
    for path, forbids, allows in SWITCHES:
        setting = Path(path)
        if setting.exists() and setting.read_text().strip() == forbids:
            return f"This machine forbids sandboxes ({problem}). Allow them with `sudo sysctl -w {allows}`."
    return (
        f"bubblewrap cannot make a sandbox here ({problem})."
        " Inside a container, start that with `--security-opt seccomp=unconfined --cap-add SYS_ADMIN`."
    )
