"""Environments are made whole or not at all, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from maquette.drivers.engines import folders
from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused, Unavailable
from maquette.kernel.ports import Match, Resolution, Stopped
from maquette.kernel.settings import Home

from .conftest import running

HERE = Path(__file__).parent
MEGABYTE = 1 << 20


def imports(python, code):
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def left_over(engines):
    return [path.name for path in engines.home.engines.iterdir() if not path.name.startswith(".")]


def test_an_engine_is_made_and_the_next_asker_gets_the_same(make_engines, index):
    index.wheel("toy", "1.1")
    engines, told = make_engines(), []
    first = engines.prepare(engines.resolve("toy"), (), told.append)
    assert imports(first.python, "import toy; print(toy.__version__)") == "1.1"
    assert any(line.startswith("Making Toy 1.1") and "MB to fetch" in line for line in told)
    asked, told = len(index.asked), []
    again = engines.prepare(engines.resolve("toy"), (), told.append)
    assert again.python == first.python
    assert told == []
    assert len(index.asked) == asked


def test_other_requirements_make_another_environment(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("more", "2.0")
    engines = make_engines()
    plain = engines.prepare(engines.resolve("toy"))
    more = engines.prepare(engines.resolve("toy"), ["more"])
    assert plain.python != more.python
    assert imports(more.python, "import toy, more; print(more.__version__)") == "2.0"
    assert "No module" in imports(plain.python, "import more")


def test_an_environment_says_what_a_run_needs(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"))
    assert found.environment == {"TOY": "1"}
    assert found.python.parent.parent in found.prefixes
    assert found.pip_environment["MAQUETTE_ERA"] == "2020-07-01"
    assert found.pip_environment["UV_DEFAULT_INDEX"] == index.address
    assert found.python.parent.parent in Path(found.pip_environment["MAQUETTE_ERA_CONSTRAINTS"]).parents


def test_its_packages_are_compiled_in_the_background(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    python = engines.prepare(engines.resolve("toy")).python
    compiled = python.parent.parent / "lib"
    wait_until(lambda: list(compiled.glob("*/site-packages/toy/__pycache__/*.pyc")))


def test_a_build_with_cuda_is_announced_where_no_other_is_offered(make_engines, index, monkeypatch):
    monkeypatch.setattr("maquette.drivers.engines.making.has_gpu", lambda: False)
    index.wheel("toy", "1.1", requires=["nvidia-toy"])
    index.wheel("nvidia_toy", "1.0")
    engines, told = make_engines(cpu=200), []
    engines.prepare(engines.resolve("toy"), (), told.append)
    line = next(line for line in told if line.startswith("Making"))
    assert "about 3000 MB to fetch" in line
    assert "No index offers a build without CUDA" in line


def test_a_build_for_the_cpu_is_announced_with_its_own_size(make_engines, index):
    index.wheel("toy", "1.1")
    engines, told = make_engines(cpu=200), []
    engines.prepare(engines.resolve("toy"), (), told.append)
    assert any("about 200 MB to fetch" in line for line in told)


def test_what_uv_has_in_its_cache_is_not_announced_as_a_download(make_engines, index, tmp_path):
    index.wheel("toy", "1.1")
    index.wheel("more", "2.0")
    first, told = make_engines(), []
    first.prepare(first.resolve("toy"))
    again = make_engines(home=tmp_path / "another")
    again.prepare(again.resolve("toy"), (), told.append)
    line = next(line for line in told if line.startswith("Making"))
    assert line.endswith("nothing to fetch, uv has it all in its cache; about 1 MB on disk.")
    again.prepare(again.resolve("toy"), ["more"], told.append)
    assert any("up to 3000 MB to fetch, for 1 of 2 packages are not in uv's cache" in line for line in told)


# ── eras ─────────────────────────────────────────────────────────────────────────────────────────


def two_ages(index):
    index.wheel("toy", "1.1", uploaded="2020-06-01")
    index.wheel("six", "1.13.0", uploaded="2020-01-01")
    index.wheel("six", "1.99.0", uploaded="2024-01-01")


def test_what_is_not_pinned_is_no_newer_than_the_era(make_engines, index):
    two_ages(index)
    engines = make_engines(packages=("toy=={version}", "six"))
    assert imports(engines.prepare(engines.resolve("toy")).python, "import six; print(six.__version__)") == "1.13.0"


def test_an_index_without_upload_times_is_held_by_a_list_and_that_is_told(make_engines, index):
    two_ages(index)
    index.with_times = False
    engines, told = make_engines(packages=("toy=={version}", "six")), []
    found = engines.prepare(engines.resolve("toy"), (), told.append)
    assert imports(found.python, "import six; print(six.__version__)") == "1.13.0"
    assert any("tells no upload times" in line for line in told)
    assert any("tells no upload times" in note for note in found.notes)


def test_an_index_beside_it_without_upload_times_does_not_change_that(make_engines, index, variables, tmp_path):
    two_ages(index)
    page = tmp_path / "beside" / "six" / "index.html"
    page.parent.mkdir(parents=True)
    wheel = page.parent / "six-1.98.0-py3-none-any.whl"
    wheel.write_bytes(index.files["six-1.99.0-py3-none-any.whl"][0])
    page.write_text(f'<!DOCTYPE html><html><body><a href="{wheel.name}">{wheel.name}</a></body></html>')
    variables["UV_INDEX"] = page.parent.parent.as_uri()
    engines = make_engines(packages=("toy=={version}",))
    found = engines.prepare(engines.resolve("toy"), ["six>=1.50"])
    assert not any("tells no upload times" in note for note in found.notes)
    assert any("six may be newer" in note for note in found.notes)


def test_a_pin_newer_than_the_era_is_obeyed(make_engines, index):
    two_ages(index)
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["six==1.99.0"])
    assert imports(found.python, "import six; print(six.__version__)") == "1.99.0"
    assert found.notes == ()


def test_a_requirement_that_only_newer_packages_meet_lifts_the_era_for_it_and_says_so(make_engines, index):
    two_ages(index)
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["six>=1.50"])
    assert imports(found.python, "import six; print(six.__version__)") == "1.99.0"
    assert any("six may be newer" in note for note in found.notes)


def test_a_current_engine_has_no_era(make_engines, index):
    two_ages(index)
    engines = make_engines(packages=("toy=={version}", "six"), era=None)
    found = engines.prepare(engines.resolve("toy"))
    assert imports(found.python, "import six; print(six.__version__)") == "1.99.0"
    assert "MAQUETTE_ERA" not in found.pip_environment


# ── requirements that cannot be ──────────────────────────────────────────────────────────────────


def test_a_pin_that_is_not_there_gives_way_to_the_nearest_and_is_told(make_engines, index):
    index.wheel("toy", "1.1")
    for version in ("4.0", "5.4", "7.0"):
        index.wheel("pillow", version)
    engines, told = make_engines(), []
    found = engines.prepare(engines.resolve("toy"), ["Pillow==5.2.0"], told.append)
    assert imports(found.python, "import pillow; print(pillow.__version__)") == "5.4"
    assert "Pillow==5.2.0 cannot be installed here: pillow==5.4 is taken." in told
    assert "Pillow==5.2.0 cannot be installed here: pillow==5.4 is taken." in found.notes


def test_a_pin_newer_than_all_gives_way_to_the_newest(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("pillow", "4.0")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["pillow==5.2.0"])
    assert imports(found.python, "import pillow; print(pillow.__version__)") == "4.0"


def test_the_build_part_of_a_pin_is_dropped_first(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("pillow", "4.0")
    index.wheel("pillow", "5.0")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["pillow==4.0+cu101"])
    assert imports(found.python, "import pillow; print(pillow.__version__)") == "4.0"


def test_a_pin_that_fights_the_engine_gives_way_and_the_engine_stays(make_engines, index):
    index.wheel("toy", "1.1", requires=["six<1.20"])
    for version in ("1.13.0", "1.16.0", "1.30.0"):
        index.wheel("six", version)
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["six==1.30.0"])
    assert imports(found.python, "import six; print(six.__version__)") == "1.16.0"
    assert any(note.startswith("six==1.30.0 cannot be installed here") for note in found.notes)


SIXES = ("1.5.0", "1.10.0", "1.13.0", "1.16.0", "1.30.0")
# what the engine says of six, what is asked for, what is taken
RANGES = [
    ("six<1.20", "six>=1.21.0", "1.16.0"),
    ("six<1.20", "Six >1.16.0", "1.16.0"),
    ("six<1.20", "six~=1.21", "1.16.0"),
    ("six<1.20", "six==1.30.*", "1.16.0"),
    ("six>=1.8", "six<=1.5.0", "1.10.0"),
    ("six>=1.8", "six<1.6; python_version > '3'", "1.10.0"),
    ("six>=1.8,<1.20", "six!=1.10.0,!=1.13.0,>1.16.0", "1.16.0"),
]


@pytest.mark.parametrize(("own", "asked", "taken"), RANGES)
def test_a_range_that_fights_the_engine_gives_way_to_the_nearest_and_is_told_once(
    make_engines, index, own, asked, taken
):
    index.wheel("toy", "1.1")
    for version in SIXES:
        index.wheel("six", version)
    engines, told = make_engines(packages=("toy=={version}", own)), []
    found = engines.prepare(engines.resolve("toy"), [asked], told.append)
    assert imports(found.python, "import six; print(six.__version__)") == taken
    line = f"{asked} cannot be installed here beside the engine's {own}: six=={taken} is taken."
    assert [one for one in told if "is taken" in one] == [line]
    assert line in found.notes


def test_what_a_package_of_the_engine_needs_wins_over_a_range(make_engines, index):
    index.wheel("toy", "1.1", requires=["six<1.20"])
    for version in SIXES:
        index.wheel("six", version)
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["six>=1.21"])
    line = "six>=1.21 cannot be installed here beside the engine's toy==1.1: six==1.16.0 is taken."
    assert found.notes == (line,)


def test_beside_a_range_that_gives_way_another_may_still_be_newer_than_the_era(make_engines, index):
    two_ages(index)
    index.wheel("left", "1.0")
    index.wheel("left", "2.0")
    engines = make_engines(packages=("toy=={version}", "left<2"))
    found = engines.prepare(engines.resolve("toy"), ["six>=1.50", "left>=2"])
    assert imports(found.python, "import left, six; print(left.__version__, six.__version__)") == "1.0 1.99.0"
    assert any("six may be newer" in note for note in found.notes)
    assert any("left==1.0 is taken" in note for note in found.notes)


def test_a_range_of_a_package_that_does_not_exist_stops_it_by_name(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    with pytest.raises(Unavailable, match="nosuchthing was not found in the package registry"):
        engines.prepare(engines.resolve("toy"), ["nosuchthing>=1.0"])
    assert left_over(engines) == []


def test_where_any_release_will_do_the_one_taken_is_named_once(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("toy", "0.9")
    for version in ("0.2", "0.4", "0.6"):
        index.wheel("vision", version, requires=["toy<1"] if version != "0.4" else ["toy>1"])
    engines, told = make_engines(), []
    engines.prepare(engines.resolve("toy"), ["vision==0.2"], told.append)
    line = "vision==0.2 cannot be installed here beside the engine's toy==1.1: vision==0.4 is taken."
    assert [one for one in told if "is taken" in one] == [line]


def test_only_the_pin_that_stands_in_the_way_gives_way(make_engines, index):
    index.wheel("toy", "1.1")
    for version in ("1.0", "2.0"):
        index.wheel("left", version)
        index.wheel("right", version)
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["left==1.0", "right==1.5"])
    assert imports(found.python, "import left, right; print(left.__version__, right.__version__)") == "1.0 2.0"


# what the other releases of `more` need, which of them is taken, and which six then
OTHERS = [
    ({"1.1": "six<1.20", "2.0": "six"}, "2.0", "1.30.0"),
    ({"1.1": "six<1.20", "2.0": "six<1.14"}, "1.1", "1.16.0"),
]


@pytest.mark.parametrize(("needs", "taken", "six"), OTHERS)
def test_what_gives_way_leaves_the_engines_own_packages_as_they_are_if_it_can(make_engines, index, needs, taken, six):
    index.wheel("toy", "1.1")
    for version in SIXES:
        index.wheel("six", version)
    for version, need in needs.items():
        index.wheel("more", version, requires=[need])
    engines = make_engines(packages=("toy=={version}", "six"))
    found = engines.prepare(engines.resolve("toy"), ["more==1.0"])
    assert imports(found.python, "import more, six; print(more.__version__, six.__version__)") == f"{taken} {six}"


# what of the engine, what the package needs, whether the index tells upload times, what is taken
BUILT = {
    "beside NumPy 2 the first release that came after it": ("numpy>=2", ["numpy"], True, "3.0"),
    "beside NumPy 1 the nearest": ("numpy<2", ["numpy"], True, "2.0"),
    "without a need for NumPy the nearest": ("numpy>=2", [], True, "2.0"),
    "where nobody tells when, the newest": ("numpy>=2", ["numpy"], False, "4.0"),
}


@pytest.mark.parametrize("case", BUILT)
def test_a_release_built_for_numpy_1_is_not_put_beside_numpy_2(make_engines, index, case):
    own, needs, with_times, taken = BUILT[case]
    index.with_times = with_times
    index.wheel("toy", "1.1")
    index.wheel("numpy", "1.26.0")
    index.wheel("numpy", "2.1.0")
    index.wheel("vision", "1.0", tag="cp33-cp33m-any")
    for version, uploaded in (("2.0", "2022-01-01"), ("3.0", "2024-07-01"), ("4.0", "2026-01-01")):
        index.wheel("vision", version, uploaded, requires=needs)
    engines = make_engines(packages=("toy=={version}", own), era=None)
    found = engines.prepare(engines.resolve("toy"), ["vision==1.0"])
    assert imports(found.python, "import vision; print(vision.__version__)") == taken
    assert found.notes == (f"vision==1.0 cannot be installed here: vision=={taken} is taken.",)


def test_a_pin_without_a_wheel_that_does_not_build_gives_way_to_one_with_a_wheel(make_engines, index, variables):
    index.wheel("toy", "1.1")
    index.wheel("setuptools", "60.0")
    index.wheel("wheel", "0.37")
    index.source("pillow", "5.2.0")
    index.wheel("pillow", "6.0")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["pillow==5.2.0"])
    assert imports(found.python, "import pillow; print(pillow.__version__)") == "6.0"
    assert any("pillow==6.0 is taken" in note for note in found.notes)


def test_what_a_requirement_needs_gives_way_too_when_it_does_not_build(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("setuptools", "60.0")
    index.wheel("wheel", "0.37")
    index.wheel("top", "1.0", requires=["deep"])
    index.wheel("deep", "1.0")
    index.source("deep", "2.0", setup="import sys\nif 'bdist_wheel' in sys.argv: sys.exit('no compiler here')\n")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["top"])
    assert imports(found.python, "import deep; print(deep.__version__)") == "1.0"


NO_METADATA = "raise SystemExit('no compiler here')"
NO_WHEEL = "import sys\nif 'bdist_wheel' in sys.argv: sys.exit('no compiler here')\n"


@pytest.mark.parametrize("setup", [NO_METADATA, NO_WHEEL])
def test_a_release_that_is_old_because_newer_ones_need_what_does_not_build_is_told(make_engines, index, setup):
    index.wheel("toy", "1.1")
    index.wheel("setuptools", "60.0")
    index.wheel("wheel", "0.37")
    index.wheel("top", "1.0.3")
    index.wheel("top", "1.0.61", requires=["deep"])
    index.wheel("side", "2.0")
    index.source("deep", "2.0", setup=setup)
    engines, told = make_engines(), []
    found = engines.prepare(engines.resolve("toy"), ["top", "side"], told.append)
    assert imports(found.python, "import top; print(top.__version__)") == "1.0.3"
    line = "top 1.0.3 was taken: newer releases need deep, which cannot be built here."
    assert [one for one in told if "was taken" in one] == [line]
    assert found.notes == (line,)


def test_a_requirement_that_does_not_build_itself_is_told_with_the_release_that_has_a_wheel(make_engines, index):
    index.wheel("toy", "1.1")
    index.wheel("setuptools", "60.0")
    index.wheel("wheel", "0.37")
    index.wheel("top", "1.0")
    index.source("top", "2.0")
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), ["top"])
    assert found.notes == ("top 1.0 was taken: it has a wheel, and other releases cannot be built here.",)


def test_a_package_that_does_not_exist_stops_it_by_name(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    with pytest.raises(Unavailable, match="nosuchthing was not found in the package registry"):
        engines.prepare(engines.resolve("toy"), ["nosuchthing"])
    assert left_over(engines) == []


@pytest.mark.parametrize("line", ["opencv-python=3.4", "==1.0", "-r more.txt", "numpy >< 2"])
def test_a_line_that_is_no_requirement_is_shown(make_engines, line):
    engines = make_engines()
    with pytest.raises(BadInput) as error:
        engines.prepare(engines.resolve("toy"), [line])
    assert line in error.value.message


def test_a_local_wheel_is_a_requirement_and_a_changed_one_another(make_engines, index, tmp_path):
    index.wheel("toy", "1.1")
    index.wheel("mine", "1.0")
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    wheel.write_bytes(index.files["mine-1.0-py3-none-any.whl"][0])
    engines = make_engines()
    found = engines.prepare(engines.resolve("toy"), [str(wheel)])
    assert imports(found.python, "import mine; print(mine.__version__)") == "1.0"
    os.utime(wheel, (1, 1))
    assert engines.prepare(engines.resolve("toy"), [str(wheel)]).python != found.python


# ── accidents ────────────────────────────────────────────────────────────────────────────────────


def test_without_a_network_there_is_a_sentence_and_nothing_half_made(make_engines, index, variables):
    variables["UV_DEFAULT_INDEX"] = "http://127.0.0.1:9/simple"
    engines = make_engines()
    with pytest.raises(Unavailable, match=r"Toy 1\.1 was not made: the package index cannot be reached") as error:
        engines.prepare(engines.resolve("toy"))
    assert "pip config set global.index-url" in error.value.message
    assert left_over(engines) == []


def test_a_broken_package_is_named_and_nothing_half_made(make_engines, index):
    index.wheel("toy", "1.1", broken=True)
    engines = make_engines()
    with pytest.raises(Unavailable, match=r"the file of toy on the index is broken"):
        engines.prepare(engines.resolve("toy"))
    assert left_over(engines) == []


def test_a_package_that_does_not_build_is_named_and_nothing_half_made(make_engines, index):
    index.wheel("setuptools", "60.0")
    index.source("toy", "1.1")
    engines = make_engines()
    with pytest.raises(Unavailable, match="toy has no wheel for this Python and could not be built"):
        engines.prepare(engines.resolve("toy"))
    assert left_over(engines) == []


def test_what_would_leave_too_little_disk_is_refused_before_anything_is_fetched(make_engines, index):
    engines = make_engines(reserve_bytes=1 << 60)
    with pytest.raises(Unavailable, match="must stay free"):
        engines.prepare(engines.resolve("toy"))
    assert index.asked == []
    assert left_over(engines) == []


MAKE = """
import json, sys, sysconfig
from pathlib import Path
sys.path.insert(0, {here!r})
import conftest
from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.kernel.errors import MaquetteError
from maquette.kernel.settings import Home
variables, home = json.loads(sys.argv[1]), Path(sys.argv[2])
python = Path(sys.base_prefix) / "bin" / ("python%d.%d" % sys.version_info[:2])
machine = Machine({{conftest.HERE: python}})
engines = UvEngines(Home(home), variables, conftest.toy_catalogue(), machine, reserve_bytes=0)
try:
    print(engines.prepare(engines.resolve("toy"), (), lambda line: print("told:", line, flush=True)).python)
except MaquetteError as error:
    print("error:", error.message)
    print("left:", [path.name for path in (home / "engines").iterdir() if not path.name.startswith(".")])
"""


def make_elsewhere(variables, home, wrapper=(), **options):
    """Another process that asks for the toy engine."""
    code = MAKE.format(here=str(HERE))
    command = [*wrapper, sys.executable, "-c", code, json.dumps(variables), str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def test_two_askers_at_once_make_it_once(variables, index, tmp_path):
    index.wheel("toy", "1.1")
    index.held["toy-1.1-py3-none-any.whl"] = threading.Event()
    askers = [make_elsewhere(variables, tmp_path / "home") for _ in range(3)]
    answers = [[] for _ in askers]

    def read(asker, lines):
        with asker:
            lines.extend(line.rstrip("\n") for line in asker.stdout)

    readers = [threading.Thread(target=read, args=each) for each in zip(askers, answers, strict=True)]
    for reader in readers:
        reader.start()
    try:
        wait_until(lambda: sum("is being made by another command" in line for some in answers for line in some) == 2)
    finally:
        index.held["toy-1.1-py3-none-any.whl"].set()
    for reader in readers:
        reader.join()
    assert len({lines[-1] for lines in answers}) == 1
    assert sum("is ready after" in line for lines in answers for line in lines) == 1
    assert sum("is being made by another command" in line for lines in answers for line in lines) == 2


def test_after_a_kill_half_way_the_next_asker_makes_it_anew(variables, index, tmp_path):
    index.wheel("toy", "1.1")
    index.delays["toy-1.1-py3-none-any.whl"] = 2
    killed = make_elsewhere(variables, tmp_path / "home")
    wait_until(lambda: any(path.startswith("/files/toy") for path in index.asked))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    unfinished = folders.list_folders(tmp_path / "home" / "engines")
    assert [folder.ready for folder in unfinished] == [False]
    index.delays.clear()
    lines = make_elsewhere(variables, tmp_path / "home").communicate(timeout=300)[0].splitlines()
    assert imports(lines[-1], "import toy; print(toy.__version__)") == "1.1"


def test_what_nobody_wants_any_more_is_left_while_it_is_fetched(make_engines, index):
    index.wheel("toy", "1.1")
    index.delays["toy-1.1-py3-none-any.whl"] = 60
    engines, begun = make_engines(), time.monotonic()
    with pytest.raises(Stopped):
        engines.prepare(engines.resolve("toy"), stopped=lambda: any(path.startswith("/files/") for path in index.asked))
    assert time.monotonic() - begun < 50
    assert left_over(engines) == []
    index.delays.clear()
    assert imports(engines.prepare(engines.resolve("toy")).python, "import toy; print(toy.__version__)") == "1.1"


def test_what_nobody_wants_from_the_start_is_not_begun(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    with pytest.raises(Stopped):
        engines.prepare(engines.resolve("toy"), stopped=lambda: True)
    assert left_over(engines) == []


def wait_until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_full_disk_gets_a_sentence_and_nothing_half_made(variables, index, tmp_path):
    """The home lies on a disk of 24 MB; the package takes 40."""
    if subprocess.run(["bwrap", "--bind", "/", "/", "true"], capture_output=True).returncode:
        pytest.skip("bubblewrap, which gives this test its small disk, does not work here")
    index.wheel("toy", "1.1", size=40 * MEGABYTE)
    disk = tmp_path / "disk"
    disk.mkdir()
    variables["UV_CACHE_DIR"] = str(disk / "cache")
    small = ["bwrap", "--dev-bind", "/", "/", "--size", str(24 * MEGABYTE), "--tmpfs", str(disk)]
    said = make_elsewhere(variables, disk / "home", small).communicate(timeout=300)[0]
    assert "The disk that holds" in said
    assert "is full, so Toy 1.1 was not made" in said
    assert said.splitlines()[-1] == "left: []"


def test_an_interrupted_making_leaves_nothing(make_engines, index):
    index.wheel("toy", "1.1")
    index.delays["toy-1.1-py3-none-any.whl"] = 0.3
    engines = make_engines()

    def interrupt(line):
        if line.startswith("Making"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engines.prepare(engines.resolve("toy"), (), interrupt)
    assert left_over(engines) == []


def test_a_home_that_cannot_be_written_is_named(make_engines, tmp_path):
    (tmp_path / "file").write_text("")
    engines = make_engines(home=tmp_path / "file")
    with pytest.raises(Unavailable, match="cannot be written"):
        engines.prepare(engines.resolve("toy"))


def test_a_refusal_is_not_prepared(make_engines):
    with pytest.raises(Refused, match="because it is so"):
        make_engines().prepare(Resolution("x", Match.REFUSED, "because it is so"))


def test_a_python_that_cannot_be_fetched_is_told_with_what_is_missing(tmp_path, variables):
    variables |= {"UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9", "UV_PYTHON_DOWNLOADS": "automatic"}
    real = UvEngines(Home(tmp_path / "home"), variables, None, Machine({}, ((3, 8),)))
    told = []
    with pytest.raises(Unavailable, match=r"Python 3\.8 could not be fetched.*PyTorch needs a Python"):
        real.prepare(real.resolve("PyTorch-1.8.0-python3.8"), (), told.append)
    assert any("fetching it (about" in line for line in told)


def test_where_a_python_cannot_be_fetched_the_nearest_engine_for_one_that_is_here_answers(tmp_path, variables):
    variables |= {"UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9", "UV_PYTHON_DOWNLOADS": "automatic"}
    here = Machine({(3, 11): Path(sys.executable)}, ((3, 8),))
    real, told = UvEngines(Home(tmp_path / "home"), variables, None, here, reserve_bytes=0), []
    found = real.with_python(real.resolve("PyTorch-1.8.0-python3.8"), told.append)
    assert (found.match, found.engine, found.python_version) == (Match.NEAR, "pytorch-2.0.1", "3.11")
    assert any("could not be fetched" in line and "is the nearest to 1.8.0" in line for line in told)


# ── the user's own ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def own_python(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "mine")], check=True)
    return tmp_path / "mine" / "bin" / "python"


def test_an_own_environment_is_used_as_it_is(make_engines, own_python):
    before = sorted(own_python.parent.parent.rglob("*"))
    found = make_engines().own(own_python)
    assert found.resolution.match is Match.OWN
    assert found.python == own_python
    assert own_python.parent.parent in found.prefixes
    assert sorted(own_python.parent.parent.rglob("*")) == before


def test_an_own_environment_gets_a_name_and_loses_it_again(make_engines, own_python):
    engines = make_engines()
    engines.add("mine", own_python.parent.parent)
    found = engines.prepare(engines.resolve("mine"), ["six"])
    assert found.python == own_python
    assert any("not installed into your own Python: six" in note for note in found.notes)
    assert engines.owned() == {"mine": str(own_python)}
    assert engines.remove("mine") == []
    with pytest.raises(NotFound):
        engines.resolve("mine")
    assert own_python.exists()


def test_an_own_environment_that_is_gone_is_named_when_it_is_used(make_engines, own_python):
    engines = make_engines()
    engines.add("mine", own_python)
    own_python.unlink()
    with pytest.raises(NotFound, match="There is no file"):
        engines.resolve("mine")


def test_a_name_that_means_an_engine_is_not_given_away(make_engines, own_python):
    with pytest.raises(Conflict, match="my-toy"):
        make_engines().add("toy", own_python)


@pytest.mark.parametrize("name", ["", "a b", "../up", "-x"])
def test_a_name_that_cannot_be_one_is_refused(make_engines, own_python, name):
    with pytest.raises(BadInput, match="cannot be a name"):
        make_engines().add(name, own_python)


# ── keeping house ────────────────────────────────────────────────────────────────────────────────


def settle(engines):
    """Until the bytecode is there, whose making holds the lock."""
    wait_until(lambda: not any(folders.is_locked(engines.home.engines, f.name) for f in engines.made(measure=False)))


def test_the_environments_of_an_engine_are_removed_by_its_name(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    engines.prepare(engines.resolve("toy"))
    settle(engines)
    removed = engines.remove("toy-1.1")
    assert [folder.record["engine"] for folder in removed] == ["toy-1.1"]
    assert left_over(engines) == []


def test_an_environment_in_use_is_not_removed(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    python = engines.prepare(engines.resolve("toy")).python
    settle(engines)
    with running(python), pytest.raises(Conflict, match="in use"):
        engines.remove("toy-1.1")


def test_removing_what_is_not_there_is_an_error(make_engines):
    with pytest.raises(NotFound, match=r"nothing-1\.0"):
        make_engines().remove("nothing-1.0")


def test_pruning_takes_what_is_unused_and_leaves_what_is_made_just_now(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    python = engines.prepare(engines.resolve("toy")).python
    settle(engines)
    (engines.home.engines / "half").mkdir()
    making = engines.home.engines / "being-made"
    making.mkdir()
    with folders.locked(engines.home.engines, making.name, print):
        assert [folder.name for folder in engines.prune(dry_run=True)] == ["half"]
        assert (engines.home.engines / "half").exists()
        engines.prune()
    assert sorted(left_over(engines)) == ["being-made", python.parent.parent.name]
    os.utime(python.parent.parent / ".maquette" / "used", (1, 1))
    assert python.parent.parent.name in [folder.name for folder in engines.prune()]
    assert not python.exists()


def test_a_use_is_noted(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    used = engines.prepare(engines.resolve("toy")).python.parent.parent / ".maquette" / "used"
    os.utime(used, (1, 1))
    engines.prepare(engines.resolve("toy"))
    assert used.stat().st_mtime > 1


def test_many_askers_in_one_process_agree_too(make_engines, index):
    index.wheel("toy", "1.1")
    engines, found = make_engines(), []

    def ask():
        found.append(engines.prepare(engines.resolve("toy")).python)

    askers = [threading.Thread(target=ask) for _ in "abc"]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(set(found)) == 1


def test_the_catalogue_is_shown_with_what_is_ready(make_engines, index):
    index.wheel("toy", "1.1")
    engines = make_engines()
    assert [shelf.ready for shelf in engines.shelves()] == [()]
    engines.prepare(engines.resolve("toy"))
    assert [shelf.ready for shelf in engines.shelves()] == [("1.1",)]
