"""A model made with onnx and run with ONNX Runtime."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
model = helper.make_model(
    helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "graph", [x], [y]),
    opset_imports=[helper.make_opsetid("", 13)],
)
model.ir_version = 8
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
assert session.run(None, {"x": np.array([-1, 2], dtype=np.float32)})[0].tolist() == [0, 2]
print("version", onnxruntime.__version__)
