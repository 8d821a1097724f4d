"""Judges the model files of a package, and says what its service is given as `model_path`."""

from __future__ import annotations

import io
import itertools
import mmap
import pickletools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from maquette.models.code.service import Code
from maquette.models.domain import FOLDER, SERVICE_FILE, Given, ModelType
from maquette.models.files import POINTER_BYTES, Files
from maquette.models.findings import Finding
from maquette.models.sentences import say
from maquette_sdk.sentences import several

OTHER_WEIGHTS = (
    ".onnx", ".bin", ".safetensors", ".ckpt", ".tar", ".h5", ".model", ".weights", ".npz", ".joblib", ".pb", ".tflite",
    ".mindir", ".params", ".pdparams", ".cbm", ".engine",
)  # fmt: skip
HEAVY = (*OTHER_WEIGHTS, ".pth", ".pt", ".pkl", ".m", ".caffemodel", ".om")
VARIABLE_OPS = (b"VarHandleOp", b"VariableV2", b"RestoreV2", b"VariableV1")
SHARD = re.compile(r"variables\.data-(\d{5})-of-(\d{5})")
LARGEST_PICKLE = 16 << 20
MOST_OPCODES = 200_000  # classes are named early
MOST_PICKLES = 5  # torch's older files begin with a few small ones


@dataclass(frozen=True)
class Layout:
    """What the files come to: `inside` is the service's model_path below /home/mind/model."""

    inside: str
    findings: tuple[Finding, ...] = ()


def judge_files(files: Files, kind: ModelType, code: Code, has_service: bool) -> Layout:
    findings = [Finding("link-outside", {"name": name}, name) for name in files.outside]
    findings += unreadable(files, code)
    if kind.needs_service and not has_service:
        words = {"model_type": kind.name, "base": kind.bases[0], "base_import": kind.base_import}
        findings.append(Finding("missing-service", words))
    inside = {Given.VERSIONED: "1", Given.FOLDER: "", Given.WEIGHTS: ""}[kind.given]
    if kind.given is Given.WEIGHTS:
        inside, said = choose_weights(files, kind, code)
        findings += said
    judge = JUDGES.get(kind.name)
    if judge is not None:
        findings += judge(files, code, has_service)
    return Layout(inside, tuple(findings))


def unreadable(files: Files, code: Code) -> Iterator[Finding]:
    """Model files, and files that the code names, that only look like files."""
    for name, size in files.sizes.items():
        if " " in name:
            yield Finding("path-with-spaces", {"name": name}, name)
        if size >= POINTER_BYTES or not (name.lower().endswith(HEAVY) or code.names_file(name)):
            continue
        if files.is_pointer(name):
            yield Finding("pointer-file", {"name": name}, name)
        elif size == 0 and name.lower().endswith(HEAVY):
            yield Finding("empty-file", {"name": name}, name)


# ── TensorFlow ──


def judge_saved_model(files: Files, code: Code, has_service: bool) -> Iterator[Finding]:
    """The SavedModel, where the service leaves loading and running it to its base class."""
    graphs = ("saved_model.pb", "saved_model.pbtxt", "1/saved_model.pb", "1/saved_model.pbtxt")
    graph = next((name for name in graphs if name in files.sizes), None)
    own = code.service is not None and code.service.replaces("_inference", "inference") and not code.loads_saved_model
    if graph is None:
        if not own and not (has_service and code.service is None):
            yield missing_saved_model(files, code)
        elif own:
            path = say("the_folder", path=f"{FOLDER}/1")
            yield Finding("weights-of-the-code", {"said": say("saved_model_of_the_code"), "path": path})
        return
    missing = missing_variables(files, graph)
    if missing and not own:
        yield Finding("missing-variables", {"missing": missing}, graph)


def missing_saved_model(files: Files, code: Code) -> Finding:
    """Why a SavedModel is needed: the service loads it, or leaves that to its base class, or there is no service."""
    if code.service is None:
        why, words = "no_saved_model", {"file": SERVICE_FILE}
    else:
        why, words = "loads_saved_model" if code.loads_saved_model else "base_saved_model", {"name": code.service.name}
    elsewhere = [name for name in files.sizes if name.endswith("/saved_model.pb")]
    found = say("saved_model_elsewhere", folder=elsewhere[0].rsplit("/", 1)[0]) if elsewhere else ""
    said, fix = several(say(why, **words), found), say(f"{why}_fix", **words)
    return Finding("missing-model-files", {"said": said, "fix": fix})


def missing_variables(files: Files, graph: str) -> str:
    """The file of variables that a SavedModel needs and that is not there; empty where nothing is missing."""
    folder = graph.rpartition("saved_model.")[0]
    index = f"{folder}variables/variables.index"
    shards = [found for name in files.sizes if (found := SHARD.fullmatch(name.removeprefix(f"{folder}variables/")))]
    if index in files.sizes and shards:
        wanted = int(shards[0].group(2))
        here = {int(shard.group(1)) for shard in shards}
        absent = [number for number in range(wanted) if number not in here]
        return f"variables/variables.data-{absent[0]:05}-of-{wanted:05}" if absent else ""
    if not restores_variables(files, graph):
        return ""
    return "variables/variables.index" if index not in files.sizes else "variables/variables.data-00000-of-00001"


def restores_variables(files: Files, name: str) -> bool:
    """Whether a SavedModel's graph has variables: the names of their operations stand in it as they are."""
    if files.sizes[name] == 0:
        return False
    with (files.folder / name).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(op) >= 0 for op in VARIABLE_OPS)


# ── weight files ──


def choose_weights(files: Files, kind: ModelType, code: Code) -> tuple[str, list[Finding]]:
    """The weight file a service is given, and why that one."""
    if kind.name == "Spark_MLlib":
        return choose_spark(files)
    found = best_class(files, kind.weights)
    if not found:
        return without_weights(files, kind, code)
    if len(found) == 1:
        return found[0], list(pickled_classes(files, found[0]))
    unnamed = [name for name in found if not code.names_file(name)] if code.service else list(found)
    candidates = unnamed or found
    chosen = max(candidates, key=lambda name: (files.sizes[name], name))
    if len(candidates) == 1 and unnamed:
        reason = say("others_named")
    else:
        reason = say("largest_unnamed" if len(unnamed) < len(found) else "largest")
    others = ", ".join(name for name in found if name != chosen)
    words = {"chosen": f"{FOLDER}/{chosen}", "reason": reason, "others": others}
    return chosen, [Finding("several-weights", words, chosen), *pickled_classes(files, chosen)]


def best_class(files: Files, endings: tuple[str, ...]) -> list[str]:
    """The weight files: `.pth` and `.pt` before `.pkl`, which is as often something else."""
    first = files.ending(*endings[:2])
    return list(first or files.ending(*endings))


def choose_spark(files: Files) -> tuple[str, list[Finding]]:
    if "spark_model" in files.top_folders:
        return "spark_model", []
    return "spark_model", [Finding("missing-model-files", {"said": say("no_spark"), "fix": say("no_spark_fix")})]


def without_weights(files: Files, kind: ModelType, code: Code) -> tuple[str, list[Finding]]:
    """No file of the engine's own endings: the service may load something else by itself."""
    endings = ", ".join(kind.weights)
    heavy = files.ending(*OTHER_WEIGHTS)
    service = code.service
    own = service is not None and service.overrides("__init__", "_inference", "inference")
    if not own or (code.opens_model_path and not heavy):
        said = say("no_weights", model_type=kind.name, endings=endings)
        fix = say("no_weights_fix", file=SERVICE_FILE)
        return SERVICE_FILE, [Finding("missing-weights", {"said": said, "fix": fix})]
    chosen = max(heavy, key=lambda name: (files.sizes[name], name)) if heavy else SERVICE_FILE
    return chosen, [told_weights(say("weights_of_the_code", endings=endings), chosen)]


def told_weights(said: str, chosen: str) -> Finding:
    """`model_path` is always a file, since services take its folder with os.path.dirname."""
    return Finding("weights-of-the-code", {"said": said, "path": f"{FOLDER}/{chosen}"})


# ── MXNet ──


def judge_mxnet(files: Files, code: Code, has_service: bool) -> Iterator[Finding]:
    """The network and its parameters, which even a constructor of the service's own is told of in its manifest."""
    symbols, params = files.ending("-symbol.json"), files.ending(".params")
    fix = say("mxnet_export")
    if not symbols or not params:
        missing = "'…-symbol.json'" if not symbols else "'…-0000.params'"
        said = say("mxnet_missing", missing=missing)
        yield Finding("missing-model-files", {"said": said, "fix": fix})
    elif any(name.endswith("-0000.params") for name in params):
        return
    elif code.service is not None and code.service.replaces("__init__"):
        yield Finding("other-epoch", {"file": params[0]}, params[0])
    else:
        said, rename = say("mxnet_epoch", file=params[0]), several(say("mxnet_rename"), fix)
        yield Finding("missing-model-files", {"said": said, "fix": rename}, params[0])


# ── MindSpore ──


def judge_mindspore(files: Files, code: Code, has_service: bool) -> Iterator[Finding]:
    """The weights, which the service finds in the folder that it is given."""
    if files.ending(".ckpt", ".mindir", ".air"):
        return
    if offline := files.ending(".om"):
        said = say("only_offline", name=offline[0])
        yield Finding("refused-ascend", {"said": said}, offline[0])
        return
    named = next((name.lstrip("/") for name in code.named_files if name.endswith((".ckpt", ".mindir"))), None)
    said = say("ckpt_named", name=named) if named else say("ckpt_of_the_code")
    yield Finding("weights-of-the-code", {"said": said, "path": say("the_folder", path=f"{FOLDER}/1")})


JUDGES = {
    "TensorFlow": judge_saved_model,
    "MXNet": judge_mxnet,
    "MindSpore": judge_mindspore,
}


# ── pickles ──


def pickled_classes(files: Files, name: str) -> Iterator[Finding]:
    """Classes of the training script that a weight file needs: it was saved whole, not as its state."""
    names = sorted({found for found in pickled_names(files, name) if found.startswith("__main__ ")})
    if names:
        shown = ", ".join(found.split(" ", 1)[1] for found in names[:3])
        yield Finding("pickled-class", {"name": name, "names": shown}, name)


def pickled_names(files: Files, name: str) -> Iterator[str]:
    """`module name` of everything a pickle refers to, read without loading it."""
    content = io.BytesIO(pickle_of(files, name))
    recent: list[str] = []
    try:
        for _ in range(MOST_PICKLES):
            for opcode, argument, _ in itertools.islice(pickletools.genops(content), MOST_OPCODES):
                if opcode.name == "GLOBAL":
                    yield str(argument)
                elif opcode.name == "STACK_GLOBAL" and len(recent) >= 2:
                    yield f"{recent[-2]} {recent[-1]}"
                elif isinstance(argument, str):
                    recent.append(argument)
    except (ValueError, IndexError, UnicodeDecodeError, KeyError):
        return  # the end of the pickles: raw data follows, or nothing


def pickle_of(files: Files, name: str) -> bytes:
    path = files.folder / name
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = next((entry for entry in archive.infolist() if entry.filename.endswith("data.pkl")), None)
            return archive.read(inner) if inner and inner.file_size < LARGEST_PICKLE else b""
    return files.head(name, LARGEST_PICKLE) if files.head(name, 2)[:1] == b"\x80" else b""
