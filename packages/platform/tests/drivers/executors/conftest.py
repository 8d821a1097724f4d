"""Grounds on which runs are tried: as root and as an ordinary user, with and without bubblewrap."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import maquette
import maquette_sdk
from maquette.drivers import sandbox
from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel.errors import MaquetteError
from maquette.kernel.ports import Exit, Limits, Place, Process

PYTHON = "/usr/bin/python3"
SOURCES = [str(Path(package.__file__ or "").parents[1]) for package in (maquette, maquette_sdk)]
NOWHERE = "/nonexistent"  # looked for programs here, bubblewrap is not installed

DRIVER = """
import pickle, sys
from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel.errors import MaquetteError
options, verb, arguments = pickle.load(sys.stdin.buffer)
try:
    result = getattr(LocalExecutor(**options), verb)(*arguments)
except MaquetteError as error:
    result = error
pickle.dump(result, sys.stdout.buffer)
"""


@dataclass
class Outcome:
    exit: Exit
    log: str
    folder: Path


@dataclass
class Ground:
    """A folder and a user; runs started here have `cache` at /cache and `home` at /home/ma-user."""

    base: Path
    user: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    @property
    def sandboxed(self) -> bool:
        return self.options.get("sandbox") != "off" and self.options.get("search") != NOWHERE

    def folder(self, name: str) -> Path:
        """A new folder that belongs to whoever starts runs here."""
        path = self.base / name
        path.mkdir()
        if self.user is not None:
            shutil.chown(path, self.user, self.user)
        return path

    def process(self, code: str, **changes: Any) -> Process:
        self.count += 1
        here = self.folder(f"{self.count}")
        cache, home = self.folder(f"{self.count}/cache"), self.folder(f"{self.count}/home")
        places = (Place(cache, "/cache", writable=True), Place(home, "/home/ma-user", writable=True))
        process = Process(
            id=f"Run_{self.count}",
            folder=here / "run",
            command=(PYTHON, "-c", code),
            directory="/cache",
            environment={},
            places=places,
            limits=Limits(grace_seconds=2),
        )
        extra = changes.pop("places", ())
        return replace(process, places=(*places, *extra), **changes)

    def call(self, verb: str, *arguments: object, **options: object) -> Any:
        """Calls the executor as this ground's user."""
        chosen = {**self.options, **options}
        if self.user is None:
            return getattr(LocalExecutor(**chosen), verb)(*arguments)
        done = subprocess.run(
            ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", PYTHON, "-c", DRIVER],
            input=pickle.dumps((chosen, verb, arguments)),
            stdout=subprocess.PIPE,
            env=self.environment(),
            check=True,
        )
        result = pickle.loads(done.stdout)
        if isinstance(result, MaquetteError):
            raise result
        return result

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": ":".join(SOURCES), "PATH": os.environ["PATH"], "HOME": str(self.base)}

    def start(self, process: Process, **options: object) -> Path:
        self.call("start", process, **options)
        return process.folder

    def end(self, folder: Path, seconds: float = 120) -> Outcome:
        executor = LocalExecutor(**self.options)
        deadline = time.monotonic() + seconds
        while (ended := executor.exit(folder)) is None:
            assert time.monotonic() < deadline, f"the run has not ended: {(folder / 'log.txt').read_text()}"
            time.sleep(0.01)
        complaints = (folder / "supervisor.log").read_text()
        assert not complaints, complaints
        return Outcome(ended, (folder / "log.txt").read_text(), folder)

    def run(self, code: str, **changes: Any) -> Outcome:
        return self.end(self.start(self.process(code, **changes)))

    def wait(self, claim: Callable[[], object], seconds: float = 120) -> None:
        """Waits until the claim holds."""
        deadline = time.monotonic() + seconds
        while not claim():
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.01)

    def wait_for_line(self, folder: Path, text: str) -> None:
        self.wait(lambda: text in (folder / "log.txt").read_text())


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[str | None]:
    """An account that is not root: a new one when root runs the tests, else (None) whoever runs them."""
    if os.geteuid() != 0:
        yield None
        return
    if shutil.which("useradd") is None or shutil.which("setpriv") is None:
        pytest.skip("useradd and setpriv are needed to try an ordinary user as root; install passwd and util-linux")
    if subprocess.run([PYTHON, "-c", "import enum; enum.StrEnum"], capture_output=True).returncode:
        pytest.skip(f"{PYTHON} is older than 3.11 and the tests' own Python cannot be reached by another user")
    name = f"mqtest{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--user-group", name], check=True, capture_output=True)
    yield name
    subprocess.run(["userdel", name], check=True, capture_output=True)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach; pytest's own are closed to others."""
    path = Path(tempfile.mkdtemp(prefix="maquette-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can try what root's runs see")


def need_sandbox() -> None:
    if not sandbox.probe().works:
        pytest.skip(sandbox.probe().reason)


@pytest.fixture
def root_sandboxed(tmp_path: Path) -> Ground:
    need_root()
    need_sandbox()
    tmp_path.chmod(0o700)
    return Ground(tmp_path)


@pytest.fixture
def root_unsandboxed(open_folder: Path) -> Ground:
    """Root without bubblewrap, with folders that an unprivileged user can reach."""
    need_root()
    return Ground(open_folder_inside(open_folder), options={"search": NOWHERE})


@pytest.fixture
def root_unreachable(tmp_path: Path) -> Ground:
    """Root without bubblewrap, with folders that nobody else can reach."""
    need_root()
    tmp_path.chmod(0o700)
    return Ground(tmp_path, options={"search": NOWHERE})


@pytest.fixture
def user_sandboxed(open_folder: Path, ordinary_user: str | None) -> Ground:
    need_sandbox()
    return Ground(users_folder(open_folder, ordinary_user), ordinary_user)


@pytest.fixture
def user_unsandboxed(open_folder: Path, ordinary_user: str | None) -> Ground:
    return Ground(users_folder(open_folder, ordinary_user), ordinary_user, {"search": NOWHERE})


def open_folder_inside(path: Path) -> Path:
    inner = Path(tempfile.mkdtemp(dir=path))
    inner.chmod(0o755)
    return inner


def users_folder(path: Path, user: str | None) -> Path:
    inner = open_folder_inside(path)
    if user is not None:
        shutil.chown(inner, user, user)
    return inner


# What root's runs see can only be tried by root; a user's CI would otherwise only see a long list of skipped tests.
ROOT = os.geteuid() == 0
SANDBOXED = ["root_sandboxed", "user_sandboxed"] if ROOT else ["user_sandboxed"]
UNSANDBOXED = ["root_unsandboxed", "root_unreachable", "user_unsandboxed"] if ROOT else ["user_unsandboxed"]


@pytest.fixture(params=SANDBOXED + UNSANDBOXED)
def ground(request: pytest.FixtureRequest) -> Ground:
    """Each ground in turn."""
    found: Ground = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=SANDBOXED)
def sandboxed(request: pytest.FixtureRequest) -> Ground:
    """The grounds on which runs are sandboxed."""
    found: Ground = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=UNSANDBOXED)
def unsandboxed(request: pytest.FixtureRequest) -> Ground:
    found: Ground = request.getfixturevalue(request.param)
    return found
