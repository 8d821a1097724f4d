"""Modules that cannot exist here, and what to do about it."""

from __future__ import annotations

import sys

ASCEND = "drives Ascend cards, which are not here. Use the framework's own device 'cpu' or 'cuda'"
TOGETHER = "is not part of the engines. Processes work together by torch.distributed, tf.distribute or MindSpore's own"
REASONS = {
    "acl": "the Ascend computing language " + ASCEND,
    "apex": "NVIDIA's apex is built against CUDA; pip's package of that name is another one. Use torch.cuda.amp",
    "caffe": "Caffe's own library cannot be installed here. Use cv2.dnn.readNetFromCaffe, or convert the model to ONNX",
    "hccl": "Ascend's collective library " + ASCEND,
    "horovod": "Horovod " + TOGETHER,
    "kungfu": "KungFu " + TOGETHER,
    "mindspore_lite": "MindSpore Lite is not offered. Use mindspore, or export the model to ONNX and use onnxruntime",
    "mindx": "MindX " + ASCEND,
    "npu_bridge": "npu_bridge " + ASCEND,
    "npu_device": "npu_device " + ASCEND,
    "te": "Ascend's tensor engine " + ASCEND,
    "torch_npu": "torch_npu " + ASCEND,
}


def explain(name: str | None) -> None:
    """One line on standard error when the missing module is one of these."""
    reason = REASONS.get((name or "").split(".")[0])
    if reason:
        sys.stderr.write("[Maquette] {}.\n".format(reason))
