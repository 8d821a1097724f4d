"""Packages as people wrote them for ModelArts, told in our own words: none of these ways may be called an error."""

import pytest

from maquette.models.check import check
from maquette.models.domain import Mode

PT = "from model_service.pytorch_model_service import PTServingBaseService\n"
TF = "from model_service.tfserving_model_service import TfServingBaseService\n"

SAVED_WITHOUT_VARIABLES = {
    "saved_model.pb": b"\x08\x01\x12 Placeholder Mul",
    "variables/variables.index": None,
    "variables/variables.data-00000-of-00001": None,
}
WAYS = {
    "a SavedModel without variables": {"kind": "TensorFlow", "files": SAVED_WITHOUT_VARIABLES},
    "a SavedModel in a folder called 1": {
        "kind": "TensorFlow",
        "files": {
            **dict.fromkeys(SAVED_WITHOUT_VARIABLES),
            "1/saved_model.pb": b"RestoreV2",
            "1/variables/variables.index": b"i",
            "1/variables/variables.data-00000-of-00001": b"d",
        },
    },
    "weights of Keras beside an empty SavedModel, text fields in the form": {
        "kind": "TensorFlow",
        "files": {
            **SAVED_WITHOUT_VARIABLES,
            "net.h5": b"weights",
            "core/__init__.py": "",
            "core/semantic.py": "class Segmentation:\n    pass\n",
        },
        "service": TF
        + """from core.semantic import Segmentation
class Segmenting(TfServingBaseService):
    segment = None
    def _preprocess(self, data):
        found = {}
        for name, value in data.items():
            if name == 'images':
                found['show_mask'] = int(data['show_mask']) if 'show_mask' in data else 1
                for _, file in value.items():
                    found['image'] = file.read()
        return found
    def _inference(self, data):
        if self.segment is None:
            self.segment = Segmentation('model/1/net.h5')
        return data
    def _postprocess(self, data):
        return {'answer': 'text'}
""",
    },
    "a frozen graph that an environment variable names": {
        "kind": "TensorFlow",
        "files": {**dict.fromkeys(SAVED_WITHOUT_VARIABLES), "frozen.pb": b"graph"},
        "service": TF
        + """import os
import tensorflow as tf
class Yolo(TfServingBaseService):
    def __init__(self, model_name, model_path):
        self.model_path = model_path
        self.graph = os.path.join(model_path, os.environ.get('GRAPH', 'frozen.pb'))
    def _inference(self, data):
        return data
""",
    },
    "a thread that loads in the background": {
        "kind": "TensorFlow",
        "service": TF
        + """import logging
import threading
import tensorflow as tf
class Flowers(TfServingBaseService):
    def __init__(self, model_name, model_path):
        self.model_name = model_name
        self.model_path = model_path
        threading.Thread(target=self.load).start()
    def load(self):
        self.model = tf.saved_model.load(self.model_path)
    def _preprocess(self, data):
        return [f.getvalue() for fs in data.values() for f in fs.values()]
    def _inference(self, data):
        return self.model(data)
    def _postprocess(self, data):
        return []
""",
    },
    "the package's own logger of the platform, a reply that is a list": {
        "service": "import log\n"
        + PT
        + """logger = log.getLogger(__name__)
class Digits(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super(Digits, self).__init__(model_name, model_path)
        self.model = load(model_path)
    def _postprocess(self, data):
        return [1, 2]
def load(path):
    return path
""",
    },
    "an inference of its own with the platform's metrics": {
        "service": "import time\nfrom metric.metrics_manager import MetricsManager\nimport log\n"
        + PT
        + """class Detecting(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.model_name = model_name
    def _preprocess(self, image, size):
        return image
    def _inference(self, model, image, size):
        return image
    def inference(self, data):
        start = time.time()
        data = self._preprocess(data, 3)
        name = self.model_name + '_LatencyPreprocess'
        if name in MetricsManager.metrics:
            MetricsManager.metrics[name].update(time.time() - start)
        return data
""",
    },
    "a constructor that skips its parent": {
        "service": PT
        + """class Text(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super(PTServingBaseService, self).__init__(model_name, model_path)
""",
    },
    "defaults in the constructor": {
        "service": PT
        + """class Text(PTServingBaseService):
    def __init__(self, model_name='', model_path='./best_model.pth', *more, device='cpu', **options):
        self.path = model_path
""",
    },
    "own modules called model, utils and log": {
        "files": {
            "model.py": "class Classifier:\n    pass\n",
            "utils/__init__.py": "",
            "utils/boxes.py": "from utils import letters\n",
            "utils/letters.py": "",
            "log.py": "def getLogger(name):\n    return None\n",
        },
        "service": "import log\nimport model\nfrom model import Classifier\nfrom utils.boxes import letters\n"
        + PT
        + "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a package that imports itself as model": {
        "files": {"nets/efficient.py": "from model.nets import blocks\n", "nets/blocks.py": ""},
        "service": "from model.nets.efficient import blocks\nfrom model.nets import efficient\nimport model\n"
        + PT
        + "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "imports relative to the package": {
        "files": {"nets.py": "from .blocks import size\n", "blocks.py": "size = 3\n"},
        "service": "from .nets import size\nfrom . import blocks\n"
        + PT
        + "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "star imports that bring hundreds of classes": {
        "files": {"layers.py": "".join(f"class Layer{n}:\n    pass\n" for n in range(300))},
        "service": "from layers import *\nfrom torch.nn import *\nfrom model_service.pytorch_model_service import *\n"
        "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a module that is imported under another name": {
        "service": "import model_service.pytorch_model_service as m\n"
        "class Own(m.PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a base class by its whole path": {
        "service": "import model_service.pytorch_model_service\n"
        "class Own(model_service.pytorch_model_service.PTServingBaseService):\n"
        "    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a base class under an alias": {
        "service": PT + "Base = PTServingBaseService\n"
        "class Own(Base):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a class of the package between the service and the base": {
        "files": {
            "shared/__init__.py": "from shared.base import Common as Shared\n",
            "shared/base.py": PT + "class Common(PTServingBaseService):\n"
            "    def __init__(self, model_name, model_path):\n        self.m = 1\n",
        },
        "service": "from shared import Shared\nclass Own(Shared):\n    pass\n",
    },
    "a service that another module defines": {
        "files": {
            "serving.py": PT + "class Own(PTServingBaseService):\n"
            "    def __init__(self, model_name, model_path):\n        self.m = 1\n"
        },
        "service": "from serving import Own\n",
    },
    "a base class that is tried for, to work offline too": {
        "service": """try:
    from model_service.pytorch_model_service import PTServingBaseService
except:
    PTServingBaseService = object
class Own(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.m = 1
""",
    },
    "a base class with a stand-in in the package": {
        "files": {"tools.py": "class PTServingBaseService:\n    pass\n"},
        "service": """try:
    from model_service.pytorch_model_service import PTServingBaseService
except ImportError:
    from tools import PTServingBaseService
class Own(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.m = 1
""",
    },
    "a copy of the platform's classes in the package": {
        "files": {
            "model_service/__init__.py": "",
            "model_service/pytorch_model_service.py": "class PTServingBaseService:\n    pass\n",
        },
    },
    "a decorated class": {
        "service": "import torch\n" + PT + "@torch.no_grad()\nclass Own(PTServingBaseService):\n"
        "    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "arguments parsed and output detached at import": {
        "service": "import argparse, codecs, sys\nsys.stdout = codecs.getwriter('utf8')(sys.stdout.detach())\n"
        "options, _ = argparse.ArgumentParser().parse_known_args()\n"
        + PT
        + "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "a server for trying it out under the main guard": {
        "service": PT + "class Own(PTServingBaseService):\n"
        "    def __init__(self, model_name, model_path):\n        self.m = 1\n"
        "if __name__ == '__main__':\n    from flask import Flask\n    app = Flask('x')\n    app.run()\n",
    },
    "Ascend tried for": {
        "service": "try:\n    import torch_npu\nexcept ImportError:\n    pass\n"
        + PT
        + "class Own(PTServingBaseService):\n    def __init__(self, model_name, model_path):\n        self.m = 1\n",
    },
    "MindSpore code written for Ascend": {
        "kind": "MindSpore",
        "change": {"runtime": "mindspore_1.10.0-cann_6.0.1-py_3.7-euler_2.8.3-aarch64"},
        "service": "import threading\nfrom mindspore import context\n"
        "from model_service.model_service import SingleNodeService\n"
        'context.set_context(mode=context.GRAPH_MODE, device_target="Ascend")\n'
        "class mnist_service(SingleNodeService):\n"
        "    def __init__(self, model_name, model_path):\n"
        "        threading.Thread(target=self.load_model, args=(model_path,)).start()\n"
        "    def load_model(self, path):\n        self.file = path + '/net.ckpt'\n",
    },
    "a CSV file read with the pandas of its day": {
        "kind": "TensorFlow",
        "change": {
            "dependencies": [
                {
                    "installer": "pip",
                    "packages": [{"restraint": "ATLEAST", "package_version": "0.23.2", "package_name": "pandas"}],
                }
            ]
        },
        "service": TF
        + """import pandas as pd
class mnist_service(TfServingBaseService):
    def _preprocess(self, data):
        return {k: pd.read_csv(f).get_values() for k, v in data.items() for f in v.values()}
""",
    },
    "two blocks of dependencies, with empty restraints": {
        "change": {
            "dependencies": [
                {"installer": "pip", "packages": [{"restraint": "", "package_version": "", "package_name": "scipy"}]},
                {"installer": "pip", "packages": [{"package_name": "tqdm"}]},
            ]
        },
    },
    "an XGBoost service that reads the raw body": {
        "kind": "XGBoost",
        "service": """import collections, json
import xgboost as xgb
from model_service.python_model_service import XgSklServingBaseService
from model_service import log
logger = log.getLogger(__name__)
class user_Service(XgSklServingBaseService):
    def _preprocess(self, data):
        list_data = []
        json_data = json.loads(data, object_pairs_hook=collections.OrderedDict)
        for element in json_data["data"]["req_data"]:
            list_data.append([element[each] for each in element])
        return list_data
    def _inference(self, data):
        return xgb.Booster(model_file=self.model_path).predict(xgb.DMatrix(data)).tolist()
""",
    },
    "an MXNet service with the whole constructor": {
        "kind": "MXNet",
        "service": """import mxnet as mx
from mms.model_service.mxnet_model_service import MXNetBaseService
from mms.utils.mxnet import image, ndarray
from mms.log import get_logger
class MXNetVisionService(MXNetBaseService):
    def __init__(self, model_name, model_dir, manifest, gpu=None):
        self._signature = manifest['Model']['Signature']
""",
    },
    "no apis at all": {"config": {
        "model_algorithm": "image_classification", "model_type": "PyTorch",
        "runtime": "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64",
    }},
    "a request outside apis": {"change": {
        "apis": None,
        "request": {"Content-type": "multipart/form-data",
                    "data": {"type": "object", "properties": {"text": {"type": "file"}}}},
    }},
    "white space before the object": {"config": b'\n\n  {"model_type": "PyTorch", "model_algorithm": "x"}\n\n'},
    "weights saved by the service's own library in a folder": {
        "without": ["best.pth"],
        "files": {"checkpoint_63/pytorch_model.bin": b"w", "checkpoint_63/config.json": "{}"},
        "service": "import os\nfrom transformers import MT5Tokenizer\n"
        + PT
        + """class DaService(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super(PTServingBaseService, self).__init__(model_name, model_path)
        folder = os.path.dirname(os.path.realpath(model_path))
        self.tokenizer = MT5Tokenizer.from_pretrained(os.path.join(folder, 'checkpoint_63'))
""",
    },
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_what_worked_on_modelarts_is_no_error_here(ctx, make_package, way):
    report = check(ctx, make_package(**{"kind": "PyTorch", **WAYS[way]}))
    assert [(error.place, error.message) for error in report.errors] == []
    assert report.package.service_class


def test_an_api_below_the_model_folder_is_the_package_as_well(ctx, make_package):
    parent = make_package()
    above, below = check(ctx, parent), check(ctx, parent / "model")
    assert above.folder == below.folder == (parent / "model").resolve()
    assert above.findings == below.findings


def test_a_package_without_config_is_a_template_import(ctx, make_package):
    report = check(ctx, make_package("TensorFlow", config=None, service=None), mode=Mode.OBJECT_DETECTION)
    assert report.sound
    assert report.package.model_type == "TensorFlow"
    assert report.package.plan("s")["mode"] == "object-detection"
    assert list(report.package.api.response.fields) == ["detection_classes", "detection_boxes", "detection_scores"]
    assert report.package.api.request.fields == {"images": "file"}
