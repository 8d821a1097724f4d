"""Services for Ascend's own model format, which needs Ascend hardware."""

raise ImportError(
    "HiaiBaseService runs `.om` models on Ascend hardware, which Maquette does not have. "
    "Subclass model_service.model_service.SingleNodeService and load the model's `.ckpt` or `.mindir` with MindSpore."
)
