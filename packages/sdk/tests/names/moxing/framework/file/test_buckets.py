from __future__ import annotations

import importlib
import os
import pickle
import socket
import time
from typing import Any

import pytest


def test_a_write_is_one_call(mox: Any, run: Any) -> None:
    mox.file.write("obs://pets/a/b", "x")
    [(call, body)] = run.calls
    assert (call, body["bucket"], [key for _, key in body["files"]]) == ("commit", "pets", ["a/b"])


def test_a_directory_is_one_call(mox: Any, run: Any, tmp_path: Any) -> None:
    source = tmp_path / "from"
    for number in range(300):
        (source / "d{}".format(number % 7)).mkdir(parents=True, exist_ok=True)
        (source / "d{}".format(number % 7) / str(number)).write_text(str(number))
    mox.file.remove("obs://pets/none", recursive=True)
    mox.file.copy_parallel(str(source), "obs://pets/out")
    assert [call for call, _ in run.calls] == ["commit"]
    mox.file.copy_parallel("obs://pets/out", "obs://pets/again")
    mox.file.remove("obs://pets/out", recursive=True)
    assert [call for call, _ in run.calls] == ["commit", "copy", "delete"]
    assert len(run.below("again/")) == 300


def test_a_refusal_is_told_and_carries_the_answer(mox: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAQUETTE_STORE_TOKEN", "wrong")
    with pytest.raises(mox.file.MoxFileRespException, match="The token is wrong") as caught:
        mox.file.write("obs://pets/x", "x")
    answer = caught.value.resp
    assert (answer.status, answer.errorCode, answer.errorMessage) == (401, "refused", "The token is wrong.")


def test_a_silent_store_is_named(mox: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "http://127.0.0.1:{}".format(free.getsockname()[1])
        monkeypatch.setenv("MAQUETTE_STORE_URL", address)
        with pytest.raises(OSError, match="The run's store at {} does not answer".format(address)):
            mox.file.write("obs://pets/x", "x")


def test_the_home_keeps_odd_keys_by_the_same_rules(mox: Any, home: Any) -> None:
    home.put("a", "file")
    mox.file.write("obs://pets/a/b", "below a file")
    assert mox.file.read("obs://pets/a/b") == "below a file"
    assert (home.root / "pets" / "a").read_text() == "file"
    assert home.keys() == ["a", "a/b"]


def test_the_home_holds_only_buckets_with_a_buckets_name(mox: Any, home: Any, tmp_path: Any) -> None:
    (tmp_path / "home" / "secret").write_text("x")
    for name in ("..", ".", "UPPER", "pets\x00"):
        with pytest.raises(FileNotFoundError):
            mox.file.read("obs://{}/secret".format(name))


def test_what_a_killed_script_left_half_written_is_cleared_after_a_day(mox: Any, home: Any) -> None:
    folder = home.root / "pets" / ".maquette" / "moxing"
    folder.mkdir(parents=True)
    for name, age in (("old", 2 * 86400), ("new", 60)):
        (folder / name).write_text("half")
        os.utime(str(folder / name), (time.time() - age,) * 2)
    mox.file.write("obs://pets/x", "x")
    assert sorted(os.listdir(str(folder))) == ["new"]


def test_errors_survive_the_way_between_processes(mox: Any) -> None:
    errors = importlib.import_module("moxing.framework.file.errors")
    for error in (errors.no_object("pets", "x"), errors.read_only("pets", "x"), errors.no_bucket("pets")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.resp, again.errno) == (type(error), str(error), error.resp, error.errno)
