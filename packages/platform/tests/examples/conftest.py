"""What the tests of all examples share: a copy of the example, its training, its service, and odd pictures."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from urllib3.filepost import encode_multipart_formdata

ROOT = Path(__file__).resolve().parents[4]
COMMAND = str(Path(sys.executable).with_name("maquette"))
READY = re.compile(r"ready after .* at http://[^/]*:(\d+)/")
MOST_BYTES = 12 << 20


class Service:
    """A package online by `maquette serve`."""

    def __init__(self, command, environment):
        self.log = ""
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.log += line

    def until_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while READY.search(self.log) is None:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log
            time.sleep(0.05)
        return self

    def form(self, files=(), **fields):
        """(status, answer) of a form. `files` are (field, content) or (field, content, file name); the rest is text."""
        parts = [(field, (name[0] if name else "picture.jpg", content)) for field, content, *name in files]
        return self.post(*encode_multipart_formdata([*parts, *fields.items()]))

    def json(self, value):
        return self.post(json.dumps(value).encode(), "application/json")

    def post(self, body, content_type):
        address = f"http://127.0.0.1:{READY.search(self.log).group(1)}/"
        request = urllib.request.Request(address, body, {"Content-Type": content_type})
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(120)
        finally:
            self.process.kill()
            self.reader.join()
            self.process.stdout.close()


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """`example(name)` is a copy of the example's folder, without what was made in it."""

    def copy(name):
        folder = tmp_path_factory.mktemp("example") / name
        shutil.copytree(ROOT / "examples" / name, folder, ignore=shutil.ignore_patterns("output", "__pycache__"))
        return folder

    return copy


@pytest.fixture(scope="module")
def command(pytestconfig):
    """`command("run", …, cwd=folder)` is the finished command in the home that has the test engines."""
    home = os.environ.get("MAQUETTE_TEST_HOME") or str(ROOT / ".maquette-test")

    def call(*arguments, check=0, cwd=None, timeout=600, env=None):
        done = subprocess.run(
            [COMMAND, *map(str, arguments)], env={**os.environ, "MAQUETTE_HOME": home, **(env or {})},
            cwd=cwd, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        assert check is None or done.returncode == check, done.stdout + done.stderr
        return done

    return call


@pytest.fixture(scope="module")
def served():
    """`served(package, *options)` is a Service that is ready; all are stopped at the module's end."""
    home = os.environ.get("MAQUETTE_TEST_HOME") or str(ROOT / ".maquette-test")
    services = []

    def serve(package, *options, seconds=240):
        command = [COMMAND, "serve", str(package), "--port", "0", *map(str, options)]
        service = Service(command, {**os.environ, "MAQUETTE_HOME": home})
        services.append(service)
        return service.until_ready(seconds)

    yield serve
    for service in services:
        service.stop()


@pytest.fixture(scope="module")
def odd_pictures():
    """Pictures that a service must read, by name: each as the bytes of a file. Upright they are 48 wide, 32 high."""
    picture = Image.linear_gradient("L").resize((48, 32)).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6  # shown turned by 90° clockwise
    deep = Image.linear_gradient("L").resize((48, 32)).convert("I").point(lambda value: value * 257).convert("I;16")
    return {
        "grey": encoded(picture.convert("L"), "PNG"),
        "RGBA": encoded(picture.convert("RGBA"), "PNG"),
        "palette": encoded(picture.convert("P"), "PNG"),
        "16-bit": encoded(deep, "PNG"),
        "EXIF-rotated": encoded(picture.rotate(90, expand=True), "JPEG", exif=turned),
        "one pixel": encoded(picture.resize((1, 1)), "PNG"),
        "almost 12 MB": padded(encoded(picture, "JPEG"), MOST_BYTES - 1000),
    }


@pytest.fixture(scope="module")
def unreadable_pictures():
    """Uploads that are no picture, by name."""
    picture = encoded(Image.effect_noise((64, 64), 80).convert("RGB"), "JPEG")
    return {"truncated": picture[: len(picture) // 3], "text": b"this is no picture", "empty": b""}


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def padded(jpeg, size):
    """The same picture in a file of about this size: comment segments in front of its data."""
    missing = size - len(jpeg)
    segments = b"".join(b"\xff\xfe\xff\xff" + bytes(65533) for _ in range(missing // 65537))
    return jpeg[:2] + segments + jpeg[2:]
