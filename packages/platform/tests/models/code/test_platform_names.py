import pytest

from maquette.models.code.modules import Import
from maquette.models.code.platform_names import trouble


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("model_service.tfserving_model_service", ("TfServingBaseService",)),
        ("model_service.pytorch_model_service", ("PTServingBaseService",)),
        ("model_service.python_model_service", ("XgSklServingBaseService",)),
        ("model_service.spark_model_service", ("SparkServingBaseService",)),
        ("model_service.caffe_model_service", ("CaffeBaseService",)),
        ("model_service.model_service", ("SingleNodeService", "ModelService", "load_service", "get_tf_server_stub")),
        ("model_service.tfserving_vision_service", ("TfServingVisionService",)),
        ("model_service.pytorch_vision_service", ("PTServingVisionService",)),
        ("mms.model_service.mxnet_model_service", ("MXNetBaseService",)),
        ("mms.utils.mxnet", ("image", "ndarray")),
        ("mms.log", ("get_logger",)),
        ("metric.metrics_manager", ("MetricsManager",)),
        ("model_service", ("log", "pytorch_model_service")),
        ("model_service.log", ()),
        ("log", ()),
    ],
)
def test_every_name_of_the_contract_is_known(module, names):
    assert trouble(Import(module, 1, names)) is None


@pytest.mark.parametrize(
    ("module", "names", "said", "fix"),
    [
        ("model_service.tfservice_model_service", (), "no module", "model_service.tfserving_model_service"),
        ("model_service.pytorch_model_service", ("PTServiceBaseService",), "has no", "PTServingBaseService"),
        ("mms.model_service.nothing_like_it", (), "no module", "Correct the name"),
    ],
)
def test_a_name_that_is_not_there_comes_with_the_one_that_is_meant(module, names, said, fix):
    told = trouble(Import(module, 1, names))
    assert said in told[0]
    assert fix in told[1]
