"""The samples of a manifest, apart for training and evaluation.

meta = ImageClassificationManifestSource("s3://pets/annotation/V001/V001.manifest")
for file in meta.eval.all_files_list:
    print(file, meta.eval.get_label(file))
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple
from xml.etree import ElementTree

from ..file.manifests import read_manifest
from ..file.reading import read


class ClassificationSamples:
    """Labelled pictures: `all_files_list`, `num_samples`, `labels_list`, `is_multilabel` and `get_label(file)`."""

    def __init__(self) -> None:
        self.all_files_list: List[str] = []
        self._labels: Dict[str, List[str]] = {}

    def add(self, sample: Dict[str, Any]) -> None:
        names = [one["name"] for one in sample.get("annotation") or [] if "name" in one]
        if names:
            self.all_files_list.append(sample["source"])
            self._labels[sample["source"]] = names

    @property
    def num_samples(self) -> int:
        return len(self.all_files_list)

    @property
    def labels_list(self) -> List[str]:
        return sorted({name for names in self._labels.values() for name in names})

    @property
    def is_multilabel(self) -> bool:
        return any(len(names) > 1 for names in self._labels.values())

    def get_label(self, file: str) -> Any:
        """The label of a picture; the list of its labels where pictures have several."""
        names = self._labels[file]
        return names if self.is_multilabel else names[0]


class DetectionSamples:
    """Pictures with boxes: `all_files_list` of (picture, annotation file), `num_samples`, `get_label(annotation)`."""

    def __init__(self) -> None:
        self.all_files_list: List[Tuple[str, str]] = []

    def add(self, sample: Dict[str, Any]) -> None:
        for one in sample.get("annotation") or []:
            if one.get("annotation-loc"):
                self.all_files_list.append((sample["source"], one["annotation-loc"]))
                return

    @property
    def num_samples(self) -> int:
        return len(self.all_files_list)

    def get_label(self, annotation: str) -> Dict[str, Any]:
        """The annotation file as nested dictionaries; `['annotation']['object']` always is a list."""
        root = ElementTree.fromstring(read(annotation, binary=True))
        return {root.tag: _as_dict(root)}


class ImageClassificationManifestSource:
    """Labelled pictures of a manifest: `train` (also those of no usage) and `eval`."""

    def __init__(self, manifest_url: Any) -> None:
        self.train, self.eval = ClassificationSamples(), ClassificationSamples()
        _sort(manifest_url, self.train, self.eval)


class ObjectDetectionManifestSource:
    """Pictures with boxes of a manifest: `train` (also those of no usage) and `eval`."""

    def __init__(self, manifest_url: Any) -> None:
        self.train, self.eval = DetectionSamples(), DetectionSamples()
        _sort(manifest_url, self.train, self.eval)


def _sort(manifest_url: Any, train: Any, evaluation: Any) -> None:
    for sample in read_manifest(manifest_url):
        usage = str(sample.get("usage") or "train").lower()
        if usage in ("train", "eval"):
            (train if usage == "train" else evaluation).add(sample)


def _as_dict(element: ElementTree.Element) -> Any:
    if not len(element):
        return (element.text or "").strip()
    found: Dict[str, Any] = {}
    for child in element:
        found.setdefault(child.tag, []).append(_as_dict(child))
    return {tag: values if len(values) > 1 or tag == "object" else values[0] for tag, values in found.items()}
