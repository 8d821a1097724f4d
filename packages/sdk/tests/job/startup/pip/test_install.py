"""`pip install` and `pip uninstall` in a run: into its own site folder, as pip would decide."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ..conftest import PATIENCE


def test_a_package_and_what_it_needs_are_installed_for_this_run_alone(pip, python, wheels, run):
    wheels("toy", "1.0", requires=["more>=1"])
    wheels("more", "1.5")
    done = pip("install", "toy", check=0)
    assert "Successfully installed more-1.5 toy-1.0" in done.stdout
    assert python("import toy, more; print(toy.__version__, more.__version__)") == "1.0 1.5"
    assert python("import toy; print(toy.__file__)").startswith(str(run.site))


def test_what_is_satisfied_is_not_installed_again_and_needs_no_index(pip, wheels):
    path = wheels("toy", "1.0")
    pip("install", "toy", check=0)
    path.unlink()
    assert "Requirement already satisfied: toy>=0.5 in" in pip("install", "toy>=0.5", check=0).stdout


def test_a_newer_release_is_installed_only_when_asked_for(pip, python, wheels):
    wheels("toy", "1.0")
    pip("install", "toy", check=0)
    wheels("toy", "2.0")
    assert "already satisfied" in pip("install", "toy", check=0).stdout
    pip("install", "-U", "toy", check=0)
    assert python("import toy; print(toy.__version__)") == "2.0"
    pip("install", "toy==1.0", check=0)
    assert python("import toy; print(toy.__version__)") == "1.0"


def test_an_upgrade_leaves_what_the_package_needs_as_it_is(pip, python, wheels):
    wheels("toy", "1.0", requires=["more"])
    wheels("more", "1.0")
    pip("install", "toy", check=0)
    wheels("toy", "2.0", requires=["more"])
    wheels("more", "2.0")
    pip("install", "--upgrade", "toy", check=0)
    assert python("import toy, more; print(toy.__version__, more.__version__)") == "2.0 1.0"
    pip("install", "--upgrade", "--upgrade-strategy", "eager", "toy", check=0)
    assert python("import more; print(more.__version__)") == "2.0"


def test_packages_of_the_engine_count_as_installed(engine, run, wheels, tmp_path):
    """An environment of its own here, because this one does have packages."""
    own = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(own)], check=True)
    wheels("toy", "1.0", requires=["more"])
    wheels("more", "1.0")
    uv = [run.variables["MAQUETTE_UV"], "pip", "install", "--no-index", "--quiet"]
    uv += ["--python", str(own / "bin" / "python")]
    subprocess.run([*uv, "toy"], env=run.variables, check=True)

    def pip(*arguments):
        command = [str(own / "bin" / "python"), "-m", "pip", *arguments]
        done = subprocess.run(command, env=run.variables, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    wheels("third", "1.0", requires=["more"])
    assert "already satisfied" in pip("install", "toy")
    assert "Successfully installed third-1.0" in pip("install", "third")
    assert sorted(path.name for path in run.site.glob("[!.]*")) == ["third", "third-1.0.dist-info"]
    assert "toy 1.0 stays: it belongs to the engine's environment" in pip("uninstall", "-y", "toy")
    wheels("toy", "0.5")
    pip("install", "toy==0.5")
    command = [str(own / "bin" / "python"), "-c", "import toy; print(toy.__version__)"]
    assert subprocess.run(command, env=run.variables, capture_output=True, text=True).stdout == "0.5\n"
    assert (next(own.glob("lib/*/site-packages/toy-*.dist-info"))).name == "toy-1.0.dist-info"


def test_a_package_that_does_not_exist_ends_with_1_and_its_name(pip):
    done = pip("install", "nosuchthing")
    assert done.returncode == 1
    assert "ERROR: Because nosuchthing was not found" in done.stdout


def test_a_pin_that_is_not_there_gives_way_to_the_nearest_and_is_told(pip, python, wheels):
    wheels("toy", "1.0")
    wheels("toy", "3.0")
    done = pip("install", "toy==2.0", check=0)
    assert "toy==2.0 cannot be installed here: toy==3.0 is taken." in done.stdout
    assert python("import toy; print(toy.__version__)") == "3.0"


def test_a_mirror_that_cannot_be_reached_is_left_for_the_configured_index(pip, wheels):
    wheels("toy", "1.0")
    more = {"MAQUETTE_NO_INDEX": None, "UV_DEFAULT_INDEX": wheels.folder.as_uri()}
    done = pip("install", "toy", "-i", "http://127.0.0.1:9/simple", "--trusted-host", "127.0.0.1", check=0, **more)
    assert "http://127.0.0.1:9/simple cannot be reached" in done.stdout
    assert "configured index is used instead" in done.stdout
    assert "Successfully installed toy-1.0" in done.stdout


def test_an_index_of_the_runs_own_pip_conf_is_used_and_left_alike(pip, wheels, tmp_path):
    """Scripts write `~/.pip/pip.conf` or call `pip config set global.index-url`."""
    wheels("toy", "1.0")
    (tmp_path / "home" / ".pip").mkdir(parents=True)
    (tmp_path / "home" / ".pip" / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/simple\n")
    done = pip("install", "toy", check=0, MAQUETTE_NO_INDEX=None, UV_DEFAULT_INDEX=wheels.folder.as_uri())
    assert "http://127.0.0.1:9/simple cannot be reached" in done.stdout


def test_without_any_index_the_sentence_says_so(pip):
    done = pip("install", "toy", MAQUETTE_NO_INDEX=None, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple")
    assert done.returncode == 1
    assert "ERROR: The package index cannot be reached" in done.stdout


def test_a_folder_of_wheels_that_the_script_names_is_searched(pip, wheels, tmp_path):
    wheels("toy", "1.0", where=tmp_path / "mine")
    assert "Successfully installed toy-1.0" in pip("install", "-f", "mine", "toy", check=0).stdout


def test_a_wheel_file_is_installed(pip, python, wheels, tmp_path):
    wheels("toy", "1.0", where=tmp_path / "code")
    pip("install", "./code/toy-1.0-py3-none-any.whl", check=0)
    assert python("import toy; print(toy.__version__)") == "1.0"


BACKEND = """
import base64, hashlib, os, zipfile
NAME = "mine-0.1-py3-none-any.whl"

def build(folder, files):
    info = {
        "mine-0.1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: mine\\nVersion: 0.1\\n",
        "mine-0.1.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    with zipfile.ZipFile(os.path.join(folder, NAME), "w") as archive:
        for name, text in {**files, **info}.items():
            archive.writestr(name, text)
        archive.writestr("mine-0.1.dist-info/RECORD", "".join(f"{n},,\\n" for n in {**files, **info}))
    return NAME

def build_wheel(folder, *ignored):
    return build(folder, {"mine.py": open("mine.py").read()})

def build_editable(folder, *ignored):
    return build(folder, {"mine.pth": os.getcwd() + "\\n"})
"""


@pytest.mark.parametrize("arguments", [["-e", "."], ["."], ["--editable=."], ["-e", "."]])
def test_the_scripts_own_package_is_installed_also_editable(pip, python, tmp_path, arguments):
    code = tmp_path / "my code"
    code.mkdir()
    (code / "backend.py").write_text(BACKEND)
    (code / "mine.py").write_text("x = 7\n")
    (code / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "mine"\nversion = "0.1"\n'
    )
    pip("install", *arguments, check=0, cwd=code)
    where = python("import mine; print(mine.x, mine.__file__)", cwd=tmp_path)
    assert where.startswith("7 ")
    assert (str(code) in where) == (arguments[0] != ".")


def test_requirement_files_are_read_with_all_that_people_write(pip, python, wheels, tmp_path):
    wheels("toy", "1.0")
    wheels("more", "1.0")
    wheels("local", "1.0", where=tmp_path / "code")
    (tmp_path / "code" / "other.txt").write_text("more==1.0  # pinned\n")
    (tmp_path / "code" / "requirements.txt").write_bytes(
        b"\xef\xbb\xbf# Chinese: \xe6\xb5\x8b\xe8\xaf\x95\n-i http://127.0.0.1:9/simple\n--trusted-host 127.0.0.1\n"
        b"toy \\\n  >= 1.0\n-r other.txt\n./local-1.0-py3-none-any.whl\n"
    )
    more = {"MAQUETTE_NO_INDEX": None, "UV_DEFAULT_INDEX": wheels.folder.as_uri()}
    pip("install", "-r", "requirements.txt", cwd=tmp_path / "code", check=0, **more)
    assert python("import toy, more, local; print('all')") == "all"


def test_a_missing_requirement_file_ends_with_1(pip):
    done = pip("install", "-r", "nothing.txt")
    assert done.returncode == 1
    assert "Could not open requirements file" in done.stdout


def test_nothing_to_install_ends_with_1(pip):
    assert pip("install").returncode == 1


def test_options_of_all_kinds_are_taken(pip, wheels):
    wheels("toy", "1.0")
    line = (
        "--user --no-cache-dir -q --disable-pip-version-check --default-timeout=100 --timeout 20 --retries 3"
        " --use-feature=2020-resolver --progress-bar off --root-user-action=ignore --prefer-binary"
    )
    assert pip("install", *line.split(), "toy", check=0).stdout == ""


def test_an_option_that_nobody_knows_is_told_and_the_install_goes_on(pip, python, wheels):
    wheels("toy", "1.0")
    done = pip("install", "--frobnicate", "toy", check=0)
    assert "--frobnicate has no meaning in a run and is ignored" in done.stdout
    assert python("import toy; print('here')") == "here"


def test_upgrading_pip_itself_is_a_habit_and_no_harm(pip, wheels):
    wheels("toy", "1.0")
    assert "already satisfied: pip" in pip("install", "--upgrade", "pip", check=0).stdout
    assert "Successfully installed toy-1.0" in pip("install", "pip==9.0.3", "toy", check=0).stdout


def test_without_its_dependencies_means_without(pip, python, wheels):
    wheels("toy", "1.0", requires=["nosuchthing"])
    pip("install", "--no-deps", "toy", check=0)
    assert python("import toy; print('here')") == "here"


def test_a_target_folder_is_the_scripts_business(pip, wheels, tmp_path, run):
    wheels("toy", "1.0")
    pip("install", "--target", "libs", "toy", check=0)
    assert (tmp_path / "libs" / "toy" / "__init__.py").exists()
    assert not (run.site / "toy").exists()


def test_a_dry_run_installs_nothing(pip, wheels, run):
    wheels("toy", "1.0")
    assert "Would install toy-1.0" in pip("install", "--dry-run", "toy", check=0).stdout
    assert not (run.site / "toy").exists()


def test_force_reinstall_puts_the_files_back(pip, python, wheels, run):
    wheels("toy", "1.0")
    pip("install", "toy", check=0)
    (run.site / "toy" / "__init__.py").unlink()
    pip("install", "--force-reinstall", "toy", check=0)
    assert python("import toy; print(toy.__version__)") == "1.0"


def test_a_package_of_the_run_is_uninstalled(pip, run, wheels):
    wheels("toy", "1.0")
    pip("install", "toy", check=0)
    assert "Successfully uninstalled toy-1.0" in pip("uninstall", "-y", "toy", check=0).stdout
    assert not (run.site / "toy").exists()


def test_uninstalling_what_is_not_there_does_not_stop_a_script(pip):
    assert "Skipping toy as it is not installed" in pip("uninstall", "-y", "toy", check=0).stdout


def test_two_installs_at_once_both_arrive(run, python, wheels):
    for name in ("one", "two", "three"):
        wheels(name, "1.0")
    python_path = run("-c", "import sys; print(sys.executable)").stdout.strip()
    installs = [
        subprocess.Popen([python_path, "-m", "pip", "install", "-q", name], env=run.variables)
        for name in ("one", "two", "three")
    ]
    assert [install.wait(timeout=PATIENCE) for install in installs] == [0, 0, 0]
    assert python("import one, two, three; print('all')") == "all"


@pytest.mark.parametrize(
    "code",
    [
        "import pip; code = pip.main(['install', 'toy'])",
        "from pip._internal import main; code = main(['install', 'toy'])",
        "from pip._internal.main import main; code = main(['install', 'toy'])",
        "from pip._internal.cli.main import main; code = main(['install', 'toy'])",
        "import os; code = os.system('python -m pip install toy')",
        "import subprocess, sys; code = subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'toy'])",
        "import runpy, sys; sys.argv = ['pip', 'install', 'toy']\n"
        "try: runpy.run_module('pip', run_name='__main__')\nexcept SystemExit as e: code = e.code",
    ],
)
def test_a_script_installs_and_imports_in_one_go(python, wheels, code):
    wheels("toy", "1.0")
    assert python(f"{code}\nimport toy; print(code, toy.__version__)").splitlines()[-1] == "0 1.0"


def test_outside_a_run_it_says_what_is_missing(pip, wheels):
    wheels("toy", "1.0")
    done = pip("install", "toy", MAQUETTE_SITE=None)
    assert done.returncode == 1
    assert "MAQUETTE_SITE is not set" in done.stdout


@pytest.mark.engine("TF-1.15-python3.7-aarch64")
def test_all_of_it_works_on_python_3_7(engine_python, run, wheels, tmp_path):
    wheels("toy", "1.0", requires=["six"])
    wheels("toy", "2.0", requires=["six"])
    python = str(engine_python("TF-1.15-python3.7-aarch64"))

    def call(*arguments):
        done = subprocess.run([python, *arguments], env=run.variables, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "already satisfied: numpy" in call("-m", "pip", "install", "numpy")
    assert "Successfully installed toy-1.0" in call("-m", "pip", "install", "toy<2")
    assert "toy==2.0 is taken" in call("-m", "pip", "install", "toy==1.5")
    assert call("-c", "import toy, sys; print(toy.__version__, sys.version_info[:2])") == "2.0 (3, 7)\n"
    assert "toy==2.0" in call("-m", "pip", "freeze")
    assert "Location: " + str(run.site) in call("-m", "pip", "show", "toy")
    assert "numpy 1.18.2 stays" in call("-m", "pip", "uninstall", "-y", "numpy")
    assert "Successfully uninstalled toy-2.0" in call("-m", "pip", "uninstall", "-y", "toy")
