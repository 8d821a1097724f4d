"""What a folder of training code tells before it runs: is it sound, does it use moxing, which engine suits it."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from maquette.kernel.errors import BadInput
from maquette.training.sentences import say

LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__", ".venv", ".idea", ".vscode", ".ipynb_checkpoints"})
MODELARTS_FILES = 1024
MODELARTS_DEPTH = 32


@dataclass(frozen=True)
class Code:
    """A code folder with its boot file, relative to the folder; `.` where a command starts it instead."""

    folder: Path
    boot_file: PurePosixPath

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def boot_path(self) -> Path:
        return self.folder / self.boot_file


def find_code(folder: Path, boot: str) -> Code:
    """Checks the folder and its boot file, which may be named from the folder or from where the user stands."""
    if not folder.is_dir():
        raise BadInput(f"The code folder '{folder}' does not exist or is not a folder.", field="CODE_DIR")
    root = folder.resolve()
    candidates = (Path(os.path.normpath(root / boot)), Path(os.path.abspath(boot)))  # noqa: PTH100 – links are kept
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise BadInput(f"The boot file '{boot}' is not in '{folder}'.{boot_hint(root)}", field="boot")
    if not path.is_relative_to(root):
        raise BadInput(f"The boot file '{path}' lies outside the code folder '{folder}'.", field="boot")
    if path.suffix not in (".py", ".pyc"):
        raise BadInput(f"The boot file '{boot}' is not a Python file (.py or .pyc).", field="boot")
    return Code(root, PurePosixPath(path.relative_to(root)))


def boot_hint(root: Path) -> str:
    names = sorted(path.relative_to(root).as_posix() for path in root.glob("*.py"))[:6]
    return f" Choose one with --boot: {', '.join(names)}." if names else " It holds no Python file."


def source_files(code: Code) -> list[Path]:
    """The boot file and the modules of its folder, without what is left out of a copy."""
    found = [
        path
        for path in code.folder.rglob("*.py")
        if path.is_file() and not LEFT_OUT.intersection(path.relative_to(code.folder).parts)
    ]
    boot = [code.boot_path] if code.boot_path.is_file() else []
    return [*boot, *sorted(path for path in found if path != code.boot_path)]


LATE_MOXING = re.compile(r"(?:import_module|__import__)\(\s*['\"]moxing")


OBS_CLIENT = re.compile(r"^\s*from\s+obs\s+import\s.*\bObsClient\b", re.MULTILINE)


def mentions_moxing(code: Code) -> bool:
    """Whether the boot file or a module of its folder imports moxing or OBS's client, and so copes with `s3://`."""
    texts = map(read_source, source_files(code))
    return any(("moxing" in text and imports_moxing(text)) or OBS_CLIENT.search(text) for text in texts)


MINDSPORE_CLUSTER = re.compile(r"mindspore\.communication|from mindspore import .*\bcommunication\b")


def uses_mindspore_cluster(code: Code) -> bool:
    """Whether the code joins a cluster, so that its scheduler can be started by the same script."""
    return any(MINDSPORE_CLUSTER.search(read_source(path)) for path in source_files(code))


def imports_moxing(text: str) -> bool:
    return "moxing" in imported_modules(text) or bool(LATE_MOXING.search(text))


def read_source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


FRAMEWORKS = {
    # imported module: framework
    "torch": "pytorch",
    "torchvision": "pytorch",
    "pytorch_lightning": "pytorch",
    "timm": "pytorch",
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "mindspore": "mindspore",
    "mindcv": "mindspore",
    "mxnet": "mxnet",
    "gluoncv": "mxnet",
    "xgboost": "sklearn",
    "lightgbm": "sklearn",
    "sklearn": "sklearn",
    "pyspark": "spark",
    "ray": "ray",
}
# Used beside a framework too: every engine has scikit-learn, and the others install into any.
BESIDE = frozenset({"sklearn", "xgboost", "lightgbm", "ray"})
TENSORFLOW_1 = re.compile(
    r"\btf\.(flags|app\.|placeholder|Session\(|contrib|gfile\.|get_default_graph|global_variables_initializer|layers\.)"
    r"|tensorflow\.contrib|tensorflow\.examples\.tutorials|tf\.train\.\w+Optimizer"
    # Keras when it was a package of its own, before version 2.4
    r"|\bkeras\.(?:layers\.(?:core|convolutional|normalization|merge|recurrent|advanced_activations)|engine\.)"
    r"|\bkeras\.backend\.tensorflow_backend|(?<!tensorflow\.)\bkeras\.utils import np_utils|\bkeras\.utils\.np_utils"
)
OLD_SKLEARN = re.compile(
    r"\bsklearn(?:\.|\s+import\s+)((?P<kept>externals|ensemble\.forest)|cross_validation|grid_search|learning_curve)\b"
)
OLD_MINDSPORE = re.compile(r"\b(?:c|py)_transforms\b|\bmindspore\.dataset\.transforms\.vision\b|\bms_function\b")


def suggest_engine(code: Code) -> tuple[str, str] | None:
    """An engine and why: the framework that the boot file imports, else the first that a module imports.

    TensorFlow code with names that only TensorFlow 1 has gets TensorFlow 1, and old scikit-learn code likewise.
    """
    beside = None
    for path in source_files(code):
        text = read_source(path)
        modules = [name for name in imported_modules(text) if name in FRAMEWORKS]
        if not modules:
            continue
        module = next((name for name in modules if name not in BESIDE), modules[0])
        suggestion = engine_for(code, path.relative_to(code.folder).as_posix(), text, FRAMEWORKS[module])
        if set(modules) != {"sklearn"}:
            return suggestion
        beside = beside or suggestion
    return beside


def engine_for(code: Code, where: str, text: str, framework: str) -> tuple[str, str]:
    if framework == "tensorflow" and (found := TENSORFLOW_1.search(text)) and "compat.v1" not in text:
        return "tf1", say("tensorflow_1", file=where, name=found.group(0).rstrip("(."))
    if framework == "sklearn" and (found := OLD_SKLEARN.search(text)):
        version = "0.22.1" if found.group("kept") else "0.19.2"
        return f"sklearn-{version}", say("old_sklearn", file=where, name=found.group(1), version=version)
    return (old_mindspore(code) if framework == "mindspore" else None) or (framework, say("imports", file=where))


def old_mindspore(code: Code) -> tuple[str, str] | None:
    """MindSpore 2.0 for names that went after it, in any module: the boot file seldom reads the data itself."""
    for path in source_files(code):
        if found := OLD_MINDSPORE.search(read_source(path)):
            where = path.relative_to(code.folder).as_posix()
            return "mindspore-2.0.0", say("old_mindspore", file=where, name=found.group(0))
    return None


def imported_modules(text: str) -> list[str]:
    """Top-level names of all imports in order; by pattern when the text is not this Python's syntax."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return re.findall(r"^\s*(?:import|from)\s+([A-Za-z_]\w*)", text, re.MULTILINE)
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [(node.lineno, alias.name.split(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append((node.lineno, node.module.split(".")[0]))
    return [name for _, name in sorted(names)]


def remarks(code: Code) -> list[str]:
    """What ModelArts itself would have refused or warned of."""
    files = [path for path in code.folder.rglob("*") if path.is_file() and not LEFT_OUT.intersection(path.parts)]
    said = []
    if len(files) > MODELARTS_FILES:
        said.append(f"the code folder holds {len(files)} files; ModelArts takes at most {MODELARTS_FILES}")
    if any(len(path.relative_to(code.folder).parts) > MODELARTS_DEPTH for path in files):
        said.append(f"the code folder is more than {MODELARTS_DEPTH} folders deep; ModelArts takes no more")
    return said


PYTHON_2 = re.compile(r"^\s*print\s+[\"'\w]|^\s*except\s+\w+\s*,\s*\w+\s*:|\bxrange\s*\(|\bexec\s+[\"']", re.MULTILINE)


def python_2_line(code: Code) -> int | None:
    """The line at which the boot file stops being Python 3 because it is Python 2, if it is."""
    if not code.boot_path.is_file():
        return None
    text = read_source(code.boot_path)
    try:
        compile(text, str(code.boot_path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno if PYTHON_2.search(text) else None
    except ValueError:
        return None
    return None
