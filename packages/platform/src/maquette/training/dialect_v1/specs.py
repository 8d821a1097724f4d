"""Flavours as the first generation numbers them: `spec_id` is the number of cores, or 1000 and the number of GPUs."""

from __future__ import annotations

from typing import Any

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Capacity
from maquette.training.flavours import GB, Flavour, check_flavour, offered, read_flavour

GPUS = 1000


def spec_id_of(flavour: Flavour) -> int:
    return GPUS + flavour.gpus if flavour.gpus else flavour.cores


def flavour_named(machine: Capacity, spec_id: int | str, spec_code: str) -> str:
    """The flavour's name; empty for the default one. A number must be one of those that are offered."""
    text = str(spec_id).strip()
    if text and not text.isdecimal():
        return check_flavour(text, machine, "spec_id").id
    if not text or spec_code:
        return check_flavour(spec_code, machine, "spec_code").id if spec_code else ""
    known = {str(spec_id_of(flavour)): flavour.id for flavour in offered(machine)}
    if text not in known:
        told = f"There is no flavour {text}. Choose a spec_id of these: {', '.join(known)}."
        raise BadInput(told, field="spec_id")
    return known[text]


def spec_body(machine: Capacity, name: str) -> dict[str, Any]:
    """What versions and configurations tell of their flavour."""
    flavour = read_flavour(name, machine)
    return {
        "spec_id": spec_id_of(flavour),
        "core": str(flavour.cores),
        "cpu": f"{flavour.memory_bytes / GB:.0f}",
        "gpu_num": flavour.gpus,
        "gpu_type": "gpu" if flavour.gpus else "",
        "spec_code": flavour.id,
    }


def offer_body(machine: Capacity, flavour: Flavour) -> dict[str, Any]:
    nodes = machine.gpus // flavour.gpus if flavour.gpus else machine.cores // flavour.cores
    return {
        **spec_body(machine, flavour.id),
        "max_num": max(1, min(nodes, 16)),
        "unit_num": 1,
        "storage": "",
        "interface_type": 1,
        "no_resource": False,
    }
