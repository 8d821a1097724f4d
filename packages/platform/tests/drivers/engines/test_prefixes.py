"""A sandbox is shown every folder that an interpreter needs, and no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from maquette.drivers.engines.interpreters import ask
from maquette.drivers.engines.prefixes import fit_to_show, hops, prefixes_of, program_of


def test_an_environment_needs_itself_and_the_interpreter_behind_it(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    prefixes = prefixes_of(ask(str(tmp_path / "env" / "bin" / "python")))
    assert tmp_path / "env" in prefixes
    base = Path(sys.base_prefix)
    assert any(base == prefix or prefix in base.parents for prefix in prefixes)


def test_no_prefix_lies_inside_another():
    prefixes = prefixes_of(ask(sys.executable))
    assert not [one for one in prefixes for other in prefixes if other in one.parents]


def test_what_pth_files_add_is_shown_too(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    source = tmp_path / "project" / "src"
    source.mkdir(parents=True)
    site = next((tmp_path / "env").glob("lib/*/site-packages"))
    (site / "project.pth").write_text(f"{source}\n")
    assert source in prefixes_of(ask(str(tmp_path / "env" / "bin" / "python")))


def test_every_link_on_the_way_counts(tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "one").symlink_to("../b/two")
    (tmp_path / "b" / "two").symlink_to(tmp_path / "real")
    assert hops(tmp_path / "a" / "one") == [tmp_path / "a" / "one", tmp_path / "b" / "two", tmp_path / "real"]


def test_a_link_in_a_home_folder_does_not_show_the_home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (home / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    interpreter = ask(str(home / "python"))
    assert not [place for place in prefixes_of(interpreter) if place in (home, *home.parents)]
    assert program_of(interpreter) == (home / "python").resolve()


def test_an_environments_interpreter_is_started_by_its_own_name(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    assert program_of(ask(str(python))) == python


def test_what_lies_in_a_home_may_be_shown_but_not_the_home(tmp_path):
    places = [tmp_path, tmp_path / "a", Path("/"), Path("/opt")]
    assert fit_to_show(places, tmp_path) == (tmp_path / "a", Path("/opt"))
