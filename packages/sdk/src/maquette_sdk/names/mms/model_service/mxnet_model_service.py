"""The base classes of MXNet services."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from mms.log import get_logger
from mms.model_service.model_service import SingleNodeService

logger = get_logger(__name__)


def check_input_shape(inputs: Any, signature: Dict[str, Any]) -> None:
    """Raises ValueError where these arrays do not fit the signature; the first dimension and zeros are free."""
    wanted = signature["inputs"]
    if not isinstance(inputs, list) or len(inputs) != len(wanted):
        raise ValueError("The model takes a list of {} arrays; _preprocess gave {}.".format(len(wanted), type(inputs)))
    for index, one in enumerate(wanted):
        given, shape = inputs[index].shape, one["data_shape"]
        free = [place for place, size in enumerate(shape) if place == 0 or size == 0]
        if len(given) != len(shape) or any(given[i] != shape[i] for i in range(len(shape)) if i not in free):
            raise ValueError("Input '{}' is {}; the model takes {}.".format(one["data_name"], given, shape))


class MXNetBaseService(SingleNodeService):
    """A service whose model is the `*-symbol.json` and `*.params` of its package.

    Built with `(model_name, model_dir, manifest, gpu=None)`. `manifest["Model"]` holds `Signature` (`inputs`, each with
    `data_name` and `data_shape`), `Symbol` and `Parameters`. `_preprocess` gets a list with one content for
    each input of the signature, uploads as bytes; `_inference` takes and returns a list of NDArrays.

    Attributes: `ctx`, `signature` (of `_signature`), `mx_model`, `labels` (lines of `synset.txt`, where there is one).
    """

    def __init__(self, model_name: str, model_dir: str, manifest: Any, gpu: Any = None) -> None:
        import mxnet

        super().__init__(model_name, model_dir, manifest, gpu)
        model = manifest["Model"]
        self.ctx = mxnet.gpu(int(gpu)) if gpu is not None else mxnet.cpu()
        self._signature = model["Signature"]
        self.param_filename = model["Parameters"]
        if "symbolic" in str(model.get("Model-Format", "symbolic")).lower():
            self._load(model_dir, model["Symbol"])
        labels = os.path.join(model_dir, "synset.txt")
        if os.path.isfile(labels):
            with open(labels, encoding="utf-8") as file:
                self.labels = [line.strip() for line in file]

    def _load(self, folder: str, symbol_file: str) -> None:
        import mxnet

        prefix = os.path.join(folder, symbol_file[: -len("-symbol.json")])
        epoch = self.param_filename[: -len(".params")].rpartition("-")[2]
        symbol, arguments, auxiliaries = mxnet.model.load_checkpoint(prefix, int(epoch) if epoch.isdigit() else 0)
        self.symbol = symbol
        shapes = []
        for one in self._signature["inputs"]:
            one["data_shape"] = [1] + [size or 1 for size in one["data_shape"][1:]]
            shapes.append((one["data_name"], tuple(one["data_shape"])))
        self.mx_model = mxnet.mod.Module(symbol, [name for name, _shape in shapes], label_names=None, context=self.ctx)
        self.mx_model.bind(for_training=False, data_shapes=shapes)
        self.mx_model.set_params(arguments, auxiliaries, allow_missing=True, allow_extra=True)

    def _preprocess(self, data: List[Any]) -> List[Any]:
        import mxnet

        return [mxnet.nd.array(one) for one in data]

    def _inference(self, data: List[Any]) -> List[Any]:
        from mxnet.io import DataBatch

        check_input_shape(data, self.signature)
        self.mx_model.forward(DataBatch([array.as_in_context(self.ctx) for array in data]), is_train=False)
        return list(self.mx_model.get_outputs())

    def _postprocess(self, data: List[Any]) -> Any:
        return [str(array.asnumpy().tolist()) for array in data]

    def ping(self) -> Any:
        """The version of MXNet."""
        import mxnet

        return mxnet.__version__

    @property
    def signature(self) -> Any:
        """What the model takes and gives."""
        return self._signature


class GluonImperativeBaseService(MXNetBaseService):
    """A service whose network is a Gluon block, `net`, with the package's `.params` loaded into it."""

    def __init__(self, model_name: str, model_dir: str, manifest: Any, net: Any = None, gpu: Any = None) -> None:
        manifest["Model"]["Model-Format"] = "Gluon-Imperative"
        super().__init__(model_name, model_dir, manifest, gpu)
        self.net = net
        if net is not None and self.param_filename:
            net.load_parameters(os.path.join(model_dir, self.param_filename), ctx=self.ctx)

    def _inference(self, data: List[Any]) -> Any:
        check_input_shape(data, self.signature)
        return self.net(*[array.as_in_context(self.ctx) for array in data])
