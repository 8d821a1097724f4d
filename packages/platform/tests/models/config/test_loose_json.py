import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.models.config.loose_json import DEEPEST, decode, read
from maquette.models.config.loose_text import Edit, Text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PIECES = st.sampled_from([*list("{}[],:\"'#/\\ \n\t0123.-+eatrufls，：“”"), '"a"', "true", "null", "//", "/*", "*/"])


@settings(max_examples=300, deadline=None)
@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_what_json_takes_is_read_alike_and_nothing_is_odd(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    node, oddities = read(text)
    assert oddities == []
    assert node.plain() == value


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_odd_is_what_json_refuses_and_nothing_else(text):
    node, oddities = read(text)
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        assert oddities
        assert all(0 <= oddity.at <= len(text) for oddity in oddities)
    else:
        assert [oddity for oddity in oddities if oddity.code != "json-duplicate-key"] == []
        assert json.dumps(node.plain()) == json.dumps(value)


CASES = [
    # written, what it means, the oddities with line and column
    ('{"a": 1,}', {"a": 1}, [("json-trailing-comma", 1, 8)]),
    ('{"a": [1, 2,\n]}', {"a": [1, 2]}, [("json-trailing-comma", 1, 12)]),
    ('{"a": 1,, "b": 2}', {"a": 1, "b": 2}, [("json-trailing-comma", 1, 9)]),
    ('{\n// why\n"a": 1}', {"a": 1}, [("json-comment", 2, 1)]),
    ('{"a": 1 /* why\n so */}', {"a": 1}, [("json-comment", 1, 9)]),
    ('{"a": 1} # why', {"a": 1}, [("json-comment", 1, 10)]),
    ('{"a": "http://x"}', {"a": "http://x"}, []),
    ("{'a': 'say \"no\"'}", {"a": 'say "no"'}, [("json-single-quotes", 1, 2), ("json-single-quotes", 1, 7)]),
    (
        "{“a”： “b”，}",
        {"a": "b"},
        [*(("json-punctuation", 1, at) for at in (2, 5, 7, 10)), ("json-trailing-comma", 1, 10)],
    ),
    ('{"a": "b”,\n"c": 1}', {"a": "b", "c": 1}, [("json-punctuation", 1, 7)]),
    ('\u00a0{"a": 1}', {"a": 1}, [("json-punctuation", 1, 1)]),
    ('{"a" = 1}', {"a": 1}, [("json-punctuation", 1, 6)]),
    ('{"a": 1; "b": 2}', {"a": 1, "b": 2}, [("json-punctuation", 1, 8)]),
    ("{a: 1, b-c: 2}", {"a": 1, "b-c": 2}, [("json-unquoted", 1, 2), ("json-unquoted", 1, 8)]),
    ('{"type": file}', {"type": "file"}, [("json-unquoted", 1, 10)]),
    ('{"a": True, "b": None}', {"a": True, "b": None}, [("json-python-word", 1, 7), ("json-python-word", 1, 18)]),
    ('{"a": .5, "b": 01, "c": +2}', {"a": 0.5, "b": 1, "c": 2}, [("json-number", 1, at) for at in (7, 16, 25)]),
    ('{"a": "C:\\data"}', {"a": "C:\\data"}, [("json-string", 1, 7)]),
    ('{"a": "one\ntwo", "b": 1}', {"a": "one\ntwo", "b": 1}, [("json-string", 1, 7)]),
    ('{"a": "tab\there"}', {"a": "tab\there"}, [("json-string", 1, 7)]),
    ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, [("json-missing-comma", 1, 8)]),
    ('[{"a": 1} {"a": 2}]', [{"a": 1}, {"a": 2}], [("json-missing-comma", 1, 10)]),
    ('{"a": 1, "a": 2}', {"a": 2}, [("json-duplicate-key", 1, 10)]),
    ("", None, [("json-syntax", 1, 1)]),
    ('{"a": }', {"a": None}, [("json-syntax", 1, 7)]),
    ('{"a": {"b": 1}', {"a": {"b": 1}}, [("json-bracket", 1, 1)]),
    ('{"a": [1, 2}', {"a": [1, 2]}, [("json-bracket", 1, 12)]),
    ('{"a": 1}}', {"a": 1}, [("json-extra-text", 1, 9)]),
    ('{\n// the request and\nresponse API\n"a": 1}', {"a": 1}, [("json-comment", 2, 1), ("json-extra-text", 3, 1)]),
    ('{"a": "never closed,\n"b": 2}', {"a": "never closed", "b": 2}, [("json-string", 1, 7)]),
]


@pytest.mark.parametrize(("written", "meant", "told"), CASES)
def test_each_departure_is_told_where_it_stands(written, meant, told):
    node, oddities = read(written)
    places = [(oddity.code, *Text(written).place(oddity.at)) for oddity in oddities]
    if meant is not None:
        assert node.plain() == meant
    assert places == told
    assert all(oddity.message and oddity.fix for oddity in oddities)


@pytest.mark.parametrize("written", [case[0] for case in CASES])
def test_edits_make_json_of_all_that_is_not_torn(written):
    node, oddities = read(written)
    mended = Text(written).edited(edit for oddity in oddities for edit in oddity.edits)
    if oddities and all(oddity.edits for oddity in oddities):
        assert json.loads(mended) == node.plain()


def test_a_comment_goes_with_its_line_and_nothing_else():
    written = '{\n  // why\n  "a": 1, // so\n  "b": 2\n}\n'
    _, oddities = read(written)
    mended = Text(written).edited(edit for oddity in oddities for edit in oddity.edits)
    assert mended == '{\n  "a": 1,\n  "b": 2\n}\n'


def test_a_bottomless_text_is_refused_rather_than_followed():
    _, oddities = read("[" * 100_000)
    assert [oddity.code for oddity in oddities] == ["json-syntax"]
    node, oddities = read("[" * DEEPEST + "]" * DEEPEST)
    assert node and not oddities


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"a": "图像"}'.encode(), None),
        (b'\xef\xbb\xbf{"a": 1}', "json-bom"),
        ('{"a": "图像"}'.encode("gbk"), "json-encoding"),
        ('{"a": "图像"}'.encode("utf-16"), "json-encoding"),
        (b"\xff\xfa\x00\x81", "json-encoding"),
    ],
)
def test_bytes_of_any_encoding_become_text(content, code):
    text, oddity = decode(content)
    assert (oddity.code if oddity else None) == code
    if code != "json-encoding" or b"a" in content:
        assert read(text)[0].plain()["a"] in (1, "图像")


def test_of_two_edits_at_one_place_the_deletion_is_kept():
    assert Text("{，}").edited([Edit(1, 2, ","), Edit(1, 2, "")]) == "{}"


def test_places_count_lines_of_every_kind():
    assert [Text("a\r\nb\rc\nd").place(at) for at in (0, 3, 5, 7)] == [(1, 1), (2, 1), (3, 1), (4, 1)]
