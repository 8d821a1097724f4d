"""What Prometheus reads, and with which key."""

import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maquette.services import registry
from maquette.services.counts import BOUNDS, Count, Counts
from maquette.services.metrics import buckets, is_shown
from maquette.workspaces import keys

ECHO = "return data"


@pytest.fixture
def clock():
    return time.time


@pytest.fixture
def scrape(floor, client_of):
    """`scrape(**headers)`: the answer, and every sample by name and labels."""
    with client_of() as client:
        token = client.headers.pop("x-auth-token")

        def call(path=f"/maquette/{floor.who.workspace_id}/metrics", **headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()} or {"x-auth-token": token}
            answer = client.get(path, headers=named)
            samples = {}
            if answer.status_code == 200:
                for family in text_string_to_metric_families(answer.text):
                    for sample in family.samples:
                        key = (sample.name, *sorted(sample.labels.items()))
                        assert key not in samples, key
                        samples[key] = sample.value
            return answer, samples

        yield call


def of(name, version="0.0.1", service="cats", **labels):
    return (name, *sorted({"service": service, "model": "cats", "version": version, **labels}.items()))


def test_calls_latencies_and_instances_are_told_by_service_and_version(scrape, floor):
    first, second = floor.model(ECHO), floor.model(ECHO)
    service = floor.deploy(first)
    counts = Counts()
    for seconds, ok in ((0.0005, True), (0.02, True), (0.02, False), (200.0, True)):
        counts.add(service.id, first, ok, seconds)
    counts.save(floor.ctx)
    answer, told = scrape()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert told[of("maquette_service_calls_total")] == 4
    assert told[of("maquette_service_failures_total")] == 1
    assert told[of("maquette_service_latency_seconds_count")] == 4
    assert told[of("maquette_service_latency_seconds_sum")] == pytest.approx(200.0405)
    assert told[of("maquette_service_latency_seconds_bucket", le="0.001")] == 1
    assert told[of("maquette_service_latency_seconds_bucket", le="+Inf")] == 4
    assert told[of("maquette_service_instances_ready")] == told[of("maquette_service_instances_wanted")] == 1
    assert told[of("maquette_service_in_flight")] == 0
    assert told["maquette_service_status", ("service", "cats"), ("status", "running")] == 1
    assert told["maquette_service_status", ("service", "cats"), ("status", "failed")] == 0
    floor.change(service, second)
    _, told = scrape()
    assert told[of("maquette_service_calls_total")] == 4  # what is not run any more keeps its counter
    assert told[of("maquette_service_calls_total", "0.0.2")] == 0
    assert told[of("maquette_service_instances_wanted")] == 0
    assert told[of("maquette_service_instances_wanted", "0.0.2")] == 1
    registry.stop(floor.ctx, service)
    _, told = scrape()
    assert told[of("maquette_service_instances_wanted", "0.0.2")] == 0  # what is stopped lacks none


def test_the_queue_the_machine_and_its_disk_are_told_without_any_service(scrape):
    _, told = scrape()
    assert told[("maquette_runs_waiting",)] == told[("maquette_runs_running",)] == 0
    assert told[("maquette_free_disk_bytes",)] > 0
    assert told[("maquette_free_memory_bytes",)] > 0
    assert told[("maquette_load",)] >= 0


def test_calls_under_way_are_told_by_the_server_that_has_them(floor, tmp_path):
    gate = tmp_path / "gate"
    service = floor.deploy(floor.model("while not os.path.exists(data['gate']): time.sleep(0.01)\nreturn data"))
    told = []

    def look():
        headers = {"X-Apig-AppCode": floor.code}
        path = f"/maquette/{floor.who.workspace_id}/metrics"
        found = lambda: floor.ask("GET", path, headers=headers).body.decode()  # noqa: E731
        line = 'maquette_service_in_flight{model="cats",service="cats",version="0.0.1"} 1.0'
        floor.until(lambda: line in found())
        told.append(line)
        gate.touch()

    answer, _ = floor.together(lambda: floor.ask_service(service, {"gate": str(gate)}), look)
    assert (answer.status, len(told)) == (200, 1)


@pytest.mark.parametrize("header", ["authorization", "x_apig_appcode"])
def test_an_app_code_opens_the_metrics_and_no_other_route(header, scrape, floor):
    value = f"Bearer {floor.code}" if header == "authorization" else floor.code
    assert scrape(**{header: value})[0].status_code == 200
    elsewhere = scrape("/maquette/another/metrics", **{header: value})[0]
    assert elsewhere.status_code == 401
    for path in ("services", "models"):
        assert scrape(f"/v1/{floor.who.workspace_id}/{path}", **{header: value})[0].status_code == 401
    assert scrape(f"/maquette/{floor.who.workspace_id}/machine", **{header: value})[0].status_code == 401


def test_what_is_no_app_code_opens_nothing(scrape, floor):
    for headers in (
        {"authorization": "Bearer x"}, {"authorization": "Bearer "}, {"authorization": f"Basic {floor.code}"},
        {"authorization": floor.code}, {"x_apig_appcode": ""}, {"x_apig_appcode": "x"}, {"x_auth_token": floor.code},
    ):  # fmt: skip
        assert scrape(**headers)[0].status_code == 401, headers
    [code] = keys.list_app_codes(floor.ctx, floor.who.workspace_id)
    keys.remove_app_code(floor.ctx, floor.who.workspace_id, code.id)
    assert scrape(authorization=f"Bearer {floor.code}")[0].status_code == 401


def test_buckets_hold_all_that_is_shorter_and_end_with_everything():
    count = Count()
    for seconds in (*BOUNDS, 1e6):
        count.add(True, seconds)
    told = buckets(count)
    numbers = [number for _, number in told]
    assert numbers == sorted(numbers)
    assert told[-1] == ("+Inf", len(BOUNDS) + 1)
    assert all(float(bound) < BOUNDS[-1] for bound, _ in told[:-1])
    for bound, number in told[:-1]:
        assert number == sum(seconds <= float(bound) * 1.0001 for seconds in BOUNDS)


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/maquette/p/metrics", True), ("/maquette/p/metrics/x", False), ("/maquette/p/q/metrics", False)],
)
def test_only_the_path_of_metrics_looks_at_app_codes(path, shown):
    class Request:
        scope = {"path": path}  # noqa: RUF012
        headers = {"x-apig-appcode": "x"}  # noqa: RUF012

    assert is_shown(Request()) is shown
