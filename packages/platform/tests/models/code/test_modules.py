import pytest

from maquette.models.code.modules import Modules


@pytest.fixture
def modules(tmp_path):
    def make(**files):
        contents = {name.replace("__", "/") + ".py": text for name, text in files.items()}
        for name, text in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Modules(tmp_path, frozenset(contents))

    return make


@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("nets", "nets/"),
        ("nets.blocks", "nets/blocks.py"),
        ("model", "/"),
        ("model.nets.blocks", "nets/blocks.py"),
        ("model.utils", "utils.py"),
        ("nets.other", None),
        ("torch", None),
    ],
)
def test_modules_are_found_by_their_names_and_below_model(modules, module, file):
    assert modules(nets__blocks="", utils="").find(module) == file


def test_an_own_module_called_model_goes_before_the_folders_name(modules):
    found = modules(model="", utils="")
    assert found.find("model") == "model.py"
    assert found.find("model.utils") is None


def test_code_that_extends_the_path_finds_modules_in_folders(modules):
    found = modules(customize_service="import sys\nsys.path.append('yolo')\nimport boxes\n", yolo__boxes="x = 1\n")
    assert found.find("boxes") is None
    assert "yolo/boxes.py" in found.reachable("customize_service.py").files


def test_an_import_reaches_what_it_imports_once_and_ends(modules):
    found = modules(customize_service="import a\n", a="import b\nfrom . import c\n", b="import a\n", c="", d="")
    assert found.reachable("customize_service.py").files == ("customize_service.py", "a.py", "b.py", "c.py")


def test_what_is_imported_in_functions_or_tried_for_does_not_count_as_reached(modules):
    text = "def f():\n    import a\ntry:\n    import b\nexcept ImportError:\n    pass\nif 1:\n    import c\n"
    reach = modules(customize_service=text, a="", b="", c="").reachable("customize_service.py")
    assert reach.files == ("customize_service.py",)
    assert {imported.module for _, imported in reach.imports} == {"a", "b", "c"}


def test_the_insides_of_a_main_guard_are_no_imports(modules):
    text = 'if __name__ == "__main__":\n    import a\n'
    assert modules(customize_service=text).reachable("customize_service.py").imports == ()
