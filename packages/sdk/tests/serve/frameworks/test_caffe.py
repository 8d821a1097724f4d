"""Caffe packages: the class is importable everywhere, the library is nowhere."""

from __future__ import annotations

SERVICE = """
from model_service.caffe_model_service import CaffeBaseService

class Service(CaffeBaseService):
    def _preprocess(self, data):
        self.net.blobs["data"] = data["image"]
    def _postprocess(self, data):
        return data
"""

LIBRARY = """
TEST = 1

class Net:
    def __init__(self, prototxt, weights, phase):
        self.blobs = {}
        self.files = [path.rpartition("/")[2] for path in (prototxt, weights)]

    def forward(self):
        return {"prob": [self.blobs["data"]], "files": self.files}
"""


def test_without_the_library_the_start_says_so(start):
    error = start(SERVICE, "Caffe").failure()
    assert "CaffeBaseService needs the Caffe library" in error
    assert "--python PATH" in error


def test_with_the_library_the_network_is_that_of_the_package(serve):
    files = {"caffe.py": LIBRARY, "deploy.prototxt": "", "a_train.prototxt": "", "net.caffemodel": b""}
    instance = serve({"customize_service.py": SERVICE, **files}, "Caffe")
    assert instance.json({"image": 1}) == (200, {"prob": [1], "files": ["deploy.prototxt", "net.caffemodel"]})


def test_a_package_without_its_network_is_told_which_file_is_missing(start):
    error = start({"customize_service.py": SERVICE, "caffe.py": LIBRARY, "net.caffemodel": b""}, "Caffe").failure()
    assert "has no file that ends in .prototxt" in error
