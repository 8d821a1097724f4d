"""What an error of the package's code is likely to come from, where the error itself does not tell."""

from __future__ import annotations

import os
import re
from typing import Any, Iterator, Optional, Tuple

RELATIVE = (
    "'{name}' was looked for in {folder}, the working folder of a service, but it lies in the package. In {file}, line "
    "{line}, build the path from the code's own place, os.path.join(os.path.dirname(os.path.abspath(__file__)), "
    "'{path}'), or from model_path."
)
NO_FIELD = "The request has no field '{name}'; it has: {fields}."
NO_FILE = "These fields came as text: {fields}. A file is sent as one: curl -F {first}=@FILE."
NO_HEADER = "The request came as a form, but reads like JSON: send it with the header 'Content-Type: application/json'."
LOST_VARIABLES = (
    "TensorFlow has thrown away the variables of a model that nothing holds any more. Keep what tf.saved_model.load "
    "gave, say as self.model; a signature of it does not hold it."
)
NO_GPU = (
    "The code asks for a GPU, and there is none here. Let it ask torch.cuda.is_available() first, and load weights "
    "with map_location='cpu'; or give the instance a GPU (maquette serve --gpus 1, or a specification with one)."
)
WITHOUT_GPU = re.compile(
    r"Found no NVIDIA driver|not compiled with CUDA|No CUDA GPUs are available|torch\.cuda\.is_available\(\) is False"
    r"|no CUDA-capable device|GPU is not enabled|compiled without (GPU|CUDA)"
)
MISSING = re.compile(
    r"no such file|not exist|n't exist|not found|(unable|failed|could not|cannot|can't) .*open|errno 2", re.IGNORECASE
)
USED_AS_FILES = re.compile(r"'str' object has no attribute '(items|values|keys|read|getvalue)'")
READS_VARIABLE = "Error while reading resource variable"
FILE_NAME = re.compile(r"[\w./-]*\w\.\w+")
LONGEST_CHAIN = 10
MOST_FIELDS = 20


def advise(error: BaseException, package: str, data: Any = None) -> str:
    """One line for each likely cause; `data` is what a call has brought."""
    try:
        said = (
            relative_path(error, package),
            no_field(error, data),
            no_header(data) or no_file(error, data),
            lost_variables(error),
            no_gpu(error),
        )
    except Exception:  # noqa: BLE001 - objects of the code's own are looked at; no hint is worth a second failure
        return ""
    return "".join("Hint: {}\n".format(line) for line in said if line)


def no_field(error: BaseException, data: Any) -> str:
    """Code reads a field that the request lacks."""
    name = error.args[0] if isinstance(error, KeyError) and error.args else None
    if not isinstance(name, str) or not isinstance(data, dict) or not data or name in data:
        return ""
    fields = ", ".join("'{}'".format(field) for field in list(data)[:MOST_FIELDS])
    return NO_FIELD.format(name=name, fields=fields)


def no_header(data: Any) -> str:
    """`curl -d` without a header sends a form, whose only field is then named like a JSON text."""
    if not isinstance(data, dict) or not data:
        return ""
    first = str(next(iter(data))).lstrip()
    return NO_HEADER if first.startswith(("{", "[")) else ""


def no_file(error: BaseException, data: Any) -> str:
    """Code goes through the files of a field, which holds a text: `-F images=cat.jpg` without the @."""
    if not isinstance(error, AttributeError) or not isinstance(data, dict) or not USED_AS_FILES.match(str(error)):
        return ""
    texts = [str(name) for name, value in data.items() if isinstance(value, str)][:MOST_FIELDS]
    fields = ", ".join("'{}'".format(name) for name in texts)
    return NO_FILE.format(fields=fields, first=texts[0]) if texts else ""


def lost_variables(error: BaseException) -> str:
    """A SavedModel was loaded into a name of the constructor's own, and only its signature kept."""
    reads = type(error).__name__ in ("FailedPreconditionError", "NotFoundError") and READS_VARIABLE in text_of(error)
    return LOST_VARIABLES if reads else ""


def no_gpu(error: BaseException) -> str:
    """A package of a time when every service had a card: `model.cuda()`, weights that were saved on one."""
    return NO_GPU if WITHOUT_GPU.search(text_of(error)) else ""


def relative_path(error: BaseException, package: str) -> str:
    """Code that opens `labels.txt` finds it on its author's machine, where the working folder is the package."""
    for name, said_by in missing_names(error):
        place = last_place(said_by, package) or last_place(error, package)
        if place is None or os.path.isabs(name) or os.path.exists(name):
            continue
        file, line = place
        here = os.path.dirname(file)
        found = next(filter(os.path.exists, [os.path.join(package, name), os.path.join(here, name)]), None)
        if found is not None:
            path, shown = os.path.relpath(found, here), os.path.relpath(file, package)
            return RELATIVE.format(name=name, folder=os.getcwd(), file=shown, line=line, path=path)
    return ""


def last_place(error: BaseException, package: str) -> Optional[Tuple[str, int]]:
    """The file and line of the package that the error came through last."""
    place, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(package + os.sep):
            place = file, trace.tb_lineno
        trace = trace.tb_next
    return place


def missing_names(error: BaseException) -> Iterator[Tuple[str, BaseException]]:
    """Names of files that are not there, each with the error that says so: this one, or one that led to it."""
    one: Optional[BaseException] = error
    for _ in range(LONGEST_CHAIN):
        if one is None:
            return
        named = getattr(one, "filename", None)
        if isinstance(one, FileNotFoundError) and isinstance(named, str):
            yield named, one
        text = text_of(one)
        if MISSING.search(text):
            for name in FILE_NAME.findall(text):
                yield name, one
        one = one.__cause__ or one.__context__


def text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception of the code's own that cannot be shown
        return ""
