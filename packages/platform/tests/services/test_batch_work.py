"""Batch services from deploy to their manifests: results, failures, stops, deaths of instances and of workers."""

import json
import threading
import time
from dataclasses import replace

import pytest

from maquette.kernel.errors import Conflict, NotFound
from maquette.runs.queue import this_worker
from maquette.services import batch_feeding, batch_results, batches, registry
from maquette.services.batch_results import folder_of
from maquette.services.batch_work import Batches, sweep
from maquette.services.batches import Batch, Phase
from maquette.services.counts import counted
from maquette.services.deployment import Status, Wanted
from maquette.services.domain import CallLimits

FILE = {"Content-type": "multipart/form-data", "data": {"type": "object", "properties": {"image": {"type": "file"}}}}
NUMBERS = {"type": "object", "properties": {"n": {"type": "number"}, "word": {"type": "string"}}}
ROWS = {"Content-type": "application/json", "data": NUMBERS}
READ = "name, file = next(iter(data['image'].items())); text = file.read().decode(); "
ECHO = READ + "return {'name': name, 'text': text}"
GATED = READ + "pass\nwhile int(text) >= 10 and not os.path.exists(os.environ['NOTES'] + '.gate'): time.sleep(0.01)\n"
"""Files from the eleventh on wait until the gate is there: what is done meanwhile is done in the middle of a batch."""
NOTE = "open(os.environ['NOTES'], 'a').write(text + '\\n'); return {'text': text}"
NOTED = READ + "open(os.environ['NOTES'], 'a').write(text + '\\n'); return {'text': text}"


@pytest.fixture
def clock():
    """Workers renew their leases by the real time."""
    return time.time


class Batching:
    """A floor with a worker's part with batches."""

    def __init__(self, floor, name=""):
        self.floor = floor
        self.name = name
        self.ctx, self.store, self.who = floor.ctx, floor.store, floor.who
        self.limits = CallLimits()
        self.thread = None
        self.start()

    def start(self):
        """A worker that feeds batches."""
        me = this_worker(self.ctx)
        self.batches = Batches(self.ctx, replace(me, owner=me.owner + self.name), self.limits)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.stopped.wait(0.02):
            self.batches.step()
        self.batches.close()

    def end(self):
        """The worker ends in peace."""
        self.stopped.set()
        self.thread.join()

    def model(self, body, request=FILE, **more):
        return self.floor.model(body, apis=[{"url": "/", "method": "post", "request": request}], **more)

    def put(self, **files):
        for name, content in files.items():
            key = name.replace("__", "/").replace("_", ".")
            self.store.put("pets", f"in/{key}", [content if isinstance(content, bytes) else str(content).encode()])

    def batch(self, model, **given):
        return Batch(model, **{"src_path": "obs://pets/in/", "dest_path": "obs://pets/out/", **given})

    def deploy(self, model, name="night", **given):
        return batches.deploy(self.ctx, self.who, name, self.batch(model, **given))

    def run(self, model, status=Status.FINISHED, **given):
        """Deploys a batch and waits for its end."""
        service = self.deploy(model, **given)
        self.until_status(service, status)
        return self.floor.again(service)

    def until_status(self, service, status):
        self.floor.until_status(service, status, 300)

    def until_looked(self, service):
        """The worker has looked at the rows since now: it does so before every time that it writes some."""
        for _ in range(2):  # what it writes first may stand since before
            before = self.progress(service).updated_at
            self.floor.until(lambda before=before: self.progress(service).updated_at > before)

    def progress(self, service):
        return batches.progress(self.ctx, service)

    def failures(self, service):
        return batches.failures(self.ctx, service)[0]

    def keys(self, prefix="out/"):
        return [info.key.removeprefix(prefix) for info in self.store.list("pets", prefix).objects]

    def read(self, key):
        _, stream = self.store.open("pets", key)
        with stream:
            return stream.read().decode()

    def result(self, name):
        return self.read(f"out/infer-result/{name}_result.txt")

    def manifest(self, number=0):
        return [json.loads(line) for line in self.read(f"out/infer-result-{number}.manifest").splitlines()]


@pytest.fixture
def batching(floor):
    batching = Batching(floor)
    yield batching
    batching.end()


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_every_file_of_a_folder_has_a_result_and_a_line_in_the_manifest(batching):
    batching.put(a_jpg="one", b_jpg="two", sub__a_jpg="three")
    service = batching.run(batching.model(ECHO))
    assert json.loads(batching.result("a.jpg")) == {"name": "a.jpg", "text": "one"}
    assert json.loads(batching.result("sub/a.jpg")) == {"name": "a.jpg", "text": "three"}
    assert batching.manifest() == [
        {
            "source": f"obs://pets/in/{name}",
            "result": "SUCCESSFUL",
            "inference-loc": f"obs://pets/out/infer-result/{name}_result.txt",
        }
        for name in ("a.jpg", "b.jpg", "sub/a.jpg")
    ]
    told = batching.progress(service)
    assert (told.phase, told.total, told.done, told.failed, told.percent) == (Phase.ENDED, 3, 3, 0, 100)
    assert (told.requests, told.failed_requests) == (3, 0)
    assert service.wanted is Wanted.STOPPED
    batching.floor.until(lambda: not registry.instances(batching.ctx, service))


def test_a_batch_is_fed_though_the_clock_was_set_back(batching):
    batching.end()
    late = [0]
    batching.ctx = replace(batching.ctx, clock=lambda: time.time() - late[0])
    batching.start()
    batching.floor.until(lambda: batching.batches.looked_at)
    late[0] = 3600
    batching.put(a_jpg="one")
    batching.run(batching.model(ECHO))
    assert json.loads(batching.result("a.jpg")) == {"name": "a.jpg", "text": "one"}


def test_results_are_shown_with_their_beginnings_and_in_pages(batching):
    batching.put(a_jpg="one", b_jpg="x" * 3000, sub__a_jpg="three")
    service = batching.run(batching.model(ECHO))
    found, total = batch_results.results(batching.ctx, service)
    assert (total, [str(one.place) for one in found]) == (
        3, [f"obs://pets/out/infer-result/{name}_result.txt" for name in ("a.jpg", "b.jpg", "sub/a.jpg")],
    )  # fmt: skip
    assert (json.loads(found[0].text), found[0].source) == ({"name": "a.jpg", "text": "one"}, "obs://pets/in/a.jpg")
    assert (len(found[1].text), found[1].size) == (2000, len(batching.result("b.jpg")))
    batching.store.delete("pets", found[2].place.key)
    [last], _ = batch_results.results(batching.ctx, service, offset=2, limit=1)
    assert (last.source, last.size, last.text) == ("obs://pets/in/sub/a.jpg", None, None)
    assert batch_results.results(batching.ctx, service, offset=3) == ([], 3)


def test_what_failed_is_no_result(batching):
    batching.put(a_jpg="one", b_jpg="bad")
    service = batching.run(batching.model(READ + "return {'n': 1} if text == 'one' else 1 / 0"))
    assert [one.source for one in batch_results.results(batching.ctx, service)[0]] == ["obs://pets/in/a.jpg"]


def test_several_instances_share_the_files_and_each_has_its_manifest(batching, tmp_path):
    """No call ends before a second instance has one."""
    batching.end()
    batching.limits = CallLimits(seconds=300)
    batching.start()
    batching.put(**{f"{number}_jpg": number for number in range(30)})
    wait = "open(f'{os.environ[\"HERE\"]}/{os.getpid()}', 'w').close()\n"
    wait += "while len(os.listdir(os.environ['HERE'])) < 2: time.sleep(0.01)\n"
    together = tmp_path / "here"
    together.mkdir()
    model = batching.model(wait + READ + "return {'pid': os.getpid()}")
    service = batching.run(model, instances=3, variables={"HERE": str(together)})
    lines = [batching.manifest(number) for number in range(3)]
    assert sorted(line["source"] for some in lines for line in some) == sorted(
        f"obs://pets/in/{number}.jpg" for number in range(30)
    )
    pids = [{json.loads(batching.read(line["inference-loc"][11:]))["pid"] for line in some} for some in lines]
    assert all(len(some) <= 1 for some in pids) and len(set().union(*pids)) >= 2
    assert batching.progress(service).done == 30
    assert [one.calls for one in counted(batching.ctx, [service.id])[service.id].values()] == [30]


def test_what_a_batch_has_written_is_no_input_of_its_next_round(batching):
    batching.put(a_txt="one")
    service = batching.run(batching.model(ECHO), dest_path="/pets/in")
    assert batching.keys("in/") == ["a.txt", "infer-result-0.manifest", "infer-result/a.txt_result.txt"]
    batching.put(b_txt="two")
    batches.start(batching.ctx, service)
    batching.until_status(service, Status.FINISHED)
    assert batching.keys("in/infer-result/") == ["a.txt_result.txt", "b.txt_result.txt"]
    assert batching.progress(service).total == 2


def test_a_manifest_names_the_inputs_and_keeps_equal_names_apart(batching):
    batching.put(one__a_txt="1", two__a_txt="2", two__b_txt="3")
    lines = ["obs://pets/in/one/a.txt", "s3://pets/in/two/a.txt", "/pets/in/two/a.txt", "/pets/in/two/gone.txt"]
    text = "".join(json.dumps({"source": line, "usage": "INFERENCE"}) + "\n\n" for line in lines)
    batching.store.put("pets", "list.manifest", [b"\xef\xbb\xbf" + text.encode()])
    batching.run(batching.model(ECHO), src_path="obs://pets/list.manifest", src_type="ManifestFile")
    assert [json.loads(batching.result(name))["text"] for name in ("one/a.txt", "two/a.txt", "two/a-2.txt")] == [
        "1", "2", "2",
    ]  # fmt: skip
    told = batching.manifest()
    assert [line["source"] for line in told] == lines
    assert told[3]["result"] == "FAILED" and "gone.txt" in told[3]["error_message"]


def test_a_large_file_arrives_whole_and_one_that_is_too_large_is_told(batching, monkeypatch):
    monkeypatch.setattr("maquette.services.batch_calls.MOST_BYTES", 3 << 20)
    batching.put(a_bin=bytes(2 << 20), b_bin=bytes(4 << 20))
    body = "(_, file), = data['image'].items(); return {'size': len(file.read())}"
    service = batching.run(batching.model(body))
    assert json.loads(batching.result("a.bin")) == {"size": 2 << 20}
    assert [(one.source, one.status) for one in batching.failures(service)] == [("obs://pets/in/b.bin", 0)]
    assert "larger than 3 MiB" in batching.failures(service)[0].reason
    assert batching.failures(service)[0].reason.code == "services.file_large"


def test_a_batch_takes_no_calls(batching):
    batching.put(a_txt="one")
    service = batching.deploy(batching.model(READ + "time.sleep(2); return 1"))
    assert batching.floor.ask_service(service).status >= 400
    batching.until_status(service, Status.FINISHED)


# ── failures ─────────────────────────────────────────────────────────────────────────────────────


def test_failures_are_listed_and_stop_nothing(batching):
    batching.put(a_txt="one", b_txt="bad", c_txt="key", d_txt="two")
    body = READ + "\nif text == 'bad': raise RuntimeError(text)\nif text == 'key': raise KeyError(text)\nreturn text"
    service = batching.run(batching.model(body))
    assert (batching.progress(service).done, batching.progress(service).failed) == (2, 2)
    told = batching.failures(service)
    assert [(one.source, one.status, one.row) for one in told] == [
        ("obs://pets/in/b.txt", 500, None),
        ("obs://pets/in/c.txt", 400, None),
    ]
    assert "MR.0105" in told[0].reason
    assert batching.keys("out/infer-result/") == ["a.txt_result.txt", "d.txt_result.txt"]
    failed = batching.manifest()[1]
    assert failed["result"] == "FAILED" and "inference-loc" not in failed and "500" in failed["error_message"]
    happened = registry.events(batching.ctx, service)[0]
    assert (happened.code, happened.abnormal) == ("finished", True)
    assert "2 of 4 inputs have results. 2 failed" in happened.message
    page, total = batches.failures(batching.ctx, service, offset=1, limit=1)
    assert ([one.source for one in page], total) == (["obs://pets/in/c.txt"], 2)


def test_a_batch_of_which_every_input_fails_has_failed(batching):
    batching.put(a_txt="one", b_txt="two")
    service = batching.run(batching.model("raise ValueError('no')"), Status.FAILED)
    assert "0 of 2 inputs have results" in service.error and "a.txt" in service.error and "500" in service.error
    assert [line["result"] for line in batching.manifest()] == ["FAILED", "FAILED"]


def test_only_what_failed_is_tried_again(batching, tmp_path):
    batching.put(a_txt="one", b_txt="two")
    notes = {"NOTES": str(tmp_path / "notes")}
    switch = "\nif text == 'two' and not os.path.exists(os.environ['NOTES'] + '.ok'): raise ValueError(text)\n"
    body = READ + switch + "open(os.environ['NOTES'], 'a').write(text)\nreturn text"
    service = batching.run(batching.model(body), variables=notes)
    assert batching.progress(service).failed == 1
    (tmp_path / "notes.ok").touch()
    batches.retry_failed(batching.ctx, service)
    batching.until_status(service, Status.FINISHED)
    told = batching.progress(service)
    assert (told.done, told.failed, told.requests, told.failed_requests) == (2, 0, 2, 0)
    assert (tmp_path / "notes").read_text() == "onetwo"
    with pytest.raises(NotFound, match="No input"):
        batches.retry_failed(batching.ctx, batching.floor.again(service))


def test_a_result_of_an_earlier_round_goes_when_its_input_fails(batching, tmp_path):
    batching.put(a_txt="one", b_txt="two")
    body = READ + "\nif os.path.exists(os.environ['BAD']) and text == 'one': raise ValueError\nreturn text"
    service = batching.run(batching.model(body), instances=2, variables={"BAD": str(tmp_path / "bad")})
    assert len(batching.keys("out/infer-result/")) == 2
    (tmp_path / "bad").touch()
    batches.change(batching.ctx, batching.who, service, replace(batches.batch_of(service), instances=1))
    batches.start(batching.ctx, batching.floor.again(service))
    batching.until_status(service, Status.FINISHED)
    assert batching.keys() == ["infer-result-0.manifest", "infer-result/b.txt_result.txt"]


def test_a_file_in_which_the_instance_dies_is_tried_three_times(batching, tmp_path):
    batching.put(a_txt="one", b_txt="bad", c_txt="two")
    body = NOTED.replace("return", "\nif text == 'bad': os._exit(3)\nreturn")
    service = batching.run(batching.model(body), variables={"NOTES": str(tmp_path / "notes")})
    told = batching.failures(service)
    assert [(one.source, one.status) for one in told] == [("obs://pets/in/b.txt", 502)]
    assert "ended in each of 3 tries" in told[0].reason
    assert (told[0].reason.code, told[0].reason.parameters) == ("services.ended_tries", {"count": 3})
    assert sorted((tmp_path / "notes").read_text().split()) == ["bad", "bad", "bad", "one", "two"]


def test_a_package_that_dies_in_every_file_is_given_up(batching, monkeypatch):
    monkeypatch.setattr(batch_feeding, "HOPELESS_INPUTS", 2)
    batching.put(**{f"{number}_txt": number for number in range(9)})
    service = batching.run(batching.model("os._exit(3)"), Status.FAILED)
    assert "ended in each of 2 inputs" in service.error
    told = batching.progress(service)
    assert (told.phase, told.done) == (Phase.FEEDING, 0) and told.failed < 9


def test_a_package_that_cannot_be_loaded_fails_with_its_reason(batching):
    batching.put(a_txt="one")
    service = batching.run(batching.model("return 1", first="raise RuntimeError('no weights')"), Status.FAILED)
    assert "no weights" in service.error
    assert batching.progress(service).done == 0


def test_a_call_that_takes_too_long_fails(batching):
    batching.end()
    batching.limits = CallLimits(seconds=4.0)
    batching.start()
    batching.put(a_txt="one", b_txt="slow", c_txt="two")
    body = READ + "\nif text == 'slow': time.sleep(9)\nreturn text"
    service = batching.run(batching.model(body))
    assert [(one.source, one.status) for one in batching.failures(service)] == [("obs://pets/in/b.txt", 504)]
    assert batching.progress(service).done == 2


def test_an_output_that_is_gone_ends_the_batch_and_it_goes_on_later(batching, tmp_path):
    batching.put(**{f"{number:02}_txt": number for number in range(20)})
    batching.store.make_bucket("output")
    variables = {"NOTES": str(tmp_path / "notes")}
    service = batching.deploy(batching.model(GATED + NOTE), dest_path="obs://output/", variables=variables)
    batching.floor.until(lambda: batching.progress(service).done >= 3)
    folder = batching.store.folder("output")
    folder.rename(folder.with_name("hidden"))
    (tmp_path / "notes.gate").touch()
    batching.until_status(service, Status.FAILED)
    assert "Results cannot be written to obs://output/" in batching.floor.again(service).error
    folder.with_name("hidden").rename(folder)
    batches.start(batching.ctx, batching.floor.again(service))
    batching.until_status(service, Status.FINISHED)
    assert batching.progress(service).done == 20
    assert len((tmp_path / "notes").read_text().split()) < 30


# ── stopped, started, taken over ─────────────────────────────────────────────────────────────────


def test_a_batch_that_is_stopped_goes_on_where_it_was(batching, tmp_path):
    batching.put(**{f"{number:02}_txt": number for number in range(20)})
    service = batching.deploy(batching.model(GATED + NOTE), variables={"NOTES": str(tmp_path / "notes")})
    batching.floor.until(lambda: batching.progress(service).done >= 3)
    with pytest.raises(Conflict, match="Stop it first"):
        batches.start(batching.ctx, service)
    with pytest.raises(Conflict, match="Stop it first"):
        batches.change(batching.ctx, batching.who, service, batches.batch_of(service))
    with pytest.raises(Conflict, match="Stop it first"):
        batches.retry_failed(batching.ctx, service)
    batches.stop(batching.ctx, service)
    batching.until_looked(service)
    (tmp_path / "notes.gate").touch()
    batching.floor.until(lambda: not registry.instances(batching.ctx, service))
    told = batching.progress(service)
    assert 3 <= told.done < 20 and told.phase is Phase.FEEDING and not batching.keys("out/infer-result-")
    batches.start(batching.ctx, service)
    batching.until_status(service, Status.FINISHED)
    assert sorted(map(int, (tmp_path / "notes").read_text().split())) == list(range(20))
    assert len(batching.manifest()) == batching.progress(service).requests == 20


def test_a_worker_that_ends_in_peace_leaves_the_rest_to_the_next(batching, tmp_path):
    batching.put(**{f"{number:02}_txt": number for number in range(20)})
    service = batching.deploy(batching.model(GATED + NOTE), variables={"NOTES": str(tmp_path / "notes")})
    batching.floor.until(lambda: batching.progress(service).done >= 3)
    batching.stopped.set()
    batching.floor.until(batching.batches.ending.is_set)
    (tmp_path / "notes.gate").touch()
    batching.end()
    assert batching.floor.again(service).status is Status.RUNNING
    batching.start()
    batching.until_status(service, Status.FINISHED)
    assert sorted(map(int, (tmp_path / "notes").read_text().split())) == list(range(20))


def test_two_workers_never_feed_the_same_batch(batching, tmp_path):
    other = Batching(batching.floor, "other")
    try:
        batching.put(**{f"{number:02}_txt": number for number in range(40)})
        batching.run(batching.model(NOTED), variables={"NOTES": str(tmp_path / "notes")})
    finally:
        other.end()
    assert sorted(map(int, (tmp_path / "notes").read_text().split())) == list(range(40))


def test_a_batch_that_is_removed_is_let_go_with_what_was_kept(batching):
    batching.put(a_csv="1,x\n" * 1000)
    service = batching.deploy(batching.model("time.sleep(0.02); return 1", request=ROWS))
    folder = folder_of(batching.ctx, service.id)
    batching.floor.until(folder.exists)
    runs = [one.run for one in registry.instances(batching.ctx, service)]
    registry.remove(batching.ctx, service)
    batching.floor.until(lambda: not batching.batches.busy)
    assert runs and folder.exists()
    sweep(batching.ctx)
    assert not folder.exists()


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def test_every_row_of_a_csv_has_its_answer_in_one_file(batching):
    text = '\ufeff1.5,one\n2,"two\nlines"\n\n3,\u56fe'
    batching.put(sub__a_csv=text, b_txt="no table")
    service = batching.run(batching.model("return {'got': data, 'more': 'a\\nb'}", request=ROWS))
    lines = [json.loads(line) for line in batching.result("sub/a.csv").splitlines()]
    assert [line["got"] for line in lines] == [
        {"n": 1.5, "word": "one"}, {"n": 2, "word": "two\nlines"}, {"n": 3, "word": "\u56fe"},
    ]  # fmt: skip
    told = batching.progress(service)
    assert (told.total, told.done, told.requests) == (1, 1, 3)
    assert [line["source"] for line in batching.manifest()] == ["obs://pets/in/sub/a.csv"]
    batching.floor.until(lambda: not folder_of(batching.ctx, service.id).exists())


def test_rows_that_fail_keep_their_lines_and_are_told(batching):
    batching.put(a_csv="1,x\nmany,x\n3\n4,bad\n5,x\n", b_csv="1,bad\n", c_csv=b"\xff\xfe\n", d_csv="")
    body = "\nif data['word'] == 'bad': raise ValueError\nreturn data['n']"
    service = batching.run(batching.model(body, request=ROWS))
    lines = batching.result("a.csv").splitlines()
    assert (lines[0], lines[4]) == ("1", "5")
    assert "is no number" in json.loads(lines[1])["error_msg"]
    assert json.loads(lines[3])["erno"] == "MR.0105"
    told = [(one.source[-5:], one.row, one.status) for one in batching.failures(service)]
    assert told == [("a.csv", 2, 0), ("a.csv", 3, 0), ("a.csv", 4, 500), ("b.csv", 1, 500), ("c.csv", None, 0)]
    reasons = [one.reason for one in batching.failures(service)]
    assert [getattr(one, "code", None) for one in reasons] == [
        "services.no_request", "services.no_request", None, None, "services.csv_no_utf8",
    ]  # fmt: skip
    assert [one.parameters["reason"]["code"] for one in reasons[:2]] == ["services.bad_cell", "services.few_columns"]
    assert "UTF-8" in reasons[-1]
    progress = batching.progress(service)
    assert (progress.done, progress.failed, progress.requests, progress.failed_requests) == (2, 2, 7, 5)
    assert batching.keys("out/infer-result/") == ["a.csv_result.txt", "d.csv_result.txt"]
    found = {line["source"][-5:]: line for line in batching.manifest()}
    assert "3 of 5 rows failed; row 2" in found["a.csv"]["error_message"] and "inference-loc" in found["a.csv"]
    assert "inference-loc" not in found["b.csv"]


def test_a_csv_that_is_stopped_in_the_middle_asks_no_row_twice(batching, tmp_path):
    batching.put(a_csv="".join(f"{number},x\n" for number in range(300)))
    body = "while data['n'] >= 100 and not os.path.exists(os.environ['NOTES'] + '.gate'): time.sleep(0.01)\n"
    body += "open(os.environ['NOTES'], 'a').write(f\"{data['n']}\\n\"); return data['n']"
    variables = {"NOTES": str(tmp_path / "notes")}
    service = batching.deploy(batching.model(body, request=ROWS), variables=variables, instances=2)
    batching.floor.until(lambda: batching.progress(service).requests >= 50)
    batches.stop(batching.ctx, service)
    batching.until_looked(service)
    (tmp_path / "notes.gate").touch()
    batching.floor.until(lambda: not registry.instances(batching.ctx, service))
    told = batching.progress(service)
    assert told.done == 0 and not batching.keys()
    batches.start(batching.ctx, service)
    batching.until_status(service, Status.FINISHED)
    assert batching.result("a.csv").split() == [str(number) for number in range(300)]
    assert sorted(map(int, (tmp_path / "notes").read_text().split())) == list(range(300))
    assert batching.progress(service).requests == 300


def test_every_outcome_is_written_down_however_often_that_is_done(batching, monkeypatch):
    monkeypatch.setattr(batch_feeding, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(batch_feeding, "LOOK_SECONDS", 0.0)
    batching.put(**{f"{number:03}_txt": number for number in range(300)})
    service = batching.run(batching.model(ECHO), instances=2)
    assert batching.progress(service).done == len(batching.manifest(0) + batching.manifest(1)) == 300


def test_one_instance_is_enough_to_go_on(batching, tmp_path):
    batching.put(a_txt="one", b_txt="bad", c_txt="two")
    first = f"open({str(tmp_path / 'there')!r}, 'x').close()"
    batching.end()
    batching.limits = CallLimits(seconds=300)
    batching.start()
    gate = tmp_path / "gate"
    body = f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\n{READ}return text"
    service = batching.deploy(batching.model(body, first=first), instances=2)
    happened = lambda: [event.code for event in registry.events(batching.ctx, service)]  # noqa: E731
    batching.floor.until(lambda: "instance_failed" in happened())
    gate.touch()
    batching.until_status(service, Status.FINISHED)
    told = [event.code for event in registry.events(batching.ctx, service)]
    assert "instance_failed" in told and "failed" not in told
    assert batching.progress(service).done == 3
