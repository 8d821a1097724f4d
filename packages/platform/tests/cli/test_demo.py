"""The demo, whole: a Maquette of its own, a job, a model, a service, judged on images the script never saw."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from maquette import wiring
from maquette.cli.demo import show_kept
from maquette.demo.images import png, write_digits
from maquette.demo.running import Running
from maquette.demo.verdict import judge
from maquette.demo.walk import Outcome
from maquette.kernel.settings import read_settings
from maquette.workspaces import actions, keys, sessions

COMMAND = str(Path(sys.executable).with_name("maquette"))
STEPS = (
    "images", "Maquette", "bucket", "engine", "training job", "model", "service", "predictions", "statistics", "total",
)  # fmt: skip
HIDE = "import sys\nfor name in ('boto3', 'huaweicloudsdkmodelarts'):\n    sys.modules[name] = None\n"


@pytest.fixture
def at_hand(home, test_home):
    """The engines that tests share, in the home of this test."""
    (test_home / "engines").mkdir(parents=True, exist_ok=True)
    home.mkdir()
    (home / "engines").symlink_to(test_home / "engines")


@pytest.fixture
def few(tmp_path):
    """Images that are learned quickly: the first noughts and ones."""
    write_digits(tmp_path / "digits")
    for name in "01":
        (tmp_path / "few" / name).mkdir(parents=True)
        for image in sorted((tmp_path / "digits" / name).iterdir())[:120]:
            image.rename(tmp_path / "few" / name / image.name)
    shutil.rmtree(tmp_path / "digits")
    return tmp_path / "few"


class Demo:
    """A demo that goes on, and what it says."""

    def __init__(self, home, *options):
        self.told = ""
        self.process = subprocess.Popen(
            [COMMAND, "demo", "--home", str(home), *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "http_proxy": "http://127.0.0.1:9"},
        )  # fmt: skip
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.told += line

    def until(self, pattern, seconds=900):
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.told)):
            assert self.process.poll() is None and time.monotonic() < deadline, self.told
            time.sleep(0.02)
        return found

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(300)
        self.reader.join()
        self.process.stdout.close()
        return code


@pytest.fixture
def start(home):
    """`start(*options)` is a demo that goes on."""
    going = []

    def begin(*options):
        going.append(Demo(home, *options))
        return going[-1]

    yield begin
    for one in going:
        if one.process.poll() is None:
            one.end()


def left_in(home):
    """What a demo has left: buckets, packages, keys, and word of itself."""
    ctx = wiring.platform(read_settings({}, home))
    mine = keys.list_keys(ctx, actions.owner_of_all(ctx)[0])
    ctx.database.close()
    folders = [path.name for name in ("buckets", "models") for path in (home / name).glob("[!.]*")]
    return [*folders, *(key.description for key in mine), *(home / "demo.lock").read_text().split()]


def demos_in(home):
    return [name for name in left_in(home) if name.startswith("demo-")]


@pytest.mark.engine("pytorch")
def test_the_demo_ends_well_with_its_table_and_leaves_nothing(maquette, home, at_hand, running):
    done = maquette("demo", "--home", home, check=0)
    for step in (*STEPS, "tidying up"):
        assert re.search(rf"^  {step} +[\d.]+", done.stdout, re.MULTILINE), step
    assert re.search(r"^  training job .*by huaweicloudsdkmodelarts [\d.]+, metric.json: accuracy", done.stdout, re.M)
    assert re.search(r"^  bucket .*1351 objects.*by boto3", done.stdout, re.MULTILINE)
    assert re.search(r"^  model .*sound: 0 errors, 0 warnings", done.stdout, re.MULTILINE)
    assert re.search(r"^  statistics .*451 calls, 0 failures", done.stdout, re.MULTILINE)
    accuracy = float(re.search(r"never saw: ([\d.]+)", done.stdout).group(1))
    assert accuracy >= 0.95
    assert left_in(home) == []
    assert running() == []


@pytest.mark.engine("pytorch")
def test_a_demo_that_learns_nothing_fails_also_without_others_clients(maquette, home, at_hand, tmp_path, running):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sitecustomize.py").write_text(HIDE)
    chance = random.Random(0)
    for name in "ab":
        (tmp_path / "noise" / name).mkdir(parents=True)
        for number in range(40):
            (tmp_path / "noise" / name / f"{number}.png").write_bytes(png([chance.randbytes(32) for _ in range(32)]))
    hidden = {"PYTHONPATH": str(tmp_path / "hidden")}
    done = maquette("demo", "--home", home, "--data", tmp_path / "noise", env=hidden)
    assert (done.returncode, "below 0.95" in done.stderr) == (1, True), done.stdout + done.stderr
    assert "by Maquette's S3 client" in done.stdout
    assert "by maquette_sdk, metric.json" in done.stdout
    assert left_in(home) == []
    assert running() == []


@pytest.mark.engine("pytorch")
def test_a_kept_demo_stays_until_ctrl_c_whatever_becomes_of_those_beside_it(start, home, at_hand, few, running):
    kept = start("--keep", "--data", few)
    kept.until("Ctrl-C stops the service")
    assert kept.until(r"\n    http\S+/sign-in#\S+\n")
    name = kept.until(r"are called (demo-\S+)\.").group(1)
    killed = start("--data", few)
    killed.until(r"\[[A-Z]\w+\]")  # how the job stands: it has been made, and takes a while
    killed.end(signal.SIGKILL)
    assert len(set(demos_in(home))) == 2
    third = start("--data", few)
    third.until("An earlier demo was broken off; removed what it left: job, bucket")
    third.until(r"\[[A-Z]\w+\]")
    assert third.end() == 130
    assert "tidying up" in third.told
    assert kept.process.poll() is None
    assert kept.end() == 0
    assert demos_in(home) == [name]
    assert running() == []


def test_the_link_to_sign_in_by_is_told_until_there_is_a_password(platform, capsys):
    running, outcome = Running("http://127.0.0.1:1", ""), Outcome(judge({"1": "1"}, {"1": "1"}, 1.0), "", "")
    show_kept(platform, running, "demo-1", outcome)
    ticket = re.search(r"\n    http://127.0.0.1:1/sign-in#(\S+)\n", capsys.readouterr().out).group(1)
    sessions.sign_in_by_link(platform, ticket, "correct horse")
    show_kept(platform, running, "demo-1", outcome)
    assert "\n    http://127.0.0.1:1/\n" in capsys.readouterr().out


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_is_missing_or_has_no_classes_is_one_sentence_and_nothing_is_made(maquette, tmp_path, home):
    done = maquette("demo", "--data", tmp_path / "nowhere")
    assert (done.returncode, "nowhere" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    (tmp_path / "flat").mkdir()
    done = maquette("demo", "--data", tmp_path / "flat")
    assert (done.returncode, "one sub-folder per class" in done.stderr) == (2, True)
    assert not home.exists()


def test_a_home_that_is_a_file_is_refused(maquette, tmp_path, few):
    (tmp_path / "file").touch()
    done = maquette("demo", "--data", few, "--home", tmp_path / "file")
    assert (done.returncode, "Choose another folder with --home" in done.stderr) == (2, True), done.stderr


def test_a_maquette_that_does_not_start_says_why(maquette, tmp_path, few, running):
    done = maquette("demo", "--data", few, env={"MAQUETTE_DATABASE": f"sqlite:///{tmp_path}/nowhere/rows.db"})
    assert done.returncode == 1
    assert re.search(r"Maquette did not start\. The end of '.*/demo\.log':\n.*unable to open", done.stderr, re.DOTALL)
    assert running() == []
