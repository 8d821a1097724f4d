"""A stand-in for a run without a sandbox: an engine's environment, a site folder, wheels instead of an index."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

import maquette_sdk

SDK = Path(maquette_sdk.__file__).parent.parent
PATIENCE = 300
"""Seconds: of a machine that has much else to do."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """An environment with nothing in it; tests must leave it so."""
    path = tmp_path_factory.mktemp("engine") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    return path


@pytest.fixture
def wheels(tmp_path):
    """Makes a wheel in the folder that stands for the index: `wheels("toy", "1.0", requires=["more"])`."""
    folder = tmp_path / "wheels"
    folder.mkdir()

    def make(name, version, requires=(), where=None):
        (where or folder).mkdir(exist_ok=True)
        path = (where or folder) / f"{name}-{version}-py3-none-any.whl"
        path.write_bytes(wheel(name, version, requires))
        return path

    make.folder = folder
    return make


def wheel(name, version, requires=()):
    buffer, info = io.BytesIO(), f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: a toy\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD")))
    return buffer.getvalue()


@pytest.fixture
def run(engine, wheels, tmp_path):
    """Runs Python as a run does: `run("-c", "import toy")`; gives the finished process, stderr with stdout."""
    site = tmp_path / "site"
    site.mkdir()
    variables = {
        "PATH": f"{engine / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": f"{SDK}/maquette_sdk/job/startup:{site}",
        "MAQUETTE_SDK": str(SDK),
        "MAQUETTE_SITE": str(site),
        "MAQUETTE_UV": uv.find_uv_bin(),
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_FIND_LINKS": str(wheels.folder),
        "MAQUETTE_NO_INDEX": "1",
        "UV_HTTP_RETRIES": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def call(*arguments, check=None, cwd=None, **more):
        changed = {name: value for name, value in {**variables, **more}.items() if value is not None}
        done = subprocess.run(
            [str(engine / "bin" / "python"), *map(str, arguments)],
            env=changed, cwd=cwd or tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=PATIENCE,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, done.stdout
        return done

    call.variables = variables
    call.site = site
    return call


@pytest.fixture
def python(run):
    """What a piece of code prints in the run."""
    return lambda code, **more: run("-c", code, check=0, **more).stdout.strip()


@pytest.fixture
def pip(run):
    """`pip("install", "toy")` in the run: the finished process."""
    return lambda *arguments, **options: run("-m", "pip", *arguments, **options)


@pytest.fixture(autouse=True)
def untouched(engine):
    """The engine's environment is shared: whatever a test does, it stays as it was."""
    yield
    assert [path.name for path in engine.glob("lib/*/site-packages/*") if not path.name.startswith("__pycache__")] == []


@pytest.fixture
def modules(tmp_path):
    """Writes modules to import: `modules({"toy/__init__.py": "x = 1"})`; gives the folder for PYTHONPATH."""

    def write(files):
        folder = tmp_path / "modules"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return os.fspath(folder)

    return write
