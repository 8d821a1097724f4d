"""`analyse(...)` as scripts call it, with the files it leaves; pictures with known features."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
from PIL import Image

from maquette_sdk.analysis import evaluation


class Analysis:
    """The report that was returned, and the three files."""

    def __init__(self, report: Dict[str, Any], folder: Path) -> None:
        self.report = report
        self.en, self.zh = report["en-us"], report["zh-cn"]
        self.folder = folder

    @property
    def samples(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = json.loads((self.folder / "all_samples.json").read_text("utf-8"))
        return found

    @property
    def arrays(self) -> Dict[str, Any]:
        with np.load(self.folder / "tmp_model_analysis.npz", allow_pickle=False) as archive:
            return dict(archive)

    def findings(self, section: str = "precision_performance") -> List[str]:
        return [one["diagnosis"] for one in self.en[section]["diagnosis"]]


@pytest.fixture
def analyse(tmp_path: Path) -> Callable[..., Analysis]:
    def call(
        task_type: str,
        pred_list: Any,
        label_list: Any,
        name_list: Any = (),
        label_map_dict: Any = "",
        custom_metric: Any = "",
        op_list: Any = (),
    ) -> Analysis:
        given = evaluation.Given(task_type, pred_list, label_list, name_list, custom_metric, label_map_dict)
        folder = tmp_path / "not" / "there" / "yet"
        report = evaluation.analyse(given, str(folder), op_list)
        assert sorted(path.name for path in folder.iterdir()) == [
            "all_samples.json",
            "model_analysis_results.json",
            "tmp_model_analysis.npz",
        ]
        assert json.loads((folder / "model_analysis_results.json").read_text("utf-8")) == report
        return Analysis(report, folder)

    return call


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., List[str]]:
    """Plain grey pictures of these brightnesses, as paths."""

    def make(brightnesses: Any, size: Any = (16, 12)) -> List[str]:
        paths = []
        for number, brightness in enumerate(brightnesses):
            path = tmp_path / "{}.png".format(number)
            Image.new("RGB", size, (int(brightness),) * 3).save(path)
            paths.append(str(path))
        return paths

    return make
