"""`maquette serve` as users run it: packages without a framework, on the interpreter of these tests."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

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
    assert "<h1>shouter · image_classification</h1>" in page
    assert '"about": "Service · MindSpore · Python 3.' in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


def test_the_package_is_where_modelarts_has_it_and_is_the_instances_own(serve, package):
    body = (
        "open('/home/mind/model/written', 'w').close()\n"
        "return [os.getcwd(), self.model_path, os.path.exists('model/1/written'), os.environ['GREETING']]"
    )
    folder = package(body)
    served = serve(folder, "--env", "GREETING=hello").until_ready()
    assert served.post({"text": ""}) == (200, ["/home/mind", "/home/mind/model/1", True, "hello"])
    assert not (folder / "model" / "written").exists()


def test_a_variable_given_to_the_code_cannot_take_the_place_of_the_plan(serve, package):
    served = serve(package("return os.environ.get('MAQUETTE_PLAN')"), "--env", "MAQUETTE_PLAN=mine").until_ready()
    assert served.post({"text": ""}) == (200, None)


def test_the_memory_allocator_is_told_to_keep_what_it_has(serve, package):
    served = serve(package("return os.environ['MALLOC_TRIM_THRESHOLD_']")).until_ready()
    assert served.post({"text": ""}) == (200, "134217728")


WAITS = "while not os.path.exists('/opt/maquette/socket/open'): time.sleep(0.01)\n"


def test_several_instances_work_at_the_same_time(serve, package):
    served = serve(package(WAITS + "return 1"), "--instances", "2").until_ready()
    served.until_told("all 2 instances are ready")
    answers = []
    calls = [threading.Thread(target=lambda: answers.append(served.post({"text": ""}))) for _ in range(2)]
    for call in calls:
        call.start()
    served.until_busy(2)
    for path in served.sockets_of_instances():
        (path.parent / "open").touch()
    for call in calls:
        call.join()
    assert answers == [(200, 1)] * 2
    assert "[1] loading" in served.shown
    assert "[2] loading" in served.shown


def test_several_instances_share_the_processors_unless_one_says_otherwise(serve, package):
    body = "return os.environ.get('OMP_NUM_THREADS'), os.environ.get('MKL_NUM_THREADS')"
    alone = serve(package(body)).until_ready()
    assert alone.post({"text": ""}) == (200, [None, None])
    served = serve(package(body), "--instances", "2", "--env", "MKL_NUM_THREADS=7").until_ready()
    each = str(max(1, len(os.sched_getaffinity(0)) // 2))
    assert served.post({"text": ""}) == (200, [each, "7"])


TEMPLATE = """
from model_service.pytorch_model_service import PTServingBaseService

class Service(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.folder = model_path
    def _inference(self, data):
        return sorted(data)
"""


def test_a_package_without_config_is_served_as_its_mode_says(serve, package):
    folder = package(code=TEMPLATE, config=None)
    served = serve(folder, "--mode", "object-detection").until_ready()
    assert "There is no config.json" in served.told
    assert f"try it: curl -F images=@FILE http://127.0.0.1:{served.port}/" in served.told
    assert served.post({"images": 1}) == (200, ["images"])


def test_packages_without_sandbox_are_served_too(serve, package):
    served = serve(package(), env={"MAQUETTE_SANDBOX": "off"}).until_ready()
    assert served.post({"text": "a"}) == (200, {"upper": "A"})


WARNS = "import warnings\nfor number in range(300):\n    print('this is deprecated', number, file=sys.stderr)"


def test_the_line_that_tells_it_is_ready_comes_after_all_that_the_start_has_written(package, home):
    command = [Path(sys.executable).parent / "maquette", "serve", package(head=WARNS), "--python", sys.executable]
    process = subprocess.Popen(
        [*command, "--port", "0"], env={**os.environ, "MAQUETTE_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    with process:
        lines = []
        while "Ctrl-C ends it" not in "".join(lines[-1:]):
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        lines += process.stdout.readlines()
    told = [line for line in lines if not line.startswith("this is deprecated")]
    warned = [place for place, line in enumerate(lines) if line.startswith("this is deprecated")]
    assert len(warned) == 300
    assert max(warned) < next(place for place, line in enumerate(lines) if line.startswith("maquette: ready after"))
    assert [line.split()[1] for line in told[-4:]] == ["ready", "try", "Ctrl-C", "stopped"]


# ── its end ────────────────────────────────────────────────────────────────────────────────────


MOMENTS = 30
"""Two seconds, on a machine that has little else to do; what is not waited for lasts ten minutes."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_it_takes_moments_and_leaves_nothing(serve, package, home, number, running):
    served = serve(package(head="import signal; signal.signal(15, signal.SIG_IGN)")).until_ready()
    assert running()
    assert served.finish(number) < MOMENTS
    assert served.process.returncode == 0
    assert served.told.endswith("maquette: stopped\n")
    assert not running()
    assert list((home / "runs").iterdir()) == []
    assert list((home / "staging").iterdir()) == []


def test_stopping_it_in_the_middle_of_a_call_or_of_its_start_is_as_quick(serve, package, running):
    served = serve(package("time.sleep(600)")).until_ready()
    answers = []
    call = threading.Thread(target=lambda: answers.append(served.post({"text": ""})))
    call.start()
    served.until_busy(1)
    assert served.finish() < MOMENTS
    call.join()
    assert (answers[0][0], answers[0][1]["error_code"]) == (503, "ModelArts.4302")
    starting = serve(package(head="time.sleep(600)"))
    starting.until(lambda: "Your own Python" in starting.told)
    time.sleep(0.5)
    assert starting.finish() < MOMENTS
    assert not running()


def test_stopping_four_instances_is_as_quick_while_they_answer_and_while_they_load(serve, package, running):
    served = serve(package("time.sleep(600)"), "--instances", "4").until_ready()
    served.until_told("all 4 instances are ready")
    answers = []
    calls = [threading.Thread(target=lambda: answers.append(served.post({"text": ""}))) for _ in range(4)]
    for call in calls:
        call.start()
    served.until_busy(4)
    assert served.finish() < MOMENTS
    for call in calls:
        call.join()
    assert [status for status, _ in answers] == [503] * 4
    loading = serve(package(init="time.sleep(600)"), "--instances", "4")
    loading.until(lambda: loading.shown.count("loading") == 4)
    assert loading.finish() < MOMENTS
    assert not running()


PATIENT = """
from maquette.cli import main
from maquette.services import serving

serving.FINISH_SECONDS = 60.0
main()
"""
"""The command, for which a call is nearly done however slow this machine is."""


def test_a_call_that_is_nearly_done_is_still_answered(serve, package):
    served = serve(package(WAITS + "return 1"), command=(sys.executable, "-c", PATIENT)).until_ready()
    answers = []
    call = threading.Thread(target=lambda: answers.append(served.post({"text": ""})))
    call.start()
    served.until_busy(1)
    opened = served.socket().parent / "open"
    served.process.send_signal(signal.SIGINT)
    opened.touch()
    call.join()
    assert served.process.wait(120) == 0
    assert answers == [(200, 1)]


def test_what_is_left_of_a_killed_service_is_ended_too(serve, package, home, running):
    served = serve(package()).until_ready()
    served.finish(signal.SIGKILL)
    deadline = time.monotonic() + 120
    while running() or list((home / "runs").iterdir()):
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


def test_code_that_cannot_be_loaded_is_shown_with_its_traceback_once(serve, package, home, running):
    folder = package(init="self.model = absent.load(model_path)")
    served = serve(folder)
    assert served.process.wait(120) == 1
    served.join()
    assert "The package's code failed while it was loaded." in served.told
    assert f'File "{folder / "model" / "customize_service.py"}", line 11, in __init__' in served.told
    assert served.told.rstrip().endswith("NameError: name 'absent' is not defined")
    assert (served.told + served.shown).count("NameError") == 1
    assert not running()
    assert list((home / "runs").iterdir()) == []


def test_a_start_that_looks_for_its_files_in_the_wrong_place_says_where_they_are(serve, package):
    served = serve(package(init="self.names = open('labels.txt').read()", **{"labels.txt": "cat"}))
    assert served.process.wait(120) == 1
    served.join()
    hint = served.told.rstrip().splitlines()[-1]
    assert hint.startswith("Hint: 'labels.txt' was looked for in /home/mind, the working folder of a service")
    assert "In customize_service.py, line 11, build the path from the code's own place" in hint


def test_what_the_gateway_refuses_is_told_in_the_terminal(serve, package):
    served = serve(package(), "--limit-mb", "0.001").until_ready()
    assert served.post({"text": "a" * 2000})[0] == 413
    served.until_told("maquette: a call was refused with 413 APIG.0201 Request entity too large")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--engine", "pytorch", "--python", "python3"], "--engine and --python exclude each other"),
        (["--engine", "pytoch-1.4"], "No engine is called 'pytoch-1.4'"),
        (["--python", "/nowhere/python"], "There is no file '/nowhere/python'"),
        (["--python", sys.executable, "--env", "GREETING"], "--env 'GREETING' is not NAME=value"),
    ],
)
def test_slips_of_the_caller_are_one_sentence(maquette, package, options, told):
    done = maquette("serve", package(), "--port", 0, *options, check=2)
    assert done.stderr.startswith(f"maquette: {told}")
    assert done.stderr.count("\n") == 1


def test_an_instance_that_dies_while_it_starts_is_told_with_its_last_lines(serve, package):
    served = serve(package(init="print('so far'); os.kill(os.getpid(), 11)"))
    assert served.process.wait(120) == 1
    served.join()
    assert "The instance ended before it was ready" in served.told
    assert "so far" in served.told


def test_a_package_with_errors_is_not_served_unless_one_insists(serve, maquette, package):
    broken = '{"model_type": "MindSpore", "model_algorithm": "image_classification",}'
    done = maquette("serve", package(config=broken), "--python", sys.executable, "--port", 0, check=1)
    assert "error" in done.stderr
    assert "--no-check" in done.stderr
    assert serve(package(config=broken), "--no-check").until_ready().post({"text": "a"})[0] == 200


def test_a_folder_without_a_package_is_one_sentence(maquette, tmp_path):
    done = maquette("serve", tmp_path, "--port", 0, check=2)
    assert done.stderr.startswith("maquette: ")
    assert done.stderr.count("\n") == 1


def test_the_call_that_kills_its_instance_gets_the_error_and_a_new_instance_answers_the_next(serve, package):
    served = serve(package("os.kill(os.getpid(), 9) if data['text'] == 'die' else None\nreturn 1")).until_ready()
    assert served.post({"text": "die"})[0] == 502
    assert served.post({"text": "live"}) == (200, 1)
    assert "an instance has ended" in served.told


def test_an_instance_that_hangs_in_a_call_is_replaced(serve, package):
    served = serve(package("time.sleep(float(data['text']))\nreturn 1"), "--timeout", "0.5").until_ready()
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
    served = serve(package("return 1"), "--reload").until_ready()
    answers, done = [], threading.Event()

    def ask():
        while not done.is_set():
            answers.append(served.post({"text": ""}))

    asking = threading.Thread(target=ask)
    asking.start()
    package("return 2")
    served.until(lambda: answers and answers[-1] == (200, 2))
    done.set()
    asking.join()
    assert {status for status, _ in answers} == {200}
    assert served.post({"text": ""}) == (200, 2)


def test_a_changed_address_is_answered_on(serve, package):
    served = serve(package("return 1"), "--reload").until_ready()
    assert served.post({"text": ""}, "/predict")[0] == 404
    config = {"model_type": "MindSpore", "model_algorithm": "shouting", "apis": [{"url": "/predict"}]}
    package("return 2", config=config)
    served.until(lambda: served.post({"text": ""}, "/predict") == (200, 2))
    assert served.post({"text": ""}) == (200, 2)


def test_a_change_that_cannot_be_loaded_leaves_the_package_as_it_was_until_it_is_mended(serve, package):
    served = serve(package("return 1"), "--reload").until_ready()
    package(code="def broken(:\n")
    served.until_told("--no-check")
    assert served.post({"text": ""}) == (200, 1)
    package("return 2", head="raise RuntimeError('not yet')")
    served.until_told("not yet")
    assert served.post({"text": ""}) == (200, 1)
    package("return 3")
    served.until(lambda: served.post({"text": ""}) == (200, 3))


def test_a_package_that_cannot_be_loaded_at_first_waits_for_its_author(serve, package):
    served = serve(package(head="raise RuntimeError('not yet')"), "--reload")
    served.until_told("not yet")
    package()
    assert served.until_ready().post({"text": "a"}) == (200, {"upper": "A"})
