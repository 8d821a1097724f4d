from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLES = [
    {"source": "s3://pets/data/cats/1.jpg", "usage": "TRAIN", "annotation": [{"name": "cat"}]},
    {"source": "obs://pets/data/dogs/1.jpg", "annotation": [{"annotation-loc": "s3://pets/data/xml/1.xml"}]},
    {"source": "content://a text that lies in the manifest"},
]


@pytest.fixture
def manifest(buckets: Any) -> Any:
    buckets.put("data/cats/1.jpg", "a cat")
    buckets.put("data/dogs/1.jpg", "a dog")
    buckets.put("data/xml/1.xml", "<annotation/>")
    return buckets.put("annotation/V001.manifest", "\n".join(json.dumps(one) for one in SAMPLES) + "\n\n")


def test_the_files_of_a_manifest_come_with_it(mox: Any, buckets: Any, manifest: str, tmp_path: Path) -> None:
    mox.file.copy_manifest(manifest, str(tmp_path / "to"))
    found = {str(path.relative_to(tmp_path / "to")) for path in (tmp_path / "to").rglob("*") if path.is_file()}
    assert found == {"cats/1.jpg", "dogs/1.jpg", "xml/1.xml", "V001.manifest"}
    assert (tmp_path / "to" / "dogs" / "1.jpg").read_text() == "a dog"


def test_files_beside_the_manifest_are_found(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("set/1.jpg", "one")
    url = buckets.put("set/x.manifest", json.dumps({"source": "1.jpg"}))
    mox.file.copy_manifest(url, "obs://pets/to/")
    assert buckets.get("to/1.jpg") == "one"


def test_files_on_the_web_are_left_out_and_told(
    mox: Any, buckets: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = buckets.put("x.manifest", json.dumps({"source": "https://example.com/1.jpg"}))
    mox.file.copy_manifest(url, tmp_path / "to")
    assert "https://example.com/1.jpg lies on the web" in caplog.text


def test_a_broken_manifest_or_a_missing_file_is_named(mox: Any, buckets: Any, tmp_path: Path) -> None:
    url = buckets.put("x.manifest", '{"source": "content://x"}\n{oops\n')
    with pytest.raises(ValueError, match=r"Line 2 of obs://pets/x\.manifest is not JSON"):
        mox.file.copy_manifest(url, tmp_path / "to")
    url = buckets.put("y.manifest", json.dumps({"source": "s3://pets/none.jpg"}))
    with pytest.raises(FileNotFoundError, match=r"none\.jpg"):
        mox.file.copy_manifest(url, tmp_path / "to")
