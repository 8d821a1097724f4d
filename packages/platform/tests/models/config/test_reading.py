import json

import pytest

from maquette.models.config.reading import LARGEST, read_config
from maquette.models.domain import FORM, JSON, Api, Health, Requirement


def config(**members):
    whole = {"model_type": "PyTorch", "model_algorithm": "image_classification", "runtime": "python3.6", **members}
    return read_config(json.dumps(whole, ensure_ascii=False).encode())


def request(**body):
    return [{"url": "/", "method": "POST", "request": body}]


def codes(reading):
    return [finding.code for finding in reading.findings]


def test_a_plain_configuration_is_read_whole():
    reading = config(
        apis=[
            {
                "protocol": "https",
                "url": "/",
                "method": "POST",
                "request": {
                    "Content-type": FORM,
                    "data": {"type": "object", "properties": {"image": {"type": "file"}, "size": {"type": "integer"}}},
                },
                "response": {"Content-type": JSON, "data": {"type": "object"}},
            }
        ],
        metrics={"f1": 0.5, "recall": 0.0},
        dependencies=[
            {
                "installer": "pip",
                "packages": [
                    {"package_name": "Pillow", "package_version": "5.2.0", "restraint": "ATLEAST"},
                    {"package_name": "h5py", "package_version": "", "restraint": ""},
                ],
            },
            {
                "installer": "pip",
                "packages": [{"package_name": "numpy", "package_version": "1.17.0", "restraint": "EXACT"}],
            },
        ],
    )
    assert reading.findings == ()
    assert reading.config.api.request.fields == {"image": "file", "size": "integer"}
    assert reading.config.api.method == "post"
    assert [entry.requirements for entry in reading.config.dependencies] == [
        (Requirement("Pillow", "5.2.0", "ATLEAST"), Requirement("h5py")),
        (Requirement("numpy", "1.17.0", "EXACT"),),
    ]
    assert [found.line for found in reading.config.requirements] == ["Pillow>=5.2.0", "h5py", "numpy==1.17.0"]
    assert reading.config.metrics == {"f1": 0.5, "recall": 0.0}


def test_sloppy_spellings_are_read_as_they_are_meant():
    reading = config(
        apis=[
            {
                "procotol": "http",
                "request": {
                    "Content-Type": "multipart/form_data",
                    "data": {"type": "object", "roperties": {"images": {"type": "File"}}},
                },
                "response": {
                    "Content-type": "applicaton/json",
                    "data": {"type": "object", "properties": {"out": {"type": "list", "item": [{"type": "float"}]}}},
                },
            }
        ]
    )
    api = reading.config.api
    assert api.protocol == "http"
    assert (api.request.content_type, api.response.content_type) == (FORM, JSON)
    assert api.request.fields == {"images": "file"}
    assert api.response.schema["properties"]["out"] == {"type": "array", "items": [{"type": "number"}]}
    assert not reading.broken
    assert all(finding.level != "error" for finding in reading.findings)


def test_what_is_certain_is_mended_and_nothing_else_changes():
    written = """{
  "model_type": "pytorch",  // the engine
  "model_algorithm": "image_classification",
  "runtime": "python3.6",
  "apis": [{
    "procotol": "http", "url": "/", "method": "post",
    "request": {"Content-Type": "multipart/form-data",
                "data": {"type": "object", "roperties": {"item": {"type": "file"}},}},
    "response": {"Content-type": "applicaton/json", "data": {"type": "array", "item": {"type": "float"}}}
  }],
}
"""
    reading = read_config(b"\xef\xbb\xbf" + written.encode())
    mended = """{
  "model_type": "PyTorch",
  "model_algorithm": "image_classification",
  "runtime": "python3.6",
  "apis": [{
    "protocol": "http", "url": "/", "method": "post",
    "request": {"Content-type": "multipart/form-data",
                "data": {"type": "object", "properties": {"item": {"type": "file"}}}},
    "response": {"Content-type": "application/json", "data": {"type": "array", "items": {"type": "float"}}}
  }]
}
"""
    assert reading.mended == mended
    assert [finding.code for finding in read_config(mended.encode()).findings] == ["schema-type"]
    assert {repair.finding.code for repair in reading.repairs} == {
        "json-bom", "json-comment", "json-trailing-comma", "model-type-spelling", "common-misspelling",
        "misspelt-field", "response-content-type",
    }  # fmt: skip


def test_names_that_users_give_their_fields_are_never_called_misspelt():
    properties = {name: {"type": "string"} for name in ("item", "procotol", "typ", "require", "Content-Type")}
    assert codes(config(apis=request(**{"data": {"type": "object", "properties": properties}}))) == []


def test_a_response_inside_the_request_is_read_as_beside_it():
    inner = {"Content-type": FORM, "data": {"type": "object"}, "response": {"data": {"type": "string"}}}
    reading = config(apis=request(**inner))
    assert reading.config.api.response.schema == {"type": "string"}
    assert codes(reading) == ["misplaced-field"]


def test_the_rest_apis_own_dialect_is_read_too():
    new = config(apis=[{"url": "/", "input_params": {"type": "object", "properties": {"images": {"type": "file"}}}}])
    old = config(apis=[{"url": "/", "input_params": [{"param_name": "images", "param_type": "file"}]}])
    for reading in (new, old):
        assert reading.config.api.request.fields == {"images": "file"}
        assert reading.config.api.request.content_type == FORM


def test_a_schema_may_stand_in_the_request_itself():
    reading = config(apis=request(type="object", properties={"a": {"type": "string"}}))
    assert reading.config.api.request.fields == {"a": "string"}
    assert codes(reading) == []


@pytest.mark.parametrize("members", [{}, {"apis": []}, {"apis": None}])
def test_without_apis_a_post_to_the_root_is_what_is_meant(members):
    assert config(**members).config.api == Api()


@pytest.mark.parametrize(
    ("written", "model_type"),
    [("tensorflow", "TensorFlow"), ("Tensorflow", "TensorFlow"), ("sklearn", "Scikit_Learn"), ("PyTroch", "PyTorch")],
)
def test_a_model_type_is_read_however_it_is_spelt(written, model_type):
    reading = config(model_type=written)
    assert reading.config.model_type == model_type
    assert "model-type-spelling" in codes(reading)


@pytest.mark.parametrize("written", ["", None, 3, ["PyTorch"], "Template", "ONNX"])
def test_a_model_type_that_means_nothing_is_an_error_that_lists_all(written):
    errors = [finding for finding in config(model_type=written).findings if finding.level == "error"]
    assert len(errors) == 1
    assert "TensorFlow, PyTorch, MindSpore" in errors[0].fix


@pytest.mark.parametrize("content", [b"", b"[]", b"3", b'"PyTorch"', b"{", b"\x00\xff\xfe", b"PyTorch"])
def test_a_file_that_is_no_configuration_is_an_error_and_no_crash(content):
    reading = read_config(content)
    assert any(finding.level == "error" for finding in reading.findings)


def test_a_file_as_large_as_weights_is_not_parsed():
    reading = read_config(b" " * (LARGEST + 1))
    assert codes(reading) == ["json-syntax"]


def test_after_a_torn_structure_fields_are_not_judged():
    reading = read_config(b'{"model_type": "PyTorch", "apis": [{"url": "/"}, "colour": "red"')
    assert {code for code in codes(reading) if not code.startswith("json-")} == set()
    assert reading.broken


def test_many_departures_are_summed_up():
    reading = read_config(("{" + "// a comment\n" * 60 + '"model_type": "PyTorch"}').encode())
    comments = [finding for finding in reading.findings if finding.code == "json-comment"]
    assert len(comments) == 26
    assert "35 more" in comments[-1].message
    assert json.loads(reading.mended) == {"model_type": "PyTorch"}


def test_durations_of_a_health_check_are_texts_or_numbers():
    reading = config(model_type="Image", health={"url": "/h", "initial_delay_seconds": "30", "timeout_seconds": 3})
    assert reading.config.health == Health("/h", "http", 30.0, 3.0)


@pytest.mark.parametrize("wrong", [3, "text", None, [], {"a": []}, True, [[]], {"": None}])
@pytest.mark.parametrize("name", ["model_algorithm", "runtime", "apis", "dependencies", "metrics", "health"])
def test_a_field_of_the_wrong_kind_is_told_and_never_a_crash(name, wrong):
    reading = config(**{name: wrong})
    assert all(finding.message and finding.level != "error" for finding in reading.findings)


@pytest.mark.parametrize(
    ("written", "url", "told"),
    [
        ("/", "/", ""),
        (None, "/", ""),
        ("", "/", ""),
        ("/predict", "/predict", "as well as here"),
        ("predict", "/predict", "as well as here"),
        ("/health", "/health", "whether the service is ready"),
    ],
)
def test_an_address_of_its_own_is_told_since_modelarts_has_one_alone(written, url, told):
    reading = config(apis=[{"url": written, "request": {"data": {"type": "object"}}}])
    assert reading.config.api.url == url
    said = [finding.message for finding in reading.findings if finding.code == "api-url"]
    assert len(said) == bool(told)
    assert all(told in message for message in said)


@pytest.mark.parametrize(("written", "told"), [("http", False), ("HTTPS", False), (None, False), ("ftp", True)])
def test_a_protocol_that_no_api_has_is_told(written, told):
    assert ("api-protocol" in codes(config(apis=[{"url": "/", "protocol": written}]))) == told


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("images", "apis[0].request.data"),
        ({"type": "object", "properties": [{"images": {"type": "file"}}]}, "apis[0].request.data.properties"),
        ({"type": "object", "properties": {"images": "file"}}, "apis[0].request.data.images"),
    ],
)
def test_a_request_whose_fields_cannot_be_read_is_told_where(data, field):
    reading = config(apis=[{"url": "/", "request": {"Content-type": "multipart/form-data", "data": data}}])
    assert ("field-type", field) in [(finding.code, finding.field) for finding in reading.findings]
