"""What is said about files that are looked for in the working folder and lie in the package."""

from __future__ import annotations

import pytest

from maquette_sdk.serve.advice import advise


@pytest.fixture
def fail(tmp_path, monkeypatch):
    """`fail(code, file)` runs code of a package, with the folder above as the working folder; what it raised."""
    package = tmp_path / "model"
    (package / "core").mkdir(parents=True)
    for name in ("labels.txt", "core/names.txt", "图 1.txt"):
        (package / name).write_text("cat")
    (tmp_path / "outside.txt").write_text("x")
    monkeypatch.chdir(tmp_path)

    def run(code, file="customize_service.py"):
        try:
            exec(compile("\n" + code, str(package / file), "exec"), {})
        except Exception as error:
            return advise(error, str(package))

    return run


IN_SERVICE = "customize_service.py"
CHECKPOINT = "raise ValueError('The checkpoint file labels.txt does not exist.')"
IN_C = "raise OSError(\"Unable to open file (unable to open file: name = 'labels.txt', errno = 2)\")"
BEHIND = "try:\n    open('labels.txt')\nexcept OSError as error:\n    raise RuntimeError('no model') from error"
BEFORE = "try:\n    open('labels.txt')\nexcept OSError:\n    absent"

CASES = {
    # what the code does, the file it stands in, the line, and the path that is advised
    "open": ("open('labels.txt')", IN_SERVICE, 2, "labels.txt"),
    "open below": ("open('core/names.txt')", IN_SERVICE, 2, "core/names.txt"),
    "open with a dot": ("open('./labels.txt')", IN_SERVICE, 2, "labels.txt"),
    "any name": ("open('图 1.txt')", IN_SERVICE, 2, "图 1.txt"),
    "a folder": ("import os; os.listdir('core')", IN_SERVICE, 2, "core"),
    "from a module below": ("open('labels.txt')", "core/net.py", 2, "../labels.txt"),
    "beside a module below": ("open('names.txt')", "core/net.py", 2, "names.txt"),
    "in a function": ("def load():\n    return open('labels.txt')\nload()", IN_SERVICE, 3, "labels.txt"),
    "by a library": (CHECKPOINT, IN_SERVICE, 2, "labels.txt"),
    "by a library in C": (IN_C, IN_SERVICE, 2, "labels.txt"),
    "behind another error": (BEHIND, IN_SERVICE, 3, "labels.txt"),
    "before another error": (BEFORE, IN_SERVICE, 3, "labels.txt"),
}


@pytest.mark.parametrize(("code", "file", "line", "path"), CASES.values(), ids=CASES)
def test_a_relative_path_into_the_package_is_advised_against_with_its_line(fail, tmp_path, code, file, line, path):
    said = fail(code, file)
    assert f"was looked for in {tmp_path}, the working folder" in said
    assert f"In {file}, line {line}, build the path" in said
    assert f"os.path.dirname(os.path.abspath(__file__)), '{path}')" in said
    assert said.startswith("Hint: ") and said.count("\n") == 1


NOTHING = {
    "a file that is nowhere": "open('nowhere.txt')",
    "an absolute path": "open('/labels.txt')",
    "a file that the working folder has": "raise FileNotFoundError(2, 'No such file', 'outside.txt')",
    "another trouble with a file of the package": "raise ValueError('labels.txt has three columns')",
    "another trouble": "1 / 0",
    "no name": "raise FileNotFoundError",
    "a descriptor": "raise FileNotFoundError(2, 'No such file', 7)",
    "a text that cannot be shown": "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_other_errors_are_left_to_themselves(fail, code):
    assert fail(code) == ""


@pytest.mark.parametrize(
    ("error", "data", "said"),
    [
        (
            KeyError("images"),
            {"image": 1, "m": "1"},
            "Hint: The request has no field 'images'; it has: 'image', 'm'.\n",
        ),
        (KeyError("images"), {"images": 1}, ""),
        (KeyError(3), {"images": 1}, ""),
        (KeyError(), {"images": 1}, ""),
        (KeyError("images"), [1], ""),
        (KeyError("images"), b"{}", ""),
        (ValueError("images"), {"image": 1}, ""),
    ],
)
def test_a_field_that_the_request_lacks_is_told_with_those_that_it_has(error, data, said):
    assert advise(error, "/nowhere", data) == said


@pytest.mark.parametrize(
    ("missing", "data", "told"),
    [
        ("items", {"images": "cat.jpg"}, True),
        ("read", {"mask": 1, "images": "cat.jpg"}, True),
        ("items", {"images": {"a.jpg": b"x"}}, False),
        ("items", ["cat.jpg"], False),
        ("colour", {"images": "cat.jpg"}, False),
    ],
)
def test_a_text_in_the_place_of_a_file_is_told(missing, data, told):
    error = AttributeError(f"'str' object has no attribute '{missing}'")
    said = "Hint: These fields came as text: 'images'. A file is sent as one: curl -F images=@FILE.\n"
    assert advise(error, "/nowhere", data) == (said if told else "")


@pytest.mark.parametrize(
    ("data", "told"), [({'{"a": 1}': ""}, True), ({"[1]": ""}, True), ({"a": "{}"}, False), ({}, False), (["{"], False)]
)
def test_json_that_came_as_a_form_is_told(data, told):
    assert ("header 'Content-Type: application/json'" in advise(ValueError("x"), "/nowhere", data)) == told


class FailedPreconditionError(Exception):
    """TensorFlow's, by its name."""


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (
            FailedPreconditionError,
            "Error while reading resource variable prob/bias_326 from Container: localhost.",
            True,
        ),
        (FailedPreconditionError, "Table not initialized.", False),
        (ValueError, "Error while reading resource variable prob/bias_326", False),
    ],
)
def test_a_model_of_which_only_the_signature_was_kept_is_told(kind, text, told):
    assert ("Keep what tf.saved_model.load gave" in advise(kind(text), "/nowhere")) == told


class Odd(FileNotFoundError):
    """Cannot be looked at in any way."""

    def __str__(self):
        raise ValueError

    @property
    def args(self):
        raise ValueError

    filename = args


def test_an_error_that_cannot_be_looked_at_makes_no_second_one():
    assert advise(Odd(), "/nowhere", {"a": 1}) == ""


def test_an_error_that_is_not_of_the_package_is_left_to_itself(tmp_path):
    assert advise(FileNotFoundError(2, "No such file", "labels.txt"), str(tmp_path)) == ""


@pytest.mark.parametrize(
    "said",
    [
        "\nFound no NVIDIA driver on your system. Please check that you\nhave an NVIDIA GPU",
        "Torch not compiled with CUDA enabled",
        "No CUDA GPUs are available",
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running",
        "Check failed: GPU is not enabled",
    ],
)
def test_code_that_needs_a_card_is_told_that_there_is_none(fail, said):
    assert "asks for a GPU, and there is none here" in fail(f"raise RuntimeError({said!r})")


def test_other_words_about_gpus_get_no_such_hint(fail):
    assert fail("raise RuntimeError('CUDA out of memory on GPU 0')") == ""
