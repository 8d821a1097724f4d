"""`deep_moxing` by scripts as people wrote them."""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import maquette_sdk

SDK = Path(maquette_sdk.__file__).parents[1]

# The end of a real training script: class numbers, a label map by sample, a folder that is not there yet.
SCRIPT = """
import json, os, sys
import numpy as np
sys.path += [sys.argv[1], os.path.join(sys.argv[1], "maquette_sdk", "names")]
from deep_moxing.model_analysis.api import analyse, tmp_save

eval_url = sys.argv[2]
pred_list = np.array([0, 0, 1, 1, 2, 2, 0, 1] * 4)
label_list = np.array([0, 0, 1, 1, 2, 2, 2, 1] * 4)
samples = [(os.path.join(sys.argv[3], "%d.jpg" % index), 0) for index in range(32)]
for idx in range(len(samples)):
    samples[idx] = samples[idx][0]
label_dict = {}
for idx, item in enumerate(label_list):
    label_dict[idx] = int(item)
res = analyse(
    task_type='image_classification',
    pred_list=pred_list,
    label_list=label_list,
    name_list=samples,
    label_map_dict=json.dumps(label_dict),
    save_path=eval_url)
boxes = [[[[0, 0, 9, 9], [20, 20, 40, 40]], [0, 1]]]
analyse('image_object_detection', [[*boxes[0], [0.9, 0.8]]], boxes, [], save_path=eval_url + "_boxes")
masks = [np.eye(5, dtype=np.uint8)]
analyse('image_segmentation', masks, masks, [], save_path=eval_url + "_masks")
analyse('multi_label_classification', [[0.9, 0.8]], [[1, 0]], [], save_path=eval_url + "_labels")
print(tmp_save('image_classification', pred_list, label_list, samples, save_path=eval_url + "_tmp"))
"""


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.engine(name))
        for name in ("pytorch", "PyTorch-1.4.0-python3.6", "TF-2.1.0-python3.6")
    ],
)
def test_a_real_scripts_call_leaves_its_three_files(engine: str, engine_python: Any, tmp_path: Path) -> None:
    for index in range(32):
        Image.new("RGB", (20, 10), (index * 8, 50, 50)).save(tmp_path / "{}.jpg".format(index))
    call = [str(engine_python(engine)), "-W", "error", "-c", SCRIPT, str(SDK), str(tmp_path / "out"), str(tmp_path)]
    done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert "label_map_dict has an entry for each of the 32 samples" in done.stderr
    report = json.loads((tmp_path / "out" / "model_analysis_results.json").read_text("utf-8"))
    assert report["zh-cn"]["common"]["acc"]["value"] == {"准确率": 0.875}
    assert len(report["en-us"]["feature_sensitivity"]) == 7
    assert len(json.loads((tmp_path / "out" / "all_samples.json").read_text("utf-8"))) == 32
    with np.load(tmp_path / "out" / "tmp_model_analysis.npz") as arrays:
        assert arrays["np_pred_list"].dtype == np.float32 and arrays["np_name_list"].shape == (32,)
    boxes = json.loads((tmp_path / "out_boxes" / "model_analysis_results.json").read_text("utf-8"))
    assert boxes["en-us"]["common"]["map"]["value"]["mAP@0.5:0.95"] == 1.0
    assert (tmp_path / "out_masks" / "all_samples.json").exists() and (tmp_path / "out_labels").is_dir()
    assert done.stdout.strip() == str(tmp_path / "out_tmp" / "tmp_model_analysis.npz")


@pytest.fixture
def api(mox: Any) -> Any:
    return importlib.import_module("deep_moxing.model_analysis.api")


def test_pictures_are_read_from_buckets_and_files_go_there(api: Any, buckets: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.new("RGB", (8, 8), (90, 90, 90)).save(tmp_path / "picture.png")
        (buckets.root / "pets" / "val").mkdir(exist_ok=True)
        (tmp_path / "picture.png").rename(buckets.root / "pets" / "val" / (name + ".png"))
    res = api.analyse(
        task_type="image_classification", pred_list=[0, 1], label_list=[0, 1],
        name_list=["obs://pets/val/a.png", "s3://pets/val/b.png"], save_path="s3://pets/out/eval",
    )  # fmt: skip
    assert res["en-us"]["feature_sensitivity"]["image_brightness"]["title"] == "Brightness"
    assert buckets.below("out/") == [
        "out/eval/all_samples.json", "out/eval/model_analysis_results.json", "out/eval/tmp_model_analysis.npz",
    ]  # fmt: skip
    samples = json.loads(buckets.get("out/eval/all_samples.json"))
    assert samples[1]["obs_path"] == "s3://pets/val/b.png" and samples[1]["feature"]["image_brightness"] == 90.0
    saved = api.tmp_save("image_classification", [0], [0], [], save_path="obs://pets/tmp/")
    assert saved == "obs://pets/tmp/tmp_model_analysis.npz" and buckets.below("tmp/") == ["tmp/tmp_model_analysis.npz"]


def test_the_name_of_the_saved_file_is_known(names: None, api: Any, tmp_path: Path) -> None:
    constant = importlib.import_module("deep_moxing.model_analysis.common.constant")
    api.tmp_save("image_classification", [0, 1], [0, 1], None, save_path=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [constant.TMP_FILE_NAME] == ["tmp_model_analysis.npz"]


def test_what_is_not_computed_is_said(api: Any, caplog: Any) -> None:
    told = api.get_advanced_metric_info(
        task_type="image_classification", sample_list=[], gt_label_list=[], label_map_dict={}, file_name_list=[],
        session=object(), model_name="resnet_v1_50", input_tensor_name="x:0", output_tensor_name="y:0", save_path="",
    )  # fmt: skip
    assert told == {} and "heat maps, abstract features and adversarial figures" in caplog.text


def test_an_argument_that_is_not_known_is_told(api: Any, tmp_path: Path, caplog: Any) -> None:
    api.analyse("image_classification", [0, 1], [0, 1], [], save_path=str(tmp_path), sess=None)
    assert "analyse does not know sess; left aside." in caplog.text


CAT, DOG = ({"type": "modelarts/image_classification", "name": name} for name in ("cat", "dog"))
MANIFEST = [
    {"source": "s3://pets/a.jpg", "usage": "TRAIN", "annotation": [CAT]},
    {"source": "s3://pets/b.jpg", "usage": "eval", "annotation": [DOG]},
    {
        "source": "s3://pets/c.jpg", "usage": "EVAL",
        "annotation": [{"type": "modelarts/object_detection", "annotation-loc": "s3://pets/c.xml"}],
    },
    {
        "source": "s3://pets/d.jpg",
        "annotation": [
            CAT,
            {"type": "modelarts/image_segmentation", "annotation-loc": "s3://pets/d.xml"},
        ],
    },
    {"source": "s3://pets/e.jpg"},
]  # fmt: skip


@pytest.fixture
def manifest(mox: Any, tmp_path: Path) -> str:
    path = tmp_path / "V001.manifest"
    path.write_text("\n".join(json.dumps(sample) for sample in MANIFEST) + "\n")
    return str(path)


@pytest.fixture
def manifest_api(mox: Any) -> Any:
    return importlib.import_module("deep_moxing.framework.manifest_api.manifest_api")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("image_classification",), [["a", ["cat"]], ["b", ["dog"]], ["c", []], ["d", ["cat"]], ["e", []]]),
        (
            ("modelarts/image_classification", True),
            [["a", ["cat"]], ["b", ["dog"]], ["c", []], ["d", ["cat"]], ["e", []]],
        ),
        (("image_classification", True), [[name, []] for name in "abcde"]),
        (("image_object_detection",), [["a", []], ["b", []], ["c", ["s3://pets/c.xml"]], ["d", []], ["e", []]]),
        (("object_detection",), [["a", []], ["b", []], ["c", ["s3://pets/c.xml"]], ["d", []], ["e", []]]),
        (("image_segmentation",), [["a", []], ["b", []], ["c", []], ["d", ["s3://pets/d.xml"]], ["e", []]]),
        (("image_classification", False, "ak", "sk", "server", "Eval"), [["b", ["dog"]], ["c", []]]),
    ],
)
def test_a_manifest_is_told_as_a_list(manifest_api: Any, manifest: str, arguments: Any, expected: Any) -> None:
    samples, label_type = manifest_api.get_sample_list(manifest, *arguments)
    assert samples == [["s3://pets/{}.jpg".format(name), labels] for name, labels in expected]
    assert label_type == ("multi" if len(expected) == 5 else "single")


def test_pictures_and_their_annotation_files_are_told_side_by_side(manifest_api: Any, manifest: str) -> None:
    assert manifest_api.get_list(manifest_path=manifest) == (
        ["s3://pets/c.jpg", "s3://pets/d.jpg"],
        ["s3://pets/c.xml", "s3://pets/d.xml"],
    )
