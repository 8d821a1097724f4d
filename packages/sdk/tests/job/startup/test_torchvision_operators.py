"""torchvision beside a torch without CUDA: importable, and its operators right."""

from __future__ import annotations

import subprocess

import pytest

CODE = """
import torch, torchvision
from torchvision import io, models, ops
torch.manual_seed(0)
corners = torch.rand(300, 2) * 100
boxes, scores = torch.cat([corners, corners + 1 + torch.rand(300, 2) * 50], 1), torch.rand(300)

def slow_nms(threshold):
    kept = []
    for best in scores.argsort(descending=True).tolist():
        others = [ops.box_iou(boxes[best : best + 1], boxes[one : one + 1]).item() for one in kept]
        if all(other <= threshold for other in others):
            kept.append(best)
    return kept

for threshold in (0.1, 0.5, 0.9):
    assert ops.nms(boxes, scores, threshold).tolist() == slow_nms(threshold)
assert ops.nms(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []
assert len(ops.batched_nms(boxes, scores, torch.randint(0, 3, (300,)), 0.5)) > 0

image = torch.arange(64.0).reshape(1, 1, 8, 8)
whole = ops.roi_align(image, torch.tensor([[0.0, 0, 0, 8, 8]]), 4, aligned=True)
assert torch.allclose(whole[0, 0], torch.nn.functional.avg_pool2d(image, 2)[0, 0]), whole
assert ops.roi_align(image, torch.zeros(0, 5), 4).shape == (0, 1, 4, 4)

model = models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
losses = model([torch.rand(3, 160, 160)], [{"boxes": torch.tensor([[9.0, 9, 60, 60]]), "labels": torch.tensor([1])}])
sum(losses.values()).backward()

picture = (torch.rand(3, 20, 30) * 255).byte()
io.write_png(picture, "a.png")
assert torch.equal(io.read_image("a.png"), picture)
assert io.read_image("a.png", io.ImageReadMode.GRAY).shape == (1, 20, 30)
io.write_jpeg(picture, "a.jpg")
assert io.decode_jpeg(io.read_file("a.jpg")).shape == (3, 20, 30)
try:
    ops.roi_pool(image, torch.zeros(1, 5), 2)
    print("torchvision has its own operators")
except RuntimeError as error:
    assert "Couldn't load custom C++ ops" in str(error)
    print("mended")
"""


@pytest.mark.engine("pytorch")
def test_what_the_operators_give_is_right(engine_python, run, tmp_path):
    done = subprocess.run(
        [str(engine_python("pytorch")), "-c", CODE],
        env=run.variables, cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("mended", "torchvision has its own operators")
