"""What a file cannot say of its object is read back as it was written, and nothing else is believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette.drivers.stores import records
from maquette.drivers.stores.records import Record

MD5 = "0123456789abcdef0123456789abcdef"
FREE_IN_AN_INODE_OF_EXT4 = 64


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x"
    path.write_bytes(b"contents")
    return path


def kept(file: Path, record: Record) -> Record:
    status = file.stat()
    records.write(str(file.parent), "x", str(file), status, record)
    return records.read(str(file.parent), "x", str(file), status)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
etags = st.one_of(texts.filter(bool), st.sampled_from([MD5, f"{MD5}-1", f"{MD5}-10000", f"{MD5}-10001", f"{MD5}-00"]))


@given(etags, texts, st.dictionaries(texts, texts, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_record_is_read_back_as_it_was_written(
    file: Path, etag: str, content_type: str, metadata: dict[str, str]
) -> None:
    record = Record(etag, content_type, metadata)
    assert kept(file, record) == record


USUAL = [
    *(("image/jpeg", {}), ("binary/octet-stream", {}), ("application/octet-stream", {})),
    *(("image/jpeg", {"sum:crc64nvme": "Qeh8oXvGiSo="}), ("binary/octet-stream", {"sum:crc64nvme": "Qeh8oXvGiSo="})),
    *(
        ("application/octet-stream", {"sum:crc32": "WgDhBQ=="}),
        ("application/octet-stream", {"sum:crc32c": "WgDhBQ=="}),
    ),
]


@pytest.mark.parametrize(("content_type", "metadata"), USUAL)
def test_a_usual_record_takes_no_block_of_the_disk(file: Path, content_type: str, metadata: dict[str, str]) -> None:
    record = Record(f"{MD5}-10000", content_type, metadata)
    assert kept(file, record) == record
    assert len(os.getxattr(file, records.ATTRIBUTE)) <= FREE_IN_AN_INODE_OF_EXT4


UNUSUAL = [
    *({"sum:crc32": "WgDhBQ==-3"}, {"sum:crc32": "WgDhBR=="}, {"sum:crc32": ""}, {"sum:crc32": "é"}),
    *({"sum:crc32": "Qeh8oXvGiSo="}, {"sum:sha1": "WgDhBQ=="}, {"sum:crc32": "WgDhBQ==", "a": "b"}),
]


@pytest.mark.parametrize("metadata", UNUSUAL)
def test_what_only_looks_like_a_checksum_is_read_back_as_it_was_written(file: Path, metadata: dict[str, str]) -> None:
    record = Record(MD5, "image/jpeg", metadata)
    assert kept(file, record) == record


def test_what_is_said_last_is_believed_wherever_it_lies(file: Path) -> None:
    record, large, status = Record(MD5, "image/png", {"a": "b"}), {"large": "x" * 9000}, file.stat()
    kept(file, record)
    for metadata in (large, {"c": "d"}, large, {}):
        with file.open("rb") as opened:
            records.change(str(file.parent), "x", opened.fileno(), status, Record(MD5, "image/png", metadata))
        assert records.read(str(file.parent), "x", str(file), status) == Record(MD5, "image/png", metadata)


FOREIGN = [
    *(b"", b"x", b"m", b"m" + bytes(17), b"?" * 40, b"j", b"jnull", b"j[1", b"j[]", b"j{}"),
    *(b"3", b"3" + bytes(21), b"c" + bytes(3), b"n" + bytes(25)),
    *(b'j["a","b",{},1]', b'j["a",1,{}]', b'k["a","b",{}]'),
]


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("marked", [True, False])
def test_what_another_program_wrote_is_no_record(file: Path, content: bytes, marked: bool) -> None:
    status = file.stat()
    kept(file, Record(MD5))
    mark = os.getxattr(file, records.ATTRIBUTE)[:16] if marked else b""
    os.setxattr(file, records.ATTRIBUTE, mark + content)
    found = records.read(str(file.parent), "x", str(file), status)
    assert found.etag.endswith("-0") and found.content_type == "binary/octet-stream" and found.metadata == {}


@pytest.mark.parametrize("change", ["size", "time", "file"])
def test_a_record_counts_for_the_file_it_was_written_for_only(file: Path, change: str) -> None:
    record, before = Record(MD5), file.stat()
    assert kept(file, record) == record
    data = os.getxattr(file, records.ATTRIBUTE)
    if change == "size":
        file.write_bytes(b"more contents")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "time":
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    else:
        other = file.with_name("y")
        other.write_bytes(b"contents")
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(file)
        os.setxattr(file, records.ATTRIBUTE, data)
    assert records.read(str(file.parent), "x", str(file), file.stat()).etag.endswith("-0")
