"""A folder as a zip that is made while it is sent."""

import io
import tracemalloc
import zipfile

import pytest

from maquette.models.zipped import PIECE_BYTES, pack, zip_pieces, zip_size

FILES = {"config.json": b"{}", "customize_service.py": b"x" * 3000, "variables/变量.index": b"", "best.pth": bytes(200)}


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "package"


@pytest.mark.parametrize("limit", [zipfile.ZIP64_LIMIT, 1000, 100], ids=["small", "some are large", "all are large"])
def test_the_zip_holds_every_file_and_its_size_is_known_before(folder, monkeypatch, limit):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    files = pack(folder, "model")
    made = b"".join(zip_pieces(files))
    assert len(made) == zip_size(files)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"model/{name}": content for name, content in FILES.items()
        }


def test_many_files_have_a_size_too(folder, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    files = pack(folder, "model")
    assert len(b"".join(zip_pieces(files))) == zip_size(files)


def test_a_large_file_passes_in_pieces_that_memory_does_not_notice(tmp_path):
    (tmp_path / "weights.pth").touch()
    with (tmp_path / "weights.pth").open("r+b") as file:
        file.truncate(200 << 20)
    files = pack(tmp_path, "model")
    tracemalloc.start()
    longest = total = 0
    for piece in zip_pieces(files):
        longest, total = max(longest, len(piece)), total + len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == zip_size(files)
    assert longest < 2 * PIECE_BYTES
    assert peak < 8 * PIECE_BYTES


def test_what_is_packed_twice_is_the_same(folder):
    assert b"".join(zip_pieces(pack(folder, "model"))) == b"".join(zip_pieces(pack(folder, "model")))
