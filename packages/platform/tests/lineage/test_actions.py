"""From what models and jobs were made, and what became of them, over HTTP and as values."""

import pytest
from starlette.testclient import TestClient

from maquette.lineage import actions
from maquette.lineage.domain import Graph, Kind, Thing
from maquette.models import registry as models
from maquette.server import make_app
from maquette.services import registry as services
from maquette.services.deployment import Target
from maquette.training import algorithms, jobs
from maquette.training.algorithms import Content
from maquette.training.specification import Place, Specification
from maquette.workspaces import actions as workspaces
from maquette.workspaces import sessions

from ..models.test_registry import PACKAGE, SERVICE, imported, put, who  # noqa: F401 -- fixtures

INSIDE = {f"model/{name}": text for name, text in PACKAGE.items()}


@pytest.fixture
def trained(platform, put, who):  # noqa: F811
    """A job's version, and the output of it that holds a model."""
    put("code/", {"train.py": "print()"})
    algorithm = algorithms.create(
        platform, who, "resnet", "", Content(code="obs://pets/code/", boot_file="train.py", engine="sklearn")
    )
    spec = Specification(
        dialect="v1", code="obs://pets/code/", boot_file="train.py", engine="sklearn-1.9.1", algorithm=algorithm.id,
        inputs=(Place(name="data_url", address="obs://pets/images/", dataset="flowers", dataset_version="V002"),),
        outputs=(Place(name="train_url", address="obs://pets/out/"), Place(name="log", address="obs://pets/log/")),
    )  # fmt: skip
    job = jobs.create_job(platform, who, "train", specification=spec)
    jobs.keep(
        platform, jobs.latest_version(platform, job), code_hash="ab" * 32,
        engine={"name": "sklearn-1.9.1", "python_version": "3.11"},
    )  # fmt: skip
    put("out/V0001/", INSIDE)
    return job


def links(graph):
    def told(id):
        thing = graph.things[id]
        return f"{thing.kind} {thing.name or thing.id}"

    return sorted(f"{told(source)} > {told(target)}" for source, target in graph.links)


INTO = [
    "algorithm resnet > job train", "code code/train.py > job train", "data flowers V002 > job train",
    "engine sklearn-1.9.1 > job train",
]  # fmt: skip


def test_a_model_leads_back_to_all_that_its_job_ran_on_and_on_to_its_services(platform, imported, trained, who):  # noqa: F811
    model = imported("", job=trained.id)
    services.deploy(platform, who, "shop", [Target(model.id)])
    graph = actions.of_model(platform, model)
    assert links(graph) == [
        *INTO,
        "job train > place out/V0001",
        "model flowers > service shop",
        "place out/V0001 > model flowers",
    ]
    assert graph.things[graph.focus].refers == {"model_id": model.id, "version": "0.0.1"}
    by_kind = {thing.kind: thing for thing in graph.things.values()}
    assert by_kind[Kind.CODE].refers == {"hash": "ab" * 32}
    assert by_kind[Kind.DATA].about == "data_url"
    assert by_kind[Kind.ENGINE].about == "Python 3.11"
    assert by_kind[Kind.PLACE].address == "obs://pets/out/V0001/"
    assert (by_kind[Kind.SERVICE].about, by_kind[Kind.SERVICE].state) == ("", "deploying")


def test_a_version_leads_to_every_model_and_service_that_came_of_it(platform, imported, trained, who):  # noqa: F811
    first, second = (imported("", job=trained.id) for _ in range(2))
    services.deploy(platform, who, "shop", [Target(first.id, weight=30), Target(second.id, weight=70)])
    version = jobs.latest_version(platform, trained)
    graph, left_out = actions.of_version(platform, trained, version)
    assert graph.things[graph.focus].about == "V0001"
    assert left_out == 0
    outputs = ["job train > place log/V0001", "job train > place out/V0001"]
    served = ["model flowers > service shop"] * 2
    assert links(graph) == [
        *INTO,
        *outputs,
        *served,
        "place out/V0001 > model flowers",
        "place out/V0001 > model flowers",
    ]
    [service] = [thing for thing in graph.things.values() if thing.kind is Kind.SERVICE]
    assert service.about == "0.0.1: 30 % · 0.0.2: 70 %"


def test_more_models_than_are_told_are_counted(platform, imported, trained, monkeypatch):  # noqa: F811
    monkeypatch.setattr(actions, "MOST_MODELS", 1)
    for _ in range(3):
        imported("", job=trained.id)
    graph, left_out = actions.of_version(platform, trained, jobs.latest_version(platform, trained))
    assert (len([one for one in graph.things.values() if one.kind is Kind.MODEL]), left_out) == (1, 2)


def test_what_was_removed_since_is_told_as_gone(platform, imported, trained):  # noqa: F811
    model = imported("", job=trained.id)
    algorithms.remove(platform, algorithms.list_algorithms(platform, trained.workspace_id, algorithms.Query())[0][0])
    graph = actions.of_model(platform, model)
    assert [thing.kind for thing in graph.things.values() if thing.gone] == [Kind.ALGORITHM]
    for version in jobs.list_versions(platform, trained):
        jobs.stop_version(platform, version, now=True)
    jobs.remove_job(platform, trained)
    graph = actions.of_model(platform, model)
    [job] = [thing for thing in graph.things.values() if thing.kind is Kind.JOB]
    assert (job.gone, job.name) == (True, "V0001")
    assert (job.id, f"place {model.request.address.rstrip('/')}") in graph.links


def test_a_model_of_a_bucket_has_its_place_and_its_code_from_elsewhere(platform, put, imported):  # noqa: F811
    code = put("infer/", {"infer.py": SERVICE}) + "infer.py"
    graph = actions.of_model(platform, imported(put("roses/", PACKAGE), execution_code=code))
    assert links(graph) == ["code infer.py > model flowers", "place pets/roses > model flowers"]


def test_a_thing_stands_in_a_graph_once():
    graph = Graph()
    made = graph.add(Thing(Kind.MODEL, "m", "flowers"))
    graph.add(Thing(Kind.DATA, "d", "data"), made)
    graph.add(Thing(Kind.DATA, "d", "other"), made)
    assert [thing.name for thing in graph.things.values()] == ["flowers", "data"]
    assert list(graph.links) == [("d", "m")]


@pytest.fixture
def browser(platform):
    """A signed-in owner, and the path of lineage."""
    user_id, workspace_id = workspaces.owner_of_all(platform)
    assert user_id
    ticket = sessions.sign_in_by_link(platform, workspaces.owner_link(platform), "correct horse").user_id
    assert ticket == user_id
    with TestClient(make_app(platform), base_url="http://127.0.0.1") as client:
        client.post("/maquette/session", json={"name": "admin", "password": "correct horse"})
        yield lambda **query: client.get(f"/maquette/{workspace_id}/lineage", params=query)


def test_one_route_tells_the_lineage_of_both(platform, browser, imported, trained):  # noqa: F811
    model = imported("", job=trained.id)
    told = browser(model_id=model.id).json()
    assert told["focus"] == f"model {model.id}"
    assert {"source": f"place {model.request.address.rstrip('/')}", "target": told["focus"]} in told["edges"]
    for version in ("latest", "V0001"):
        job = browser(job_id=trained.id, version=version).json()
        assert [one["kind"] for one in job["nodes"] if one["id"] == job["focus"]] == ["job"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"model_id": "a", "job_id": "b"}, 400),
        ({"model_id": "none"}, 404),
        ({"job_id": "none"}, 404),
        ({"model_id": "x" * 65}, 400),
    ],
)
def test_what_is_not_there_has_no_lineage(browser, query, status):
    assert browser(**query).status_code == status


def test_another_workspaces_model_has_none_here(platform, imported, trained):  # noqa: F811
    model = imported("", job=trained.id)
    assert models.made_by(platform, "another", trained.id, "V0001") == []
    assert [one.id for one in models.made_by(platform, model.workspace_id, trained.id, "V0001")] == [model.id]
