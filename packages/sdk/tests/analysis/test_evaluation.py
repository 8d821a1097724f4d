"""What holds for every task: arguments, files, places."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maquette_sdk.analysis import evaluation, files
from maquette_sdk.analysis.wrong_input import WrongInput

GIVEN = evaluation.Given("image_classification", [0, 1, 1], [0, 1, 0], [], "", "")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"task_type": ""}, "task_type is ''. Give one of: image_classification, image_object_detection, "),
        ({"task_type": "classification"}, "task_type is 'classification'"),
        ({"pred_list": [0, 1]}, "pred_list has 2 entries and label_list 3"),
        ({"label_list": [0, 1]}, "pred_list has 3 entries and label_list 2"),
        ({"name_list": ["a.png"]}, "name_list has 1 entries and label_list 3"),
        ({"pred_list": [], "label_list": []}, "label_list is empty"),
        ({"pred_list": 7}, "pred_list is a int; give a list or an array"),
        ({"label_list": "cat"}, "label_list is a str; give a list or an array"),
        ({"custom_metric": "fps=12"}, "custom_metric is a text that is not JSON"),
        ({"custom_metric": [1]}, "custom_metric is a list; give a dictionary"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(tmp_path: Path, wrong: Any, told: str) -> None:
    with pytest.raises(WrongInput) as caught:
        evaluation.analyse(GIVEN._replace(**wrong), str(tmp_path / "out"), ())
    assert told in str(caught.value) and list(tmp_path.iterdir()) == []


def test_a_mistake_met_while_writing_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    def records() -> Any:
        yield {"score": "1.0"}
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        files.write_samples(str(tmp_path), records())
    assert list(tmp_path.iterdir()) == []


def test_an_older_report_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "all_samples.json").write_text("old")
    with pytest.raises(TypeError):
        files.write_samples(str(tmp_path), iter([{"score": object()}]))
    assert (tmp_path / "all_samples.json").read_text() == "old"
    evaluation.analyse(GIVEN, str(tmp_path), ())
    assert len(json.loads((tmp_path / "all_samples.json").read_text())) == 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"fps": {"value": {"fps": 12.3}}}, {"fps": {"title": "fps", "description": "", "value": {"fps": 12.3}}}),
        ('{"fps": {"title": "Speed", "value": 1}}', {"fps": {"title": "Speed", "description": "", "value": 1}}),
        ({"fps": np.float32(2)}, {"fps": {"title": "fps", "description": "", "value": {"fps": 2.0}}}),
        ({"loss": float("nan")}, {"loss": {"title": "loss", "description": "", "value": {"loss": None}}}),
        ("", {}),
        (None, {}),
    ],
)
def test_metrics_of_the_script_are_told_as_computational_performance(analyse: Any, given: Any, expected: Any) -> None:
    found = analyse("image_classification", [0, 1], [0, 1], custom_metric=given)
    assert found.en["computational_performance"] == found.zh["computational_performance"] == expected


def test_op_list_chooses_operations(analyse: Any, caplog: Any) -> None:
    found = analyse("image_classification", [0, 1], [0, 1], op_list=["cm", "acc", "heat_map"])
    assert {section: list(operations) for section, operations in found.zh.items() if operations} == {
        "common": ["acc"],
        "precision_performance": ["cm"],
    }
    assert "op_list names ['heat_map'], which the report does not have" in caplog.text


def channels(kind: str, **folders: Any) -> str:
    return json.dumps(
        {
            kind: [
                {"name": name, "parameter": {"label": name, "value": folder}, "data_source": {"obs": {"obs_url": url}}}
                for name, (folder, url) in folders.items()
            ]
        }
    )


def test_without_a_place_the_files_go_to_the_output_for_evaluation(
    tmp_path: Path, monkeypatch: Any, caplog: Any
) -> None:
    caplog.set_level(logging.INFO)
    outputs = {"train_url": (str(tmp_path / "train"), ""), "eval_url": (str(tmp_path / "eval"), "")}
    monkeypatch.setenv("MA_OUTPUTS", channels("outputs", **outputs))
    evaluation.analyse(GIVEN, "", ())
    assert len(os.listdir(tmp_path / "eval")) == 3 and "lies in {}".format(tmp_path / "eval") in caplog.text
    monkeypatch.setenv("MA_OUTPUTS", channels("outputs", train_url=outputs["train_url"]))
    evaluation.save(GIVEN, None)
    assert os.listdir(tmp_path / "train") == ["tmp_model_analysis.npz"]
    monkeypatch.setenv("MA_OUTPUTS", "no JSON")
    monkeypatch.chdir(tmp_path)
    assert evaluation.save(GIVEN, "") == str(tmp_path / "tmp_model_analysis.npz")
    assert "MA_OUTPUTS is not the JSON that a job has" in caplog.text


def test_pictures_of_a_jobs_input_are_told_by_their_address_in_the_bucket(
    analyse: Any, pictures: Any, monkeypatch: Any
) -> None:
    paths = pictures([50, 60])
    folder = os.path.dirname(paths[0])
    monkeypatch.setenv(
        "MA_INPUTS", channels("inputs", data_url=(folder + "/", "obs://pets/data_set/"), lr=(None, None))
    )
    found = analyse("image_classification", [0, 1], [1, 1], [paths[0], "/elsewhere/b.png"])
    assert [one["obs_path"] for one in found.samples] == ["s3://pets/data_set/0.png", "/elsewhere/b.png"]
    assert found.arrays["np_name_list"].tolist() == [paths[0], "/elsewhere/b.png"]
    (wrong,) = found.en["precision_performance"]["get_negative_samples_cls"]["get_negative_samples_cls"]
    assert wrong["data_info"] == "s3://pets/data_set/0.png"


def test_names_that_are_no_text_in_any_language_are_written_nevertheless(
    analyse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"/data/\xff.png")
    logging.disable()  # what is told holds the name too, and parallel tests can hand on nothing but text
    try:
        found = analyse("image_classification", [0], [1], [name], {"0": "猫", "1": "犬"})
    finally:
        logging.disable(logging.NOTSET)
    capsys.readouterr()
    assert found.samples[0]["obs_path"] == name and found.samples[0]["labels"] == [{"name": "犬"}]
