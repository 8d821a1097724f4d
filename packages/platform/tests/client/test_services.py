"""Online services through `maquette_sdk.Client`, with real instances."""

import io
import threading
import time

import pytest

from maquette_sdk.client import MaquetteError, PredictionRefused
from maquette_sdk.client.predictions import make_form, times
from maquette_sdk.client.service import schedule_of

SHOTS = 40
LONGEST_SECONDS = 300


def status_of(client, service):
    """With which status a call fails; 0 for one that does not."""
    try:
        client.predict(service, json={"text": "x"})
    except MaquetteError as error:
        return error.status
    return 0


def until_answered_by(version, service):
    """Servers look several times a second what there is to serve."""
    until(lambda: service.predict(json={"text": "x"})["version"] == version)


def until(happened):
    deadline = time.monotonic() + LONGEST_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def photo(tmp_path):
    (tmp_path / "猫 1.jpg").write_text("a cat")
    return tmp_path / "猫 1.jpg"


def test_a_model_is_put_online_called_and_taken_away(client, model, photo):
    pets = model()
    service = client.services.deploy("pets", variables={"A": "b"}).wait(300)
    assert (service.name, service.status, service.error) == ("pets", "running", "")
    assert service.config[0]["envs"] == {"A": "b"}
    answer = client.predict("pets", files={"image": str(photo)}, fields={"show_mask": 1, "labels": ["a", "b"]})
    assert answer == {"image": {"猫 1.jpg": "a cat"}, "show_mask": "1", "labels": '["a", "b"]', "version": "first"}
    assert service.predict(json={"text": "hello"}) == {"text": "hello", "version": "first"}
    assert [one["service_name"] for one in client.services.list("pet")] == ["pets"]
    assert client.services.list("dog") == []
    assert client.services.get("pets").id == client.services.get(service.id).id == service.id
    assert "loading first" in service.log()
    assert service.log(tail=5) == service.log()[-5:]
    with pytest.raises(MaquetteError, match="pets"):
        pets.delete()
    service.remove()
    with pytest.raises(MaquetteError, match="no service 'pets'"):
        client.services.get("pets")
    until(lambda: status_of(client, "pets") == 404)


def test_files_are_paths_open_files_or_contents_and_several_where_they_are_listed(client, model, photo):
    model()
    service = client.services.deploy("pets").wait(300)
    files = {"a": photo, "b": io.BytesIO(b"b"), "c": [("1.txt", b"one"), ("2.txt", b"two")]}
    answer = service.predict(files=files)
    assert answer == {
        "a": {"猫 1.jpg": "a cat"}, "b": {"b": "b"}, "c": {"1.txt": "one", "2.txt": "two"}, "version": "first",
    }  # fmt: skip
    told = service.ask(json={"text": "x"})
    assert told.content_type.startswith("application/json")
    assert {"preprocess", "inference", "postprocess"} <= set(told.times)


def test_an_error_of_the_package_comes_with_its_own_body(client, model):
    model()
    client.services.deploy("pets").wait(300)
    with pytest.raises(PredictionRefused, match="Recognition failed") as caught:
        client.predict("pets", fields={"show_mask": "boom"})
    assert (caught.value.status, caught.value.code) == (400, "MR.0105")
    assert caught.value.answer == {"erno": "MR.0105", "msg": "Recognition failed", "words_result": {}}
    with pytest.raises(PredictionRefused) as caught:
        client.predict("pets", json={"text": "x"}, path="/no/such")
    assert (caught.value.status, caught.value.answer["error_code"]) == (404, "APIG.0101")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"files": {"image": "/no/such.jpg"}}, "'/no/such.jpg' of 'image' cannot be read"),
        ({"files": {"image": ("a", b"")}, "json": {}}, "and not both"),
        ({"json": {"a": object()}}, "cannot be sent as JSON"),
    ],
)
def test_what_cannot_be_sent_is_told_before_anything_is(client, call, told):
    with pytest.raises(MaquetteError, match=told):
        client.predict("pets", **call)


def test_versions_share_the_calls_and_take_over_from_each_other_without_a_pause(client, model):
    model()
    model(version="second")
    service = client.services.deploy({"pets:0.0.1": 75, "pets:0.0.2": 25}).wait(300)
    until_answered_by("second", service)
    versions = [service.predict(json={"text": "x"})["version"] for _ in range(8)]
    assert (versions.count("first"), versions.count("second")) == (6, 2)
    service.update("pets:0.0.1", variables={"A": "b"}).wait(300)
    failed, stopped = [], threading.Event()

    def shoot():
        while not stopped.is_set():
            try:
                service.predict(json={"text": "x"})
            except MaquetteError as error:
                failed.append(error)

    shooting = threading.Thread(target=shoot)
    shooting.start()
    service.update("pets").wait(300)
    until_answered_by("second", service)
    assert (service.config[0]["envs"], service.config[0]["instance_count"]) == ({"A": "b"}, 1)
    service.roll_back().wait(300)
    stopped.set()
    shooting.join()
    until_answered_by("first", service)
    assert failed == []
    assert [one["result"] for one in service.updates()] == ["SUCCESS"] * 4
    service.roll_back(revision=1).wait(300)
    assert {one["model_version"] for one in service.config} == {"0.0.1", "0.0.2"}


def test_only_what_is_named_changes(client, model):
    model()
    service = client.services.deploy("pets", specification="modelarts.vm.cpu.1u", variables={"A": "b"}).wait(300)
    service.update(instances=2, description="more of them").wait(300)
    (one,) = service.config
    assert (one["instance_count"], one["specification"], one["envs"]) == (2, "modelarts.vm.cpu.1u", {"A": "b"})
    assert service.about["description"] == "more of them"
    assert len([one for one in service.instances() if one["ready"]]) == 2
    service.update(stop_hours=1.5)
    assert service.about["schedule"] == [{"type": "stop", "time_unit": "MINUTES", "duration": 90}]
    service.update(stop_hours=0)
    assert service.about["schedule"] == []
    before = service.updates()
    service.update()
    assert service.updates() == before


def test_stopped_and_started_again_and_what_happened_is_told(client, model):
    model()
    service = client.services.deploy("pets").wait(300)
    service.stop()
    assert service.status == "stopped"
    with pytest.raises(PredictionRefused) as caught:
        client.predict("pets", json={"text": "x"})
    assert caught.value.status == 503
    told = [event.message for event in service.start().follow(120)]
    assert told[-1] == "The service is running."
    assert service.events()[0].message == "The service 'pets' is being deployed."
    assert not any(event.abnormal for event in service.events())
    assert client.predict("pets", json={"text": "x"})["text"] == "x"


def test_statistics_tell_of_every_version(client, model):
    model()
    service = client.services.deploy("pets").wait(300)
    for _ in range(SHOTS):
        service.predict(json={"text": "x"})
    with pytest.raises(PredictionRefused):
        service.predict(fields={"show_mask": "boom"})
    until(lambda: service.statistics()["total"]["calls"] == SHOTS + 1)  # they are written down every few seconds
    (version,) = service.statistics()["versions"]
    assert (version["model_version"], version["calls"], version["failures"]) == ("0.0.1", SHOTS + 1, 1)
    assert 0 < version["p50_ms"] <= version["p99_ms"]


def test_a_package_that_never_gets_ready_is_told_with_its_reason(client, model):
    model(init="raise ValueError('no weights in here')")
    service = client.services.deploy("pets")
    with pytest.raises(MaquetteError, match=r"(?s)has failed\..*no weights in here") as caught:
        service.wait(300)
    assert (caught.value.code, service.status) == ("failed", "failed")
    failed = [event for event in service.events() if event.abnormal and event.run]
    assert "loading first" in service.log(failed[-1].run)


REFUSED = [
    ({"pets:0.0.1": 70}, {}, "config.weight"),
    ({"pets:0.0.1": 50, "cars": 50}, {}, "config.model_id"),
    ("pets", {"name": "no name!"}, "service_name"),
    ("pets", {"variables": {"2b": ""}}, "config.envs"),
    ("pets", {"instances": 0}, "config.instance_count"),
    ("pets", {"stop_hours": 1e6}, "schedule"),
    ("pets", {"specification": "modelarts.vm.gpu.8"}, "gpus"),
]


def test_what_is_refused_is_told_by_its_field_and_leaves_no_service(client, model):
    model()
    model("cars")
    for models, options, field in REFUSED:
        with pytest.raises(MaquetteError) as caught:
            client.services.deploy(models, **options)
        assert caught.value.details["field"] == field, caught.value
    assert client.services.list() == []


def test_who_took_a_name_is_found_by_it_and_not_who_had_it(client, model):
    model()
    client.services.deploy("pets").wait(300)
    assert client.predict("pets", json={"text": "x"})["version"] == "first"
    client.services.get("pets").remove()
    model(version="second")
    client.services.deploy("pets").wait(300)
    assert client.predict("pets", json={"text": "x"})["version"] == "second"


def test_there_is_nothing_to_go_back_to_at_first(client, model):
    model()
    service = client.services.deploy("pets").wait(300)
    with pytest.raises(MaquetteError, match="no earlier revision"):
        service.roll_back()


def test_waiting_has_an_end(client, model):
    model(init="import time; time.sleep(600)")
    service = client.services.deploy("pets")
    with pytest.raises(TimeoutError, match=r"'pets' is deploying after 0\.1 s"):
        service.wait(0.1)
    told = (event.message for event in service.follow(120))
    assert next(message for message in told if "loads" in message) == "An instance of pets 0.0.1 loads its model."
    service.stop()


# ── without a server ─────────────────────────────────────────────────────────────────────────────


def test_hours_are_said_in_whole_minutes():
    assert schedule_of(0) == []
    assert [schedule_of(hours)[0]["duration"] for hours in (0.001, 0.25, 24)] == [1, 15, 1440]


def test_names_of_fields_and_files_cannot_leave_their_quotes():
    form = make_form({'a"b\r\nc': "1"}, {"f": ('x"\r\n.jpg', b"")})
    assert b'name="a%22b%0D%0Ac"' in form.content
    assert b'filename="x%22%0D%0A.jpg"' in form.content


def test_times_are_read_from_what_browsers_read():
    assert times("queued;dur=0.10, inference;dur=12.00") == {"queued": 0.1, "inference": 12.0}
    assert times("") == {}
