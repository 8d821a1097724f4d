"""A home as one file and back, from each database into each."""

import tarfile
from dataclasses import replace

import pytest
from sqlalchemy import select

from maquette import migrations, wiring
from maquette.cli import backup as backups
from maquette.kernel import home as homes
from maquette.kernel.errors import BadInput, Conflict
from maquette.kernel.settings import Home, Settings
from maquette.workspaces import actions, keys
from maquette.workspaces.table import members, users

KEYS = ["a.txt", "folder/图片.jpg", "../odd", "a//b", "folder/"]


@pytest.fixture
def lived_in(tmp_path, database_url):
    """A platform with a user, a key and objects, and the key with its secret."""
    settings = Settings(Home(tmp_path / "home"), database=database_url)
    homes.make(settings.home)
    ctx = wiring.platform(settings)
    migrations.upgrade(ctx.database)
    actions.first_start(ctx)
    with ctx.database.read() as rows:
        owner = rows.execute(select(members)).one()
    ctx.store.make_bucket("pets")
    for key in KEYS:
        ctx.store.put("pets", key, [key.encode()], "text/plain", {"colour": "grün"})
    yield ctx, keys.make_key(ctx, owner.user_id, owner.workspace_id)
    ctx.database.close()


def save(ctx, file, without_buckets=False):
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as tar:
        backups.write(ctx, tar, without_buckets)
    return file


def load(file, home):
    settings = Settings(Home(home), database=f"sqlite:///{home}/maquette.db")
    with tarfile.open(file) as tar:
        backups.read(tar, settings)
    return wiring.platform(settings)


def test_all_rows_keys_and_objects_come_back(lived_in, tmp_path):
    ctx, (key, secret) = lived_in
    again = load(save(ctx, tmp_path / "all.tar"), tmp_path / "again")
    assert keys.find_key(again, key.access).secret == secret
    for name in KEYS:
        before, after = ctx.store.head("pets", name), again.store.head("pets", name)
        assert replace(after, modified=before.modified) == before
        with again.store.open("pets", name)[1] as file:
            assert file.read() == name.encode()
    again.database.close()


def test_without_buckets_there_are_rows_only(lived_in, tmp_path):
    ctx, (key, _) = lived_in
    again = load(save(ctx, tmp_path / "rows.tar", without_buckets=True), tmp_path / "again")
    assert keys.find_key(again, key.access)
    assert list(again.store.buckets()) == []
    again.database.close()


def test_rows_of_sqlite_can_go_on_in_another_database(lived_in, tmp_path, new_postgresql):
    ctx, (key, secret) = lived_in
    file = save(ctx, tmp_path / "all.tar")
    settings = Settings(Home(tmp_path / "other"), database=new_postgresql())
    with tarfile.open(file) as tar:
        backups.read(tar, settings)
    again = wiring.platform(settings)
    assert keys.find_key(again, key.access).secret == secret
    with again.database.read() as rows:
        assert rows.execute(select(users.c.administrator)).scalar_one() is True
    again.database.close()
    with tarfile.open(file) as tar, pytest.raises(Conflict, match="has tables already"):
        backups.read(tar, replace(settings, home=Home(tmp_path / "third")))
    assert not (tmp_path / "third").exists()


def test_a_restore_that_fails_half_way_leaves_nothing(lived_in, tmp_path):
    ctx, _ = lived_in
    whole = save(ctx, tmp_path / "all.tar").read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(tarfile.TarError):
        load(cut, tmp_path / "again")
    assert [path.name for path in tmp_path.iterdir() if "again" in path.name] == []


def test_a_backup_is_whole_or_refused_wherever_it_was_cut(lived_in, tmp_path):
    """Between two objects too, where a tar reads like one with fewer."""
    ctx, _ = lived_in
    file = save(ctx, tmp_path / "all.tar")
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        first = tar.getmember("buckets/pets").offset
        end = tar.offset
    for length in range(first, end + 1, tarfile.BLOCKSIZE):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        with pytest.raises(tarfile.TarError):
            load(tmp_path / "cut.tar", tmp_path / "again")
    assert [path.name for path in tmp_path.iterdir() if "again" in path.name] == []


def test_a_tar_of_something_else_is_refused(tmp_path):
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        backups.add_bytes(tar, "readme.txt", b"hello")
    with pytest.raises(BadInput, match="no backup of Maquette"):
        load(tmp_path / "other.tar", tmp_path / "again")


def test_the_commands_say_what_they_did_and_keep_what_is_there(maquette, home, tmp_path):
    file = tmp_path / "home.tar.gz"
    refused = maquette("backup", file, check=2)
    assert "no home of a server" in refused.stderr
    homes.make(Home(home))
    ctx = wiring.platform(Settings(Home(home), database=f"sqlite:///{home}/maquette.db"))
    migrations.upgrade(ctx.database)
    actions.first_start(ctx)
    ctx.database.close()
    assert "holds" in maquette("backup", file, check=0).stderr
    assert "is there already" in maquette("backup", file, check=1).stderr
    assert "is not empty" in maquette("restore", file, check=1).stderr
    assert "restored to" in maquette("restore", file, "--home", tmp_path / "new", check=0).stderr
    assert "cannot be written" in maquette("backup", tmp_path / "nowhere" / "home.tar", check=2).stderr
    whole = file.read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    cut = maquette("restore", tmp_path / "cut.tar.gz", "--home", tmp_path / "newer", check=2)
    assert "cannot be read as a backup" in cut.stderr
    (tmp_path / "noise.tar").write_bytes(b"noise" * 1000)
    noise = maquette("restore", tmp_path / "noise.tar", "--home", tmp_path / "newer", check=2)
    assert "cannot be read as a backup" in noise.stderr
