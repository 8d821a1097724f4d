"""`get_sample_list` and `get_list`: what the manifest of a data set says, as lists.

samples, label_type = get_sample_list("s3://pets/annotation/V001/V001.manifest", "image_classification", usage="eval")
for picture, labels in samples:
    print(picture, labels)
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from moxing.framework.file.manifests import read_manifest

_WITH_FILES = ("object_detection", "image_segmentation")


def get_sample_list(
    manifest_path: Any,
    task_type: str,
    exactly_match_type: bool = False,
    access_key: Any = None,
    secret_key: Any = None,
    end_point: Any = None,
    usage: str = "all",
    **options: Any,
) -> Tuple[List[List[Any]], str]:
    """[picture, labels] of each sample, and `single`, or `multi` where a sample has several annotations.

    Labels are names; for object_detection and image_segmentation they are annotation files. `usage` (in any case)
    chooses samples; keys and servers are taken and not needed.
    """
    samples, label_type = [], "single"
    for sample in read_manifest(manifest_path):
        if str(usage).lower() not in ("all", str(sample.get("usage")).lower()):
            continue
        annotations = sample.get("annotation") or []
        if len(annotations) > 1:
            label_type = "multi"
        labels = [_label(one) for one in annotations if _is_of(one.get("type"), task_type, exactly_match_type)]
        samples.append([sample["source"], labels])
    return samples, label_type


def get_list(manifest_path: Any) -> Tuple[List[str], List[str]]:
    """The pictures that have an annotation file, and these files, in the same order."""
    pictures, files = [], []
    for sample in read_manifest(manifest_path):
        for one in sample.get("annotation") or []:
            if _file(one):
                pictures.append(sample["source"])
                files.append(_file(one))
                break
    return pictures, files


def _is_of(kind: Any, task_type: str, exactly: bool) -> bool:
    """`modelarts/object_detection` is of the task `object_detection`, and of `image_object_detection`."""
    if exactly:
        return bool(kind == task_type)
    plain = task_type.rpartition("/")[2]
    return str(kind).rpartition("/")[2] in (plain, plain[len("image_") :] if plain.startswith("image_") else plain)


def _label(annotation: Dict[str, Any]) -> Any:
    if str(annotation.get("type")).rpartition("/")[2] in _WITH_FILES:
        return _file(annotation)
    return annotation.get("name")


def _file(annotation: Dict[str, Any]) -> Any:
    return annotation.get("annotation-loc") or annotation.get("annotation_loc")
