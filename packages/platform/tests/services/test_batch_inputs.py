"""Folders, manifests and csv files as the inputs of a batch: values in, values out."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.buckets.domain import Address
from maquette.drivers.stores.memory import MemoryStore
from maquette.kernel.errors import BadInput
from maquette.services.batch_inputs import (
    BadRow,
    BadTable,
    check_rule,
    list_folder,
    list_manifest,
    make_request,
    read_manifest,
    read_rows,
    schema_of,
    with_indexes,
)

IN, OUT = Address("pets", "in/"), Address("pets", "out/")


@pytest.fixture
def store():
    store = MemoryStore()
    for name in ("pets", "dogs"):
        store.make_bucket(name)
    return store


def fill(store, *keys, bucket="pets"):
    for key in keys:
        store.put(bucket, key, [b"x"])


def manifest(store, *lines):
    store.put("pets", "list", ["\n".join(lines).encode()])
    return Address("pets", "list")


def lines_of(*sources):
    return [json.dumps({"source": source}) for source in sources]


# ── folders ──────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_listed_with_the_folders_in_it_and_without_their_marks(store):
    fill(store, "in/", "in/b.jpg", "in/sub/", "in/sub/b.jpg", "inner/c.jpg")
    assert list(list_folder(store, IN, OUT)) == [
        ("obs://pets/in/b.jpg", "b.jpg"),
        ("obs://pets/in/sub/b.jpg", "sub/b.jpg"),
    ]


@pytest.mark.parametrize("key", ["in", "in/", "/in/"])
def test_a_folder_may_be_spelled_with_and_without_slashes(store, key):
    fill(store, "in/b.jpg", "inner/c.jpg")
    assert [name for _, name in list_folder(store, Address("pets", key), OUT)] == ["b.jpg"]


def test_a_folder_of_more_than_a_page_is_listed_to_its_end(store):
    fill(store, *(f"in/{number:04}" for number in range(2500)))
    assert [name for _, name in list_folder(store, IN, OUT)] == [f"{number:04}" for number in range(2500)]


def test_a_whole_bucket_may_be_the_folder_and_hold_the_results(store):
    fill(store, "a.jpg", "infer-result-0.manifest", "infer-result/a.jpg_result.txt", "infer-result.jpg")
    root = Address("pets")
    assert [name for _, name in list_folder(store, root, root)] == ["a.jpg", "infer-result.jpg"]
    assert len(list(list_folder(store, root, Address("dogs")))) == 4


def test_only_files_with_the_ending_are_listed(store):
    fill(store, "in/a.csv", "in/B.CSV", "in/c.txt")
    assert [name for _, name in list_folder(store, IN, OUT, ".csv")] == ["B.CSV", "a.csv"]


# ── manifests ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["obs://pets/in/a.jpg", "obs://pets/in/b.jpg"], ["a.jpg", "b.jpg"]),
        (["obs://pets/in/x/1.jpg", "s3://pets/in/y/1.jpg"], ["x/1.jpg", "y/1.jpg"]),
        (["/pets/in/1.jpg", "obs://dogs/in/1.jpg"], ["pets/in/1.jpg", "dogs/in/1.jpg"]),
        (["obs://pets/in/1.jpg", "obs://pets/in/1.jpg", "s3://pets/in/1.jpg"], ["1.jpg", "1-2.jpg", "1-3.jpg"]),
        (["obs://pets/1", "obs://pets/1", "obs://pets/.x", "obs://pets/.x"], ["1", "1-2", ".x", ".x-2"]),
        (["https://far.example/a/1%20b.jpg?sig=1", "obs://pets/in/1 b.jpg"], ["1 b.jpg", "1 b-2.jpg"]),
        (["https://far.example/"], ["file"]),
    ],
)
def test_names_keep_what_tells_files_apart(store, sources, names):
    found = list(list_manifest(store, manifest(store, *lines_of(*sources))))
    assert found == list(zip(sources, names, strict=True))


@given(st.lists(st.sampled_from(["a", "b", "x/a", "x/y/a", "x/b.jpg", "b.jpg"]), min_size=1, max_size=12))
def test_no_two_inputs_have_a_result_in_common(keys):
    store = MemoryStore()
    store.make_bucket("pets")
    found = list(list_manifest(store, manifest(store, *lines_of(*(f"obs://pets/{key}" for key in keys)))))
    assert len({name for _, name in found}) == len(found) == len(keys)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no JSON"),
        ('["obs://pets/a"]', "names no file"),
        ('{"source": 7}', "names no file"),
        ('{"source": " "}', "names no file"),
        ('{"source": "obs://pets/in/"}', "names the folder obs://pets/in/"),
        ('{"source": "obs://cats/a.jpg"}', "the bucket 'cats', which is none of this workspace"),
        ('{"source": "obs://../a.jpg"}', "cannot be read"),
        ('{"source": "http://far.example/a.jpg"}', "names an http address"),
    ],
)
def test_a_line_that_names_no_input_is_told_with_its_number(store, line, told):
    found = manifest(store, *lines_of("obs://pets/a"), "", line)
    with pytest.raises(BadInput, match="src_path: line 3 of obs://pets/list") as caught:
        list(read_manifest(store, found))
    assert told in caught.value.message and caught.value.parameters["field"] == "config.src_path"


def test_a_manifest_that_is_not_there_is_told(store):
    with pytest.raises(BadInput, match="there is no manifest obs://pets/gone"):
        list(read_manifest(store, Address("pets", "gone")))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (b"1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
        (b"\xef\xbb\xbf1,2\n\n3,4", [["1", "2"], ["3", "4"]]),
        (b'"a,b","c\nd"\n', [["a,b", "c\nd"]]),
        ("图,1".encode(), [["图", "1"]]),
        (b"1;2\n", [["1;2"]]),
        (b"", []),
    ],
)
def test_rows_are_read_as_spreadsheets_write_them(text, rows):
    assert list(read_rows(io.BytesIO(text))) == rows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"1,2\n\xff\n", "not in UTF-8"),
        (b"x" * 200_000, "no csv"),
    ],
)
def test_what_is_no_table_is_told(text, told):
    with pytest.raises(BadTable, match=told):
        list(read_rows(io.BytesIO(text)))


def number(index):
    return {"type": "number", "index": index}


def of(**properties):
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("rule", "row", "request_"),
    [
        (
            of(data=of(req_data={"type": "array", "items": [of(input_1=number(0), input_2=number(1))]})),
            ["5.1", "3"],
            {"data": {"req_data": [{"input_1": 5.1, "input_2": 3}]}},
        ),
        (of(rows={"type": "array", "items": of(a=number(0))}), ["1"], {"rows": [{"a": 1}]}),
        (of(row={"type": "array", "items": [number(1), number(0)]}), ["1", "2"], {"row": [2, 1]}),
        (of(a=number(0), b=number(-1), c={"type": "number"}, d=number("0"), e=number(True)), ["1"], {"a": 1}),
        (of(a=number(0), b=of(c=number(-1))), ["1"], {"a": 1, "b": {}}),
        (of(a={"type": "string", "index": 0}, b={"type": "integer", "index": 1}), ["07", " 7.0 "], {"a": "07", "b": 7}),
        (of(a={"type": "boolean", "index": 0}), ["True"], {"a": True}),
        (of(a={"type": "boolean", "index": 0}), ["0"], {"a": False}),
        (of(a=number(0), b=number(1)), ["-1e3", "+2"], {"a": -1000.0, "b": 2}),
        (number(0), ["4"], 4),
        ({"properties": {"a": number(0)}}, ["4", "unused"], {"a": 4}),
    ],
)  # fmt: skip
def test_a_row_becomes_the_request_that_the_rule_describes(rule, row, request_):
    assert make_request(rule, row) == request_


@pytest.mark.parametrize(
    ("kind", "cell", "told"),
    [
        ("number", "many", "'many' in the column with index 0 .'a'. is no number"),
        ("number", "", "is no number"),
        ("number", "nan", "is no number"),
        ("number", "1e999", "is no number"),
        ("integer", "1.5", "is no integer"),
        ("boolean", "yes", "is no boolean"),
    ],
)
def test_a_cell_of_another_type_is_told(kind, cell, told):
    with pytest.raises(BadRow, match=told):
        make_request(of(a={"type": kind, "index": 0}), [cell])


def test_a_row_that_is_too_short_is_told():
    with pytest.raises(BadRow, match="it has 1 columns, and 'b' is to be the one with index 3"):
        make_request(of(a=number(0), b=number(3)), ["1"])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_numbers_arrive_as_they_were_written(row):
    rule = of(**{str(place): number(place) for place in range(3)})
    assert list(make_request(rule, [repr(one) for one in row]).values()) == row


def test_a_schema_becomes_a_rule_with_its_columns_in_order():
    schema = of(data=of(req_data={"type": "array", "items": [of(a={"type": "number"}, b={"type": "string"})]}))
    assert make_request(with_indexes(schema), ["1", "x"]) == {"data": {"req_data": [{"a": 1, "b": "x"}]}}
    assert "index" not in json.dumps(schema)


@pytest.mark.parametrize("wrap", [dict, json.dumps, lambda rule: {"Content-type": "application/json", "data": rule}])
def test_a_rule_may_be_text_and_lie_where_config_json_has_it(wrap):
    rule = of(a=number(0), data=number(1))
    assert schema_of(wrap(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{", "no JSON"),
        ([], "no JSON object"),
        ({}, "maps no column"),
        (of(a=number(-1), b={"type": "number"}), "maps no column"),
        ({"type": ["number"], "items": 7, "properties": []}, "maps no column"),
    ],
)
def test_a_rule_that_maps_nothing_is_refused(rule, told):
    with pytest.raises(BadInput, match=told) as caught:
        check_rule(schema_of(rule))
    assert caught.value.parameters["field"] == "config.mapping_rule"
