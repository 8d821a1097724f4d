"""The console's own package: its logic, its types, its words, and what is built of it."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MOST_SECONDS

PACKAGE = Path(__file__).resolve().parents[3] / "console"
MODULES = PACKAGE / "node_modules"
MOST_BYTES = 450_000
"""Packed, before the first page is shown."""


@pytest.fixture
def npx():
    """`npx(…)` runs a tool of the package and gives what it said."""
    if not (MODULES / ".bin").is_dir():
        pytest.skip("the console's tools are not there: `make setup` fetches them where npm's registry can be reached")

    def run(*command):
        program = MODULES / ".bin" / command[0]
        done = subprocess.run(
            [program, *command[1:]], cwd=PACKAGE, capture_output=True, text=True, timeout=3 * MOST_SECONDS
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout

    return run


def test_its_logic_and_its_words(npx):
    told = re.sub(r"\x1b\[\d+m", "", npx("vitest", "run"))
    assert int(re.search(r"Tests +(\d+) passed", told)[1]) > 90


def test_its_types(npx):
    npx("tsc", "--noEmit")


def test_the_calls_that_it_knows_are_those_of_the_server():
    done = subprocess.run([sys.executable, PACKAGE / "api.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_its_lock_file_names_no_registry():
    lock = (PACKAGE / "package-lock.json").read_text()
    assert '"resolved"' not in lock and "http" not in lock
    assert all(one.get("integrity") for path, one in json.loads(lock)["packages"].items() if path)


def files_of(manifest, name, seen):
    """A built file and all that it loads at once."""
    if name not in seen:
        seen.add(name)
        for other in manifest[name].get("imports", []):
            files_of(manifest, other, seen)
    return seen


def test_what_is_loaded_before_the_first_page_is_small(built):
    manifest = json.loads((built / "manifest.json").read_text())
    wanted = ["index.html", "src/home/home.tsx", "src/words/zh-CN.json", "node_modules/antd/es/locale/zh_CN.js"]
    names = set().union(*(files_of(manifest, name, set()) for name in wanted))
    files = {manifest[name]["file"] for name in names} | {
        css for name in names for css in manifest[name].get("css", [])
    }
    size = sum(len(gzip.compress((built / file).read_bytes(), 9)) for file in files)
    assert 100_000 < size <= MOST_BYTES, f"{size} bytes in {len(files)} files"


def test_each_page_is_a_file_of_its_own(built):
    manifest = json.loads((built / "manifest.json").read_text())
    pages = [name for name, one in manifest.items() if one.get("isDynamicEntry") and name.endswith(".tsx")]
    assert {"src/home/home.tsx", "src/buckets/list.tsx", "src/buckets/browse.tsx", "src/settings/settings.tsx"} <= set(
        pages
    )


def test_the_page_holds_no_script_and_no_style_of_its_own(built):
    page = (built / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page and " style=" not in page and " on" not in re.sub(r">[^<]*<", "><", page)


def test_every_file_that_browsers_read_as_text_is_there_packed(built):
    for path in (built / "assets").glob("*.js"):
        small = path.with_name(path.name + ".gz")
        if path.stat().st_size > 2000:
            assert gzip.decompress(small.read_bytes()) == path.read_bytes()
            assert path.with_name(path.name + ".br").stat().st_size <= small.stat().st_size
