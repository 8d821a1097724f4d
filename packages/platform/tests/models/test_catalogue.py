"""Every kind of finding, each brought about by a package of its own."""

import io
import pickle
import zipfile

import pytest

from maquette.models.catalogue import KINDS, Level
from maquette.models.check import check

BASE = "from model_service.pytorch_model_service import PTServingBaseService\n"
CLASS = "class Service(PTServingBaseService):\n"
STAGE = "    def _preprocess(self, data):\n        return data\n"
WHL = "Cython-0.27.3-cp36-cp36m-manylinux1_x86_64.whl"


def whole_model():
    """A weight file in torch's format whose pickle refers to a class of the training script."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02c__main__\nNet\nq\x00)\x81q\x01.")
    return content.getvalue()


def request_of(*names, content_type="multipart/form-data"):
    properties = {name: {"type": "file"} for name in names}
    return {"Content-type": content_type, "data": {"type": "object", "properties": properties}}


def api(**members):
    request = {**request_of("images"), **members.pop("request", {})}
    return {"url": "/", "method": "post", "request": request, **members}


def packages(*entries):
    return {"dependencies": [{"installer": "pip", "packages": list(entries)}]}


def text(**members):
    """config.json as text: a sound one with raw lines in it."""
    lines = {
        "model_type": '"model_type": "PyTorch"',
        "algorithm": '"model_algorithm": "image_classification"',
        "runtime": '"runtime": "pytorch1.4-python3.7"',
        **members,
    }
    return "{" + ",\n".join(filter(None, lines.values())) + "}"


CASES = {
    # the text of config.json
    "json-encoding": ({"config": text(x='"model_description": "图像"').encode("gbk")}, "GB18030", 4),
    "json-bom": ({"config": b"\xef\xbb\xbf" + text().encode()}, "BOM", 1),
    "json-comment": ({"config": text(x='// why\n"metrics": {}')}, "no comments", 4),
    "json-trailing-comma": ({"config": text(x='"metrics": {"f1": 1,}')}, "closing '}'", 4),
    "json-missing-comma": ({"config": text(x='"metrics": {"f1": 1 "recall": 1}')}, "comma is missing", 4),
    "json-single-quotes": ({"config": text(x="'metrics': {}")}, "double quotes", 4),
    "json-punctuation": ({"config": text(x='"metrics"： {}')}, "'：'", 4),
    "json-unquoted": ({"config": text(x="metrics: {}")}, "without quotes", 4),
    "json-python-word": ({"config": text(x='"metrics": None')}, "'None'", 4),
    "json-number": ({"config": text(x='"metrics": {"f1": .5}')}, "'.5'", 4),
    "json-string": ({"config": text(x='"model_description": "a\\d"')}, "no escape", 4),
    "json-bracket": ({"config": text(x='"metrics": {"f1": [1}')}, "still open", 4),
    "json-extra-text": ({"config": text() + "}"}, "after its value", 3),
    "json-syntax": ({"config": text(x='"metrics":')}, "value is missing", 4),
    "json-duplicate-key": ({"config": text(x='"metrics": {"f1": 1, "f1": 2}')}, "twice", 4),
    # its fields
    "config-not-object": ({"config": []}, "no JSON object", 1),
    "missing-model-type": ({"config": text(model_type='"modeltype": "PyTorch"')}, "looks like it", 1),
    "unknown-model-type": ({"change": {"model_type": "Darknet"}}, "'Darknet'", 3),
    "model-type-spelling": ({"change": {"model_type": "pytorch"}}, "read as PyTorch", 3),
    "misspelt-field": ({"change": {"dependancies": []}}, "'dependencies'", None),
    "common-misspelling": ({"change": {"apis": [api(procotol="http")]}}, "'protocol'", None),
    "unknown-field": ({"change": {"colour": "red"}}, "'colour'", None),
    "misplaced-field": ({"change": {"apis": None, "request": request_of("images")}}, "outside 'apis'", None),
    "field-type": ({"change": {"runtime": 3.7}}, "a number where a text belongs", 4),
    "model-algorithm": ({"change": {"model_algorithm": "图像分类"}}, "start with a letter", 2),
    "missing-runtime": ({"change": {"runtime": None}}, "default engine", None),
    "python2-runtime": ({"change": {"runtime": "python2.7"}}, "Python 2", 4),
    "runtime-of-another-engine": ({"change": {"runtime": "tf2.1-python3.7"}}, "runtime of TensorFlow", 4),
    "several-apis": ({"change": {"apis": [api(), api(url="/b")]}}, "2 apis", None),
    "api-url": ({"change": {"apis": [api(url="predict")]}}, "'/predict', as well as here", None),
    "api-protocol": ({"change": {"apis": [api(protocol="ftp")]}}, "'ftp'", None),
    "api-method": ({"change": {"apis": [api(method="get")]}}, "'get'", None),
    "missing-apis": ({"change": {"apis": []}}, "No request is declared", None),
    "missing-request-schema": ({"change": {"apis": [{"url": "/", "request": {}}]}}, "declares no fields", None),
    "content-type": ({"change": {"apis": [api(request={"Content-type": "multipart/form_data"})]}}, "misspelling", None),
    "response-content-type": (
        {"change": {"apis": [api(response={"Content-type": "multipart/form-data"})]}},
        "answers are JSON",
        None,
    ),
    "request-content": (
        {"change": {"apis": [api(request=request_of("images", content_type="application/json"))]}},
        "'images' is a file",
        None,
    ),
    "json-only-engine": ({"kind": "XGBoost", "change": {"apis": [api()]}}, "JSON only", None),
    "schema-type": (
        {"change": {"apis": [api(response={"data": {"type": "list"}})]}},
        "read as 'array'",
        None,
    ),
    "metric-value": ({"change": {"metrics": {"mAP": "60"}}}, "'mAP'", None),
    "image-field": ({"change": {"swr_location": "swr.example/a:1"}}, "swr_location", None),
    # dependencies
    "dependency-ignored": ({"change": {"dependencies": [{"installer": "conda", "packages": []}]}}, "only pip", None),
    "dependency-restraint": (
        {"change": packages({"package_name": "numpy", "package_version": "1.17", "restraint": "=>"})},
        "no restraint",
        None,
    ),
    "dependency-name": ({"change": packages({"package_name": "cv2"})}, "opencv-python-headless", None),
    "dependency-repeated": (
        {"change": packages({"package_name": "tqdm"}, {"package_name": "tqdm"})},
        "twice",
        None,
    ),
    "dependency-file": ({"change": packages({"package_name": "/home/mind/model/tool.zip"})}, "does not hold", None),
    "dependency-wheel": (
        {"change": packages({"package_name": f"/home/mind/model/{WHL}"}), "files": {WHL: b"wheel"}},
        "cp36 on manylinux1_x86_64, not for Python 3.7",
        None,
    ),
    "dependency-relaxed": (
        {
            "kind": "TensorFlow",
            "change": packages({"package_name": "h5py", "package_version": "3.1.0", "restraint": "EXACT"}),
        },
        "h5py==3.1.0 does not go with the engine's h5py<3",
        None,
    ),
    "dependency-era": ({"change": packages({"package_name": "pandas"})}, "2020-03-01", None),
    "undeclared-import": ({"service": BASE + "import mmdet\n" + CLASS + STAGE}, "mmdet", 2),
    # the package's files
    "missing-config": ({"config": None}, "PyTorch, told by the base class PTServingBaseService", None),
    "unknown-engine": ({"config": None, "service": None, "files": {"best.pth": None, "x.ckpt": b"w"}}, "neither", None),
    "misnamed-file": (
        {"service": None, "files": {"customized_service.py": BASE + CLASS + STAGE}},
        "customize_service.py",
        None,
    ),
    "missing-service": ({"service": None}, "need customize_service.py", None),
    "missing-model-files": (
        {"kind": "TensorFlow", "service": None, "without": ["saved_model.pb"]},
        "there is none",
        None,
    ),
    "other-epoch": (
        {
            "kind": "MXNet",
            "service": "from mms.model_service.mxnet_model_service import MXNetBaseService\n"
            "class S(MXNetBaseService):\n    def __init__(self, name, folder, manifest, gpu=None):\n        pass\n",
            "files": {"mnist-0000.params": None, "mnist-0100.params": b"p"},
        },
        "mnist-0100.params",
        None,
    ),
    "missing-variables": (
        {"kind": "TensorFlow", "without": ["variables/variables.index", "variables/variables.data-00000-of-00001"]},
        "variables.index",
        None,
    ),
    "missing-weights": ({"without": ["best.pth"]}, "there is none", None),
    "weights-of-the-code": ({"without": ["best.pth"], "files": {"net.onnx": b"w"}}, "/home/mind/model/net.onnx", None),
    "several-weights": ({"files": {"a.pth": b"larger weights"}}, "/home/mind/model/a.pth", None),
    "pointer-file": (
        {"files": {"best.pth": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"}},
        "Git LFS",
        None,
    ),
    "empty-file": ({"files": {"best.pth": b""}}, "'best.pth' is empty", None),
    "pickled-class": ({"files": {"best.pth": whole_model()}}, "class Net", None),
    "named-file-missing": (
        {"service": BASE + CLASS + "    names = '/home/mind/model/labels.txt'\n" + STAGE},
        "labels.txt",
        None,
    ),
    "path-with-spaces": ({"files": {"my labels.txt": b"cat"}}, "spaces", None),
    # the code
    "source-encoding": ({"service": b"# \xd6\xd0\nx = 1\n"}, "cannot be read", 1),
    "syntax-error": ({"service": BASE + "x = (1,\n"}, "never closed", 2),
    "python2-code": ({"service": BASE + 'print "ready"\n'}, "print statement", 2),
    "reserved-word": (
        {"service": BASE + CLASS + "    def _inference(self, data):\n        return data.cuda(async=True)\n"},
        "'async'",
        4,
    ),
    "python2-name": ({"service": BASE + CLASS + STAGE + "for i in xrange(3):\n    pass\n"}, "'xrange'", 5),
    "no-service-class": ({"service": "class Service:\n" + STAGE}, "Service has the stages", 1),
    "unfollowed-base": ({"service": "from kit import Base\nclass Service(Base):\n" + STAGE}, "Base", 2),
    "several-service-classes": (
        {"service": BASE + CLASS + STAGE + "class Other(PTServingBaseService):\n" + STAGE},
        "The last, Other",
        5,
    ),
    "wrong-base-class": (
        {
            "service": "from model_service.tfserving_model_service import TfServingBaseService\n"
            "class Service(TfServingBaseService):\n" + STAGE
        },
        "the base of TensorFlow services",
        2,
    ),
    "general-base-class": (
        {
            "service": "from model_service.model_service import SingleNodeService\n"
            "class Service(SingleNodeService):\n"
            "    def __init__(self, name, path):\n        self.path = path\n" + STAGE
        },
        "looks for PTServingBaseService",
        2,
    ),
    "unknown-platform-module": (
        {"service": "from model_service.pytorch_model_service import PTServingBaseServices\n" + BASE + CLASS + STAGE},
        "no 'PTServingBaseServices'",
        1,
    ),
    "constructor-arguments": (
        {"service": BASE + CLASS + "    def __init__(self):\n        self.model = 1\n" + STAGE},
        "takes no arguments",
        3,
    ),
    "constructor-of-another-engine": (
        {"service": BASE + CLASS + "    def __init__(self, path):\n        self.model = 1\n" + STAGE},
        "takes (path)",
        3,
    ),
    "method-arguments": (
        {"service": BASE + CLASS + "    def _preprocess(self, data, size):\n        return data\n"},
        "takes (data, size)",
        3,
    ),
    "missing-module": (
        {"service": BASE + "from utils.boxes import nms\n" + CLASS + STAGE, "files": {"utils/__init__.py": ""}},
        "'utils.boxes'",
        2,
    ),
    "missing-name": (
        {
            "service": BASE + "from boxes import nms\n" + CLASS + STAGE,
            "files": {"boxes.py": "def non_maximum(boxes):\n    return boxes\n"},
        },
        "'nms' is imported from boxes.py",
        2,
    ),
    "undeclared-key": (
        {"service": BASE + CLASS + "    def _preprocess(self, data):\n        return data['picture']\n"},
        "'picture'",
        4,
    ),
    "unread-key": (
        {"service": BASE + CLASS + "    def _preprocess(self, data):\n        return data['picture']\n"},
        "'images'",
        4,
    ),
    # what cannot run here
    "own-http-server": (
        {"service": "from flask import Flask\napp = Flask(__name__)\n\napp.run(port=8080)\n"},
        "app.run(…)",
        4,
    ),
    "refused-caffe": (
        {
            "change": {"model_type": "Caffe", "runtime": "python3.6"},
            "service": "from model_service.caffe_model_service import CaffeBaseService\n"
            "class Service(CaffeBaseService):\n" + STAGE,
        },
        "no release since 2017",
        None,
    ),
    "refused-ascend": ({"service": BASE + "import torch_npu\n" + CLASS + STAGE}, "'torch_npu'", 2),
    "refused-image": ({"change": {"model_type": "Image"}, "service": None}, "container image", None),
    "image-with-service": ({"change": {"model_type": "Image"}}, "served as PyTorch", None),
    "engine-unknown": ({"change": {"runtime": "darknet-8"}}, "'darknet-8'", None),
    "engine-by-dependency": (
        {"change": packages({"package_name": "torch", "package_version": "1.8.0", "restraint": "EXACT"})},
        "pytorch-1.8.0 is taken",
        None,
    ),
    "engine-near": (
        {"kind": "TensorFlow", "change": {"runtime": "tensorflow_2.99.0-cpu-py_3.7-ubuntu_18.04-x86_64"}},
        "nearest",
        None,
    ),
}
ELSEWHERE = {
    # brought about by more than a package: see the test named
    "several-configs": "test_package.py",
    "link-outside": "test_package.py",
    "other-python-syntax": "test_other_python.py",
    "unread-source": "test_other_python.py",
    "engine-refused": "test_engine.py",
    "engine-compat": "test_engine.py",
}


@pytest.mark.parametrize("code", CASES)
def test_each_kind_of_trouble_is_found_and_told(ctx, make_package, code):
    how, words, line = CASES[code]
    report = check(ctx, make_package(**{"kind": "PyTorch", **how}))
    found = [finding for finding in report.findings if finding.code == code]
    assert found, [finding.code for finding in report.findings]
    assert words in found[0].message
    assert line is None or found[0].line == line
    assert not (report.sound and KINDS[code].level is Level.ERROR)


@pytest.mark.parametrize("code", CASES)
def test_a_trouble_comes_without_errors_of_another_kind(ctx, make_package, code):
    how, _, _ = CASES[code]
    others = {finding.code for finding in check(ctx, make_package(**{"kind": "PyTorch", **how})).errors} - {code}
    assert others <= ALSO.get(code, set())


ALSO = {
    # errors that cannot but come along
    "config-not-object": {"engine-refused"},
    "unknown-engine": {"missing-service"},
    "misnamed-file": {"missing-service"},
}


def test_every_code_has_its_case():
    assert set(CASES) | set(ELSEWHERE) == set(KINDS)


@pytest.mark.parametrize("code", [code for code, kind in KINDS.items() if kind.level is not Level.HINT])
def test_errors_and_warnings_name_a_fix(code):
    assert KINDS[code].fix


def test_a_pickle_is_not_loaded_to_look_into_it(ctx, make_package, tmp_path):
    class Trap:
        def __reduce__(self):
            return open, (str(tmp_path / "sprung"), "w")

    check(ctx, make_package(files={"best.pth": pickle.dumps(Trap())}))
    assert not (tmp_path / "sprung").exists()
