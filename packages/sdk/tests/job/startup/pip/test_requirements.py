"""Requirement files as people write them."""

from __future__ import annotations

import pytest

from maquette_sdk.job.startup.pip._internal.requirements import as_requirement, read_requirements


@pytest.fixture
def read(tmp_path):
    def call(content, name="requirements.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_requirements(str(path), str(tmp_path))

    return call


# content: (requirement lines, options)
FILES = {
    "numpy==1.17.0\nscipy\n": (["numpy==1.17.0", "scipy"], {}),
    "# all\n\nnumpy  # why\n   \n": (["numpy"], {}),
    "numpy>=1.17, \\\n   <2\n": (["numpy>=1.17, <2"], {}),
    "numpy\r\nscipy\r\n": (["numpy", "scipy"], {}),
    "-i https://a.example/simple\nnumpy": (["numpy"], {"index-url": ["https://a.example/simple"]}),
    "--index-url=https://a.example\n": ([], {"index-url": ["https://a.example"]}),
    "-f wheels\n--trusted-host a\n": ([], {"find-links": ["wheels"], "trusted-host": ["a"]}),
    "--no-binary :all:\nnumpy": (["numpy"], {"unknown": [":all:"]}),
    "numpy==1.0 --hash=sha256:00\n": (["numpy==1.0"], {}),
    "git+https://a.example/x.git@v1#egg=x": (["git+https://a.example/x.git@v1#egg=x"], {}),
    "numpy @ file:///tmp/build/numpy_1234/work": (["numpy"], {}),
    "": ([], {}),
}


@pytest.mark.parametrize("content", FILES)
def test_a_file_is_read(read, content):
    assert read(content) == FILES[content]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_file_of_any_encoding_is_read(read, encoding):
    assert read("# 测试\nnumpy\n".encode(encoding))[0] == ["numpy"]


def test_nested_files_are_relative_to_their_own_folder(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "more.txt").write_text("scipy\n-c limits.txt\n")
    (tmp_path / "all.txt").write_text("numpy\n-r base/more.txt\n")
    lines, options = read_requirements(str(tmp_path / "all.txt"), str(tmp_path))
    assert lines == ["numpy", "scipy"]
    assert options == {"constraint": [str(tmp_path / "base" / "limits.txt")]}


def test_paths_become_absolute_and_names_stay_names(tmp_path):
    (tmp_path / "toy.whl").write_text("")
    (tmp_path / "code").mkdir()
    (tmp_path / "numpy").mkdir()
    assert as_requirement("toy.whl", str(tmp_path)) == str(tmp_path / "toy.whl")
    assert as_requirement("./code[test]", str(tmp_path)) == str(tmp_path / "code") + "[test]"
    assert as_requirement("numpy", str(tmp_path)) == "numpy"


def test_variables_are_filled_in(read, monkeypatch):
    monkeypatch.setenv("MY_INDEX", "https://a.example")
    assert read("-i ${MY_INDEX}\n")[1] == {"index-url": ["https://a.example"]}
