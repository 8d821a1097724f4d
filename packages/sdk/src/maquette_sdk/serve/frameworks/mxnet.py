"""What MXNet services are built with and called with: a manifest of the package, and one content per input."""

from __future__ import annotations

import ast
import base64
import binascii
import json
import os
from typing import Any, Dict, List, Optional

SYMBOL = "-symbol.json"
PARAMETERS = ".params"
SIGNATURE = "signature.json"


def make_manifest(folder: str) -> Dict[str, Any]:
    """The manifest of a package: its own `MANIFEST.json`, completed by the files that lie there.

    `Signature` is the signature itself, as services of ModelArts read it; it may be changed in place.
    """
    manifest = _read(folder, "MANIFEST.json")
    model = manifest.setdefault("Model", {})
    symbol = _only(folder, SYMBOL)
    prefix = symbol[: -len(SYMBOL)] if symbol else ""
    model.setdefault("Symbol", symbol)
    model.setdefault("Parameters", _only(folder, PARAMETERS, prefix))
    model.setdefault("Model-Format", "MXNet-Symbolic")
    model.setdefault("Model-Name", prefix)
    signature = model.get("Signature") or SIGNATURE
    if not isinstance(signature, dict):
        model["Signature"] = Signature(signature, _read(folder, signature) or _guess_signature(folder, symbol))
    return manifest


class Signature(Dict[str, Any]):
    """A signature that is also the name of its file: services of ModelArts read it, those of MMS join it to a path."""

    def __init__(self, name: str, content: Dict[str, Any]) -> None:
        super().__init__(content)
        self.name = name

    def __fspath__(self) -> str:
        return self.name


def model_name(manifest: Dict[str, Any], default: str) -> str:
    """The prefix of the model's files, with which services put their paths together."""
    symbol = str(manifest["Model"]["Symbol"])
    return symbol[: -len(SYMBOL)] if symbol.endswith(SYMBOL) else default


def make_inputs(data: Any, signature: Any) -> List[Any]:
    """One content for each input of the signature, in its order: bytes of an upload, a decoded list, or a text.

    Raises ValueError naming the input that the request lacks.
    """
    inputs = signature.get("inputs", []) if isinstance(signature, dict) else []
    names = [one.get("data_name") for one in inputs]
    if not isinstance(data, dict):
        return [data]
    if len(names) == 1 and names[0] not in data and len(data) == 1:
        names = list(data)
    missing = [name for name in names if name not in data]
    if missing:
        raise ValueError("The request lacks '{}'. The model takes: {}.".format(missing[0], ", ".join(map(str, names))))
    pictures = "image" in str(signature.get("input_type", "image"))
    return [_content(data[name], pictures) for name in names or data]


def _content(value: Any, pictures: bool) -> Any:
    if isinstance(value, dict) and value and all(hasattr(file, "read") for file in value.values()):
        return next(iter(value.values())).read()
    if not isinstance(value, str):
        return value
    if pictures:
        return _from_base64(value)
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value


def _from_base64(text: str) -> Any:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text


def _read(folder: str, name: str) -> Dict[str, Any]:
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return dict(json.load(file))


def _only(folder: str, ending: str, prefix: str = "") -> str:
    found = sorted(name for name in os.listdir(folder) if name.endswith(ending) and name.startswith(prefix))
    return found[0] if found else ""


def _guess_signature(folder: str, symbol: str) -> Dict[str, Any]:
    """From the variables that a deployment gives (`input_data_name`, `input_data_shape`, `output_data_shape`), else
    from the symbol: the inputs are the names in it that are neither parameters nor labels."""
    name = _given("input_data_name") or _find_input(folder, symbol)
    return {
        "input_type": "image/jpeg",
        "inputs": [{"data_name": name, "data_shape": _shape("input_data_shape") or [1, 3, 224, 224]}],
        "output_type": "application/json",
        "outputs": [{"data_name": "softmax", "data_shape": _shape("output_data_shape") or [1, 0]}],
    }


def _find_input(folder: str, symbol: str) -> str:
    nodes = _read(folder, symbol).get("nodes", []) if symbol else []
    names = [node["name"] for node in nodes if node.get("op") == "null"]
    return "data" if "data" in names or not names else names[0]


def _given(variable: str) -> str:
    return os.environ.get(variable, "")


def _shape(variable: str) -> Optional[List[int]]:
    text = _given(variable).strip("()[] ")
    return [int(size) for size in text.split(",") if size.strip()] if text else None
