"""What every process of a run finds when it starts."""

from __future__ import annotations

import pytest

import maquette_sdk

SDK = str(maquette_sdk.__path__[0]).rsplit("/", 1)[0]


def paths(python, **more):
    return python("import sys; print('\\n'.join(sys.path))", **more).splitlines()


def test_the_sdk_and_its_names_stand_at_the_end(python):
    assert paths(python)[-2:] == [SDK, f"{SDK}/maquette_sdk/names"]


def test_our_own_folder_is_not_on_the_path(python):
    assert not [entry for entry in paths(python) if entry.endswith("startup")]


def test_the_runs_site_folder_comes_before_the_engines_packages(python, run):
    found = paths(python)
    assert found.index(str(run.site)) < next(i for i, entry in enumerate(found) if entry.endswith("site-packages"))


@pytest.mark.parametrize("name", ["hooks", "ascend", "packages", "mending", "absent"])
def test_a_users_module_of_the_same_name_wins(run, name, tmp_path):
    (tmp_path / f"{name}.py").write_text("mine = 'yes'\n")
    (tmp_path / "script.py").write_text(f"import {name}; print({name}.mine)\n")
    assert run("script.py", check=0).stdout == "yes\n"


def test_child_processes_are_the_same(run, tmp_path):
    (tmp_path / "child.py").write_text("import sys; print(sys.path[-1])")
    (tmp_path / "script.py").write_text(
        "import os, subprocess, sys\nsubprocess.check_call([sys.executable, 'child.py'])\n"
        "os.system('python child.py')\n"
    )
    assert run("script.py", check=0).stdout.splitlines() == [f"{SDK}/maquette_sdk/names"] * 2


def test_the_environments_own_sitecustomize_runs_too(python, modules):
    folder = modules({"sitecustomize.py": "import builtins; builtins.mark = 'theirs'\n"})
    path = f"{SDK}/maquette_sdk/job/startup:{folder}"
    assert python("print(mark); import pip; print(pip.__file__)", PYTHONPATH=path).split()[0] == "theirs"


def test_a_sitecustomize_that_fails_does_not_take_the_run_with_it(run, modules):
    folder = modules({"sitecustomize.py": "raise RuntimeError('theirs')\n"})
    path = f"{SDK}/maquette_sdk/job/startup:{folder}"
    done = run("-c", "import pip, sys; print(sys.path[-1])", PYTHONPATH=path, check=0)
    assert done.stdout.splitlines()[-1] == f"{SDK}/maquette_sdk/names"


def test_outside_a_run_it_does_nothing(run):
    done = run("-c", "import sys; print(sys.path); import pip", MAQUETTE_SDK=None)
    assert "No module named 'pip'" in done.stdout
    assert "startup" not in done.stdout.splitlines()[0]


def test_editable_installs_of_the_run_are_found(python, run, modules):
    folder = modules({"mine.py": "x = 7\n"})
    (run.site / "mine.pth").write_text(folder + "\n")
    assert python("import mine; print(mine.x)") == "7"


def test_a_process_without_a_framework_loads_nothing_heavy(python):
    """Each process of a run pays for what is imported here; in all it must stay below two milliseconds."""
    code = "import sys; print('\\n'.join(sys.modules))"
    plain = set(python(code, PYTHONPATH="").splitlines())
    ours = set(python(code).splitlines())
    assert ours - plain <= {"sitecustomize"}
