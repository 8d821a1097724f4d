"""Says, after a script failed, what its user can do when Maquette can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from maquette.kernel.ports import Cause, Exit
from maquette.training.domain import Job, added_arguments, argument_name
from maquette_sdk.sentences import Sentences

say = Sentences(
    "advice",
    {
        "argument": "The script's parser does not know --{name}, which a ModelArts job adds. {way}",
        "module": "The engine has no module '{name}'. Name its package '{package}' in pip-requirements.txt of the code"
        " folder, or choose another engine (`maquette engines list`).",
        "part": "The '{package}' of this engine has no '{name}'; the script was written for another version. Choose its"
        " engine with --engine (`maquette engines list`), or its package's version in pip-requirements.txt of the code"
        " folder.",
        "part_of_moxing": "Maquette's moxing has no '{name}', with no engine. Take it out of the script; docs/moxing.md"
        " tells what there is.",
        "no_s3": "This TensorFlow has no S3 file system of its own. {local}, or take an engine up to TensorFlow 2.5,"
        " such as --engine TF-2.1.0-python3.6.",
        "mxnet_s3": "This MXNet cannot read s3:// addresses itself, as ModelArts' build could. {local}.",
        "no_address": "torch.distributed was given no address. {address}",
        "no_gpu": "The script asks for a GPU, and this run has none. Choose one (--gpus 1, or a flavour with GPUs), or "
        "let the script ask torch.cuda.is_available() and load weights with map_location='cpu'.",
        "no_nccl": "The backend nccl needs GPUs, and this run has none. Let the script take the backend gloo.",
        "local_rank": "The launcher of PyTorch 2 passes --local-rank, the one of PyTorch 1 --local_rank, which this"
        " script knows. Take an older engine, such as --engine pytorch-1.8.0.",
        "numpy_names": "Names such as np.float went with NumPy 1.24. Take an engine of the script's own time"
        " (`maquette engines list`), such as PyTorch 1.8 or TensorFlow 2.1, or name numpy<1.24 in pip-requirements.txt"
        " of the code folder.",
        "no_folder": "{path} does not exist outside the sandbox. Install bubblewrap, or make the folder.",
        # ways out, of `maquette run` and of a job
        "without": "Leave it out with: --without {name}",
        "rename": "Call the input or output as the script's own argument is called, or let the script pass over what it"
        " does not know (`parse_known_args`)",
        "urls": "Give the script local folders with --urls local",
        "second_generation": "Make it a job of the second generation, as `maquette jobs submit` does: that gives the"
        " script local folders",
        "arguments_2022": "If the script takes --init_method, add it with --arguments-2022; else set MASTER_ADDR,"
        " MASTER_PORT, RANK and WORLD_SIZE with --env.",
        "variables": "Set MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE among the job's environment variables.",
    },
)


@dataclass(frozen=True)
class Ways:
    """How one gets out of it, which is not the same for `maquette run` and for a job."""

    without: str
    local: str
    address: str


OF_RUN = Ways("without", "urls", "arguments_2022")
OF_JOB = Ways("rename", "second_generation", "variables")

UNKNOWN_ARGUMENTS = (
    re.compile(r"unrecognized arguments: (?P<names>.+)"),
    re.compile(r"Unknown command line flag '(?P<names>[\w-]+)'"),
    re.compile(r"[Nn]o such option:? '?(?P<names>--?[\w-]+)"),
)
# A line of our own behind it has said that no package can bring the module.
MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'(?!\s*\[Maquette\])")
DENIED = re.compile(r"PermissionError: .*'(?P<path>/(?:cache|home/work|home/ma-user|home/mind)[^']*)'")
PACKAGES = {
    # module: the package that holds it, where the names differ
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "google": "protobuf",
    "obs": "esdk-obs-python",
    "osgeo": "gdal",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
KNOWN = (
    # what the log says, and the advice
    (re.compile(r"File system scheme 's3' not implemented"), "no_s3"),
    (re.compile(r"Please compile with DMLC_USE_S3=1"), "mxnet_s3"),
    (re.compile(r"environment variable MASTER_ADDR expected, but not set"), "no_address"),
    (
        re.compile(
            r"doesn't have NCCL built in|ProcessGroupNCCL is only supported with GPUs"
            r"|Tensor list mustn't be larger than the number of available GPUs"
        ),
        "no_nccl",
    ),
    (
        re.compile(
            r"Found no NVIDIA driver|not compiled with CUDA|No CUDA GPUs are available"
            r"|torch\.cuda\.is_available\(\) is False|no CUDA-capable device"
            r"|GPU is not enabled|compiled without (?:GPU|CUDA)"
        ),
        "no_gpu",
    ),
    (re.compile(r"unrecognized arguments: .*--local-rank=\d"), "local_rank"),
    (
        re.compile(r"module 'numpy' has no attribute '(?:float|int|bool|object|complex|str|long|unicode)'"),
        "numpy_names",
    ),
)


def advise(job: Job, ended: Exit, log_tail: str, isolated: bool, ways: Ways = OF_RUN) -> list[str]:
    """Sentences with a fix each; empty when the script ended well or nothing is known."""
    if ended.cause is not Cause.EXIT or ended.code == 0:
        return []
    said = [*about_arguments(job, log_tail, ways), *about_modules(log_tail)]
    known = [code for pattern, code in KNOWN if pattern.search(log_tail)]
    said += [say(code, local=say(ways.local), address=say(ways.address)) for code in known]
    if not isolated and (found := DENIED.search(log_tail)):
        said.append(say("no_folder", path=found.group("path")))
    return said


def about_arguments(job: Job, log_tail: str, ways: Ways) -> list[str]:
    added = {name for name, _ in added_arguments(job)}
    refused = []
    for pattern in UNKNOWN_ARGUMENTS:
        for found in pattern.finditer(log_tail):
            names = [argument_name(token) or token for token in found.group("names").split()]
            refused += [name for name in names if name in added and name not in refused]
    return [say("argument", name=name, way=say(ways.without, name=name)) for name in refused]


def about_modules(log_tail: str) -> list[str]:
    """A missing package, or a missing part of one that is there: Python names the whole path only then."""
    found = MISSING_MODULE.search(log_tail)
    if not found:
        return []
    name = found.group("name")
    package = name.split(".")[0]
    if package == "moxing":
        return [say("part_of_moxing", name=name)]
    if package != name:
        return [say("part", package=package, name=name)]
    return [say("module", name=name, package=PACKAGES.get(name, name))]
