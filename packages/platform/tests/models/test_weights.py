import io
import pickle

import pytest

from maquette.models.check import check

PT = (
    "import torch\nfrom model_service.pytorch_model_service import PTServingBaseService\n"
    "class S(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        {line}\n"
)


def path_of(report):
    return report.package.model_path.removeprefix("/home/mind/model/")


@pytest.mark.parametrize(
    ("files", "line", "chosen"),
    [
        ({"best.pth": b"w"}, "self.m = torch.load(model_path)", "best.pth"),
        ({"best.pt": b"w"}, "self.m = torch.load(model_path)", "best.pt"),
        ({"best.pkl": b"w"}, "self.m = torch.load(model_path)", "best.pkl"),
        ({"best.pth": b"w", "pca.pkl": b"larger"}, "self.m = torch.load(model_path)", "best.pth"),
        ({"a.pth": b"w", "b.pth": b"larger"}, "self.m = torch.load(model_path)", "b.pth"),
        ({"a.pth": b"w", "b.pth": b"larger"}, "self.m = torch.load('/home/mind/model/b.pth')", "a.pth"),
        ({"a.pth": b"w", "b.pth": b"larger"}, "self.m = [path + '/b.pth', 'a.pth']", "b.pth"),
        ({"weights/best.pth": b"w"}, "self.m = torch.load(model_path)", "weights/best.pth"),
        ({"best.pth": b"w", "old/best.pth": b"larger"}, "self.m = torch.load(model_path)", "best.pth"),
        ({"net.onnx": b"w"}, "self.m = model_path.replace('.pt', '.onnx')", "net.onnx"),
        ({"net.onnx": b"w"}, "self.m = torch.load(model_path)", "net.onnx"),
        ({}, "self.folder = __file__", "customize_service.py"),
        ({"labels.txt": b"a"}, "self.folder = os.path.dirname(os.path.realpath(model_path))", "customize_service.py"),
    ],
)
def test_pytorch_services_are_given_one_weight_file(ctx, make_package, files, line, chosen):
    report = check(ctx, make_package(service=PT.format(line=line), files={"best.pth": None, **files}))
    assert report.sound
    assert path_of(report) == chosen


@pytest.mark.parametrize("line", ["self.m = torch.load(model_path)", "self.m = Net(self.model_path)", "load(w)"])
def test_a_service_that_opens_its_path_needs_a_file(ctx, make_package, line):
    service = PT.format(line=line).replace("model_path):", "w):" if "(w)" in line else "model_path):")
    [error] = check(ctx, make_package(service=service, without=["best.pth"])).errors
    assert error.code == "missing-weights"
    assert ".pth, .pt, .pkl" in error.message


@pytest.mark.parametrize("kind", ["XGBoost", "Scikit_Learn"])
def test_learners_need_a_file_that_ends_in_m(ctx, make_package, kind):
    [error] = check(ctx, make_package(kind, files={"x.m": None, "x.json": "{}"})).errors
    assert error.code == "missing-weights"


def test_a_spark_package_needs_its_folder(ctx, make_package):
    [error] = check(ctx, make_package("Spark_MLlib", without=["spark_model/metadata/part-00000"])).errors
    assert "spark_model" in error.message


INDEX, DATA = "variables/variables.index", "variables/variables.data-00000-of-00001"
TF = (
    "import tensorflow as tf\nfrom model_service.tfserving_model_service import TfServingBaseService\n"
    "class S(TfServingBaseService):\n    {line}\n"
)
OWN = TF.format(line="def _inference(self, data):\n        return data")
LOADS = TF.format(
    line="def __init__(self, model_name, model_path):\n        self.m = tf.saved_model.load(model_path)\n"
    "    def _inference(self, data):\n        return self.m(data)"
)
HANDS_ON = TF.format(
    line="def inference(self, data):\n        try:\n            return super().inference(data)\n"
    "        except ValueError as error:\n            return str(error)"
)
PARTS = {f"variables/variables.data-0000{n}-of-00002": b"d" for n in (0, 1)}


@pytest.mark.parametrize(
    ("files", "service", "codes"),
    [
        ({}, ..., []),
        ({INDEX: None, DATA: None}, ..., ["missing-variables"]),
        ({DATA: None}, ..., ["missing-variables"]),
        ({INDEX: None}, ..., ["missing-variables"]),
        ({DATA: None, **PARTS}, ..., []),
        ({DATA: None, **PARTS, "variables/variables.data-00001-of-00002": None}, ..., ["missing-variables"]),
        ({INDEX: None, DATA: None, "saved_model.pb": b"Placeholder Mul"}, ..., []),
        ({INDEX: None, DATA: None}, OWN, []),
        ({INDEX: None, DATA: None}, LOADS, ["missing-variables"]),
        ({INDEX: None, DATA: None}, HANDS_ON, ["missing-variables"]),
        ({"saved_model.pb": None}, ..., ["missing-model-files"]),
        ({"saved_model.pb": None}, OWN, []),
        ({"saved_model.pb": None}, LOADS, ["missing-model-files"]),
        ({"saved_model.pb": None, "saved_model.pbtxt": b"node { op: 'Mul' }"}, ..., []),
    ],
)
def test_a_saved_model_is_whole_where_the_service_needs_it(ctx, make_package, files, service, codes):
    report = check(ctx, make_package("TensorFlow", service=service, files=files))
    assert [error.code for error in report.errors] == codes


def test_a_saved_model_in_another_folder_is_pointed_out(ctx, make_package):
    files = {"saved_model.pb": None, "export/saved_model.pb": b"m"}
    [error] = check(ctx, make_package("TensorFlow", files=files)).errors
    assert "There is one in 'export'" in error.message


WITHOUT_INFERENCE = TF.format(line="def _preprocess(self, data):\n        return data")
LOADS_LAZILY = TF.format(
    line="def _inference(self, data):\n        self.m = self.m or tf.saved_model.load(self.model_path)\n"
    "        return self.m(data)"
)


@pytest.mark.parametrize(
    ("service", "words", "fix"),
    [
        (None, "without customize_service.py", "or write a customize_service.py."),
        (WITHOUT_INFERENCE, "S leaves `_inference` to its base class", "or give S an `_inference` of its own"),
        (LOADS, "S loads a SavedModel from 'model_path'", "or load the file that is meant."),
        (LOADS_LAZILY, "S loads a SavedModel from 'model_path'", "or load the file that is meant."),
    ],
)
def test_who_misses_a_saved_model_is_not_told_to_do_what_is_done_already(ctx, make_package, service, words, fix):
    report = check(ctx, make_package("TensorFlow", service=service, without=["saved_model.pb"]))
    [error] = [error for error in report.errors if error.code == "missing-model-files"]
    assert words in error.message
    assert fix in error.fix


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"net.ckpt": None}, "There is no .ckpt or .mindir file, though the code names 'net.ckpt'."),
        ({"net.ckpt": None, "net.npz": b"w"}, "There is no .ckpt or .mindir file, though the code names 'net.ckpt'."),
        ({}, None),
        ({"net.ckpt": None, "net.mindir": b"w"}, None),
        ({"net.ckpt": None, "weights/net.ckpt": b"w"}, None),
    ],
)
def test_a_mindspore_package_without_weights_is_told_what_its_service_is_given(ctx, make_package, files, words):
    report = check(ctx, make_package("MindSpore", files=files))
    told = [finding.message for finding in report.findings if finding.code == "weights-of-the-code"]
    assert report.sound
    assert told == ([f"{words} 'model_path' is /home/mind/model/1, the folder."] if words else [])


def test_a_mindspore_service_that_names_no_weights_loads_its_own(ctx, make_package):
    service = "import mindspore\nfrom model_service.model_service import SingleNodeService\n" + (
        "class S(SingleNodeService):\n    def __init__(self, name, path):\n        self.net = mindspore.nn.ReLU()\n"
    )
    found = check(ctx, make_package("MindSpore", service=service, without=["net.ckpt"])).findings
    [told] = [finding.message for finding in found if finding.code == "weights-of-the-code"]
    assert told.startswith("There is no .ckpt or .mindir file: the service loads its own model.")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"mnist-symbol.json": None}, "-symbol.json"),
        ({"mnist-0000.params": None}, "-0000.params"),
        ({"mnist-0000.params": None, "mnist-0002.params": b"p"}, "epoch 0"),
    ],
)
def test_an_mxnet_package_holds_a_network_and_the_parameters_of_epoch_0(ctx, make_package, files, words):
    [error] = check(ctx, make_package("MXNet", files=files)).errors
    assert error.code == "missing-model-files"
    assert words in error.message


def test_an_mxnet_service_that_loads_another_epoch_itself_is_served(ctx, make_package):
    service = "from mms.model_service.mxnet_model_service import MXNetBaseService\n" + (
        "class S(MXNetBaseService):\n    def __init__(self, name, folder, manifest, gpu=None):\n        self.n = name\n"
        "    def _inference(self, data):\n        return data\n"
    )
    files = {"mnist-0000.params": None, "mnist-0100.params": b"p"}
    report = check(ctx, make_package("MXNet", service=service, files=files))
    [told] = [finding for finding in report.findings if finding.code == "other-epoch"]
    assert report.sound
    assert (told.file, "mnist-0100.params" in told.message) == ("mnist-0100.params", True)


class Net:
    pass


@pytest.mark.parametrize("protocol", range(5))
def test_a_class_of_the_training_script_in_a_pickle_is_told(ctx, make_package, monkeypatch, protocol):
    monkeypatch.setattr(Net, "__module__", "__main__")
    monkeypatch.setattr("__main__.Net", Net, raising=False)
    content = io.BytesIO()
    pickle.dump(0x1950A86A20F9469CFC6C, content, protocol)  # torch's older files begin so
    pickle.dump({"model": Net()}, content, protocol)
    content.write(b"\x00\x01raw tensors")
    found = check(ctx, make_package(files={"best.pth": content.getvalue()})).findings
    told = [finding.message for finding in found if finding.code == "pickled-class"]
    assert len(told) == (1 if protocol >= 2 else 0)  # protocols 0 and 1 have no mark to be known by


def test_a_pointer_counts_only_where_a_model_or_the_code_needs_the_file(ctx, make_package):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    files = {"docs/picture.jpg": pointer, "labels.txt": pointer}
    service = PT.format(line="self.m = torch.load(model_path), open('/home/mind/model/labels.txt')")
    assert [error.file for error in check(ctx, make_package(service=service, files=files)).errors] == ["labels.txt"]


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80", b"\x80\x02", b"PK\x03\x04 no archive", b"\x80\x04\x95" * 99])
def test_weights_of_any_content_are_looked_at_without_a_crash(ctx, make_package, content):
    check(ctx, make_package(files={"best.pth": content}))
