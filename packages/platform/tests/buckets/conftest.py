"""The server as `maquette up` starts it, for tests that want the real process: its ports, its key, its memory."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from maquette import migrations, wiring
from maquette.kernel import home as homes
from maquette.kernel.identity import Role
from maquette.kernel.settings import read_settings
from maquette.workspaces import actions, keys, sessions

PASSWORD = "correct horse"
PATIENCE = 120
"""Seconds, of a machine that has much else to do: whatever is waited for ends the wait when it comes."""
HELD_UP = 50
"""Seconds after which somebody counts as held up by clients that send nothing: the server gives those up after 60."""


def furnish(home: Path) -> tuple[str, str]:
    """A home whose owner has signed in, and a key of theirs."""
    settings = read_settings(home=home, environment={})
    homes.make(settings.home)
    ctx = wiring.platform(settings)
    migrations.upgrade(ctx.database)
    actions.first_start(ctx)
    owner = sessions.sign_in_by_link(ctx, actions.owner_link(ctx), PASSWORD)
    made, secret = keys.make_key(ctx, owner.user_id, owner.workspace_id)
    ctx.database.close()
    return made.access, secret


class Up:
    """A `maquette up` on any free ports; `told` is what it has said so far."""

    def __init__(self, home: Path, *options: str, key: tuple[str, str] | None = None, hosts: str = "") -> None:
        self.home = home
        self.key = key or furnish(home)
        command = [Path(sys.executable).with_name("maquette"), "up", "--home", home, "--port", "0", "--obs-port", "0"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAQUETTE_")}
        environment["MAQUETTE_HOSTS"] = hosts
        self.process = subprocess.Popen(
            [*map(str, command), "--no-browser", *options], stderr=subprocess.PIPE, text=True, env=environment
        )
        self.told = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.url = self.until(r"ready after .* at (http\S+)")
        self.store_url = self.until(r"object store .* at (http\S+)")
        self._clients: list[Any] = []

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.told += line

    def until(self, pattern: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.told)):
            assert self.process.poll() is None and time.monotonic() < deadline, self.told
            time.sleep(0.01)
        return found[1]

    def client(self, key: tuple[str, str] | None = None, url: str = "", **config: Any) -> Any:
        """boto3's client of the store, without retries."""
        access, secret = key or self.key
        verify = config.pop("verify", None)
        settings = {"retries": {"max_attempts": 0}, "max_pool_connections": 70, **config}
        self._clients.append(
            boto3.client(
                "s3", endpoint_url=url or self.store_url, aws_access_key_id=access, aws_secret_access_key=secret,
                region_name="cn-north-4", config=Config(**settings), verify=verify,
            )
        )  # fmt: skip
        return self._clients[-1]

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr
        self.process.stderr.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One `maquette up` for all tests that only use it."""
    up = Up(tmp_path_factory.mktemp("up") / "home")
    yield up
    up.stop()


@pytest.fixture(scope="module")
def start_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """`start_up(*options)` is a `maquette up` of the module's own."""
    running: list[Up] = []

    def start(*options: str, home: Path | None = None, **more: Any) -> Up:
        running.append(Up(home or tmp_path_factory.mktemp("up") / "home", *options, **more))
        return running[-1]

    yield start
    for up in running:
        up.stop()


# ── a server in this process, and who has keys of it ─────────────────────────────────────────────


@pytest.fixture
def clock(clock: Any) -> Any:
    """Clients sign with the time that it is."""
    clock.now = time.time()
    return clock


@pytest.fixture
def owner(platform: Any) -> Any:
    return sessions.sign_in_by_link(platform, actions.owner_link(platform), PASSWORD)


@pytest.fixture
def client(live: Any) -> Iterator[Any]:
    """`client(key, secret)` speaks S3 to the store's own port."""
    made: list[Any] = []

    def make(access: str, secret: str, **config: Any) -> Any:
        settings = Config(**{"signature_version": "s3v4", "retries": {"max_attempts": 0}, **config})
        made.append(
            boto3.client(
                "s3", endpoint_url=live.store_url, aws_access_key_id=access, aws_secret_access_key=secret,
                region_name="x", config=settings,
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def key(platform: Any, owner: Any) -> Any:
    """`key(role)` is (access, secret) of somebody with this role; without one, the owner's."""

    def make(role: Role | None = None, **options: Any) -> tuple[str, str]:
        user_id = owner.user_id
        if role is not None:
            user_id = actions.make_user(platform, f"u{time.monotonic_ns()}", owner.workspace_id, role)[0].id
        made, secret = keys.make_key(platform, user_id, owner.workspace_id, **options)
        return made.access, secret

    return make


@pytest.fixture
def other_key(platform: Any, owner: Any, clock: Any) -> tuple[str, str]:
    """A key of another workspace, younger than the first."""
    clock.pass_seconds(1)
    who = sessions.who_has(platform, owner.ticket, "session")
    other = actions.make_workspace(platform, who, "elsewhere")
    made, secret = keys.make_key(platform, owner.user_id, other.id)
    return made.access, secret


@pytest.fixture
def mine(client: Any, key: Any) -> Any:
    """The owner's client; it has a bucket `pets` with two objects."""
    made = client(*key())
    made.create_bucket(Bucket="pets")
    for name in ("first", "second"):
        made.put_object(Bucket="pets", Key=name, Body=b"mine", Metadata={"colour": "red"})
    return made
