"""Imports from a package's own files: what they lack is told, and nothing that may be there after all."""

import pytest

from maquette.models.code.imports import judge_imports
from maquette.models.code.modules import Modules


@pytest.fixture
def judge(tmp_path):
    """`judge({file: text, …})` is the findings of the imports that customize_service.py comes to."""

    def look(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        modules = Modules(tmp_path, frozenset(files))
        return list(judge_imports(modules, modules.reachable("customize_service.py")))

    return look


NMS = "from boxes import nms\n"
INIT = {"nets/__init__.py": ""}
GIVEN = "class B:\n    def f(self):\n        self.nms = 1\n        setattr(self, 'a', vars(self))\n"

ABSENT = {
    # the package's other files, the code, and what is said of it
    "a slip of the finger": ({"boxes.py": "def nns(boxes): pass\n"}, NMS, "missing-name", "Write 'nns'."),
    "a name of another file": (
        {"boxes.py": "", "tools.py": "def nms(boxes): pass\n"},
        "import tools\n" + NMS,
        "missing-name",
        "tools.py defines it: import it from there.",
    ),
    "a name of nothing": ({"boxes.py": "x = 1\n"}, NMS, "missing-name", "Define it there, or correct the name."),
    "a name inside a class": ({"boxes.py": "class B:\n    def nms(self): pass\n"}, NMS, "missing-name", ""),
    "a name inside a function": ({"boxes.py": "def f():\n    nms = 1\n"}, NMS, "missing-name", ""),
    "a name that is only used": ({"boxes.py": "print(nms)\n"}, NMS, "missing-name", ""),
    "what objects are given": ({"boxes.py": GIVEN}, NMS, "missing-name", ""),
    "behind a star of the package": (
        {"boxes.py": "from tools import *\n", "tools.py": "def nnms(): pass\n"},
        NMS,
        "missing-name",
        "Write 'nnms'.",
    ),
    "relative": ({"boxes.py": "def nns(): pass\n"}, "from .boxes import nms\n", "missing-name", "Write 'nns'."),
    "by the folder's name": ({"boxes.py": "def nns(): pass\n"}, "from model.boxes import nms\n", "missing-name", ""),
    "from a package": ({**INIT, "nets/unet.py": ""}, "from nets import unit\n", "missing-name", "Write 'unet'."),
    "a file": ({**INIT, "nets/unet.py": ""}, "from nets.unett import UNet\n", "missing-module", "Write 'nets.unet'"),
    "a file by import": ({**INIT, "nets/unet.py": ""}, "import nets.unett\n", "missing-module", "Write 'nets.unet'"),
    "a file of a file": ({"boxes.py": ""}, "import boxes.nms\n", "missing-module", "Add the file."),
    "a file beside it": ({"boxes.py": ""}, "from .boxs import nms\n", "missing-module", "Write '.boxes'"),
    "a file beside it, alone": ({"boxes.py": ""}, "from . import boxs\n", "missing-module", "Write '.boxes'"),
    "in a file that is imported": (
        {"boxes.py": "from tools import nms\n", "tools.py": "nnms = 1\n"},
        "import boxes\n",
        "missing-name",
        "Write 'nnms'.",
    ),
}


@pytest.mark.parametrize("way", ABSENT)
def test_what_surely_is_not_there_is_told_with_its_likely_meaning(judge, way):
    files, code, kind, fix = ABSENT[way]
    (found,) = judge({"customize_service.py": code, **files})
    assert found.code == kind
    assert found.fix.startswith(fix)
    assert found.line


BOXES = {
    "a function": "def nms(): pass\n",
    "a class": "class nms: pass\n",
    "an assignment": "a, (b, *nms) = 1, (2, 3)\n",
    "an annotation": "nms: int = 1\n",
    "a loop": "for nms in range(3): pass\n",
    "a condition": "import sys\nif sys.version_info > (3,):\n    def nms(): pass\n",
    "an attempt": "try:\n    from fast import nms\nexcept ImportError:\n    nms = None\n",
    "what is caught": "try:\n    f()\nexcept ValueError as nms:\n    pass\n",
    "a file that is opened": "with open('x') as nms: pass\n",
    "a walrus": "print(nms := 1)\n",
    "a match": "match [1]:\n    case [nms]: pass\n",
    "an import": "import torch.ops as nms\n",
    "an import from elsewhere": "from torchvision.ops import nms\n",
    "a star from elsewhere": "from torchvision.ops import *\n",
    "a star in a condition": "if True:\n    from torchvision.ops import *\n",
    "a star that comes back": "from customize_service import *\n",
    "__getattr__": "def __getattr__(name): return 1\n",
    "__getattr__ from elsewhere": "from lazy import __getattr__\n",
    "globals()": "globals()['nms'] = 1\n",
    "vars()": "vars().update(nms=1)\n",
    "exec": "exec('nms = 1')\n",
    "setattr": "import boxes\nsetattr(boxes, 'nms', 1)\n",
    "sys.modules": "import sys\nsys.modules[__name__] = object()\n",
    "its __dict__": "import boxes\nboxes.__dict__['nms'] = 1\n",
    "global": "def f():\n    global nms\n    nms = 1\nf()\n",
    "a file that does not parse here": "def nms(:\n",
}


@pytest.mark.parametrize("way", BOXES)
def test_a_name_that_may_be_there_is_not_called_missing(judge, way):
    found = judge({"customize_service.py": NMS, "boxes.py": BOXES[way]})
    assert [finding.code for finding in found if finding.code.startswith("missing")] == []


PRESENT = {
    # the package's other files, and the code
    "a file of a package": ({**INIT, "nets/unet.py": ""}, "from nets import unet\nimport nets.unet\n"),
    "an extension in C": ({**INIT, "nets/ops.cpython-37m-x86_64-linux-gnu.so": ""}, "from nets import ops\n"),
    "an extension in C by import": ({**INIT, "nets/ops.so": ""}, "import nets.ops\nfrom .nets.ops import nms\n"),
    "an extension beside its source": ({"boxes.py": "", "boxes.abi3.so": ""}, NMS),
    "compiled code": ({**INIT, "nets/unet.pyc": ""}, "from nets.unet import UNet\nfrom nets import unet\n"),
    "a folder of data": ({**INIT, "nets/data/x.txt": ""}, "from nets import data\nimport nets.data\n"),
    "a folder without __init__": ({"nets/unet.py": ""}, "from nets import unet\nfrom nets import other\n"),
    "a package that looks for its files elsewhere": (
        {"nets/__init__.py": "__path__.append('/x')\n"},
        "import nets.unet\nfrom nets import unet\n",
    ),
    "a name that is set from outside": (
        {"boxes.py": "", "tools.py": "import boxes\nboxes.nms = 1\n"},
        "import tools\n" + NMS,
    ),
    "names of every module": ({"boxes.py": ""}, "from boxes import __file__, __name__, __doc__\n"),
    "a module that Python has too": ({"queue.py": ""}, "from queue import Queue\n"),
    "a copy of the platform's classes": (
        {"model_service/__init__.py": "", "model_service/pytorch_model_service.py": ""},
        "from model_service.pytorch_model_service import PTServingBaseService\n",
    ),
    "two files of one name on a longer path": (
        {"boxes.py": "", "yolo/boxes.py": "nms = 1\n"},
        "import sys\nsys.path.insert(0, 'yolo')\n" + NMS,
    ),
    "what is tried": ({"boxes.py": ""}, "try:\n    from boxes import nms\nexcept ImportError:\n    nms = None\n"),
    "what is imported in a function": ({"boxes.py": ""}, "def f():\n    from boxes import nms\n"),
    "the package itself": ({"boxes.py": ""}, "from model import boxes\nimport model\n"),
}


@pytest.mark.parametrize("way", PRESENT)
def test_an_import_that_may_work_is_not_called_missing(judge, way):
    files, code = PRESENT[way]
    assert judge({"customize_service.py": code, **files}) == []
