from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def session(mox: Any, buckets: Any) -> Any:
    return importlib.import_module("modelarts.session").Session()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "a.txt").write_text("1")
    (tmp_path / "tree" / "deep" / "b.txt").write_text("2")
    return tmp_path / "tree"


def test_files_go_up_and_down(session: Any, buckets: Any, tree: Path, tmp_path: Path) -> None:
    session.obs.upload_file(src_local_file=str(tree / "a.txt"), dst_obs_dir="obs://pets/dir1/")
    session.obs.upload_file(str(tree / "a.txt"), "s3://pets/dir2")
    assert buckets.keys() == ["dir1/a.txt", "dir2/a.txt"]
    (tmp_path / "there").mkdir()
    session.obs.download_file(src_obs_file="obs://pets/dir1/a.txt", dst_local_dir=str(tmp_path / "new") + "/")
    session.obs.download_file("obs://pets/dir1/a.txt", str(tmp_path / "there"))
    session.obs.download_file("obs://pets/dir1/a.txt", str(tmp_path / "named.txt"))
    assert [(tmp_path / name).read_text() for name in ("new/a.txt", "there/a.txt", "named.txt")] == ["1"] * 3


def test_directories_keep_their_own_name(session: Any, buckets: Any, tree: Path, tmp_path: Path) -> None:
    session.obs.upload_dir(src_local_dir=str(tree) + "/", dst_obs_dir="obs://pets/dir1/")
    assert buckets.keys() == ["dir1/tree/a.txt", "dir1/tree/deep/b.txt"]
    session.obs.download_dir(src_obs_dir="obs://pets/dir1/tree/", dst_local_dir=str(tmp_path / "down"))
    assert (tmp_path / "down" / "tree" / "deep" / "b.txt").read_text() == "2"
    session.obs.copy("obs://pets/dir1/tree", str(tmp_path / "flat"), keep_last_dir=False)
    assert (tmp_path / "flat" / "a.txt").read_text() == "1"
    session.obs.copy(src_path="obs://pets/dir1/tree/a.txt", dst_path=str(tmp_path / "b.txt"))
    assert (tmp_path / "b.txt").read_text() == "1"
    assert session.obs.is_obs_path_exists("obs://pets/dir1") and not session.obs.is_obs_path_exists("/pets/none")


def test_the_calls_of_the_first_sdk_take_paths_without_a_scheme(
    session: Any, buckets: Any, tree: Path, tmp_path: Path
) -> None:
    session.upload_data(bucket_path="/pets/one/", path=str(tree / "a.txt"))
    session.upload_data(bucket_path="pets/two/", path=[str(tree / "a.txt"), str(tree / "deep" / "b.txt")])
    session.upload_data(bucket_path="/pets/three", path=str(tree))
    assert buckets.keys() == ["one/a.txt", "three/a.txt", "three/deep/b.txt", "two/a.txt", "two/b.txt"]
    session.download_data(bucket_path="pets/one/a.txt", path=str(tmp_path / "x" / "named.txt"))
    session.download_data(bucket_path="/pets/three/", path=str(tmp_path / "y"))
    assert (tmp_path / "x" / "named.txt").read_text() + (tmp_path / "y" / "deep" / "b.txt").read_text() == "12"
    session.create_directory(bucket="pets", directory="/dir1/dir2/")
    assert "dir1/dir2/" in buckets.keys()  # noqa: SIM118


def test_keys_and_regions_are_taken_and_not_needed(mox: Any, buckets: Any) -> None:
    Session = importlib.import_module("modelarts.session").Session
    session = Session(access_key="AK", secret_key="SK", project_id="p", region_name="cn-north-4")
    assert (session.access_key, session.project_id, session.region_name) == ("AK", "p", "cn-north-4")
    Session(username="u", password="p", account="a")
    with pytest.raises(FileNotFoundError, match="mb obs://nope"):
        session.obs.download_file("obs://nope/x", "/tmp/")


def test_whatever_else_a_session_is_asked_for_refuses_by_name(session: Any) -> None:
    with pytest.raises(RuntimeError, match=r"Session\.create_bucket is for the owner of the buckets"):
        session.create_bucket(bucket="new")
    with pytest.raises(RuntimeError, match=r"modelarts\.session\.Session\.get_jobs is not offered here"):
        session.get_jobs()
    with pytest.raises(RuntimeError, match=r"modelarts\.session\.Session\.obs\.delete_everything"):
        session.obs.delete_everything()
    assert not hasattr(session, "_repr_html_")
