"""Archives and addresses of the web, copied into buckets; and copies that go on where they were broken off."""

import http.server
import io
import os
import tarfile
import threading
import zipfile

import pytest


@pytest.fixture
def bucket(maquette):
    maquette("mb", "obs://pets", check=0)
    return "obs://pets"


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path, members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


GOOD = {"cat/1.txt": b"one", "狗/2.txt": b"two", "empty": b""}


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "a.tar.gz"])
def test_what_is_in_an_archive_comes_to_be_in_the_bucket(maquette, bucket, home, tmp_path, kind):
    path = tmp_path / kind
    zipped(path, GOOD) if kind.endswith("zip") else tarred(path, GOOD, "w:gz" if kind.endswith("gz") else "w")
    maquette("cp", "--unpack", path, f"{bucket}/train/", check=0)
    found = {name: (home / "buckets" / "pets" / "train" / name).read_bytes() for name in GOOD}
    assert found == GOOD


def link(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: zipped(path, {"good": b"x", "../evil": b"x"}), "leads out of the archive"),
        (lambda path: tarred(path, {"good": b"x", "/evil": b"x"}), "leads out of the archive"),
        (lambda path: zipped(path, {"good": b"x", "bomb": bytes(200 << 20)}), "would unpack to more"),
        (link, "is a link or a device"),
        (lambda path: path.write_bytes(b"no archive" * 100), "cannot be unpacked"),
        (lambda path: path.write_bytes(tarred(path, {"a": bytes(9000)}).read_bytes()[:5000]), "cannot be unpacked"),
        (lambda path: path.mkdir(), "no file that could be unpacked"),
    ],
    ids=["zip traversal", "tar traversal", "bomb", "link", "noise", "cut", "folder"],
)
def test_an_archive_that_would_do_harm_leaves_nothing(maquette, bucket, tmp_path, make, said):
    path = tmp_path / "archive"
    make(path)
    done = maquette("cp", "--unpack", path, f"{bucket}/", check=2)
    assert said in done.stderr
    assert maquette("ls", "-r", bucket, check=0).stdout == ""


def test_an_address_of_the_web_is_copied_under_its_own_name(maquette, bucket, home, tmp_path):
    (tmp_path / "web").mkdir()
    zipped(tmp_path / "web" / "图 1.zip", GOOD)
    handler = lambda *args: http.server.SimpleHTTPRequestHandler(*args, directory=tmp_path / "web")  # noqa: E731
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        maquette("cp", f"{address}/%E5%9B%BE%201.zip", f"{bucket}/raw/", check=0)
        maquette("cp", "--unpack", f"{address}/%E5%9B%BE%201.zip", f"{bucket}/open/", check=0)
        missing = maquette("cp", f"{address}/none.zip", f"{bucket}/", check=1)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (home / "buckets/pets/raw/图 1.zip").read_bytes() == (tmp_path / "web/图 1.zip").read_bytes()
    assert (home / "buckets/pets/open/cat/1.txt").read_bytes() == b"one"
    assert "cannot be fetched (HTTP Error 404" in missing.stderr


def test_a_copy_goes_on_with_what_is_missing_or_changed(maquette, bucket, home, tmp_path):
    source = tmp_path / "photos"
    source.mkdir()
    for name in ("a", "b", "c"):
        (source / name).write_text(name)
    maquette("cp", "-r", source, f"{bucket}/x", check=0)
    inside = home / "buckets/pets/x"
    before = {path.name: path.stat().st_ino for path in inside.iterdir()}
    (inside / "a").unlink()
    (source / "b").write_text("longer")
    maquette("cp", "-r", "--resume", source, f"{bucket}/x", check=0)
    after = {path.name: path.stat().st_ino for path in inside.iterdir()}
    assert (inside / "b").read_text() == "longer"
    assert set(after) == {"a", "b", "c"}
    assert after["c"] == before["c"]
    back = tmp_path / "back"
    maquette("cp", "-r", f"{bucket}/x", back, check=0)
    kept = (back / "c").stat().st_ino
    (back / "a").write_text("half")
    maquette("cp", "-r", "--resume", f"{bucket}/x", back, check=0)
    assert (back / "c").stat().st_ino == kept
    assert (back / "a").read_text() == "a"
    assert not [name for name in os.listdir(back) if name.startswith(".maquette")]
