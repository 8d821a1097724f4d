"""Puts together what is kept of a model's or a job's origin, and of what became of it."""

from __future__ import annotations

from maquette.buckets.domain import Address
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.lineage.domain import Graph, Kind, Thing
from maquette.models import registry as models
from maquette.models.importing import read_location
from maquette.models.registry import Model
from maquette.services import registry as services
from maquette.services.deployment import Query, Service
from maquette.training import algorithms, jobs
from maquette.training.jobs import Job, JobVersion
from maquette.training.results import output_addresses
from maquette.training.snapshots import is_snapshot

MOST_MODELS = 50
SHORT_HASH = 12


def of_model(ctx: Platform, model: Model) -> Graph:
    """Back to the job's version that made it and what that ran on; on to the services that run it now."""
    graph = Graph()
    made = graph.add(model_thing(model))
    graph.look_from(made)
    place = graph.add(place_thing(model.request.address), made)
    add_code(graph, model, made)
    if model.request.job:
        add_maker(ctx, graph, model, place, made)
    add_services(ctx, graph, model, made)
    return graph


def of_version(ctx: Platform, job: Job, version: JobVersion) -> tuple[Graph, int]:
    """What it ran on, what it left, which models were made of that and where they run; and how many models more there
    are than are told."""
    graph = Graph()
    ran = add_version(ctx, graph, job, version)
    graph.look_from(ran)
    left = {str(address): address for address in output_addresses(version).values()}
    places = {text: add_output(graph, ran, text) for text in left}
    made = models.made_by(ctx, job.workspace_id, job.id, version.name)
    for model in made[:MOST_MODELS]:
        thing = graph.add(model_thing(model))
        output = output_of(model, left)
        place = graph.add(places[output] if output else place_thing(model.request.address), thing)
        graph.add(ran, place)
        add_code(graph, model, thing)
        add_services(ctx, graph, model, thing)
    return graph, max(0, len(made) - MOST_MODELS)


# ── back ─────────────────────────────────────────────────────────────────────────────────────────


def add_maker(ctx: Platform, graph: Graph, model: Model, place: Thing, made: Thing) -> None:
    """The job's version from whose output the model was taken, and all that went into it."""
    try:
        job = jobs.find_job(ctx, model.workspace_id, model.request.job)
        version = jobs.find_version(ctx, job, model.request.job_version)
    except NotFound:
        refers = {"job_id": model.request.job, "version": model.request.job_version}
        name = model.request.job_version
        graph.add(Thing(Kind.JOB, f"job {model.request.job} {name}", name, gone=True, refers=refers), place)
        return
    graph.add(add_version(ctx, graph, job, version), place)


def add_version(ctx: Platform, graph: Graph, job: Job, version: JobVersion) -> Thing:
    refers = {"job_id": job.id, "version": version.name}
    ran = graph.add(Thing(Kind.JOB, f"job {version.id}", job.name, version.name, str(version.state), refers=refers))
    for place in version.specification.inputs:
        if place.address:
            dataset = " ".join(part for part in (place.dataset, place.dataset_version) if part)
            name = dataset or end_of(place.address)
            graph.add(Thing(Kind.DATA, f"data {place.name}", name, place.name, address=place.address), ran)
    graph.add(code_thing(version), ran)
    if version.specification.algorithm:
        graph.add(algorithm_thing(ctx, job.workspace_id, version.specification.algorithm), ran)
    engine = version.engine
    name = str(engine.get("name") or version.specification.engine)
    if name:
        python = engine.get("python_version")
        graph.add(Thing(Kind.ENGINE, f"engine {name}", name, f"Python {python}" if python else ""), ran)
    return ran


def code_thing(version: JobVersion) -> Thing:
    """The code as it was kept, by its hash; before the run has begun the folder that it will be taken from."""
    spec = version.specification
    address = "" if is_snapshot(spec.code) else spec.code
    name = "/".join(part for part in (spec.folder_name, spec.boot_file) if part)
    return Thing(
        Kind.CODE, f"code {version.id}", name, version.code_hash[:SHORT_HASH], address=address,
        refers={"hash": version.code_hash} if version.code_hash else {},
    )  # fmt: skip


def algorithm_thing(ctx: Platform, workspace_id: str, id: str) -> Thing:
    refers = {"algorithm_id": id}
    try:
        name = algorithms.find(ctx, workspace_id, id).name
    except NotFound:
        return Thing(Kind.ALGORITHM, f"algorithm {id}", "", gone=True, refers=refers)
    return Thing(Kind.ALGORITHM, f"algorithm {id}", name, refers=refers)


def add_code(graph: Graph, model: Model, made: Thing) -> None:
    """Inference code that the import took from elsewhere."""
    if model.request.execution_code:
        address = str(read_location(model.request.execution_code, "execution_code"))
        name = address.rstrip("/").rsplit("/", 1)[-1]
        graph.add(Thing(Kind.CODE, f"code {address}", name, address=address), made)


# ── onwards ──────────────────────────────────────────────────────────────────────────────────────


def add_output(graph: Graph, ran: Thing, address: str) -> Thing:
    place = graph.add(place_thing(address))
    graph.add(ran, place)
    return place


def output_of(model: Model, left: dict[str, Address]) -> str:
    """The output that the model was taken from; empty where it was taken from elsewhere."""
    where = str(read_location(model.request.address, "source_location")).rstrip("/") + "/"
    return next((text for text in left if where.startswith(text)), "")


def model_thing(model: Model) -> Thing:
    refers = {"model_id": model.id, "version": model.version}
    return Thing(Kind.MODEL, f"model {model.id}", model.name, model.version, str(model.status), refers=refers)


def place_thing(address: str) -> Thing:
    text = str(read_location(address, "source_location"))
    return Thing(Kind.PLACE, f"place {text.rstrip('/')}", end_of(text), address=text)


def end_of(address: str) -> str:
    """The last two parts of an address: by one alone few folders are known."""
    return "/".join(address.split("://", 1)[-1].strip("/").split("/")[-2:])


def add_services(ctx: Platform, graph: Graph, model: Model, made: Thing) -> None:
    """The services that have it now, stopped ones too."""
    found, _ = services.list_all(ctx, model.workspace_id, Query(model_id=model.id, limit=1000))
    for service in found:
        graph.add(made, graph.add(service_thing(service)))


def service_thing(service: Service) -> Thing:
    """With the share of its calls that each of its versions gets, where there are several."""
    shares = [f"{target.model_version}: {target.weight} %" for target in service.targets]
    about = " · ".join(shares) if len(shares) > 1 else ""
    refers = {"service_id": service.id}
    return Thing(Kind.SERVICE, f"service {service.id}", service.name, about, str(service.status), refers=refers)
