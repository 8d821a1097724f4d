"""The worker's loop: it goes on whatever fails, and ends soon when it is told to."""

from __future__ import annotations

import threading
import time

import pytest

from maquette import migrations, worker
from maquette.kernel.errors import Unavailable
from maquette.runs import queue
from maquette.runs.kinds import Kind


def test_every_kind_is_known_by_its_own_name():
    assert worker.KINDS
    assert all(isinstance(kind, Kind) and kind.name == name for name, kind in worker.KINDS.items())


@pytest.mark.parametrize("error", [Unavailable("No room left."), RuntimeError("by accident")])
def test_what_fails_is_told_and_tried_again(error, caplog):
    def fail():
        raise error

    assert not worker.tried(fail, "Moving runs on")
    assert "Moving runs on failed" in caplog.text
    assert worker.tried(lambda: None, "Moving runs on")


def test_it_goes_on_after_a_failure_and_ends_when_it_is_told_to(platform, monkeypatch):
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    failed, stepped, stopped = [], threading.Event(), threading.Event()
    renew = queue.renew

    def stumble(ctx, one):
        if len(failed) < 3:
            failed.append(one)
            platform.clock.pass_seconds(10)
            raise RuntimeError("The rows cannot be reached.")
        renew(ctx, one)
        stepped.set()

    monkeypatch.setattr(queue, "renew", stumble)
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    assert stepped.wait(120)
    stopped.set()
    thread.join(120)
    assert not thread.is_alive()
    assert len(failed) == 3


def test_it_waits_for_rows_of_its_own_version(platform, caplog):
    with platform.database.write() as rows:
        rows.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    try:
        deadline = time.monotonic() + 120
        while "Waiting for a server" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "Waiting for a server of this version" in caplog.text
        with platform.database.write() as rows:
            rows.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{migrations.newest()}'")
    finally:
        stopped.set()
        thread.join()
    assert "failed" not in caplog.text
