"""Takes an engine's name apart: `pytorch_1.8.0-cuda_10.2-py_3.7-…`, `TF-1.13.1-python3.6`, `PyTorch python3.6`.

Read by structure, not by a list: words and numbers, in the order in which ModelArts, its API and people put them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maquette.drivers.engines.sentences import say
from maquette.kernel.errors import NotFound

JOINED = {  # words with a separator inside, before the name is split
    r"scikit[\s_-]*learn": "sklearn",
    r"spark[\s_-]*ml(lib)?": "spark",
    r"onnx[\s_-]*runtime": "onnxruntime",
    r"torch[\s_-]*npu": "torchnpu",
    r"ascend[\s_-]*powered[\s_-]*engine": "ascendengine",
    r"ms[\s_-]*lite|mindspore[\s_-]*lite": "mslite",
    r"\bc\d+[\s_-]*tr\d+\b": "cann",  # a build of it: MindSpore-1.1.1-c76-tr5-python3.7-euleros2.8-aarch64
    r"x86[\s_-]64|aarch64|arm64|amd64": "",
}
LAUNCHERS = ("horovod", "kf", "mpi")
PYTHON = ("python", "py", "cp")
ASCEND = ("cann", "ascend", "npu", "ascendengine", "d910", "d310")
GPU = ("cuda", "gpu", "cu", "cudnn", "rocm")
CPU = ("cpu",)
UNNUMBERED = ("gpu", "cpu", "npu", "ascend")
SYSTEMS = ("ubuntu", "euler", "euleros", "openeuler", "centos", "debian", "linux")
FILLERS = ("v", "release", "latest", "train", "inference", "notebook", "engine", "post", "lts", "modelarts")
IMPOSSIBLE = ("caffe", "torchnpu", "acl", "om", "mslite", "image")
NUMBER = r"\d+(?:\.\d+)*(?:\.?(?:post|rc|a|b)\d+)?"
TOKEN = re.compile(rf"[a-z]+|{NUMBER}")


@dataclass(frozen=True)
class Asked:
    """What an engine's name asks for. Empty text means that the name does not say.

    `runtime` tells that the name is a model's runtime of the form `TensorFlow python3.6`, in which the Python stands
    for a framework version too.
    """

    name: str
    framework: str = ""
    version: str = ""
    python: str = ""
    accelerator: str = ""
    launchers: tuple[str, ...] = ()
    impossible: str = ""
    runtime: bool = False


def read_name(name: str, words: Mapping[str, str], known: Iterable[str] = ()) -> Asked:
    """Raises NotFound, with near names, when a word of the name means nothing."""
    text = name.strip().lower()
    for pattern, word in JOINED.items():
        text = re.sub(pattern, word, text)
    tokens = TOKEN.findall(text)
    reader = Reader(name, words)
    try:
        reader.read(tokens)
    except ValueError as error:
        raise unknown(name, error.args[0], [*known, *words]) from None
    return reader.asked()


class Reader:
    """Goes through the tokens once; a number belongs to the word before it, or to a framework still without one."""

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        self.name = name
        self.words = words
        self.frameworks: dict[str, str] = {}
        self.launchers: list[str] = []
        self.python = ""
        self.python_word = ""
        self.accelerator = ""
        self.impossible = ""

    def read(self, tokens: list[str]) -> None:
        rest = list(tokens)
        while rest:
            word = rest.pop(0)
            if word[0].isdigit():
                self.loose_number(word, followed=bool(rest))
                continue
            number = rest.pop(0) if rest and rest[0][0].isdigit() else ""
            self.word(word, number)
        if not (self.frameworks or self.impossible or self.accelerator == "ascend" or self.python):
            raise ValueError(say("not_named"))

    def word(self, word: str, number: str) -> None:
        if word in self.words:
            framework = self.words[word]
            self.frameworks[framework] = number or self.frameworks.get(framework, "")
        elif word in PYTHON:
            self.python, self.python_word = dotted(number), word
        elif word in LAUNCHERS:
            self.launchers.append(word)
        elif word in IMPOSSIBLE:
            self.impossible = word
        elif word in (*ASCEND, *GPU, *CPU):
            self.accelerate(word)
            if number and word in UNNUMBERED:  # `tensorflow-gpu==1.14.0`
                self.loose_number(number, followed=True)
        elif word not in (*SYSTEMS, *FILLERS):
            raise ValueError(say("no_word", word=word))

    def accelerate(self, word: str) -> None:
        kind = "ascend" if word in ASCEND else "gpu" if word in GPU else "cpu"
        if self.accelerator != "ascend":
            self.accelerator = kind

    def loose_number(self, number: str, followed: bool) -> None:
        """`pytorch-cp36-1.3.0` has its version last; `0.16.2-TF-1.13.1-…` is how Horovod's engines are printed."""
        open_ones = [framework for framework, version in self.frameworks.items() if not version]
        if open_ones:
            self.frameworks[open_ones[-1]] = number
        elif not self.frameworks and followed:
            self.launchers.append("horovod")
        elif not self.impossible:
            raise ValueError(say("loose_number", number=number))

    def asked(self) -> Asked:
        framework = self.main_framework()
        version = self.frameworks.get(framework, "")
        return Asked(
            name=self.name,
            framework=framework,
            version=version,
            python=self.python,
            accelerator=self.accelerator,
            launchers=tuple(dict.fromkeys(self.launchers)),
            impossible=self.impossible,
            runtime=self.python_word == "python" and not version,
        )

    def main_framework(self) -> str:
        """`XGBoost-0.80-Sklearn-0.18.1`: the first named leads, its engine has the other too."""
        return next(iter(self.frameworks), "")


def dotted(number: str) -> str:
    """`36` and `310` are 3.6 and 3.10; `3.7.10` is 3.7."""
    if "." in number:
        return ".".join(number.split(".")[:2])
    return f"{number[0]}.{number[1:]}" if len(number) > 1 else number


def unknown(name: str, reason: str, candidates: Iterable[str]) -> NotFound:
    lower = {candidate.lower(): candidate for candidate in candidates}
    near = difflib.get_close_matches(name.strip().lower(), lower, n=4, cutoff=0.5)
    told = say("unknown", name=name, reason=reason)
    if near:
        told = say("unknown_near", name=name, reason=reason, names=", ".join(lower[key] for key in near))
    return NotFound(told, engine=name, near=near)
