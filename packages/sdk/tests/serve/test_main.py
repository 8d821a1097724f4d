"""Whole instances: packages as people write them, started and called over the socket."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import zlib

import pytest

from maquette_sdk.serve.protocol import part

from .conftest import PATIENCE

FAILED = {"erno": "MR.0105", "msg": "Recognition failed", "words_result": {}}

ECHO = """
from model_service.model_service import SingleNodeService

class Echo(SingleNodeService):
    def _postprocess(self, data):
        return {"echo": data}
"""


def service(body: str, head: str = "", base: str = "SingleNodeService") -> str:
    """A package whose `_inference(self, data)` is this body."""
    lines = "\n".join("        " + line for line in body.strip().splitlines())
    return (
        f"from model_service.model_service import SingleNodeService\n{head}\n"
        f"class Service({base}):\n    def _inference(self, data):\n{lines}\n"
    )


# ── what the code gets ───────────────────────────────────────────────────────────────────────────


def test_a_form_is_one_dict_of_texts_and_of_files_by_name(serve):
    instance = serve(
        service(
            """
            seen = {}
            for name, value in data.items():
                if isinstance(value, str):
                    seen[name] = value
                else:
                    seen[name] = [type(value).__name__] + [
                        [filename, type(file).__name__, file.tell(), file.read().decode(), len(file.getbuffer())]
                        for filename, file in value.items()
                    ]
            return seen
            """.replace("\n            ", "\n")
        )
    )
    status, seen = instance.form(
        texts=[("show_mask", "1"), ("mask_alpha", "0.5"), ("show_mask", "2")],
        files=[("images", "b.jpg", b"bb"), ("images", "a.jpg", b"a"), ("images", "b.jpg", b"last")],
    )
    assert status == 200
    assert seen == {
        "show_mask": "1",
        "mask_alpha": "0.5",
        "images": ["OrderedDict", ["b.jpg", "BytesIO", 0, "last", 4], ["a.jpg", "BytesIO", 0, "a", 1]],
    }


@pytest.mark.parametrize("body", [{"a": [1, 2.5, None]}, [1, {"b": "中文"}], "text", 7])
def test_a_json_body_arrives_decoded(serve, body):
    assert serve(ECHO).json(body) == (200, {"echo": body})


def test_query_values_lie_on_top_of_a_dict_and_leave_a_list_alone(serve):
    instance = serve(ECHO)
    assert instance.json({"k": 1, "a": 2}, query={"k": "v"}) == (200, {"echo": {"k": "v", "a": 2}})
    assert instance.json([1], query={"k": "v"}) == (200, {"echo": [1]})
    assert instance.form(texts=[("a", "b")], query={"k": "v"}) == (200, {"echo": {"a": "b", "k": "v"}})


@pytest.mark.parametrize(
    ("body", "content", "why"),
    [
        ("json", b"{}", "its JSON, {}, counts as nothing."),
        ("json", b"[]", "its JSON, [], counts as nothing."),
        ("json", b"0", "its JSON, 0, counts as nothing."),
        ("json", b"null", "its JSON, null, counts as nothing."),
        ("json", b'""', 'its JSON, "", counts as nothing.'),
        ("json", b"{not json", "its body, application/json, is neither a form nor JSON (Expecting property name"),
        ("json", b"\xff\xfe\xfa", "its body, application/json, is neither a form nor JSON ("),
        ("json", b"[" * 200_000, "its body, application/json, is neither a form nor JSON (maximum recursion"),
        ("raw", b"picture", "its body, application/json, is neither a form nor JSON (Expecting value: line 1"),
        ("none", None, "it holds nothing."),
        ("form", None, "it holds nothing."),
    ],
)
def test_a_request_with_nothing_in_it_is_answered_400_without_the_code(serve, body, content, why):
    instance = serve(ECHO)
    frame = instance.frame(body, [] if content is None else [part("", content)], query={"k": "v"})
    assert frame.header["status"] == 400
    assert frame.body == b'{"erno": "MR.0101", "msg": "The input parameter is invalid", "words_result": {}}'
    assert not frame.header["began"]
    assert instance.ping()["served"] == instance.ping()["failed"] == 0
    assert f"[Maquette] A request was answered with MR.0101: {why}" in instance.log


def test_an_upload_of_twelve_megabytes_arrives_whole(serve):
    content = os.urandom(12 << 20)
    instance = serve(service("import zlib\nreturn [zlib.crc32(file.read()) for file in data['images'].values()]"))
    assert instance.form(files=[("images", "a.bin", content), ("images", "b.bin", b"small")]) == (
        200,
        [zlib.crc32(content), zlib.crc32(b"small")],
    )


# ── what goes back ───────────────────────────────────────────────────────────────────────────────


def test_the_answer_is_json_in_utf8_of_what_the_code_returns(serve):
    frame_of = serve(service("return data['value']")).frame
    for sent in (b'{"value": "\xe4\xb8\xad\xe6\x96\x87"}', b'{"value": [1, 0.5, true, null]}', b'{"value": NaN}'):
        frame = frame_of("json", [part("", sent)])
        assert frame.header["content_type"] == "application/json"
        assert frame.body == sent[len(b'{"value": ') : -1]


ERRORS = [
    ("return data['missing']", 400, "KeyError"),
    ("return data + 1", 400, "TypeError"),
    ("return 1 / 0", 500, "ZeroDivisionError"),
    ("import sys; sys.exit(3)", 500, "SystemExit"),
    ("raise KeyboardInterrupt", 500, "KeyboardInterrupt"),
    ("def again(): return again()\nreturn again()", 500, "RecursionError"),
    ("raise MemoryError", 500, "MemoryError"),
    ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", 500, "Odd"),
    ("class Odd(Exception):\n    __str__ = None\nraise Odd", 500, "Odd"),
    ("raise StopIteration", 500, "StopIteration"),
    ("raise GeneratorExit", 500, "GeneratorExit"),
    ("return b'bytes'", 500, "send them as base64"),
    ("return {'a': object()}", 500, "which JSON cannot"),
    ("a = []; a.append(a); return a", 500, "Circular reference"),
]


@pytest.mark.parametrize(("body", "status", "logged"), ERRORS)
def test_an_error_of_the_code_is_an_answer_and_the_instance_lives(serve, body, status, logged):
    instance = serve(service(f"if data == ['ok']: return 'ok'\n{body}"))
    assert instance.json({"a": 1}) == (status, FAILED)
    assert instance.json(["ok"]) == (200, "ok")
    assert "Algorithm crashed!" in instance.log
    assert logged in instance.log
    pong = instance.ping()
    assert (pong["served"], pong["failed"]) == (1, 1)


def test_an_answer_that_json_cannot_hold_is_told_without_the_frames_of_the_encoder(serve):
    instance = serve(service("return {'picture': b'jpeg'}"))
    assert instance.json([1]) == (500, FAILED)
    assert "Algorithm crashed!\nTypeError: The answer holds bytes, which JSON cannot." in instance.log


def test_a_field_that_the_request_lacks_is_told_in_the_log(serve):
    instance = serve(service("return data['images']"))
    assert instance.form(files=[("image", "a.jpg", b"x")], texts=[("mask", "1")]) == (400, FAILED)
    assert "Hint: The request has no field 'images'; it has: 'mask', 'image'." in instance.log


def test_a_traceback_in_the_log_begins_in_the_code_of_the_package(serve):
    instance = serve(service("return 1 / 0"))
    instance.json({"a": 1})
    assert 'customize_service.py", line 5, in _inference' in instance.log
    assert "serve/service.py" not in instance.log


def test_how_long_each_stage_took_is_told_and_logged(serve):
    instance = serve(service("import time; time.sleep(0.02); return 1"))
    times = instance.frame("json", [part("", b"[1]")]).header["times"]
    assert set(times) == {"queued", "preprocess", "inference", "postprocess", "handler"}
    assert 20 <= times["inference"] <= times["handler"]
    instance.json([1])
    assert "preprocess time: " in instance.log and "latency: " in instance.log


# ── the engines that take the body as it came ────────────────────────────────────────────────────

RAW = """
import json
from model_service.python_model_service import XgSklServingBaseService

class Service(XgSklServingBaseService):
    def _inference(self, rows):
        if rows[0] == ["key"]: raise KeyError("key")
        if rows[0] == ["zero"]: 1 / 0
        return [[self.model_path[-4:], value] for row in rows for value in row]
"""


def test_machine_learning_engines_get_the_body_as_it_came_and_wrap_their_answer(serve):
    instance = serve(RAW, model_type="XGBoost", model_path="/x/y.m")
    rows = {"data": {"req_data": [{"b": 1, "a": 2}]}}
    wrapped = {"data": {"resp_data": [{"predictresult": ["/y.m", 1]}, {"predictresult": ["/y.m", 2]}]}}
    assert instance.json(rows) == (200, wrapped)
    assert instance.json({**rows, "meta": {"uuid": "1"}}) == (200, {**wrapped, "meta": {"uuid": "1"}})


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        (b"not json", 500, "PY.0101", "JSONDecodeError"),
        (b"", 500, "PY.0101", "JSONDecodeError"),
        (b'{"data": {}}', 400, "PY.0105", "KeyError: 'req_data'"),
        (b"[1]", 400, "PY.0105", "TypeError"),
        (b'{"data": {"req_data": [{"a": "key"}]}}', 400, "PY.0105", "KeyError: 'key'"),
        (b'{"data": {"req_data": [{"a": "zero"}]}}', 500, "PY.0105", "ZeroDivisionError"),
    ],
)
def test_machine_learning_engines_tell_the_traceback(serve, body, status, code, told):
    instance = serve(RAW, model_type="Scikit_Learn", model_path="/x/y.m")
    found, answer = instance.json(body)
    assert found == status
    assert answer["erno"] == code
    assert answer["msg"] == {"PY.0101": "The input data is invalid", "PY.0105": "Predict failed"}[code]
    assert told in answer["error_info"]
    assert set(answer) == {"erno", "msg", "error_info"}


def test_a_form_sent_to_a_machine_learning_engine_is_no_json(serve):
    status, answer = serve(RAW, model_type="XGBoost", model_path="/x/y.m").form(texts=[("a", "b")])
    assert (status, answer["erno"]) == (500, "PY.0101")
    assert "multipart/form-data" in answer["error_info"]


# ── odd things that packages do ──────────────────────────────────────────────────────────────────

ODD = [
    (
        "a thread started in __init__",
        "import threading, time",
        "threading.Thread(target=self.load).start()",
        "self.model",
    ),
    ("arguments parsed at import", "import argparse; argparse.ArgumentParser().parse_args()", "pass", "True"),
    ("arguments of its own", "import sys; name = sys.argv", "pass", "name == ['customize_service.py']"),
    (
        "stdout detached",
        "import sys, codecs; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())",
        "print('中')",
        "print('文') or True",
    ),
    ("stdout closed", "import sys; sys.stdout.close()", "pass", "True"),
    ("stdout gone", "import sys; sys.stdout = None", "pass", "True"),
    ("another directory", "import os, tempfile", "os.chdir(tempfile.mkdtemp())", "True"),
    (
        "a signal handler",
        "import signal",
        "signal.signal(signal.SIGUSR1, lambda *_: None)",
        "__import__('os').kill(__import__('os').getpid(), signal.SIGUSR1) or True",
    ),
    ("pipes as C has them", "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)", "pass", "True"),
    ("a time-out for all sockets", "import socket; socket.setdefaulttimeout(0.01)", "pass", "True"),
    (
        "files written into the package",
        "import os",
        "open(os.path.join(os.path.dirname(__file__), 'seen'), 'w').close()",
        "os.path.exists('model/1/seen')",
    ),
    (
        "files written where it stands",
        "",
        "open('test.png', 'wb').write(b'x')",
        "open('test.png', 'rb').read() == b'x'",
    ),
    (
        "logging set up by itself",
        "import logging; logging.basicConfig(level=logging.DEBUG, format='mine')",
        "pass",
        "True",
    ),
    ("warnings as errors", "import warnings; warnings.simplefilter('error')", "pass", "True"),
    (
        "a process forked in a call",
        "import multiprocessing",
        "pass",
        "multiprocessing.get_context('fork').Pool(1).map(len, ['ab']) == [2]",
    ),
    (
        "a process spawned in a call",
        "import multiprocessing",
        "pass",
        "multiprocessing.get_context('spawn').Pool(1).map(Service.twice, [1, 2]) == [2, 4]",
    ),
    (
        "a child that comes back",
        "import os",
        "pass",
        "(lambda child: child == 0 or os.waitpid(child, 0)[1] == 0)(os.fork())",
    ),
]


@pytest.mark.parametrize(("head", "init", "value"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_packages_may_do(serve, head, init, value):
    instance = serve(
        f"{head}\nfrom model_service.pytorch_model_service import PTServingBaseService\n"
        "class Service(PTServingBaseService):\n"
        "    def __init__(self, model_name, model_path):\n"
        f"        {init}\n"
        "    def load(self):\n        self.model = True\n"
        "    @staticmethod\n    def twice(number):\n        return 2 * number\n"
        f"    def inference(self, data):\n        return {value}\n"
    )
    time.sleep(0.05)
    for _ in range(3):
        assert instance.json({"a": 1}) == (200, True)


# ── the note of the call that the code is at ─────────────────────────────────────────────────────

NOTED = """
import os, time
from model_service.model_service import SingleNodeService

class Service(SingleNodeService):
    def inference(self, data):
        if data["do"] == "fork" and os.fork() == 0:
            return "the child comes back at once"
        while data["do"] != "pass" and not os.path.exists(data["gate"]):
            time.sleep(0.002)
        if data["do"] == "kill":
            os.kill(os.getpid(), 9)
        if data["do"] == "exit":
            os._exit(3)
        return os.wait()[1] if data["do"] == "fork" else "done"
"""


def ask_noted(instance, gate, **asked):
    """One connection for each id, its call sent when the one before has arrived."""
    connections = []
    for id, do in asked.items():
        connections.append(instance.connect())
        content = json.dumps({"gate": str(gate), "do": do}).encode()
        instance.ask(connections[-1], "json", [part("", content)], id=id)
        there = len(connections)
        instance.wait_until(lambda pong, there=there: pong["busy"] + pong["queued"] == there)
    return connections


def test_the_note_names_the_call_that_the_code_is_at_and_none_between_two(serve, tmp_path):
    instance, gate = serve(NOTED), tmp_path / "gate"
    assert instance.noted == ""
    asked = ask_noted(instance, gate, a="wait", b="wait")
    assert instance.noted == "a"
    gate.touch()
    assert [instance.hear(connection).header["status"] for connection in asked] == [200, 200]
    instance.wait_until(lambda pong: instance.noted == "")


@pytest.mark.parametrize("do", ["kill", "exit"])
def test_the_note_of_an_instance_that_died_names_the_call_that_killed_it_and_not_those_behind(serve, tmp_path, do):
    instance, gate = serve(NOTED), tmp_path / "gate"
    first, *_ = ask_noted(instance, gate, a="wait", b=do, c="wait")
    gate.touch()
    assert instance.hear(first).header["status"] == 200
    instance.process.wait(PATIENCE)
    assert instance.noted == "b"


def test_a_child_that_the_code_forks_leaves_the_note_to_its_parent(serve, tmp_path):
    instance, gate = serve(NOTED), tmp_path / "gate"
    (forking,) = ask_noted(instance, gate, a="fork")
    children = f"/proc/{instance.process.pid}/task/{instance.process.pid}/children"
    instance.wait_until(lambda pong: has_ended(children))
    assert instance.noted == "a"
    gate.touch()
    assert instance.hear(forking).body == b"0", "the child ended well, and its answer was not sent"
    instance.wait_until(lambda pong: instance.noted == "")


def has_ended(children):
    """Whether the one child of a process has ended, and waits to be asked how."""
    with open(children) as file:
        number = file.read().strip()
    if not number:
        return False
    with open(f"/proc/{number}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


def test_what_the_code_prints_is_in_the_log_before_the_next_call(serve):
    head = "import sys, codecs; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())"
    instance = serve(service("print('seen', data['word'], '中文')\nreturn 1", head))
    instance.json({"word": "first"})
    instance.json({"word": "second"})
    assert "seen first 中文" in instance.log


def test_log_lines_of_the_code_are_in_the_log(serve):
    instance = serve(
        service(
            "logging.getLogger(__name__).warning('warned')\nlog.getLogger('own').info('informed')\nreturn 1",
            "import logging\nimport model_service.log as log",
        )
    )
    instance.json({"a": 1})
    instance.json({"a": 1})
    assert "WARNING customize_service: warned" in instance.log
    assert instance.log.count("INFO own: informed") == 2


def test_the_class_is_built_and_called_in_the_main_thread(serve):
    instance = serve(
        "import threading\nfrom model_service.model_service import SingleNodeService\n"
        "class Service(SingleNodeService):\n"
        "    def __init__(self, name, path):\n        self.built = threading.current_thread()\n"
        "    def inference(self, data):\n"
        "        return threading.current_thread() is threading.main_thread() is self.built"
    )
    assert instance.json([1]) == (200, True)


LOADER = """
import os, threading, time
from model_service.tfserving_model_service import TfServingBaseService

class Service(TfServingBaseService):
    def __init__(self, model_name, model_path):
        self.predict = None
        threading.Thread(target=self.load_model).start()
    def load_model(self):
        {work}
        self.predict = len
    def inference(self, data):
        return self.predict(data) if self.predict else None
"""


def test_an_instance_is_ready_when_the_threads_of_its_constructor_have_loaded_the_model(start, tmp_path):
    gate = tmp_path / "gate"
    instance = start(LOADER.format(work=f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)"))
    waiting = threading.Thread(target=lambda: answers.append(instance.json({"a": 1, "b": 2})))
    answers: list = []
    waiting.start()
    instance.wait_until(lambda pong: pong["queued"] == 1)
    assert not instance.ping()["ready"]
    gate.touch()
    waiting.join(PATIENCE)
    assert answers == [(200, 2)]


NO_LOADERS = [
    ("a loader that fails", "raise RuntimeError('no weights')", (200, None)),
    ("a loader that ends its thread", "raise SystemExit", (200, None)),
]


@pytest.mark.parametrize(("work", "answer"), [case[1:] for case in NO_LOADERS], ids=[case[0] for case in NO_LOADERS])
def test_a_loader_that_fails_leaves_an_instance_that_answers(serve, work, answer):
    assert serve(LOADER.format(work=work)).json({"a": 1}) == answer


def test_threads_that_stay_are_not_waited_for(serve):
    instance = serve(
        "import threading, time, concurrent.futures\nfrom model_service.model_service import SingleNodeService\n"
        "class Service(SingleNodeService):\n"
        "    def __init__(self, name, path):\n"
        "        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "        self.pool = concurrent.futures.ThreadPoolExecutor(2)\n"
        "        self.pool.submit(len, 'a').result()\n"
    )
    assert instance.json([1]) == (200, [1])
    assert "Waiting for the thread" not in instance.log


def test_variables_given_to_the_service_are_in_its_environment(serve):
    instance = serve(service("import os; return os.environ['MODEL_FILE']"), env={"MODEL_FILE": "yolo.pb"})
    assert instance.json([1]) == (200, "yolo.pb")


def test_the_plan_is_neither_in_the_environment_of_the_code_nor_of_what_it_starts(serve):
    look = "[name for name in os.environ if 'PLAN' in name], subprocess.check_output(['env']).decode().count('PLAN')"
    instance = serve(service(f"return at_import, [{look}]", f"import os, subprocess\nat_import = [{look}]"))
    assert instance.json([1]) == (200, [[[], 0], [[], 0]])


# ── the start ────────────────────────────────────────────────────────────────────────────────────

FAILURES = [
    ("import nothing_of_this_name", ["customize_service.py", "No module named 'nothing_of_this_name'"]),
    ("print 'python 2'", ["SyntaxError", "customize_service.py", "line 1"]),
    ("class Service: pass", ["no service class", "base class of your engine"]),
    ("import sys; sys.exit('no weights')", ["SystemExit: no weights"]),
    (
        service("return 1") + "    def __init__(self, name, path): raise RuntimeError('no memory')",
        ["RuntimeError: no memory"],
    ),
    (service("return 1") + "    def __init__(self, a, b, c, d): pass", ["TypeError", "__init__"]),
]


@pytest.mark.parametrize(("code", "told"), FAILURES)
def test_a_start_that_fails_tells_why_and_ends(start, code, told):
    instance = start(code)
    error = instance.failure()
    for text in told:
        assert text in error
        assert text in instance.log
    assert instance.process.wait(PATIENCE) == 1


RELATIVE = (
    "'labels.txt' was looked for in {}, the working folder of a service, but it lies in the package. In {}, line {},"
)


def test_a_start_that_fails_for_a_relative_path_says_so(start, mind):
    code = service("return 1") + "    def __init__(self, name, path):\n        self.names = open('labels.txt').read()\n"
    error = start({"customize_service.py": code, "labels.txt": "cat"}).failure()
    assert error.index("FileNotFoundError") < error.index(RELATIVE.format(mind, "customize_service.py", 7))


def test_a_call_that_fails_for_a_relative_path_says_so_in_the_log_and_not_to_the_client(serve, mind):
    files = {"customize_service.py": service("from core import net\nreturn net.names()"), "core/__init__.py": ""}
    net = "def names():\n    return open('labels.txt').read()\n"
    instance = serve({**files, "core/net.py": net, "labels.txt": "cat"})
    assert instance.json([1]) == (500, FAILED)
    assert RELATIVE.format(mind, "core/net.py", 2) in instance.log
    assert "'../labels.txt')" in instance.log


def test_an_instance_answers_pings_before_it_is_ready(start, tmp_path):
    gate = tmp_path / "gate"
    instance = start(
        "import os, time\nfrom model_service.model_service import SingleNodeService\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
        "class Service(SingleNodeService): pass\n"
    )
    pong = instance.ping()
    assert (pong["ready"], pong["error"], pong["busy"]) == (False, None, False)
    waiting = threading.Thread(target=lambda: answers.append(instance.json([1])))
    answers: list = []
    waiting.start()
    instance.wait_until(lambda pong: pong["queued"] == 1)
    gate.touch()
    waiting.join(PATIENCE)
    assert answers == [(200, [1])]


def test_a_package_without_code_is_refused_where_its_engine_has_no_default(start):
    assert "cannot be served without code" in start({"weights.pth": b""}, service_file=None).failure()


@pytest.mark.parametrize(
    ("head", "sent", "code"),
    [
        ("", signal.SIGTERM, -signal.SIGTERM),
        ("", signal.SIGINT, 130),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))", signal.SIGTERM, 0),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit('over'))", signal.SIGTERM, 1),
        ("signal.signal(signal.SIGTERM, lambda *_: 1 / 0)", signal.SIGTERM, 1),
    ],
)
def test_a_signal_ends_an_idle_instance_whatever_threads_it_has(serve, head, sent, code):
    waiting = "threading.Thread(target=time.sleep, args=(60,)).start()"
    instance = serve(service("return 1", f"import signal, sys, threading, time\n{head}\n{waiting}"))
    instance.process.send_signal(sent)
    assert instance.process.wait(PATIENCE) == code


# ── calls that wait ──────────────────────────────────────────────────────────────────────────────

GATED = """
import os, time
from model_service.model_service import SingleNodeService

class Service(SingleNodeService):
    def inference(self, data):
        while not os.path.exists(data["gate"]):
            time.sleep(0.002)
        with open(data["gate"] + ".seen", "a") as file:
            file.write(data["name"])
        return data["name"]
"""


def ask_in_turn(instance, gate, *names, behind=0, **named):
    """One connection for each name, its call sent; `behind` calls are in the queue already."""
    connections = []
    for name in names:
        connections.append(instance.connect())
        content = json.dumps({"gate": str(gate), "name": name}).encode()
        instance.ask(connections[-1], "json", [part("", content)], **named)
        place = behind + len(connections) - 1
        instance.wait_until(lambda pong, place=place: pong["busy"] and pong["queued"] == place)
    return connections


def test_a_call_whose_client_has_gone_is_dropped_and_the_others_are_not(serve, tmp_path):
    instance, gate = serve(GATED), tmp_path / "gate"
    connections = ask_in_turn(instance, gate, "a", "b", "c", "d")
    for gone in connections[1:3]:
        gone.close()
    pong = instance.wait_until(lambda pong: pong["queued"] == 1)
    assert pong["busy"] and pong["busy_seconds"] >= 0
    gate.touch()
    assert instance.hear(connections[0]).body == b'"a"'
    assert instance.hear(connections[3]).body == b'"d"'
    assert (tmp_path / "gate.seen").read_text() == "ad"
    assert instance.ping()["served"] == 2


def test_a_full_queue_is_answered_429(serve, tmp_path):
    instance, gate = serve(GATED, queue=2), tmp_path / "gate"
    connections = ask_in_turn(instance, gate, "a", "b", "c")
    refused = instance.frame("json", [part("", b"[1]")])
    assert refused.header["status"] == 429
    assert not refused.header["began"]
    assert b'"error_code": "ModelArts.4206"' in refused.body
    gate.touch()
    assert [instance.hear(connection).header["status"] for connection in connections] == [200] * 3


def test_a_call_whose_time_is_over_before_it_begins_never_reaches_the_code(serve, tmp_path):
    instance, gate = serve(GATED), tmp_path / "gate"
    (first,) = ask_in_turn(instance, gate, "a")
    (late,) = ask_in_turn(instance, gate, "late", behind=1, deadline=0.01)
    time.sleep(0.05)
    gate.touch()
    assert instance.hear(first).body == b'"a"'
    answer = instance.hear(late)
    assert (answer.header["status"], answer.header["began"]) == (504, False)
    assert (tmp_path / "gate.seen").read_text() == "a"


def test_a_storm_of_abandoned_calls_leaves_the_instance_healthy(serve, tmp_path):
    instance, gate = serve(GATED), tmp_path / "gate"
    (first,) = ask_in_turn(instance, gate, "a")
    for _ in range(300):
        connection = instance.connect()
        instance.ask(connection, "json", [part("", b'{"gate": "/", "name": "x"}')])
        connection.close()
    threads = f"/proc/{instance.process.pid}/task"
    # Each connection has a thread that reads it: when those have ended, all that came has been seen, and seen to go.
    instance.wait_until(lambda pong: pong["queued"] == 0 and len(os.listdir(threads)) < 20)
    gate.touch()
    assert instance.hear(first).body == b'"a"'
    assert instance.json({"gate": "/", "name": "z"}) == (200, "z")
    assert instance.ping()["served"] == 2


def test_an_answer_that_the_client_is_slow_to_read_holds_nobody_up(serve):
    instance = serve(service("return 'x' * data['size']"))
    slow = instance.connect()
    instance.ask(slow, "json", [part("", b'{"size": 8000000}')])
    instance.wait_until(lambda pong: pong["served"] == 1)
    assert instance.json({"size": 1}) == (200, "x")
    assert len(instance.hear(slow).body) == 8_000_002


def test_one_connection_carries_one_call_after_another(serve):
    instance = serve(ECHO)
    with instance.connect() as connection:
        for number in range(1, 50):
            instance.ask(connection, "json", [part("", str(number).encode())])
            assert instance.hear(connection).body == b'{"echo": %d}' % number


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x05hello",
        b"\xff\xff\xff\xff",
        b'\x00\x00\x00\x0f{"kind":"walk"}',
        b'\x00\x00\x00\x0f{"kind":"call"}',
        b'\x00\x00\x00\x1c{"kind":"call","parts":[{}]}',
        b'\x00\x00\x00\x39{"kind":"call","body":"none","deadline":9,"together":0}  ',
    ],
)
def test_what_is_no_frame_ends_its_connection_and_nothing_else(serve, sent):
    instance = serve(ECHO)
    with instance.connect() as connection:
        connection.sendall(sent)
        assert connection.recv(1) == b""
    assert instance.json([1]) == (200, {"echo": [1]})
