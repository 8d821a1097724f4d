"""Files between a work folder, which is in anybody's hands, and a bucket."""

import os

import pytest

from maquette.kernel.errors import BadInput, Conflict
from maquette.kernel.identity import Role
from maquette.notebooks import actions, syncing
from maquette.notebooks.domain import Wanted

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def who(floor):
    return floor.who(floor.token())


@pytest.fixture
def notebook(floor, who):
    return actions.create(floor.ctx, who, Wanted("bench", folder="/pets/notes"))


@pytest.fixture
def work(floor, notebook):
    folder = actions.work_folder(floor.ctx, notebook.id)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def up(floor, who, notebook):
    return lambda below="": syncing.to_bucket(floor.ctx, who, notebook, below)


@pytest.fixture
def down(floor, who, notebook):
    return lambda below="": syncing.from_bucket(floor.ctx, who, notebook, below)


@pytest.fixture
def bucket(floor):
    """`bucket()` is what is in it; `bucket(key, text)` puts an object."""

    def do(key=None, text=""):
        if key is not None:
            floor.ctx.store.put("pets", key, [text.encode()])
        return {info.key: text_of(floor.ctx.store, info.key) for info in floor.ctx.store.list("pets").objects}

    return do


def text_of(store, key):
    with store.open("pets", key)[1] as file:
        return file.read().decode()


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_files_go_into_the_bucket_and_what_is_only_there_stays(work, up, bucket):
    bucket("notes/old.txt", "old")
    write(work, a_dot_ipynb="{}", data__b="bb", _dot_jupyter__lab__x="settings", data___dot_ipynb_checkpoints__b="b")
    done = up()
    assert bucket() == {"notes/a.ipynb": "{}", "notes/data/b": "bb", "notes/old.txt": "old"}
    assert (done.files, done.bytes, done.left_out) == (2, 4, ())


def test_objects_come_into_the_folder_and_replace_files_of_their_name(work, down, bucket):
    for key, text in (("notes/a.ipynb", "new"), ("notes/data/b", "bb"), ("notes/data/", ""), ("other/c", "c")):
        bucket(key, text)
    write(work, a_dot_ipynb="before", mine="mine")
    done = down()
    assert read(work) == {"a.ipynb": "new", "data/b": "bb", "mine": "mine"}
    assert (done.files, done.bytes) == (2, 5)


def test_a_part_of_the_folder_goes_by_itself(work, up, down, bucket):
    write(work, data__b="bb", other="o")
    assert up("data").files == 1
    assert bucket() == {"notes/data/b": "bb"}
    bucket("notes/data/c", "cc")
    bucket("notes/database/d", "dd")
    assert down("/data/").files == 2
    assert read(work) == {"data/b": "bb", "data/c": "cc", "other": "o"}


def test_no_link_leads_out_of_the_folder(work, up, bucket, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    (work / "file").symlink_to(secret / "key")
    (work / "folder").symlink_to(secret)
    write(work, own="own")
    up()
    assert bucket() == {"notes/own": "own"}
    with pytest.raises(BadInput, match="no folder"):
        up("folder")


def test_nothing_is_written_through_a_link(work, down, bucket, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (work / "folder").symlink_to(outside)
    (work / "file").symlink_to(outside / "kept")
    bucket("notes/folder/planted", "x")
    bucket("notes/file", "new")
    done = down()
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"kept": "kept"}
    assert (done.files, (work / "file").is_symlink()) == (1, False)
    assert done.left_out[0].startswith("folder/planted: ")


def test_pipes_and_sockets_are_no_files(work, up, bucket):
    os.mkfifo(work / "pipe")
    write(work, a="a")
    assert (up().files, bucket()) == (1, {"notes/a": "a"})


def test_a_folder_in_the_place_of_a_file_is_left_and_told(work, down, bucket):
    bucket("notes/a", "a")
    bucket("notes/b", "b")
    write(work, a__inside="x")
    done = down()
    assert (done.files, done.left_out[0].split(":")[0]) == (1, "a")
    assert read(work) == {"a/inside": "x", "b": "b"}


def test_more_than_goes_this_way_is_refused_with_the_size(work, up, down, bucket, monkeypatch):
    monkeypatch.setattr(syncing, "MOST_BYTES", 10)
    write(work, a="x" * 11)
    bucket("notes/big", "y" * 11)
    for way in (up, down):
        with pytest.raises(BadInput, match=r"mox.file.copy_parallel") as told:
            way()
        assert (told.value.parameters["bytes"], told.value.parameters["limit"]) == (11, 10)
    assert bucket() == {"notes/big": "y" * 11}
    assert read(work) == {"a": "x" * 11}
    monkeypatch.setattr(syncing, "MOST_FILES", 0)
    write(work, a="")
    with pytest.raises(BadInput, match="1 files"):
        up()


@pytest.mark.parametrize("below", ["..", "../other", "a/../../b", "none", "a\0b"])
def test_a_path_that_is_no_part_of_the_folder_is_refused(work, up, below):
    with pytest.raises(BadInput):
        up(below)


def test_a_notebook_without_a_folder_or_without_files_says_so(floor, who):
    bare = actions.create(floor.ctx, who, Wanted("bare"))
    with pytest.raises(Conflict, match="no folder of a bucket"):
        syncing.to_bucket(floor.ctx, who, bare)
    fresh = actions.create(floor.ctx, who, Wanted("fresh", folder="obs://pets/fresh/"))
    with pytest.raises(Conflict, match="no files yet"):
        syncing.to_bucket(floor.ctx, who, fresh)


def test_the_route_syncs_keeps_the_folder_and_is_for_the_maker_alone(floor, call, notebook, work, bucket):
    write(work, a="a")
    body = {"direction": "to_bucket", "folder": "obs://pets/elsewhere"}
    status, told = call("POST", f"/notebooks/{notebook.id}/sync", body, below="maquette")
    assert (status, told["files"], told["folder"]) == (200, 1, "obs://pets/elsewhere/")
    assert bucket() == {"elsewhere/a": "a"}
    assert actions.find(floor.ctx, notebook.workspace_id, notebook.id).wanted.folder == "obs://pets/elsewhere/"
    colleague = floor.client(floor.token(Role.MEMBER))
    assert call("POST", f"/notebooks/{notebook.id}/sync", body, client=colleague, below="maquette")[0] == 403
    assert call("POST", f"/notebooks/{notebook.id}/sync", {"direction": "up"}, below="maquette")[0] == 400
