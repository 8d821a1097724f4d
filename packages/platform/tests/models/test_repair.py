import json

import pytest

from maquette.kernel.errors import BadInput
from maquette.models.check import check
from maquette.models.repair import repair

SLOPPY = '{"model_type": "pytorch", // the engine\n "model_algorithm": "x", "apis": [{"procotol": "http",}],}'


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_is_mended_and_the_original_is_untouched(ctx, make_package):
    parent = make_package(config=SLOPPY, files={"data/labels.txt": b"cat"})
    before = contents(parent)
    done = repair(check(ctx, parent), parent)
    assert done.folder == parent.with_name("package-fixed")
    assert contents(parent) == before
    mended = json.loads((done.package / "config.json").read_text())
    assert mended == {"model_type": "PyTorch", "model_algorithm": "x", "apis": [{"protocol": "http"}]}
    after = contents(done.folder)
    assert {name: text for name, text in after.items() if name.name != "config.json"} == {
        name: text for name, text in before.items() if name.name != "config.json"
    }
    assert check(ctx, done.folder).sound


def test_the_model_folder_itself_is_copied_when_it_is_given(ctx, make_package):
    folder = make_package(config=SLOPPY) / "model"
    done = repair(check(ctx, folder), folder)
    assert done.folder == done.package == folder.with_name("model-fixed")


def test_the_copy_goes_where_it_is_sent(ctx, make_package, tmp_path):
    parent = make_package(config=SLOPPY)
    target = tmp_path / "elsewhere" / "deep"
    assert repair(check(ctx, parent), parent, target).package == target / "model"


def test_a_package_with_nothing_certain_to_mend_is_not_copied(ctx, make_package):
    parent = make_package(change={"model_type": "Darknet"})
    assert repair(check(ctx, parent), parent) is None
    assert not parent.with_name("package-fixed").exists()


def test_nothing_that_is_there_is_overwritten(ctx, make_package):
    parent = make_package(config=SLOPPY)
    parent.with_name("package-fixed").mkdir()
    (parent.with_name("package-fixed") / "mine").touch()
    with pytest.raises(BadInput, match="--to"):
        repair(check(ctx, parent), parent)
    with pytest.raises(BadInput, match="inside the package"):
        repair(check(ctx, parent), parent, parent / "model" / "copy")
