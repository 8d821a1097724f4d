import os
import stat

import pytest

from maquette.kernel import home
from maquette.kernel.database import Database
from maquette.kernel.errors import BadInput, Conflict, Unavailable
from maquette.kernel.settings import Home


def test_nobody_else_looks_into_a_home_and_its_secrets(tmp_path):
    place = Home(tmp_path / "home")
    place.path.mkdir(0o755)
    home.make(place)
    Database(f"sqlite:///{place.rows}").close()
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o711
    assert stat.S_IMODE(place.secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.rows.stat().st_mode) == 0o600


def test_a_key_that_is_there_stays(tmp_path):
    place = Home(tmp_path / "home")
    home.make(place)
    before = home.read_secret(place)
    home.make(place)
    assert home.read_secret(place) == before
    assert [path.name for path in place.path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", ["", "no hex", "00" * 31])
def test_a_damaged_key_is_told_and_left_as_it_is(tmp_path, content):
    place = Home(tmp_path)
    place.secret.write_text(content)
    with pytest.raises(Unavailable, match=r"secret\.key' is damaged"):
        home.read_secret(place)
    home.make(place)
    assert place.secret.read_text() == content


def test_a_missing_key_is_told(tmp_path):
    with pytest.raises(Unavailable, match=r"secret\.key' is missing"):
        home.read_secret(Home(tmp_path))


def test_a_home_is_held_by_one_and_the_next_is_told_by_whom(tmp_path):
    place = Home(tmp_path)
    with home.held(place):
        home.tell_where(place, "http://127.0.0.1:7788")
        with pytest.raises(Conflict, match=rf"process {os.getpid()}, http://127\.0\.0\.1:7788"), home.held(place):
            pass
    with home.held(place):
        pass


def test_a_place_where_no_folder_can_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be made"):
        home.make(Home(tmp_path / "file" / "home"))


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount():
    assert home.file_system(home.Path("/proc/self")) == "proc"
    assert home.file_system(home.Path("/")) not in ("", "proc")
