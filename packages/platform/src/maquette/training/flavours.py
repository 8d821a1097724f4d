"""Flavours as ModelArts names them, and what each means on this machine: a cap on cores, memory and GPUs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Capacity
from maquette.runs.domain import Needs
from maquette.training.sentences import say

DEFAULT = "modelarts.vm.cpu.2u"
GB = 1 << 30
MEMORY_PER_CORE = 4 * GB
LEAST_MEMORY = GB
GPU_WORDS = re.compile(r"gpu|\bp[34]\b|p100|v100|\bt4\b|a100|pnt1|tnt|vnt1", re.IGNORECASE)
NAMES = re.compile(r"(?:modelarts|custom)\.", re.IGNORECASE)
CORES = re.compile(r"(?P<cores>\d+)u\b")
MEMORY = re.compile(r"\.(?P<gb>\d+(?:\.\d+)?)g\b")
GPUS = re.compile(r"gpu[._-]?(?P<gpus>\d+)|(?P<more>\d+)(?:\*|x)?(?:gpu|v100|p100|t4|a100)", re.IGNORECASE)


@dataclass(frozen=True)
class Flavour:
    """What a run of this flavour may use."""

    id: str
    cores: int
    memory_bytes: int
    gpus: int = 0


def offered(machine: Capacity) -> list[Flavour]:
    """The flavours that this machine lists: some, half and all of its cores; GPUs one by one up to all."""
    cores = sorted({1, 2, 4, 8, 16, 32, machine.cores})
    found = [read_flavour(f"modelarts.vm.cpu.{count}u", machine) for count in cores if count <= machine.cores]
    return found + [read_flavour(f"modelarts.vm.gpu.{count}", machine) for count in range(1, machine.gpus + 1)]


def read_flavour(name: str, machine: Capacity) -> Flavour:
    """Any name of ModelArts', by its structure: `…cpu.8u` is 8 cores, `…gpu…` a GPU. What is said of cores and memory
    is a cap, so more than the machine has means all of it; a GPU that is not there is refused by the queue."""
    name = name or DEFAULT
    if not re.fullmatch(r"[\w.*-]{1,128}", name):
        raise BadInput(say("no_flavour", name=name), field="flavor_id")
    found = CORES.search(name)
    gpus = gpus_in(name)
    cores = int(found["cores"]) if found else (machine.cores if gpus else 2)
    cores = max(1, min(cores, machine.cores))
    share = machine.memory_bytes * cores // machine.cores
    memory = machine.memory_bytes if gpus else max(min(cores * MEMORY_PER_CORE, share), min(LEAST_MEMORY, share))
    if asked := MEMORY.search(name):
        memory = min(int(float(asked["gb"]) * GB), machine.memory_bytes)
    return Flavour(name, cores, memory, gpus)


def check_flavour(name: str, machine: Capacity, field: str = "flavor_id") -> Flavour:
    """For who asks for one: a name that is none of ModelArts' and says nothing of cores or GPUs is refused. Names that
    are kept already are read as ever."""
    found = read_flavour(name, machine)
    if not name or NAMES.match(name) or CORES.search(name) or found.gpus:
        return found
    known = ", ".join(flavour.id for flavour in offered(machine))
    raise BadInput(say("unknown_flavour", name=name, known=known), field=field)


def custom_name(cores: int, memory_gb: float, gpus: int) -> str:
    """The name of a flavour that is told by its figures: `custom.cpu.4u.8g`, `custom.gpu.1.4u.8g`."""
    kind = f"gpu.{gpus}" if gpus else "cpu"
    memory = f".{memory_gb:g}g" if memory_gb else ""
    return f"custom.{kind}.{cores}u{memory}"


def gpus_in(name: str) -> int:
    if not GPU_WORDS.search(name):
        return 0
    found = GPUS.search(name)
    return int(found["gpus"] or found["more"]) if found else 1


def needs_of(machine: Capacity, flavour: str, nodes: int = 1) -> Needs:
    """What a run of this flavour holds; several nodes share the machine."""
    read = read_flavour(flavour, machine)
    return Needs(
        max(1, min(read.cores, machine.cores // nodes)),
        min(read.memory_bytes, machine.memory_bytes // nodes),
        read.gpus,
    )
