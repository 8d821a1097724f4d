"""`maquette serve` as users run it: packages without a framework, on the interpreter of these tests."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

CONFIG = {
    "model_type": "MindSpore",
    "model_algorithm": "image_classification",
    "runtime": "python3.7",
    "apis": [
        {
            "url": "/",
            "method": "post",
            "request": {
                "Content-type": "application/json",
                "data": {"type": "object", "properties": {"text": {"type": "string", "default": "hello"}}},
            },
        }
    ],
}
CODE = """
import os, sys, time
from model_service.model_service import SingleNodeService

print("loading", flush=True)

class Service(SingleNodeService):
    def __init__(self, model_name, model_path):
        self.model_path = model_path

    def _preprocess(self, data):
        return data

    def _inference(self, data):
        return {"upper": data["text"].upper()}

    def _postprocess(self, data):
        return data
"""


def inference(body):
    """The code of a service whose `_inference` has this body."""
    lines = "\n".join("        " + line for line in body.splitlines())
    return CODE.replace('        return {"upper": data["text"].upper()}', lines)


@pytest.fixture
def package(tmp_path):
    """`package(code)` writes a package and gives its folder."""

    def write(code=CODE, config=CONFIG, name="shouter"):
        folder = tmp_path / name / "model"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "customize_service.py").write_text(code)
        if config is not None:
            (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        return folder.parent

    return write


class Served:
    """A running `maquette serve`: what it says, and its address."""

    def __init__(self, process):
        self.process = process
        self.told = ""
        self.shown = ""
        self.readers = [
            threading.Thread(target=self.read, args=(process.stderr, "told")),
            threading.Thread(target=self.read, args=(process.stdout, "shown")),
        ]
        for reader in self.readers:
            reader.start()

    def read(self, stream, name):
        for line in stream:
            setattr(self, name, getattr(self, name) + line)

    def until(self, true, seconds=30):
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline and self.process.poll() is None, self.told + self.shown
            time.sleep(0.02)

    def until_ready(self):
        self.until(lambda: "Ctrl-C ends it" in self.told)
        return self

    def until_told(self, text):
        self.until(lambda: text in self.told)

    @property
    def port(self):
        return int(re.search(r"ready after .* at http://[^/]*:(\d+)/", self.told).group(1))

    def post(self, value, path="/"):
        """(status, answer) of a call with JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(value).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers or {})
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers, response.read().decode()

    def finish(self, number=signal.SIGINT):
        """Asks it to stop; seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        for reader in self.readers:
            reader.join()
        return time.monotonic() - began


@pytest.fixture
def serve(home):
    """`serve(package, *options)` starts the command with the interpreter of these tests and a free port."""
    started = []

    def start(package, *options, env=None):
        command = Path(sys.executable).parent / "maquette"
        process = subprocess.Popen(
            [command, "serve", package, "--python", sys.executable, "--port", "0", *options],
            env={**os.environ, "MAQUETTE_HOME": str(home), **(env or {})},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(Served(process))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.finish()
        for reader in one.readers:
            reader.join()
        one.process.stdout.close()
        one.process.stderr.close()


def running(home):
    """Processes that belong to this home's runs."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(home).encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


# ── the happy way ──────────────────────────────────────────────────────────────────────────────


def test_a_package_is_online_and_says_how_to_call_it(serve, package):
    served = serve(package()).until_ready()
    assert served.post({"text": "grün"}) == (200, {"upper": "GRÜN"})
    assert served.get("/health")[::2] == (200, '{"status": "OK"}')
    assert f"http://127.0.0.1:{served.port}/" in served.told
    assert "curl -H 'Content-Type: application/json' -d '{\"text\": \"hello\"}'" in served.told
    assert "Your own Python" in served.told
    assert "loading" in served.shown


def test_the_curl_line_that_is_printed_works(serve, package):
    served = serve(package()).until_ready()
    line = re.search(r"try it: (curl .*)", served.told).group(1)
    done = subprocess.run(line.replace("curl", "curl -s", 1), shell=True, capture_output=True, text=True)
    assert done.stdout == '{"upper": "HELLO"}'


def test_a_browser_gets_a_page_that_needs_nobody_else(serve, package):
    served = serve(package()).until_ready()
    status, headers, page = served.get("/", {"Accept": "text/html,*/*"})
    assert status == 200
    assert "<h1>shouter</h1>" in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


def test_the_package_is_where_modelarts_has_it_and_is_the_instances_own(serve, package):
    code = inference(
        "open('/home/mind/model/written', 'w').close()\n"
        "return [os.getcwd(), self.model_path, os.path.exists('model/1/written'), os.environ['GREETING']]"
    )
    folder = package(code)
    served = serve(folder, "--env", "GREETING=hello").until_ready()
    assert served.post({"text": ""}) == (200, ["/home/mind", "/home/mind/model/1", True, "hello"])
    assert not (folder / "model" / "written").exists()


def test_the_memory_allocator_is_told_to_keep_what_it_has(serve, package):
    served = serve(package(inference("return os.environ['MALLOC_TRIM_THRESHOLD_']"))).until_ready()
    assert served.post({"text": ""}) == (200, "134217728")


def test_several_instances_work_at_the_same_time(serve, package):
    served = serve(package(inference("time.sleep(0.5)\nreturn os.getpid()")), "--instances", "2").until_ready()
    served.until(lambda: served.shown.count("Ready after") == 2)
    began, answers = time.monotonic(), []
    calls = [threading.Thread(target=lambda: answers.append(served.post({"text": ""}))) for _ in range(2)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert time.monotonic() - began < 0.95
    assert [status for status, _ in answers] == [200, 200]
    assert "[1] loading" in served.shown
    assert "[2] loading" in served.shown


def test_packages_without_sandbox_are_served_too(serve, package):
    served = serve(package(), env={"MAQUETTE_SANDBOX": "off"}).until_ready()
    assert served.post({"text": "a"}) == (200, {"upper": "A"})


# ── its end ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_it_takes_less_than_two_seconds_and_leaves_nothing(serve, package, home, number):
    code = CODE.replace("import os, sys, time", "import os, sys, time, signal; signal.signal(15, signal.SIG_IGN)")
    served = serve(package(code)).until_ready()
    assert running(home)
    assert served.finish(number) < 2
    assert served.process.returncode == 0
    assert served.told.endswith("maquette: stopped\n")
    assert not running(home)
    assert list((home / "runs").iterdir()) == []
    assert list((home / "staging").iterdir()) == []


def test_stopping_it_in_the_middle_of_a_call_or_of_its_start_is_as_quick(serve, package, home):
    served = serve(package(inference("time.sleep(60)"))).until_ready()
    answers = []
    call = threading.Thread(target=lambda: answers.append(served.post({"text": ""})))
    call.start()
    time.sleep(0.2)
    assert served.finish() < 2
    call.join()
    assert (answers[0][0], answers[0][1]["error_code"]) == (503, "ModelArts.4302")
    starting = serve(package("import time; time.sleep(60)\n" + CODE))
    starting.until(lambda: "Your own Python" in starting.told)
    time.sleep(0.5)
    assert starting.finish() < 2
    assert not running(home)


def test_what_is_left_of_a_killed_service_is_ended_too(serve, package, home):
    served = serve(package()).until_ready()
    served.finish(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(home) or list((home / "runs").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


# ── what goes wrong ────────────────────────────────────────────────────────────────────────────


def test_a_taken_port_is_one_sentence(maquette, package):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = maquette("serve", package(), "--python", sys.executable, "--port", port, check=1)
    assert done.stderr == (
        f"maquette: Port {port} is taken by another program. Choose another with --port; 0 stands for any free one.\n"
    )


def test_a_host_that_is_not_here_is_one_sentence(maquette, package):
    done = maquette("serve", package(), "--python", sys.executable, "--host", "203.0.113.7", check=2)
    assert "'203.0.113.7' is no address of this machine" in done.stderr


def test_listening_to_the_network_is_said_aloud(serve, package):
    served = serve(package(), "--host", "0.0.0.0").until_ready()
    assert "everybody who can reach this machine can use this service" in served.told
    assert served.post({"text": "a"})[0] == 200


def test_code_that_cannot_be_loaded_is_shown_with_its_traceback_once(serve, package, home):
    folder = package(CODE.replace("self.model_path = model_path", "self.model = absent.load(model_path)"))
    served = serve(folder)
    assert served.process.wait(30) == 1
    for reader in served.readers:
        reader.join()
    assert "The package's code failed while it was loaded." in served.told
    assert f'File "{folder / "model" / "customize_service.py"}", line 9, in __init__' in served.told
    assert served.told.rstrip().endswith("NameError: name 'absent' is not defined")
    assert (served.told + served.shown).count("NameError") == 1
    assert not running(home)
    assert list((home / "runs").iterdir()) == []


def test_an_instance_that_dies_while_it_starts_is_told_with_its_last_lines(serve, package):
    served = serve(package(CODE.replace("self.model_path = model_path", "print('so far'); os.kill(os.getpid(), 11)")))
    assert served.process.wait(30) == 1
    for reader in served.readers:
        reader.join()
    assert "The instance ended before it was ready" in served.told
    assert "so far" in served.told


def test_a_package_with_errors_is_not_served_unless_one_insists(serve, maquette, package):
    broken = json.dumps(CONFIG)[:-1] + ",}"
    done = maquette("serve", package(config=broken), "--python", sys.executable, "--port", 0, check=1)
    assert "error" in done.stderr
    assert "--no-check" in done.stderr
    assert serve(package(config=broken), "--no-check").until_ready().post({"text": "a"})[0] == 200


def test_a_folder_without_a_package_is_one_sentence(maquette, tmp_path):
    done = maquette("serve", tmp_path, "--port", 0, check=2)
    assert done.stderr.startswith("maquette: ")
    assert done.stderr.count("\n") == 1


def test_the_call_that_kills_its_instance_gets_the_error_and_a_new_instance_answers_the_next(serve, package):
    code = inference("os.kill(os.getpid(), 9) if data['text'] == 'die' else None\nreturn 1")
    served = serve(package(code)).until_ready()
    assert served.post({"text": "die"})[0] == 502
    assert served.post({"text": "live"}) == (200, 1)
    assert "an instance has ended" in served.told


def test_an_instance_that_hangs_in_a_call_is_replaced(serve, package):
    served = serve(package(inference("time.sleep(float(data['text']))\nreturn 1")), "--timeout", "0.5").until_ready()
    status, answer = served.post({"text": "60"})
    assert (status, answer["error_code"]) == (504, "ModelArts.4503")
    served.until_told("its instance is replaced")
    served.until(lambda: served.post({"text": "0"})[0] == 200)


def test_limits_can_be_set(serve, package):
    served = serve(package(), "--limit-mb", "0.001").until_ready()
    assert served.post({"text": "a" * 500})[0] == 200
    assert served.post({"text": "a" * 1100})[0] == 413


# ── for people who write a package ─────────────────────────────────────────────────────────────


def test_a_changed_package_answers_as_it_is_now_without_a_gap(serve, package):
    served = serve(folder := package(inference("return 1")), "--reload").until_ready()
    answers, done = [], threading.Event()

    def ask():
        while not done.is_set():
            answers.append(served.post({"text": ""}))

    asking = threading.Thread(target=ask)
    asking.start()
    (folder / "model" / "customize_service.py").write_text(inference("return 2"))
    served.until(lambda: answers and answers[-1] == (200, 2))
    done.set()
    asking.join()
    assert {status for status, _ in answers} == {200}
    assert served.post({"text": ""}) == (200, 2)


def test_a_change_that_cannot_be_loaded_leaves_the_package_as_it_was_until_it_is_mended(serve, package):
    served = serve(folder := package(inference("return 1")), "--reload").until_ready()
    file = folder / "model" / "customize_service.py"
    file.write_text("def broken(:\n")
    served.until_told("--no-check")
    assert served.post({"text": ""}) == (200, 1)
    file.write_text("raise RuntimeError('not yet')\n" + inference("return 2"))
    served.until_told("not yet")
    assert served.post({"text": ""}) == (200, 1)
    file.write_text(inference("return 3"))
    served.until(lambda: served.post({"text": ""}) == (200, 3))


def test_a_package_that_cannot_be_loaded_at_first_waits_for_its_author(serve, package):
    served = serve(folder := package("raise RuntimeError('not yet')\n" + CODE), "--reload")
    served.until_told("not yet")
    (folder / "model" / "customize_service.py").write_text(CODE)
    assert served.until_ready().post({"text": "a"}) == (200, {"upper": "A"})
