"""A package index on loopback with tiny hand-made packages, and engines that are made of them."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import json
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from maquette.drivers.engines.catalogue import Catalogue, Family, Release
from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.kernel.settings import Home

HERE = sys.version_info[:2]


class Index:
    """Serves packages under `/simple/`: HTML only, or with upload times as JSON. `delays` are seconds per file name,
    and what is `held` is given once that has happened."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}
        self.with_times = True
        self.delays: dict[str, float] = {}
        self.held: dict[str, threading.Event] = {}
        self.asked: list[str] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/simple"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wheel(self, name, version, uploaded="2020-06-01", requires=(), tag="py3-none-any", broken=False, size=0):
        data = b"this is no wheel" if broken else make_wheel(name, version, requires, tag, size)
        self.files[f"{name}-{version}-{tag}.whl"] = (data, uploaded)

    def source(self, name, version, uploaded="2020-06-01", setup="raise SystemExit('no compiler here')"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            info = f"Metadata-Version: 1.0\nName: {name}\nVersion: {version}\n"
            for file, text in (("setup.py", setup), ("PKG-INFO", info)):
                entry = tarfile.TarInfo(f"{name}-{version}/{file}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.files[f"{name}-{version}.tar.gz"] = (buffer.getvalue(), uploaded)

    def files_of(self, name):
        start = f"{name}-"
        return {file: entry for file, entry in self.files.items() if file.lower().replace("_", "-").startswith(start)}

    def handler(index):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = self.path.strip("/").split("/")
                index.asked.append(self.path)
                if parts[0] == "files":
                    time.sleep(index.delays.get(parts[1], 0))
                    if parts[1] in index.held:
                        index.held[parts[1]].wait()
                    self.answer(index.files[parts[1]][0], "application/octet-stream")
                elif index.files_of(parts[1]):
                    self.page(parts[1])
                else:
                    self.send_error(404)

            do_HEAD = do_GET

            def page(self, name):
                files = index.files_of(name)
                if not index.with_times:
                    links = "".join(f'<a href="/files/{file}">{file}</a>\n' for file in files)
                    self.answer(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html")
                    return
                rows = [
                    {
                        "filename": file,
                        "url": f"/files/{file}",
                        "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                        "upload-time": f"{uploaded}T00:00:00Z",
                    }
                    for file, (data, uploaded) in files.items()
                ]
                page = {"meta": {"api-version": "1.1"}, "name": name, "files": rows}
                self.answer(json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")

            def answer(self, data, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, *ignored):
                """Tests read what uv says, not what the server says."""

        return Handler


def make_wheel(name, version, requires=(), tag="py3-none-any", size=0):
    buffer = io.BytesIO()
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n".encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    if size:
        files[f"{name}/weights.bin"] = bytes(range(256)) * (size // 256)
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, data in files.items():
            archive.writestr(file, data)
        archive.writestr(f"{info}/RECORD", record)
    return buffer.getvalue()


@pytest.fixture
def index():
    served = Index()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def variables(tmp_path, index):
    """A person's environment: no pip configuration, an index on loopback, a cache of its own."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path / "person"),
        "PIP_CONFIG_FILE": "/dev/null",
        "UV_DEFAULT_INDEX": index.address,
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_HTTP_RETRIES": "0",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def toy_catalogue(packages=("toy=={version}",), era="2020-07-01", disk=1, cpu=None):
    release = Release(
        family="toy", versions=("1.0", "1.1"), pythons=(HERE,), packages=tuple(packages), era=era, prefers=None,
        download_mb=3000, disk_mb=disk, download_cpu_mb=cpu, disk_cpu_mb=cpu, notes=(),
    )  # fmt: skip
    family = Family(
        name="toy", title="Toy", aliases=("toy",), default="1.1", runtime=None, packages=(), environment={"TOY": "1"},
        program=None, compat=None, releases=(release,),
    )  # fmt: skip
    return Catalogue({"toy": family})


@pytest.fixture
def make_engines(tmp_path, variables):
    """Engines made of toys, in a fresh home: `make_engines(packages=…, era=…)`."""

    def make(home=None, reserve_bytes=0, **catalogue):
        python = Path(sys.base_prefix) / "bin" / f"python{HERE[0]}.{HERE[1]}"
        return UvEngines(
            Home(home or tmp_path / "home"), variables, toy_catalogue(**catalogue), Machine({HERE: python}),
            reserve_bytes=reserve_bytes,
        )  # fmt: skip

    return make


@contextlib.contextmanager
def running(python):
    """While a program of this interpreter runs: it has said so, which a process that was only just started has not."""
    code = "print('up', flush=True); input()"
    with subprocess.Popen([str(python), "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"up\n"
            yield
        finally:
            process.communicate(b"\n")
