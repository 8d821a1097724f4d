"""Addresses as people write them."""

from __future__ import annotations

import pytest

from maquette.buckets.domain import Address, is_address, read_address
from maquette.kernel.errors import BadInput

ADDRESSES = [
    ("obs://pets", Address("pets", "")),
    ("obs://pets/", Address("pets", "")),
    ("s3://pets/a/b.txt", Address("pets", "a/b.txt")),
    ("OBS://pets/a/", Address("pets", "a/")),
    ("obs://pets//a", Address("pets", "/a")),
    ("obs://pets/猫 1.jpg", Address("pets", "猫 1.jpg")),
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_is_a_bucket_and_a_key(text: str, address: Address) -> None:
    assert is_address(text) and read_address(text) == address


@pytest.mark.parametrize("text", ["obs:/pets/x", "obs:pets/x", "s3:/pets/x", "s3//pets/x", "obs:///pets/x"])
def test_an_address_that_is_nearly_right_is_told_right(text: str) -> None:
    assert is_address(text)
    with pytest.raises(BadInput, match=r"obs://pets/x|names no bucket"):
        read_address(text)


@pytest.mark.parametrize("text", ["pets/x", "/pets", "", "obs", "observations/x", "s3", "c:/x", "https://x/y"])
def test_a_path_is_no_address(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(BadInput, match="is not an address"):
        read_address(text)


@pytest.mark.parametrize("text", ["obs://", "obs://P/x", "obs://ab/x", "s3://a_b/x", "obs://.maquette/x"])
def test_a_bucket_has_a_name_that_buckets_can_have(text: str) -> None:
    with pytest.raises(BadInput, match="names no bucket"):
        read_address(text)


def test_names_are_put_below_a_folder() -> None:
    assert read_address("obs://pets").below("x") == Address("pets", "x")
    assert read_address("obs://pets/a").below("b/c") == Address("pets", "a/b/c")
    assert str(read_address("s3://pets/a/").below("b")) == "obs://pets/a/b"
    assert read_address("obs://pets").is_folder and not read_address("obs://pets/a").is_folder
