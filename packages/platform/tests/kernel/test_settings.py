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
