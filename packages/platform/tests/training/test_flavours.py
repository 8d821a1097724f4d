"""Flavours by ModelArts' names, read by their structure."""

import pytest

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Capacity
from maquette.training.flavours import GB, check_flavour, custom_name, needs_of, offered, read_flavour

SMALL = Capacity(4, 23 * GB, 0)
LARGE = Capacity(16, 128 * GB, 4)


@pytest.mark.parametrize(
    ("name", "machine", "cores", "gigabytes", "gpus"),
    [
        ("", SMALL, 2, 8, 0),
        ("modelarts.vm.cpu.8u", SMALL, 4, 16, 0),
        ("modelarts.vm.cpu.8u", LARGE, 8, 32, 0),
        ("modelarts.vm.cpu.free", LARGE, 2, 8, 0),
        ("modelarts.p3.large.public.free", LARGE, 16, 128, 1),
        ("modelarts.vm.gpu.v100", LARGE, 16, 128, 1),
        ("modelarts.vm.gpu.2", LARGE, 16, 128, 2),
        ("custom.cpu.3u.6g", SMALL, 3, 6, 0),
        ("custom.cpu.3u.0.5g", SMALL, 3, 0.5, 0),
        ("custom.cpu.3u.600g", SMALL, 3, 23, 0),
        ("custom.gpu.1.4u.8g", LARGE, 4, 8, 1),
    ],
)
def test_a_name_is_a_cap_within_what_the_machine_has(name, machine, cores, gigabytes, gpus):
    found = read_flavour(name, machine)
    assert (found.cores, found.memory_bytes / GB, found.gpus) == (cores, gigabytes, gpus)


def test_every_flavour_that_is_offered_is_read_as_what_it_is():
    for machine in (SMALL, LARGE, Capacity(1, GB, 0)):
        assert offered(machine)
        for flavour in offered(machine):
            assert read_flavour(flavour.id, machine) == flavour


@pytest.mark.parametrize(
    ("figures", "name"),
    [((4, 8, 0), "custom.cpu.4u.8g"), ((4, 0, 2), "custom.gpu.2.4u"), ((1, 0.5, 0), "custom.cpu.1u.0.5g")],
)
def test_figures_have_a_name(figures, name):
    assert custom_name(*figures) == name


def test_nodes_share_the_machine():
    assert needs_of(SMALL, "modelarts.vm.cpu.4u", nodes=2).cores == 2
    assert needs_of(SMALL, "modelarts.vm.cpu.1u", nodes=16).cores == 1


@pytest.mark.parametrize(
    "name",
    ["", "modelarts.vm.cpu.2u", "modelarts.kat1.xlarge", "modelarts.pool.visual.xlarge", "modelarts.bm.gpu.v100NV32",
     "modelarts.p3.large.public", "custom.cpu.1u", "2u", "v100"],
)  # fmt: skip
def test_names_of_modelarts_and_those_that_say_what_they_are_may_be_asked_for(name):
    assert check_flavour(name, LARGE) == read_flavour(name, LARGE)


@pytest.mark.parametrize("name", ["nonsense", "no-such-flavor", "4", "modelart.vm.cpu"])
def test_a_name_of_which_nothing_can_be_read_is_refused_with_those_there_are(name):
    with pytest.raises(BadInput, match=r"no flavour .*modelarts\.vm\.cpu\.1u, modelarts\.vm\.cpu\.2u") as refused:
        check_flavour(name, SMALL, "spec_code")
    assert refused.value.parameters["field"] == "spec_code"


@pytest.mark.parametrize("name", ["a b", "modelarts/cpu", "x" * 129, "'; --"])
def test_what_is_no_name_is_told_by_its_field(name):
    with pytest.raises(BadInput, match="is no flavour") as refused:
        read_flavour(name, SMALL)
    assert refused.value.parameters["field"] == "flavor_id"
