"""pip's configuration is said in uv's variables."""

from __future__ import annotations

import pytest

from maquette.drivers.engines.indexes import read_indexes


def indexes(tmp_path, ini="", **variables):
    file = tmp_path / "pip.conf"
    file.write_text(ini)
    return read_indexes({"HOME": str(tmp_path), **variables}, [str(file)])


CASES = {
    "[global]\nindex-url = https://index.example/simple": {"UV_DEFAULT_INDEX": "https://index.example/simple"},
    "[global]\nindex_url = https://index.example/simple": {"UV_DEFAULT_INDEX": "https://index.example/simple"},
    "[global]\nindex-url = https://a.example\n[install]\nindex-url = https://b.example": {
        "UV_DEFAULT_INDEX": "https://b.example"
    },
    "[global]\nextra-index-url = https://a.example\n  https://b.example": {
        "UV_INDEX": "https://a.example https://b.example"
    },
    "[global]\ntrusted-host = a.example\n    b.example": {"UV_INSECURE_HOST": "a.example b.example"},
    "[global]\nno-index = true": {"MAQUETTE_NO_INDEX": "1"},
    "[global]\nno-index = false": {},
    "[global]\ntimeout = 60": {"UV_HTTP_TIMEOUT": "60"},
    "[global]\nproxy = http://proxy.example:3128": {
        "HTTP_PROXY": "http://proxy.example:3128", "HTTPS_PROXY": "http://proxy.example:3128"
    },
    "[freeze]\nindex-url = https://index.example/simple": {},
    "": {},
}  # fmt: skip


@pytest.mark.parametrize("ini", CASES)
def test_a_setting_of_pip_becomes_a_variable_of_uv(tmp_path, ini):
    assert dict(indexes(tmp_path, ini).environment) == {"UV_INDEX_STRATEGY": "unsafe-best-match", **CASES[ini]}


def test_a_variable_wins_over_the_file(tmp_path):
    found = indexes(tmp_path, "[global]\nindex-url = https://a.example", PIP_INDEX_URL="https://b.example")
    assert found.environment["UV_DEFAULT_INDEX"] == "https://b.example"


def test_what_is_set_for_uv_itself_wins_over_pips(tmp_path):
    found = indexes(tmp_path, "[global]\nindex-url = https://a.example", UV_DEFAULT_INDEX="https://b.example")
    assert found.environment["UV_DEFAULT_INDEX"] == "https://b.example"


def test_folders_and_files_are_named_so_that_runs_can_see_them(tmp_path):
    wheels, constraints, certificate = tmp_path / "wheels", tmp_path / "constraints.txt", tmp_path / "ca.pem"
    wheels.mkdir()
    constraints.write_text("numpy<2\n")
    certificate.write_text("-----")
    ini = f"[global]\nfind-links = {wheels} /nowhere/at/all\nconstraint = {constraints}\ncert = {certificate}\n"
    found = indexes(tmp_path, ini)
    assert found.environment["UV_FIND_LINKS"] == str(wheels)
    assert found.environment["UV_CONSTRAINT"] == str(constraints)
    assert found.environment["SSL_CERT_FILE"] == str(certificate)
    assert set(found.places) == {wheels, constraints, certificate}


def test_an_index_on_disk_brings_the_folders_that_its_pages_link_to(tmp_path):
    simple, files = tmp_path / "mirror" / "simple", tmp_path / "mirror" / "files"
    (simple / "toy").mkdir(parents=True)
    files.mkdir()
    (simple / "toy" / "index.html").write_text('<a href="../../files/toy-1.0-py3-none-any.whl#sha256=00">toy</a>')
    found = indexes(tmp_path, f"[global]\nextra-index-url = {simple.as_uri()}")
    assert set(found.places) == {simple, files}


def test_a_configuration_file_that_cannot_be_read_is_told_and_left_out(tmp_path, capsys):
    assert dict(indexes(tmp_path, "no section = 1").environment) == {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    assert "cannot be read" in capsys.readouterr().err


def test_a_users_uv_configuration_is_passed_on(tmp_path):
    file = tmp_path / ".config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True)
    file.write_text("")
    found = indexes(tmp_path)
    assert found.environment["UV_CONFIG_FILE"] == str(file)
    assert file in found.places
