"""`python setup.py develop` and `install` write into the run's own folder."""

from __future__ import annotations

import pytest

COMMAND = """
class {name}:
    {option} = root = prefix = user = site_dirs = None

    def finalize_options(self):
        print(self.{option}, self.root or self.prefix)
"""
SETUPTOOLS = {
    "setuptools/__init__.py": "",
    "setuptools/command/__init__.py": "",
    "setuptools/command/easy_install.py": COMMAND.format(name="easy_install", option="install_dir"),
    "setuptools/command/install.py": COMMAND.format(name="install", option="install_lib"),
}


@pytest.fixture
def script(run, modules):
    """What a script prints beside a stand-in for setuptools that says where it would install."""
    folder = modules(SETUPTOOLS)
    return lambda code: run(
        "-c", code, check=0, PYTHONPATH=f"{run.variables['PYTHONPATH']}:{folder}"
    ).stdout.splitlines()


@pytest.mark.parametrize("command", ["easy_install", "install"])
def test_a_setup_script_installs_into_the_runs_own_folder(script, run, command):
    code = f"from setuptools.command.{command} import {command}\n{command}().finalize_options()"
    assert script(code) == [f"{run.variables['MAQUETTE_SITE']} None"]


@pytest.mark.parametrize("place", ["root", "prefix"])
def test_a_folder_that_the_script_names_stays(script, place):
    code = f"from setuptools.command.install import install\none = install()\none.{place} = '/elsewhere'\n"
    assert script(code + "one.finalize_options()") == ["None /elsewhere"]
