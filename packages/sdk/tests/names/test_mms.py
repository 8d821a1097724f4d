"""The names of MXNet Model Server, as far as they need no MXNet."""

from __future__ import annotations

import importlib
import logging

import pytest

pytestmark = pytest.mark.usefixtures("names")


@pytest.mark.parametrize(
    ("module", "listed"),
    [
        ("mms.log", "get_logger getLogger"),
        ("mms.metrics_manager", "MetricsManager"),
        ("mms.model_service.model_service", "ModelService SingleNodeService load_service"),
        ("mms.model_service.mxnet_model_service", "MXNetBaseService GluonImperativeBaseService check_input_shape"),
        ("mms.model_service.mxnet_vision_service", "MXNetVisionService"),
        ("mms.model_service.gluon_vision_service", "GluonVisionService"),
        ("mms.mxnet_model_service_error", "MMSError"),
        ("mms.utils.model_server_error_codes", "ModelServerErrorCodes"),
        ("mms.utils.mxnet.image", "read write resize transform_shape fixed_crop color_normalize"),
        ("mms.utils.mxnet.ndarray", "top_probability"),
        ("mms.utils.mxnet.nlp", "encode_sentences pad_sentence"),
    ],
)
def test_the_names_are_there(module, listed):
    found = importlib.import_module(module)
    for name in listed.split():
        assert hasattr(found, name)


def test_get_logger_takes_what_services_give_it(tmp_path):
    from mms.log import get_logger

    assert get_logger() is logging.getLogger()
    logger = get_logger("mms_test", filename=str(tmp_path / "log"), level="DEBUG")
    logger.debug("written")
    assert "written" in (tmp_path / "log").read_text()
    for handler in logger.handlers:
        handler.close()
    logger.handlers.clear()


def test_no_figures_are_kept():
    from mms.metrics_manager import MetricsManager

    assert "serve_LatencyInference" not in MetricsManager.metrics


def test_sentences_become_numbers():
    from mms.utils.mxnet.nlp import encode_sentences

    encoded, vocabulary = encode_sentences([["a", "b"], ["b", "c"]], start_label=0, invalid_label=0)
    assert encoded == [[1, 2], [2, 3]]
    assert vocabulary == {"\n": 0, "a": 1, "b": 2, "c": 3}
    assert encode_sentences([["c", "a"]], vocab=vocabulary)[0] == [[3, 1]]
    with pytest.raises(ValueError, match="no word 'x'"):
        encode_sentences([["x"]], vocab=vocabulary)


class Shaped:
    def __init__(self, *shape):
        self.shape = shape


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([Shaped(5, 3, 8)], None),
        ([Shaped(1, 4, 8)], r"Input 'x' is \(1, 4, 8\); the model takes"),
        ([Shaped(3, 8)], "the model takes"),
        ([], "a list of 1 arrays"),
        ((Shaped(5, 3, 8),), "a list of 1 arrays"),
    ],
)
def test_inputs_are_held_against_the_signature(inputs, told):
    from mms.model_service.mxnet_model_service import check_input_shape

    signature = {"inputs": [{"data_name": "x", "data_shape": [1, 3, 0]}]}
    if told is None:
        check_input_shape(inputs, signature)
        return
    with pytest.raises(ValueError, match=told):
        check_input_shape(inputs, signature)
