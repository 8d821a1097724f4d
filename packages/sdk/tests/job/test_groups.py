"""Control groups: found in the kernel's tables, made in a tree, read back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maquette_sdk.job import groups

V1_MOUNTS = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / {root}/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / {root}/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / {root}/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / {root}/unified rw,relatime - cgroup2 cgroup2 rw
"""
V1_OWN = "9:pids:/\n4:memory:/jobs/7\n3:cpu,cpuacct:/\n0::/\n"


def test_the_trees_of_version_1_are_found(tmp_path: Path) -> None:
    found = {tuple(tree.controllers): tree for tree in groups.hierarchies(V1_MOUNTS.format(root=tmp_path), V1_OWN)}
    assert found[("memory",)] == groups.Hierarchy(1, ["memory"], f"{tmp_path}/memory", f"{tmp_path}/memory/jobs/7")
    assert found[("pids",)].own == f"{tmp_path}/pids"
    assert found[("cpu", "cpuacct")].version == 1


def test_the_tree_of_version_2_is_found(tmp_path: Path) -> None:
    (tmp_path / "user.slice").mkdir()
    (tmp_path / "user.slice" / "cgroup.controllers").write_text("cpu memory pids\n")
    mounts = f"30 23 0:26 / {tmp_path} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    assert groups.hierarchies(mounts, "0::/user.slice\n") == [
        groups.Hierarchy(2, ["cpu", "memory", "pids"], str(tmp_path), f"{tmp_path}/user.slice")
    ]


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/", "/", "/cg"),
        ("/", "/a/b", "/cg/a/b"),
        ("/docker/1", "/docker/1", "/cg"),
        ("/docker/1", "/docker/1/x", "/cg/x"),
        ("/docker/1", "/docker/12", "/cg"),
        ("/docker/1", "/elsewhere", "/cg"),
    ],
)
def test_containers_see_a_part_of_the_tree(root: str, path: str, expected: str) -> None:
    assert groups.below("/cg", root, path) == expected


def test_blanks_in_mount_tables_are_understood() -> None:
    assert groups.unescape(r"/mnt/my\040disk\134x") == "/mnt/my disk\\x"


def tree(root: Path, version: int, own: str) -> groups.Hierarchy:
    (root / own).mkdir(parents=True, exist_ok=True)
    return groups.Hierarchy(version, ["memory", "pids"], str(root), str(root / own))


def test_in_version_1_a_group_is_made_in_our_own(tmp_path: Path) -> None:
    made = groups.make("run", ["memory", "pids"], [tree(tmp_path, 1, "jobs/7")])
    assert made == {name: groups.Group(1, f"{tmp_path}/jobs/7/run") for name in ("memory", "pids")}


def test_in_version_2_a_group_is_made_where_controllers_are_passed_on(tmp_path: Path) -> None:
    found = tree(tmp_path, 2, "user.slice/app.slice/shell.scope")
    (tmp_path / "user.slice/app.slice/cgroup.subtree_control").write_text("memory pids\n")
    (tmp_path / "user.slice/cgroup.subtree_control").write_text("cpu memory pids\n")
    made = groups.make("run", ["memory", "pids"], [found])
    assert made["memory"].path == f"{tmp_path}/user.slice/app.slice/run"
    assert groups.make("run", ["memory"], [tree(tmp_path, 2, "other/shell")]) == {}


def test_a_tree_that_may_not_be_written_is_no_help(tmp_path: Path) -> None:
    found = tree(tmp_path, 1, "jobs")
    (tmp_path / "jobs" / "run").mkdir()  # mkdir fails, as it does in a tree of somebody else
    assert groups.make("run", ["memory"], [found]) == {}


def test_limits_of_version_2(tmp_path: Path) -> None:
    group = groups.Group(2, str(tmp_path))
    (tmp_path / "memory.swap.max").write_text("max")
    group.limit_memory(1 << 30)
    group.limit_processes(10)
    assert (tmp_path / "memory.max").read_text() == str(1 << 30)
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    assert not (tmp_path / "memory.oom.group").exists()
    assert (tmp_path / "pids.max").read_text() == "10"
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n")
    (tmp_path / "pids.events").write_text("max 3\n")
    assert (group.memory_kills(), group.refused_forks()) == (1, 3)


def test_limits_of_version_1(tmp_path: Path) -> None:
    group = groups.Group(1, str(tmp_path))
    (tmp_path / "memory.memsw.limit_in_bytes").write_text("max")
    group.limit_memory(1 << 30)
    assert (tmp_path / "memory.limit_in_bytes").read_text() == str(1 << 30)
    assert (tmp_path / "memory.memsw.limit_in_bytes").read_text() == str(1 << 30)
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert (group.memory_kills(), group.refused_forks()) == (2, 0)


def test_a_group_that_is_gone_is_removed_and_one_in_use_is_told(tmp_path: Path) -> None:
    assert groups.remove(str(tmp_path / "gone")) is None
    (tmp_path / "used" / "inner").mkdir(parents=True)
    problem = groups.remove(str(tmp_path / "used"), seconds=0.05)
    assert problem is not None
    assert "could not be removed" in problem


def test_a_real_group_holds_a_process(tmp_path: Path) -> None:
    """On a machine where root may make groups; elsewhere limits are watched instead."""
    made = groups.make(f"maquette-test-{os.getpid()}", ["pids"], groups.machine())
    if not made:
        pytest.skip("control groups cannot be made here: limits are watched instead")
    path = made["pids"].path
    try:
        pid = os.fork()
        if pid == 0:
            groups.join(path)
            os._exit(0 if os.getpid() in groups.members(path) else 1)
        assert os.waitpid(pid, 0)[1] == 0
    finally:
        assert groups.remove(path) is None
