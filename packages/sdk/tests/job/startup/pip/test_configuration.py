"""pip's settings, and which of them wins."""

from __future__ import annotations

from maquette_sdk.job.startup.pip._internal.configuration import configuration_files, many, read_configuration


def test_the_install_section_wins_over_the_global_one_and_a_later_file_over_an_earlier(tmp_path):
    first, second = tmp_path / "first.conf", tmp_path / "second.conf"
    first.write_text("[install]\nfind_links = a\n[global]\nfind-links = b\nindex-url = c\n")
    second.write_text("[global]\nindex-url = d\n")
    files = [str(first), str(tmp_path / "nothing.conf"), str(second)]
    assert read_configuration({}, files=files) == {"find-links": "a", "index-url": "d"}


def test_a_variable_wins_over_every_file(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_text("[install]\nindex-url = a\n")
    assert read_configuration({"PIP_INDEX_URL": "b"}, files=[str(file)]) == {"index-url": "b"}


def test_files_come_from_machine_user_and_variable(tmp_path):
    files = configuration_files({"PIP_CONFIG_FILE": "/x/pip.conf"}, str(tmp_path))
    assert files[0] == "/etc/xdg/pip/pip.conf"
    assert files.index("/etc/pip.conf") < files.index(f"{tmp_path}/.pip/pip.conf")
    assert files.index(f"{tmp_path}/.pip/pip.conf") < files.index(f"{tmp_path}/.config/pip/pip.conf")
    assert files[-1] == "/x/pip.conf"


def test_no_files_at_all_when_the_user_says_so(tmp_path):
    assert configuration_files({"PIP_CONFIG_FILE": "/dev/null"}, str(tmp_path)) == []


def test_a_file_that_cannot_be_read_is_told(tmp_path, capsys):
    file = tmp_path / "pip.conf"
    file.write_text("nonsense")
    assert read_configuration({}, files=[str(file)]) == {}
    assert str(file) in capsys.readouterr().err


def test_several_values_stand_on_lines_or_between_blanks():
    assert many("a b\n  c") == ["a", "b", "c"]
