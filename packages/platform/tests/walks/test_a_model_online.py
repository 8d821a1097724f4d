"""A package from a folder to an online service and away again, by the commands of the pages, on a real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENGINE = "Scikit_Learn sklearn1.9-python3.11"
LONGEST_SECONDS = 300
CONFIG = {
    "model_type": "Scikit_Learn",
    "runtime": "sklearn1.9-python3.11",
    "model_algorithm": "predict_analysis",
    "apis": [
        {
            "url": "/",
            "method": "post",
            "request": {
                "Content-type": "application/json",
                "data": {
                    "type": "object",
                    "properties": {
                        "data": {
                            "type": "object",
                            "properties": {
                                "req_data": {
                                    "type": "array",
                                    "items": [{"type": "object", "properties": {"rooms": {"type": "integer"}}}],
                                }
                            },
                        }
                    },
                },
            },
        }
    ],
}
TRAIN = """
import sys, joblib, numpy
from sklearn.linear_model import LinearRegression
rooms = numpy.arange(1, 9).reshape(-1, 1)
joblib.dump(LinearRegression().fit(rooms, rooms.ravel() * float(sys.argv[1])), sys.argv[2])
"""
ASK = {"data": {"req_data": [{"rooms": 3}, {"rooms": 5}]}}


@pytest.fixture
def up(home, test_home, tmp_path):
    """`maquette up` with the engines that tests share; the variables by which clients find it."""
    home.mkdir()
    (home / "engines").symlink_to(test_home / "engines")
    command = [str(Path(sys.executable).parent / "maquette"), "up", "--no-browser", "--port", "0", "--obs-port", "0"]
    around = {**os.environ, "MAQUETTE_HOME": str(home)}
    log = (tmp_path / "up.log").open("wb")
    process = subprocess.Popen(command, env=around, stdout=log, stderr=log)
    log.close()
    told = lambda: re.search(r"ready after .* at (http\S+)\n", (tmp_path / "up.log").read_text())  # noqa: E731
    until(lambda: told() or process.poll() is not None)
    assert process.poll() is None, (tmp_path / "up.log").read_text()
    made = subprocess.run([*command[:1], "keys", "new", "--json"], env=around, capture_output=True, check=True)
    key = json.loads(made.stdout)
    yield {
        "MAQUETTE_URL": told().group(1),
        "MAQUETTE_ACCESS_KEY": key["access"],
        "MAQUETTE_SECRET_KEY": key["secret"],
    }
    process.terminate()
    process.wait(120)


def until(happened):
    deadline = time.monotonic() + LONGEST_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def write_package(folder, python, price):
    model = folder / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps(CONFIG))
    subprocess.run([python, "-c", TRAIN, str(price), model / "prices.m"], check=True)
    return folder


@pytest.mark.engine(ENGINE)
def test_a_package_is_imported_deployed_called_changed_taken_back_and_removed(maquette, up, engine_python, tmp_path):
    def run(*arguments, code=0):
        return maquette(*arguments, env=up, check=code)

    def prices():
        answer = json.loads(run("predict", "homes", "--json", json.dumps(ASK)).stdout)
        return [round(one["predictresult"], 3) for one in answer["data"]["resp_data"]]

    def stats():
        return json.loads(run("services", "stats", "homes", "--json").stdout)

    python = engine_python(ENGINE)
    run("models", "import", write_package(tmp_path / "cheap", python, 100), "--name", "prices")
    deployed = run("services", "deploy", "prices", "--name", "homes", "--instances", "2")
    assert deployed.stdout.startswith(up["MAQUETTE_URL"] + "/v1/infers/")
    assert prices() == [300, 500]

    run("models", "import", write_package(tmp_path / "dear", python, 200), "--name", "prices")
    run("services", "update", "homes", "prices")
    until(lambda: prices() == [600, 1000])  # servers look several times a second
    run("services", "rollback", "homes")
    until(lambda: prices() == [300, 500])

    until(lambda: stats()["total"]["calls"] >= 3)  # they are written down every few seconds
    told = stats()
    assert {one["model_version"] for one in told["versions"]} == {"0.0.1", "0.0.2"}
    assert (told["total"]["failures"], told["versions"][0]["instances"]) == (0, 2)
    assert "stays: The service 'homes' runs it" in run("models", "delete", "prices:0.0.1", code=1).stderr
    run("services", "stop", "homes")
    assert "it is stopped. Start it first." in run("predict", "homes", "--json", json.dumps(ASK), code=1).stderr
    run("services", "remove", "homes")
    assert run("services", "list", "--json").stdout == "[]\n"
    run("models", "delete", "prices", "--all-versions")
