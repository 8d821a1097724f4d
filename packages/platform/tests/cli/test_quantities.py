import pytest

from maquette.cli.quantities import read_seconds, read_size
from maquette.kernel.errors import BadInput


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
