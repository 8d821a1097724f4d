"""Every kind of finding: its level, what it says, and the fix. `docs/check.md` lists the same codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only errors make a package unsound."""

    ERROR = "error"  # the package cannot work: serving it stops here
    WARNING = "warning"  # it works here, but not as written, or not on ModelArts
    HINT = "hint"  # worth knowing


@dataclass(frozen=True)
class Kind:
    """Words in braces are filled in where the finding is made."""

    level: Level
    message: str
    fix: str = ""


def error(message: str, fix: str) -> Kind:
    return Kind(Level.ERROR, message, fix)


def warning(message: str, fix: str) -> Kind:
    return Kind(Level.WARNING, message, fix)


def hint(message: str, fix: str = "") -> Kind:
    return Kind(Level.HINT, message, fix)


JSON_TEXT: Mapping[str, Kind] = {
    "json-encoding": error("{said}", "{fix}"),
    "json-bom": error("{said}", "{fix}"),
    "json-comment": error("{said}", "{fix}"),
    "json-trailing-comma": error("{said}", "{fix}"),
    "json-missing-comma": error("{said}", "{fix}"),
    "json-single-quotes": error("{said}", "{fix}"),
    "json-punctuation": error("{said}", "{fix}"),
    "json-unquoted": error("{said}", "{fix}"),
    "json-python-word": error("{said}", "{fix}"),
    "json-number": error("{said}", "{fix}"),
    "json-string": error("{said}", "{fix}"),
    "json-bracket": error("{said}", "{fix}"),
    "json-extra-text": error("{said}", "{fix}"),
    "json-syntax": error("{said}", "{fix}"),
    "json-duplicate-key": warning("{said}", "{fix}"),
}

CONFIG: Mapping[str, Kind] = {
    "config-not-object": error("The file holds no JSON object.", 'Write {{"model_type": …}}.'),
    "missing-model-type": error(
        "'model_type' is missing{instead}: it names the engine.",
        "Write one of: {names}.",
    ),
    "unknown-model-type": error("'{written}' is no model type.", "Write one of: {names}."),
    "model-type-spelling": warning(
        "'{written}' is read as {meant}; ModelArts knows only its own spelling.",
        'Write "{meant}".',
    ),
    "misspelt-field": warning(
        "'{written}' {likely} '{meant}': it is read as that here, but ModelArts does not know it.",
        "Write '{meant}'.",
    ),
    "common-misspelling": hint(
        "'{written}' {likely} '{meant}', as in ModelArts' own samples; it is read as that.",
        "Write '{meant}'.",
    ),
    "unknown-field": hint("'{written}' is no field of this place and is not read.", "Known here: {names}."),
    "misplaced-field": warning("{said}", "{fix}"),
    "field-type": warning("'{name}' is {kind} where {wanted} belongs{outcome}.", "Write {example}."),
    "model-algorithm": warning(
        "{said} ModelArts refuses that at import.",
        'Write the purpose in Latin letters, like "image_classification".',
    ),
    "missing-runtime": hint(
        "'runtime' is missing: the model type's default engine is taken, for most types the oldest, as ModelArts does.",
        'Say what it was written for, like "tf2.1-python3.7".',
    ),
    "python2-runtime": warning(
        "'{runtime}' is Python 2, which does not run here; the same framework on Python 3 is taken.",
        'Write the Python 3 runtime, like "python3.6".',
    ),
    "runtime-of-another-engine": warning(
        "'{runtime}' is a runtime of {named}, but 'model_type' is {model_type}.",
        "Correct the one that is wrong.",
    ),
    "several-apis": warning("{count} apis are declared; a model from a package has one.", "Keep the first."),
    "api-url": hint(
        "The url is '{url}', {here}: ModelArts takes the predictions of a package on '/' alone.",
        'Write "/".',
    ),
    "api-protocol": hint("'{protocol}' is no protocol of an api; it is not read.", 'Write "https".'),
    "api-method": hint("The method is '{method}', but a model is called by POST only.", 'Write "post".'),
    "missing-apis": hint(
        "No request is declared: POST / takes anything, and no form can be drawn.",
        "Declare 'apis' with the fields that a request holds.",
    ),
    "missing-request-schema": hint(
        "The request declares no fields: no form can be drawn, and batch services need them.",
        "Declare them in request.data as a JSON schema.",
    ),
    "content-type": warning("The content type '{written}' is {trouble}.", "Write {meant}."),
    "response-content-type": hint(
        "The answer's content type '{written}' is {trouble}; answers are JSON whatever is declared.",
        "Write {meant}.",
    ),
    "request-content": hint(
        "The request is not declared as a form, but '{name}' is a file. Requests are taken as they come.",
        'Write "multipart/form-data".',
    ),
    "json-only-engine": warning(
        "{model_type} services are given the raw body and take JSON only.",
        'Declare "application/json" with the rows in data.req_data.',
    ),
    "schema-type": hint("'{written}' is no type of a JSON schema{outcome}.", 'Write "{meant}".'),
    "metric-value": hint(
        "The metric '{name}' is no number and is shown as it is written.",
        "Write a number, without quotes.",
    ),
    "image-field": hint("'{name}' counts only for model type Image.", "Delete it."),
}

DEPENDENCIES: Mapping[str, Kind] = {
    "dependency-ignored": warning("{said}", "{fix}"),
    "dependency-restraint": warning("{said}", "{fix}"),
    "dependency-name": warning("{said}", "{fix}"),
    "dependency-repeated": hint("{name} is given twice{others}.", "Keep one."),
    "dependency-file": error(
        "'{name}' is to be installed, but the package does not hold that file.",
        "Put it into the package, or name a package that pip knows.",
    ),
    "dependency-wheel": warning(
        "The wheel '{name}' {trouble}; {line} is taken from the package index instead.",
        "Bring a wheel for Python {python}, or name the package so that pip chooses.",
    ),
    "dependency-relaxed": warning(
        "{line} does not go with the engine's {brought}: the engine's is kept and the other gives way.",
        "Choose a runtime with that version, or drop the restraint.",
    ),
    "dependency-era": hint(
        "{names}: no upper version is given. Nothing newer than {era} is installed, the time the engine is from.",
        "Write EXACT versions to have the same everywhere.",
    ),
    "undeclared-import": hint(
        "{names}: imported, but neither declared in 'dependencies' nor named by the engine.",
        "Declare what the service needs: {packages}.",
    ),
}

FILES: Mapping[str, Kind] = {
    "missing-config": warning(
        "There is no config.json. The package is taken as a template import: {model_type}, told by {told_by}.",
        'Write a config.json, at least {{"model_type": "{model_type}", "model_algorithm": "…"}}.',
    ),
    "unknown-engine": error(
        "There is no config.json, and neither code nor files tell which engine the package is for.",
        'Write a config.json with "model_type".',
    ),
    "several-configs": warning(
        "config.json lies in this folder and in its 'model' folder; the one beside {beside} is taken.",
        "Keep one.",
    ),
    "misnamed-file": warning(
        "'{name}' looks like {meant}, but that name alone is looked for.", "Rename it to {meant}."
    ),
    "missing-service": error(
        "{model_type} packages need customize_service.py, and there is none.",
        "Write one with a class that derives from {base} (`{base_import}`).",
    ),
    "missing-model-files": error("{said}", "{fix}"),
    "other-epoch": warning(
        "The parameters are not those of epoch 0 ('{file}'), which ModelArts refuses; the service loads them itself.",
        "Rename them to end in -0000.params, in the code too.",
    ),
    "missing-variables": error(
        "saved_model.pb restores variables, but {missing} is not there.",
        "Copy the whole SavedModel folder with its 'variables'.",
    ),
    "missing-weights": error("{said}", "{fix}"),
    "weights-of-the-code": hint("{said} 'model_path' is {path}."),
    "several-weights": hint(
        "'model_path' is {chosen}: {reason}. Also there: {others}.",
        "Keep one weight file if another is meant.",
    ),
    "pointer-file": error(
        "'{name}' is a Git LFS pointer, not the file itself.",
        "Run `git lfs pull` where it comes from, and copy it again.",
    ),
    "empty-file": error("'{name}' is empty.", "Copy it again."),
    "link-outside": error("'{name}' is a link to something outside the package.", "Put the file itself there."),
    "pickled-class": warning(
        "'{name}' holds objects of class {names} from the training script; loading it needs that class there.",
        "Save the state: torch.save(model.state_dict(), …).",
    ),
    "named-file-missing": hint("The code names '{name}', which the package does not hold."),
    "path-with-spaces": hint("'{name}' has spaces in its path, which ModelArts refuses.", "Rename it."),
}

CODE: Mapping[str, Kind] = {
    "source-encoding": error("The file cannot be read as text: {said}.", "Save it as UTF-8."),
    "syntax-error": error("{said}", "Correct the line."),
    "python2-code": error(
        "This is Python 2 ({construct}), which no engine here runs.",
        "Convert the file to Python 3, for instance with 2to3.",
    ),
    "python2-name": warning("'{name}' exists in Python 2 only.", "Write {meant}."),
    "reserved-word": error(
        "'{word}' is used as a name, which Python has not allowed since 3.7.",
        "Rename it; `.cuda(async=True)` is now `.cuda(non_blocking=True)`.",
    ),
    "other-python-syntax": error(
        "This does not parse on Python {python}, which the service runs on: {said}",
        "Write it as Python {python} knows it, or choose a runtime with another Python.",
    ),
    "unread-source": hint("The file is newer Python than this check can read, so its code is not looked at."),
    "no-service-class": error(
        "No class derives from {base}{instead}.",
        "Write `class …({base}):` after `{base_import}`.",
    ),
    "unfollowed-base": warning(
        "{name} derives from {base}, which the package does not hold: whether it is a service cannot be told.",
        "Put the class it derives from into the package.",
    ),
    "several-service-classes": warning(
        "{names} derive from a service base. The last, {chosen}, is taken; ModelArts refuses such a package.",
        "Keep one.",
    ),
    "wrong-base-class": error(
        "{name} derives from {base}, the base of {other} services, but 'model_type' is {model_type}.",
        "{fix}",
    ),
    "general-base-class": hint(
        "{name} derives from {base}; ModelArts looks for {wanted} in {model_type} packages.",
        "Derive it from {wanted} (`{base_import}`).",
    ),
    "unknown-platform-module": error("{said}", "{fix}"),
    "constructor-arguments": error(
        "{name}.__init__ takes {takes}; it is called with ({given}).",
        "Write `def __init__(self, {given}):`.",
    ),
    "constructor-of-another-engine": warning(
        "{name}.__init__ takes {takes}, but ModelArts calls it with ({given}) in {model_type} packages.",
        "Write `def __init__(self, {given}):`.",
    ),
    "method-arguments": error(
        "{name}.{method} takes {takes}, but is called with the data alone.",
        "Write `def {method}(self, data):`.",
    ),
    "missing-module": warning("'{module}' is imported from the package, which does not hold it.", "{fix}"),
    "missing-name": error("'{name}' is imported from {origin}, which does not define it.", "{fix}"),
    "undeclared-key": hint(
        "The code reads '{key}' of a request, which config.json does not declare (declared: {declared}).",
        "Declare it in request.data.properties.",
    ),
    "unread-key": hint(
        "config.json declares '{key}', which the code does not read (it reads {read}).",
        "Read it, or declare what is read.",
    ),
}

REFUSED: Mapping[str, Kind] = {
    "own-http-server": error(
        "The code is an HTTP server of its own ({construct}). A service is a class that is called; the server is"
        " Maquette's.",
        "Move what answers a request into a class that derives from {base}, or start it with `maquette run`.",
    ),
    "refused-caffe": error(
        "Caffe's own library has had no release since 2017 and cannot be installed on a Python that is still kept.",
        "Convert the model (to ONNX, PyTorch or TensorFlow) and change 'model_type'.",
    ),
    "refused-ascend": error(
        "{said}: that runs on Ascend processors only.",
        "Serve the model's CPU or GPU form: a .ckpt or .mindir for MindSpore, a .pth for PyTorch.",
    ),
    "refused-image": error(
        "Model type Image is a container image, which is not started here.",
        "Serve the code inside it as a package with customize_service.py, or run the image with a container engine.",
    ),
    "image-with-service": warning(
        "Model type Image is a container image, which is not started here; customize_service.py is served as"
        " {model_type}, told by {told_by}.",
        'Write "model_type": "{model_type}".',
    ),
    "engine-refused": error("The engine '{engine}' does not run here: {reason}", "Choose another runtime or --engine."),
    "engine-unknown": warning(
        "No engine is known as '{runtime}'; '{engine}' is taken.",
        "Write a runtime of ModelArts; `maquette engines list` shows what runs here.",
    ),
    "engine-by-dependency": hint(
        "{line} is declared, so {found} is taken rather than the runtime's {instead}.",
        "Write a runtime with that version.",
    ),
    "engine-near": hint("'{engine}' is answered by {found}: {reason}"),
    "engine-compat": warning("'{engine}' is answered by {found}: {reason}", "Try the service with real requests."),
}

KINDS: Mapping[str, Kind] = {**JSON_TEXT, **CONFIG, **DEPENDENCIES, **FILES, **CODE, **REFUSED}
