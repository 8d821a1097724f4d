"""What tests of the platform share: rows on SQLite and on PostgreSQL, and a platform to act in."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pytest
import uvloop
from sqlalchemy import text

from maquette import migrations, wiring
from maquette.buckets.door import store_door
from maquette.kernel import home as homes
from maquette.kernel.database import Database
from maquette.kernel.settings import Home, Settings
from maquette.server import make_app
from maquette.web.listening import HttpServer, listen
from maquette.workspaces import actions

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """The address of a PostgreSQL server of these tests' own."""
    if not POSTGRESQL:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Its socket's path has to be short, and its folder its user's own.
    folder = Path(subprocess.run(["mktemp", "-d", "/tmp/pg-XXXXXX"], capture_output=True, text=True).stdout.strip())
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    call(folder, "initdb", "-D", f"{folder}/data", "-U", "maquette", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    patient = ("-w", "-t", "600")
    call(
        folder, "pg_ctl", "-D", f"{folder}/data", *patient, "-l", f"{folder}/log", "-o", f"{QUICK} -k {folder}", "start"
    )
    yield folder
    call(folder, "pg_ctl", "-D", f"{folder}/data", *patient, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def call(folder, program, *arguments):
    """PostgreSQL refuses to run as root."""
    command = [str(POSTGRESQL[-1] / program), *arguments]
    if os.getuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def postgresql_url(folder, name):
    return f"postgresql+pg8000://maquette@/{name}?unix_sock={folder}/.s.PGSQL.5432"


@pytest.fixture
def new_postgresql(postgresql):
    """`new_postgresql()` is the URL of another empty database of PostgreSQL."""
    server, made = Database(postgresql_url(postgresql, "postgres")), []

    def make():
        made.append(f"rows_{uuid.uuid4().hex}")
        with server.outside() as rows:
            rows.execute(text(f"CREATE DATABASE {made[-1]}"))
        return postgresql_url(postgresql, made[-1])

    yield make
    with server.outside() as rows:
        for name in made:
            rows.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of a database that has no rows yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rows.db"
    return request.getfixturevalue("new_postgresql")()


@pytest.fixture
def database(database_url):
    """Rows as this version has them; every test that uses it runs on SQLite and on PostgreSQL."""
    database = Database(database_url)
    migrations.upgrade(database)
    yield database
    database.close()


class SetClock:
    """A time that passes when it is told to."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now

    def pass_seconds(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def platform(tmp_path, database_url, clock):
    """A platform as its first start leaves it: one workspace and its owner, who has no password."""
    settings = Settings(Home(tmp_path / "home"), database=database_url, hosts=("maquette.example",))
    homes.make(settings.home)
    ctx = wiring.platform(settings, clock)
    migrations.upgrade(ctx.database)
    actions.first_start(ctx)
    yield ctx
    ctx.database.close()


class Live:
    """A server's two ports, answered by a thread of this process."""

    def __init__(self, ctx):
        self.main, self.store = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
        self.servers = [HttpServer(make_app(ctx, self.store.getsockname()[1])), HttpServer(store_door(ctx))]
        self.thread = threading.Thread(target=lambda: uvloop.run(self.serve()))
        self.thread.start()
        while not all(server.started for server in self.servers):
            time.sleep(0.01)

    async def serve(self):
        both = zip(self.servers, (self.main, self.store), strict=True)
        await asyncio.gather(*(server.serve([listening]) for server, listening in both))

    def address(self, listening):
        return "http://{}:{}".format(*listening.getsockname())

    @property
    def url(self):
        return self.address(self.main)

    @property
    def store_url(self):
        return self.address(self.store)

    def stop(self):
        for server in self.servers:
            server.should_exit = True
        self.thread.join()


@pytest.fixture
def live(platform):
    """The platform's server on real ports, for clients that want some."""
    live = Live(platform)
    yield live
    live.stop()


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a disk of a size, as tmpfs tells sizes (`8m`)."""
    place = tmp_path / "small"

    def mount(size):
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
        mounted = subprocess.run(command, capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"a full disk needs a small one to be mounted, which only root may: {mounted.stderr.strip()}")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", "-l", place], check=True)
