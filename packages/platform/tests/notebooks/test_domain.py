"""What a notebook may be."""

import pytest

from maquette.kernel.errors import BadInput
from maquette.notebooks.domain import Wanted, check, engines_of


@pytest.mark.parametrize(
    ("image", "engines"),
    [
        ("pytorch", ["pytorch"]),
        ("TF-2.1.0&Pytorch-1.4.0-python3.6", ["TF-2.1.0", "Pytorch-1.4.0-python3.6"]),
        ("pytorch, tensorflow,pytorch", ["pytorch", "tensorflow"]),
        ("Multi-Engine 1.0 (python3)-gpu", ["TF-1.13.1-python3.6", "PyTorch-1.0.0-python3.6"]),
        ("Multi-Engine 2.0 (python3)", ["TF-2.1.0-python3.6", "PyTorch-1.4.0"]),
        ("Multi-Engine 9.0 (python3)", ["Multi-Engine 9.0 (python3)"]),
        ("&", []),
    ],
)
def test_an_image_names_its_engines(image, engines):
    assert engines_of(image) == engines


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("name", Wanted("")),
        ("name", Wanted("a b")),
        ("name", Wanted("../../etc")),
        ("name", Wanted("x" * 129)),
        ("description", Wanted("a", description="x" * 513)),
        ("image_id", Wanted("a", image="&&")),
        ("image_id", Wanted("a", image="a&b&c&d&e&f&g")),
        ("duration", Wanted("a", lease_seconds=59)),
        ("duration", Wanted("a", lease_seconds=8 * 86_400)),
        ("duration", Wanted("a", lease_seconds=float("nan"))),
    ],
)
def test_what_no_notebook_can_be_is_told_by_its_field(field, wanted):
    with pytest.raises(BadInput) as told:
        check(wanted)
    assert told.value.parameters["field"] == field


def test_a_time_that_is_too_long_is_told_as_the_number_that_was_given():
    with pytest.raises(BadInput, match="not after 35996400 s"):
        check(Wanted("a", lease_seconds=9999.0 * 3600))


@pytest.mark.parametrize("name", ["bench", "实验-1", "a_b-C9"])
def test_names_that_people_give_are_taken(name):
    check(Wanted(name))
