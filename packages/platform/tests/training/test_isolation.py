"""What a job can reach: the buckets of its own workspace, by every way there is, and no others."""

import threading
from pathlib import Path

import pytest

from maquette import worker
from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.identity import Identity, Proof, Role
from maquette.runs import actions as runs
from maquette.training import jobs
from maquette.training.specification import Place, Specification
from maquette.workspaces import actions as workspaces

SCRIPT = """
import os
import moxing as mox

def tried(name, call):
    try:
        print(name, call(), flush=True)
    except BaseException as error:
        print(name, "refused", type(error).__name__, flush=True)

tried("own", lambda: mox.file.read("obs://mine/data/a.txt"))
tried("moxing", lambda: mox.file.read("obs://theirs/secret.txt"))
tried("write", lambda: mox.file.write("obs://theirs/new.txt", "x"))
tried("make", lambda: mox.file.make_dirs("obs://another/folder"))
tried("path", lambda: open("/opt/maquette/buckets/theirs/secret.txt").read())
tried("folders", lambda: sorted(os.listdir("/opt/maquette/buckets")))
mox.file.write("obs://mine/new.txt", "written")
"""

pytestmark = pytest.mark.engine("sklearn")


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def owner(platform, test_home):
    (platform.settings.home.path / "engines").symlink_to(Path(test_home) / "engines")
    user_id, workspace_id = workspaces.owner_of_all(platform)
    return Identity(user_id, "admin", workspace_id, Role.OWNER, Proof.SESSION, administrator=True)


@pytest.fixture
def stranger(platform, owner):
    made = workspaces.make_workspace(platform, owner, "others", "")
    return Identity(owner.user_id, "admin", made.id, Role.OWNER, Proof.SESSION, administrator=True)


def put(platform, who, bucket, files):
    store = GrantedStore(platform, Rights(platform), who)
    store.make_bucket(bucket)
    for key, text in files.items():
        store.put(bucket, key, [text.encode()])


def finished(platform, owner, spec):
    """The job's version when all of it is over."""
    job = jobs.create_job(platform, owner, "curious", specification=spec)
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    try:
        while not jobs.latest_version(platform, job).run.settled:
            stopped.wait(0.05)
    finally:
        stopped.set()
        thread.join()
    return jobs.latest_version(platform, job)


def test_a_job_reaches_the_buckets_of_its_workspace_and_no_others(platform, owner, stranger):
    put(platform, stranger, "theirs", {"secret.txt": "secret"})
    put(platform, owner, "mine", {"data/a.txt": "mine", "code/train.py": SCRIPT})
    spec = Specification(
        code="obs://mine/code/", boot_file="train.py", engine="sklearn",
        outputs=(Place(name="train_url", address="obs://mine/out/"),),
    )  # fmt: skip
    run = finished(platform, owner, spec).run
    log = runs.folders(platform, run)[0].log.read_text()
    said = dict(line.split(" ", 1) for line in log.splitlines() if " " in line)
    assert said["own"] == "mine", log
    assert [said[way].split()[0] for way in ("moxing", "write", "make", "path")] == ["refused"] * 4
    assert said["folders"] == "['mine']"
    assert platform.store.head("mine", "new.txt").size == len("written")
    assert [info.key for info in platform.store.list("theirs").objects] == ["secret.txt"]


def test_a_job_cannot_take_its_code_or_data_from_another_workspace(platform, owner, stranger):
    put(platform, stranger, "theirs", {"code/train.py": "print()"})
    spec = Specification(code="obs://theirs/code/", boot_file="train.py", engine="sklearn")
    version = finished(platform, owner, spec)
    assert (version.state, "You may not read bucket 'theirs'" in version.run.message) == ("failed", True)
