from __future__ import annotations

import importlib
import json
from typing import Any, Dict, List

import pytest

XML = (
    "<annotation><filename>1.jpg</filename><size><width>4</width></size>"
    "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>2.5</ymin></bndbox></object></annotation>"
)


@pytest.fixture
def metadata(mox: Any) -> Any:
    return importlib.import_module("moxing.framework.data.manifest_metadata")


def manifest(buckets: Any, samples: List[Dict[str, Any]]) -> str:
    url: str = buckets.put("V001.manifest", "\n".join(json.dumps(sample) for sample in samples))
    return url


def classified(number: int, *names: str, **more: str) -> Dict[str, Any]:
    return {"source": "s3://pets/{}.jpg".format(number), "annotation": [{"name": name} for name in names], **more}


def test_pictures_come_apart_for_training_and_evaluation(metadata: Any, buckets: Any) -> None:
    url = manifest(
        buckets,
        [
            classified(1, "cat", usage="TRAIN"),
            classified(2, "dog"),
            classified(3, "dog", usage="eval"),
            classified(4, usage="TRAIN"),
            classified(5, "cat", usage="INFERENCE"),
        ],
    )
    meta = metadata.ImageClassificationManifestSource(url)
    assert meta.train.all_files_list == ["s3://pets/1.jpg", "s3://pets/2.jpg"]
    assert (meta.eval.num_samples, meta.eval.get_label("s3://pets/3.jpg")) == (1, "dog")
    assert (meta.train.labels_list, meta.train.is_multilabel) == (["cat", "dog"], False)


def test_pictures_with_several_labels_have_lists(metadata: Any, buckets: Any) -> None:
    meta = metadata.ImageClassificationManifestSource(manifest(buckets, [classified(1, "cat", "wet")]))
    assert meta.train.is_multilabel
    assert meta.train.get_label("s3://pets/1.jpg") == ["cat", "wet"]


def test_boxes_are_read_from_their_annotation_files(metadata: Any, buckets: Any) -> None:
    loc = buckets.put("1.xml", XML)
    url = manifest(buckets, [{"source": "s3://pets/1.jpg", "usage": "EVAL", "annotation": [{"annotation-loc": loc}]}])
    meta = metadata.ObjectDetectionManifestSource(url)
    [(picture, annotation)] = meta.eval.all_files_list
    assert (picture, meta.train.num_samples) == ("s3://pets/1.jpg", 0)
    [box] = meta.eval.get_label(annotation)["annotation"]["object"]
    assert (box["name"], float(box["bndbox"]["ymin"])) == ("cat", 2.5)


def test_a_missing_manifest_is_named(metadata: Any, buckets: Any) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.manifest"):
        metadata.ImageClassificationManifestSource("s3://pets/none.manifest")


def test_a_data_path_is_a_manifest_or_a_directory(mox: Any) -> None:
    utils = importlib.import_module("moxing.tensorflow.datasets.dataset_utils")
    assert utils.get_data_type("s3://pets/V001.manifest") == utils.MANIFEST_DATA_TYPE
    assert utils.get_data_type("s3://pets/data/") == utils.RAW_DATA_TYPE
    assert utils.get_data_type("s3://pets/data/", "manifest") == utils.MANIFEST_DATA_TYPE
