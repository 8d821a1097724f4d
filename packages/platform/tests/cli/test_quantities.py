from types import SimpleNamespace

import pytest

from maquette.cli.quantities import read_seconds, read_size, without_gpus
from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Capacity


@pytest.mark.parametrize(
    ("text", "size"), [("4GB", 4 * 10**9), ("512MiB", 512 * 2**20), ("1.5g", 1_500_000_000), ("100", 100), (None, None)]
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert read_size(text, "memory") == size


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5", 1.5), (None, None)])
def test_times_are_read_as_people_write_them(text, seconds):
    assert read_seconds(text, "time") == seconds


@pytest.mark.parametrize("text", ["", "many", "-1", "4XB", "0"])
def test_what_is_no_quantity_is_refused_by_its_options_name(text):
    with pytest.raises(BadInput, match="--memory"):
        read_size(text, "memory")
    with pytest.raises(BadInput, match="--time"):
        read_seconds(text, "time")


@pytest.mark.parametrize(
    ("there", "wanted", "told"),
    [(0, 0, []), (0, 1, ["this machine has no NVIDIA GPU that"]), (2, 2, []), (2, 4, ["has 2 NVIDIA GPUs that"])],
)
def test_gpus_that_are_not_there_are_told(there, wanted, told):
    ctx = SimpleNamespace(executor=MemoryExecutor(machine=Capacity(4, 1 << 30, there)))
    said = without_gpus(ctx, wanted)
    assert len(said) == len(told)
    assert all(part in sentence for part, sentence in zip(told, said, strict=True))
