"""What a run can see, change and reach, found out by trying: as root and as a user, with and without bubblewrap."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel.errors import BadInput, Unavailable
from maquette.kernel.ports import Cause, Limits, Place

FIRST_RUN_USER = 61_184

READ = """
import os
for path in {paths!r}:
    try:
        what = os.listdir(path) if os.path.isdir(path) else open(path).read()
        print('SEEN', path, what)
    except OSError as error:
        print('absent', path)
"""

WRITE = """
for path in {paths!r}:
    try:
        open(path, 'w').write('x')
        print('WRITTEN', path)
    except OSError as error:
        print('refused', path)
"""


# ── what is not there ────────────────────────────────────────────────────────────────────────────


def test_a_run_sees_nothing_of_other_runs_homes_and_secrets(sandboxed: Any) -> None:
    other = sandboxed.process("pass").folder
    other.mkdir(parents=True)
    (other / "spec.json").write_text("secret")
    maquette_home = sandboxed.folder("maquette-home")
    (maquette_home / "database").write_text("secret")
    keys = sandboxed.folder(".ssh")
    (keys / "id_test").write_text("secret")
    paths = [str(other), str(other / "spec.json"), str(maquette_home / "database"), str(keys / "id_test")]
    paths += [
        str(sandboxed.base),
        "/root/.ssh",
        os.path.expanduser("~/.ssh"),
        "/etc/shadow",
        "/etc/sudoers",
        "/var/log",
    ]
    log = sandboxed.run(READ.format(paths=paths)).log
    assert log.count("absent") == len(paths), log


def test_a_run_sees_only_places_in_home_folders(sandboxed: Any) -> None:
    log = sandboxed.run("import os; print(os.listdir('/home'), os.path.exists('/root'))").log
    assert log == "['ma-user'] False\n"


def test_a_run_does_not_see_its_own_record(sandboxed: Any) -> None:
    process = sandboxed.process("pass")
    paths = [str(process.folder / name) for name in ("spec.json", "log.txt", "supervisor.json")]
    log = sandboxed.run(READ.format(paths=paths)).log
    assert log.count("absent") == 3


def test_a_run_writes_nowhere_but_into_its_own_places(sandboxed: Any) -> None:
    data = sandboxed.folder("data")
    (data / "image").write_text("pixels")
    paths = [
        "/x",
        "/etc/x",
        "/usr/x",
        "/usr/bin/python3",
        "/bin/x",
        "/home/x",
        "/opt/x",
        "/run/x",
        "/proc/sys/kernel/hostname",
    ]
    paths += ["/data/x", "/data/image", "/etc/passwd"]
    log = sandboxed.run(WRITE.format(paths=paths), places=(Place(data, "/data"),)).log
    assert log.count("refused") == len(paths), log
    assert (data / "image").read_text() == "pixels"


def test_a_run_neither_sees_nor_ends_processes_outside(sandboxed: Any) -> None:
    bystander = subprocess.Popen(["sleep", "600"], user=sandboxed.user)
    try:
        log = sandboxed.run(
            f"""
import os, signal
print([name for name in os.listdir('/proc') if name.isdigit() and int(name) > 100])
try:
    os.kill({bystander.pid}, signal.SIGKILL)
    print('KILLED')
except ProcessLookupError:
    print('no such process', flush=True)
if os.fork() == 0:
    os.kill(-1, signal.SIGKILL)
    os._exit(0)
os.wait()
"""
        ).log
        assert log.startswith("[]\nno such process\n")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("name", ["root_sandboxed", "user_sandboxed", "root_unsandboxed"])
def test_a_run_has_no_capabilities_and_gets_none_from_setuid_programs(
    name: str, request: pytest.FixtureRequest
) -> None:
    log = request.getfixturevalue(name).run("print(open('/proc/self/status').read())").log
    assert "CapEff:\t0000000000000000" in log
    assert "CapPrm:\t0000000000000000" in log
    assert "NoNewPrivs:\t1" in log


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def test_cache_and_home_work_although_the_host_has_none(sandboxed: Any) -> None:
    assert not os.path.exists("/cache")
    work = sandboxed.folder("work")
    outcome = sandboxed.run(
        "import os; os.makedirs('/cache/data'); open('/cache/data/x', 'w').write('1')\n"
        "open('/home/work/y', 'w').write('2')",
        places=(Place(work, "/home/work", writable=True),),
    )
    assert outcome.exit.code == 0
    assert (outcome.folder.parent / "cache/data/x").read_text() == "1"
    assert (work / "y").read_text() == "2"
    assert not os.path.exists("/cache")


def test_a_run_is_a_user_with_a_name_and_a_home(sandboxed: Any) -> None:
    log = sandboxed.run(
        "import getpass, os, pwd; print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_name)\n"
        "print(os.path.expanduser('~'), os.getuid() != 0)"
    ).log
    assert log == "ma-user ma-user\n/home/ma-user True\n"


def test_the_old_generation_runs_as_work(sandboxed: Any) -> None:
    log = sandboxed.run(
        "import getpass, os; print(getpass.getuser(), os.path.expanduser('~')); open('/home/work/x', 'w')",
        user_name="work",
        home="/home/work",
    ).log
    assert log == "work /home/work\n"


def test_a_run_of_root_is_a_user_of_its_own(root_sandboxed: Any) -> None:
    code = "import os, time; open('/cache/mine', 'w').write(str(os.getuid())); time.sleep(600)"
    folders = [root_sandboxed.start(root_sandboxed.process(code)) for _ in range(2)]
    files = [folder.parent / "cache/mine" for folder in folders]
    root_sandboxed.wait(lambda: all(file.exists() and file.read_text() for file in files))
    owners = [file.stat().st_uid for file in files]
    for folder in folders:
        root_sandboxed.call("stop", folder, True)
        root_sandboxed.end(folder)
    assert owners[0] != owners[1]
    assert min(owners) >= FIRST_RUN_USER


def test_what_root_put_into_a_writable_place_is_the_runs(root_sandboxed: Any) -> None:
    process = root_sandboxed.process("open('/cache/deep/down', 'a').write('more')")
    deep = process.places[0].source / "deep"
    deep.mkdir(mode=0o700)
    (deep / "down").write_text("some")
    (deep / "down").chmod(0o600)
    assert root_sandboxed.end(root_sandboxed.start(process)).exit.code == 0
    assert (deep / "down").read_text() == "somemore"


def test_a_file_with_a_second_name_outside_is_not_given_away(root_sandboxed: Any) -> None:
    process = root_sandboxed.process("open('/cache/linked', 'a').write('spoilt')")
    precious = root_sandboxed.base / "precious"
    precious.write_text("precious")
    os.link(precious, process.places[0].source / "linked")
    outcome = root_sandboxed.end(root_sandboxed.start(process))
    assert outcome.exit.code == 1
    assert "1 files have a second name" in outcome.log
    assert precious.stat().st_uid == 0
    assert precious.read_text() == "precious"


def test_links_in_a_writable_place_are_not_followed_when_it_is_given_to_the_run(root_sandboxed: Any) -> None:
    process = root_sandboxed.process("pass")
    precious = root_sandboxed.folder("precious")
    (process.places[0].source / "link").symlink_to(precious)
    root_sandboxed.end(root_sandboxed.start(process))
    assert precious.stat().st_uid == 0


def test_temporary_folders_and_shared_memory_are_the_runs_own(sandboxed: Any) -> None:
    outcome = sandboxed.run(
        """
import os, tempfile
from multiprocessing import shared_memory
block = shared_memory.SharedMemory(name='maquette_probe', create=True, size=4096)
open('/tmp/maquette-probe', 'w'); open('/var/tmp/maquette-probe', 'w')
shm = os.statvfs('/dev/shm')
print(sorted(os.listdir('/tmp')), os.listdir('/dev/shm'), shm.f_blocks * shm.f_frsize)
print(os.path.exists('/dev/shm/maquette_probe'))
block.close(); block.unlink()
""",
        limits=Limits(memory_bytes=256 << 20),
    )
    assert outcome.log == f"['maquette-probe'] ['maquette_probe'] {256 << 20}\nTrue\n"
    assert not os.path.exists("/tmp/maquette-probe")


def test_a_place_at_tmp_takes_the_place_of_the_one_in_memory(sandboxed: Any) -> None:
    scratch = sandboxed.folder("scratch")
    sandboxed.run("open('/tmp/x', 'w').write('on disk')", places=(Place(scratch, "/tmp", writable=True),))
    assert (scratch / "x").read_text() == "on disk"


def test_the_home_is_there_without_a_place_for_it(sandboxed: Any) -> None:
    log = sandboxed.run(
        "open('/home/mind/x', 'w').write('1'); print(open('/home/mind/x').read())", home="/home/mind"
    ).log
    assert log == "1\n"


def test_a_run_reaches_the_network_and_its_own_name(sandboxed: Any) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"hello")

    answer = threading.Thread(target=serve)
    answer.start()
    log = sandboxed.run(
        f"""
import socket
print(socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 5).recv(9).decode())
print(socket.gethostname(), socket.gethostbyname(socket.gethostname()))
"""
    ).log
    answer.join()
    server.close()
    assert log == "hello\nrun-1 127.0.0.1\n"


def test_certificates_are_where_the_environment_says(sandboxed: Any) -> None:
    bundle = sandboxed.base / "company.pem"
    bundle.write_text("certificate")
    log = sandboxed.run(
        "import os; print(open(os.environ['PIP_CERT']).read())", environment={"PIP_CERT": str(bundle)}
    ).log
    assert log == "certificate\n"


def test_programs_of_the_system_work(sandboxed: Any) -> None:
    log = sandboxed.run(
        "import ssl, subprocess; print(subprocess.check_output(['/bin/sh', '-c', 'date +%Z; id -un'], text=True))"
    ).log
    assert log.endswith("ma-user\n\n")


# ── places ───────────────────────────────────────────────────────────────────────────────────────


def test_places_inside_places_in_either_order(sandboxed: Any) -> None:
    outer, inner, deepest = (sandboxed.folder(name) for name in ("outer", "inner", "deepest"))
    (outer / "note").write_text("outer")
    (inner / "note").write_text("inner")
    (deepest / "note").write_text("deepest")
    read_only_in_writable = (Place(inner, "/cache/a/b"), Place(deepest, "/cache/a/b/c"))
    writable_in_read_only = (Place(deepest, "/data/x/y", writable=True), Place(outer, "/data"))
    for places in (
        read_only_in_writable + writable_in_read_only,
        (read_only_in_writable + writable_in_read_only)[::-1],
    ):
        log = sandboxed.run(
            """
for path in ('/cache/a/b/note', '/cache/a/b/c/note', '/data/note', '/data/x/y/note'):
    print(open(path).read())
open('/data/x/y/new', 'w')
""",
            places=places,
        ).log
        assert log == "inner\ndeepest\nouter\ndeepest\n"
    assert sorted(os.listdir(outer)) == ["note"]
    assert sorted(os.listdir(inner)) == ["note"]
    assert sorted(os.listdir(deepest)) == ["new", "note"]


def test_a_place_may_be_a_file_and_its_source_a_link(sandboxed: Any) -> None:
    real = sandboxed.base / "real.json"
    real.write_text("{}")
    link = sandboxed.base / "link.json"
    link.symlink_to(real)
    folder = sandboxed.folder("folder")
    folder_link = sandboxed.base / "folder-link"
    folder_link.symlink_to(folder)
    log = sandboxed.run(
        "import os; print(open('/opt/plan.json').read(), open('/cache/plan.json').read(), os.listdir('/mnt/data'))",
        places=(Place(link, "/opt/plan.json"), Place(link, "/cache/plan.json"), Place(folder_link, "/mnt/data")),
    ).log
    assert log == "{} {} []\n"


def test_sources_below_a_closed_home_are_seen_at_their_own_path(root_sandboxed: Any) -> None:
    closed = root_sandboxed.folder("closed")
    engine = closed / "versions" / "3"
    engine.mkdir(parents=True)
    (engine / "python").write_text("interpreter")
    closed.chmod(0o700)
    log = root_sandboxed.run(f"print(open('{engine}/python').read())", places=(Place(engine, str(engine)),)).log
    assert log == "interpreter\n"


def test_a_target_below_a_system_link_is_found(sandboxed: Any) -> None:
    if not os.path.islink("/lib"):
        pytest.skip("this system has /lib as a folder")
    data = sandboxed.folder("data")
    (data / "x").write_text("1")
    existing = next(path.name for path in Path("/usr/lib").iterdir() if path.is_dir() and not path.is_symlink())
    log = sandboxed.run(f"print(open('/lib/{existing}/x').read())", places=(Place(data, f"/lib/{existing}"),)).log
    assert log == "1\n"


def test_a_missing_source_is_named(ground: Any) -> None:
    process = ground.process("pass", places=(Place(ground.base / "gone", "/data"),))
    with pytest.raises(BadInput, match=r"should see at /data does not exist"):
        ground.start(process)


def test_a_mount_point_that_is_a_planted_link_is_refused(sandboxed: Any) -> None:
    elsewhere = sandboxed.folder("elsewhere")
    data = sandboxed.folder("data")
    process = sandboxed.process("pass", places=(Place(data, "/cache/inputs/data"),))
    (process.places[0].source / "inputs").symlink_to(elsewhere)
    with pytest.raises(BadInput, match="is a symbolic link"):
        sandboxed.start(process)
    assert os.listdir(elsewhere) == []


def test_a_refused_start_leaves_the_folder_free_for_another_try(ground: Any) -> None:
    process = ground.process("print('at last')", places=(Place(ground.base / "gone", "/data"),))
    with pytest.raises(BadInput):
        ground.start(process)
    (ground.base / "gone").mkdir()
    assert ground.end(ground.start(process)).log.endswith("at last\n")


# ── the environment ──────────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_callers_environment_gets_in(
    root_sandboxed: Any, root_unsandboxed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "PIP_INDEX_URL",
        "UV_CACHE_DIR",
        "AWS_SECRET_ACCESS_KEY",
        "MY_TOKEN",
    ):
        monkeypatch.setenv(name, "leaked")
    for ground in (root_sandboxed, root_unsandboxed):
        outcome = ground.run(
            "import json, os; print(json.dumps(dict(os.environ)))", environment={"GIVEN": "1", "ODD.name-0": "2"}
        )
        found = json.loads(outcome.log)
        assert "leaked" not in found.values()
        assert (found["GIVEN"], found["ODD.name-0"]) == ("1", "2")
        assert {"PATH", "LANG", "HOME", "USER"} <= found.keys()


def test_variables_are_not_seen_in_the_process_table(sandboxed: Any) -> None:
    folder = sandboxed.start(
        sandboxed.process(
            "import time; print('up', flush=True); time.sleep(600)", environment={"TOKEN": "not-a-real-token"}
        )
    )
    sandboxed.wait_for_line(folder, "up")
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    sandboxed.call("stop", folder, True)
    sandboxed.end(folder)
    assert not any(b"not-a-real-token" in line for line in lines)
    assert stat.S_IMODE((folder / "spec.json").stat().st_mode) == 0o600


def test_a_preloaded_library_is_loaded_by_the_run_alone(sandboxed: Any) -> None:
    """Bubblewrap and setpriv run with more rights than the run; each would complain about the missing library."""
    outcome = sandboxed.run("pass", environment={"LD_PRELOAD": "/cache/missing.so"})
    assert outcome.log.count("missing.so") == 1
    assert outcome.exit.code == 0


# ── without a sandbox ────────────────────────────────────────────────────────────────────────────


def test_without_a_sandbox_paths_are_rewritten_to_where_things_are(unsandboxed: Any) -> None:
    data = unsandboxed.folder("data")
    process = unsandboxed.process(
        "import json, os, sys; told = [os.environ[name] for name in ('LIST', 'JSON', 'HOME')]\n"
        "print(json.dumps([sys.argv[1:], os.getcwd(), *told]))",
        places=(Place(data, "/home/ma-user/modelarts/inputs/data_url_0"),),
        environment={
            "LIST": "/cache/a:/usr/bin:/cachet",
            "JSON": '{"path":"/home/ma-user/modelarts/inputs/data_url_0/x"}',
        },
    )
    cache, home = process.places[0].source, process.places[1].source
    changed = (
        *process.command,
        "--data_url=/home/ma-user/modelarts/inputs/data_url_0/",
        "s3://bucket/cache/x",
        "/cache",
    )
    outcome = unsandboxed.end(unsandboxed.start(type(process)(**{**vars(process), "command": changed})))
    assert json.loads(outcome.log.splitlines()[-1]) == [
        [f"--data_url={data}/", "s3://bucket/cache/x", str(cache)],
        str(cache),
        f"{cache}/a:/usr/bin:/cachet",
        json.dumps({"path": f"{data}/x"}, separators=(",", ":")),
        str(home),
    ]


def test_without_a_sandbox_places_inside_places_are_links(unsandboxed: Any) -> None:
    data = unsandboxed.folder("data")
    (data / "x").write_text("1")
    outcome = unsandboxed.run(
        "import os; print(open(os.environ['HOME'] + '/modelarts/inputs/data_url_0/x').read())",
        places=(Place(data, "/home/ma-user/modelarts/inputs/data_url_0"),),
    )
    assert outcome.log.endswith("1\n")


def test_without_a_sandbox_root_still_gives_up_its_rights_where_it_can(root_unsandboxed: Any) -> None:
    secret = root_unsandboxed.base / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    outcome = root_unsandboxed.run(
        READ.format(paths=[str(secret), "/etc/shadow"]) + "\nprint(os.getuid())\nopen('x', 'w')"
    )
    assert outcome.log.count("absent") == 2
    assert int(outcome.log.splitlines()[-1]) >= FIRST_RUN_USER
    assert stat.S_IMODE((outcome.folder.parent / "cache").stat().st_mode) == 0o700


def test_without_a_sandbox_root_says_when_it_cannot_give_up_its_rights(root_unreachable: Any) -> None:
    outcome = root_unreachable.run("import os; print(os.getuid())")
    assert outcome.log.startswith("[Maquette] The run keeps the rights of root: an unprivileged user cannot reach ")
    assert outcome.log.endswith("\n0\n")


def test_without_a_sandbox_it_is_said_what_is_not_isolated(unsandboxed: Any) -> None:
    sentences = unsandboxed.call("isolation")
    assert "apt install bubblewrap" in sentences[0]
    assert any("whole file system" in sentence for sentence in sentences)
    assert any("processes" in sentence for sentence in sentences)
    assert any("/cache" in sentence for sentence in sentences)


def test_with_a_sandbox_nothing_is_to_be_said(sandboxed: Any) -> None:
    assert sandboxed.call("isolation") == ()


def test_a_required_sandbox_is_refused_with_the_command_that_installs_it(unsandboxed: Any) -> None:
    with pytest.raises(Unavailable, match="apt install bubblewrap"):
        unsandboxed.call("start", unsandboxed.process("pass"), sandbox="required")


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(BadInput, match="auto, required or off"):
        LocalExecutor(sandbox="maybe")


def test_a_program_that_is_not_there_is_named(ground: Any) -> None:
    process = ground.process("pass")
    outcome = ground.end(ground.start(type(process)(**{**vars(process), "command": ("/opt/no/python", "x")})))
    assert outcome.exit.cause is Cause.FAILED_TO_START
    assert "/opt/no/python" in outcome.exit.message
    assert "No such file" in outcome.exit.message


def test_a_directory_that_is_not_there_is_named(ground: Any) -> None:
    outcome = ground.run("pass", directory="/cache/missing")
    assert outcome.exit.cause is Cause.FAILED_TO_START
    assert "missing" in outcome.exit.message
