"""The view of a run and the bubblewrap options for it, as values."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from maquette.drivers import sandbox
from maquette.drivers.sandbox import Account, Kind, Machine, Mount, MountPoint, View
from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Limits, Place, Process

MACHINE = Machine(
    links=(("/bin", "usr/bin"), ("/lib", "usr/lib")),
    readable=("/usr", "/etc/ssl"),
    gpu_devices=("/dev/nvidia0", "/dev/nvidiactl"),
    gpu_folders=("/opt/driver",),
)
ROOT = Account(2_000_001, 2_000_001, "ma-user", "/home/ma-user", drops=True)
USER = Account(1000, 100, "ma-user", "/home/ma-user", drops=False)
GENERATED = Path("/runs/1/etc")


def process(*places: Place, **changes: object) -> Process:
    values: dict[str, object] = {
        "id": "run",
        "folder": Path("/runs/1"),
        "command": ("python",),
        "directory": "/cache",
        "environment": {},
        "places": places,
    }
    return Process(**{**values, **changes})  # type: ignore[arg-type]


def mounts(*places: Place, **changes: object) -> dict[str, Mount]:
    seen = sandbox.view(process(*places, **changes), MACHINE, GENERATED)
    return {mount.target: mount for mount in seen.mounts}


# ── options ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        (Mount(Kind.READ, "/usr", "/usr"), "--ro-bind /usr /usr"),
        (Mount(Kind.WRITE, "/cache", "/runs/1/cache"), "--bind /runs/1/cache /cache"),
        (Mount(Kind.DEVICE, "/dev/dri", "/dev/dri"), "--dev-bind /dev/dri /dev/dri"),
        (Mount(Kind.LINK, "/bin", "usr/bin"), "--symlink usr/bin /bin"),
        (Mount(Kind.DEVICES, "/dev"), "--dev /dev"),
        (Mount(Kind.PROCESSES, "/proc"), "--proc /proc"),
        (Mount(Kind.FOLDER, "/etc"), "--perms 0755 --dir /etc"),
        (Mount(Kind.EMPTY, "/tmp", size=1000, mode=0o1777), "--perms 1777 --size 1000 --tmpfs /tmp"),
        (Mount(Kind.EMPTY, "/tmp", mode=0o1777), "--perms 1777 --tmpfs /tmp"),
    ],
)
def test_each_kind_of_mount_is_an_option(mount: Mount, expected: str) -> None:
    assert sandbox.words(mount, sizes=True) == expected.split()


def test_an_old_bubblewrap_gets_no_sizes() -> None:
    assert sandbox.words(Mount(Kind.EMPTY, "/tmp", size=1000), sizes=False) == ["--perms", "0755", "--tmpfs", "/tmp"]


def test_root_keeps_only_the_rights_that_let_it_become_another_user() -> None:
    words = sandbox.options(View(()), ROOT, "run", "/cache")
    rights = [word for name in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{name}")]
    names = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "run"]
    assert words == [*names, "--cap-drop", "ALL", *rights, "--remount-ro", "/", "--chdir", "/cache"]


def test_a_user_gets_a_namespace_of_its_own_and_no_rights() -> None:
    words = " ".join(sandbox.options(View(()), USER, "run", "/cache"))
    assert "--unshare-user --uid 1000 --gid 100 --cap-drop ALL" in words
    assert "--cap-add" not in words


@pytest.mark.parametrize("account", [ROOT, USER])
def test_a_run_never_dies_with_whoever_started_it_and_shares_the_network(account: Account) -> None:
    words = sandbox.options(View(()), account, "run", "/")
    assert not {"--die-with-parent", "--unshare-net", "--unshare-all"} & set(words)


def test_the_change_of_user_keeps_nothing() -> None:
    assert sandbox.become(USER, "/usr/bin/setpriv") == []
    command = sandbox.become(ROOT, "/usr/bin/setpriv")
    assert command[:3] == ["/usr/bin/setpriv", "--reuid=2000001", "--regid=2000001"]
    assert {"--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"} <= set(
        command
    )
    grouped = Account(**{**vars(ROOT), "groups": (44, 105)})
    assert "--groups 44,105" in " ".join(sandbox.become(grouped, "/usr/bin/setpriv"))


# ── the view ─────────────────────────────────────────────────────────────────────────────────────


def test_the_view_is_the_system_and_the_places(tmp_path: Path) -> None:
    seen = mounts(Place(tmp_path, "/cache", writable=True))
    assert seen["/usr"] == Mount(Kind.READ, "/usr", "/usr")
    assert seen["/bin"] == Mount(Kind.LINK, "/bin", "usr/bin")
    assert seen["/cache"] == Mount(Kind.WRITE, "/cache", str(tmp_path))
    assert seen["/etc/passwd"] == Mount(Kind.READ, "/etc/passwd", "/runs/1/etc/passwd")
    assert seen["/etc"].kind is Kind.FOLDER
    assert {"/root", "/home", "/var/log", "/sys", "/etc/shadow", "/opt"} & seen.keys() == {"/home"}
    assert seen["/home"].kind is Kind.FOLDER
    assert seen["/home/ma-user"].kind is Kind.EMPTY


def test_devices_of_gpus_are_there_only_when_asked_for() -> None:
    assert not {"/dev/nvidia0", "/opt/driver"} & mounts().keys()
    seen = mounts(gpus=1)
    assert seen["/dev/nvidia0"] == Mount(Kind.DEVICE, "/dev/nvidia0", "/dev/nvidia0")
    assert seen["/opt/driver"].kind is Kind.READ


def test_folders_in_memory_are_no_bigger_than_the_memory_allowed() -> None:
    assert mounts()["/dev/shm"].size is None
    assert mounts(limits=Limits(memory_bytes=1 << 30))["/dev/shm"].size == 1 << 30


def test_parents_are_mounted_before_what_is_in_them(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    places = (Place(tmp_path / "c", "/x/y/z"), Place(tmp_path / "a", "/x", True), Place(tmp_path / "b", "/x/y", True))
    seen = sandbox.view(process(*places), MACHINE, GENERATED)
    targets = [mount.target for mount in seen.mounts if mount.target.startswith("/x")]
    assert targets == ["/x", "/x/y", "/x/y/z"]
    assert seen.to_make == (
        MountPoint(str(tmp_path / "a"), "y", is_folder=True),
        MountPoint(str(tmp_path / "b"), "z", is_folder=True),
    )


def test_a_mount_point_that_a_read_only_place_lacks_is_made_in_a_copy_of_the_folder(tmp_path: Path) -> None:
    data, extra = tmp_path / "data", tmp_path / "extra"
    (data / "images").mkdir(parents=True)
    (data / "link").symlink_to("images")
    (data / "note").touch()
    extra.mkdir()
    seen = mounts(Place(data, "/data"), Place(extra, "/data/more/extra"))
    assert seen["/data"] == Mount(Kind.EMPTY, "/data")
    assert seen["/data/images"] == Mount(Kind.READ, "/data/images", str(data / "images"))
    assert seen["/data/link"] == Mount(Kind.LINK, "/data/link", "images")
    assert seen["/data/note"].source == str(data / "note")
    assert seen["/data/more/extra"].source == str(extra)
    assert "/data" in sandbox.options(View(tuple(seen.values())), ROOT, "run", "/")[-6:]  # read-only after all
    assert sorted(os.listdir(data)) == ["images", "link", "note"]


def test_what_is_seen_anyway_is_not_mounted_again(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    seen = mounts(
        Place(tmp_path, str(tmp_path)),
        Place(tmp_path / "lib", str(tmp_path / "lib")),
        Place(Path("/usr/lib"), "/usr/lib"),
    )
    assert not {str(tmp_path / "lib"), "/usr/lib"} & seen.keys()


def test_a_place_may_hide_a_part_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    seen = mounts(Place(tmp_path / "var", "/var", writable=True))
    assert seen["/var"].kind is Kind.WRITE
    assert "/var/run" not in seen


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/lib/python", "/usr/lib/python"),
        ("/libx", "/libx"),
        ("/cache/", "/cache"),
        ("//a/../b", "/b"),
        ("/bin", "/bin"),
    ],
)
def test_targets_are_put_where_the_view_really_has_them(target: str, expected: str) -> None:
    assert sandbox.real_target(target, MACHINE.links) == expected


def test_a_folder_cannot_be_placed_onto_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="is a file"):
        mounts(Place(tmp_path / "data", "/data"), Place(tmp_path / "folder", "/data/x"))
    with pytest.raises(BadInput, match="is a folder"):
        mounts(Place(tmp_path, "/data"), Place(tmp_path / "data" / "x", "/data/folder"))


def test_a_folder_with_too_many_entries_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_ENTRIES", 2)
    data = tmp_path / "data"
    data.mkdir()
    for name in "abc":
        (data / name).touch()
    with pytest.raises(BadInput, match="it has 3 entries"):
        mounts(Place(data, "/data"), Place(tmp_path, "/data/more"))


# ── the run's own files of /etc ──────────────────────────────────────────────────────────────────


def test_passwd_and_group_know_root_the_run_and_nobody() -> None:
    texts = sandbox.accounts_of(USER)
    assert [line.split(":")[:4] for line in texts["passwd"].splitlines()] == [
        ["root", "x", "0", "0"],
        ["ma-user", "x", "1000", "100"],
        ["nobody", "x", "65534", "65534"],
    ]
    assert "ma-user:x:100:" in texts["group"]


def test_hosts_know_the_runs_own_name() -> None:
    assert sandbox.hosts_with("127.0.0.1 localhost\n\n", "run-1") == "127.0.0.1 localhost\n127.0.0.1 run-1\n"
    assert sandbox.hosts_with("", "run-1") == "127.0.0.1 run-1\n"


# ── does it work here? ───────────────────────────────────────────────────────────────────────────


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_bubblewrap_the_command_that_installs_it_is_told(tmp_path: Path) -> None:
    probe = sandbox.probe(str(tmp_path))
    assert not probe.works
    assert probe.reason == "bubblewrap is not installed. Install it with `apt install bubblewrap`."


def test_root_without_setpriv_cannot_sandbox(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root needs setpriv")
    program(tmp_path, "bwrap", "exit 0")
    assert "apt install util-linux" in sandbox.probe(str(tmp_path)).reason


def test_a_bubblewrap_that_fails_is_quoted_with_what_may_help(tmp_path: Path) -> None:
    program(tmp_path, "bwrap", "echo 'bwrap: Creating new namespace failed: Operation not permitted' >&2; exit 1")
    program(tmp_path, "setpriv", "exit 0")
    reason = sandbox.probe(str(tmp_path)).reason
    assert "Creating new namespace failed: Operation not permitted" in reason
    assert "--security-opt" in reason or "sysctl" in reason


def test_a_bubblewrap_without_sizes_is_used_without(tmp_path: Path) -> None:
    program(
        tmp_path,
        "bwrap",
        'for word in "$@"; do [ "$word" = --size ] && { echo "Unknown option --size" >&2; exit 1; }; done; exit 0',
    )
    program(tmp_path, "setpriv", "exit 0")
    probe = sandbox.probe(str(tmp_path))
    assert probe.works
    assert not probe.sizes


def test_the_distributions_switch_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = tmp_path / "restrict"
    switch.write_text("1\n")
    monkeypatch.setattr(sandbox, "SWITCHES", ((str(switch), "1", "kernel.restrict=0"),))
    assert sandbox.explain("no permission") == (
        "This machine forbids sandboxes (no permission). Allow them with `sudo sysctl -w kernel.restrict=0`."
    )


def test_a_working_bubblewrap_is_found() -> None:
    if subprocess.run(["which", "bwrap"], capture_output=True).returncode:
        pytest.skip("bubblewrap is not installed here")
    probe = sandbox.probe()
    assert probe.works, probe.reason
