from pathlib import Path

import pytest

from maquette.kernel.errors import BadInput
from maquette.kernel.settings import read_settings


def test_the_home_is_the_option_then_the_variable_then_a_folder_of_the_user():
    assert read_settings({"MAQUETTE_HOME": "/a"}, Path("/b")).home.path == Path("/b")
    assert read_settings({"MAQUETTE_HOME": "/a"}).home.path == Path("/a")
    assert read_settings({}).home.path == (Path.home() / ".maquette").resolve()


def test_a_sandbox_setting_that_is_none_is_named_with_those_there_are():
    with pytest.raises(BadInput, match=r"MAQUETTE_SANDBOX is 'maybe'. Set it to auto, required or off\."):
        read_settings({"MAQUETTE_SANDBOX": "maybe"})


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "sqlite:////home/a/maquette.db"),
        ("sqlite", "sqlite:////home/a/maquette.db"),
        ("postgres://me:pw@db/rows", "postgresql+pg8000://me:pw@db/rows"),
        ("postgresql://me@db/rows", "postgresql+pg8000://me@db/rows"),
    ],
)
def test_rows_are_in_the_home_or_where_the_setting_says(value, url):
    assert read_settings({"MAQUETTE_DATABASE": value}, Path("/home/a")).database == url


def test_a_database_that_is_none_of_ours_is_refused_without_showing_its_password():
    with pytest.raises(BadInput, match=r"mysql://me:…@db/rows") as refused:
        read_settings({"MAQUETTE_DATABASE": "mysql://me:hunter2@db/rows"})
    assert "hunter2" not in refused.value.message
