"""A few steps of training with what a ModelArts image carries, in any PyTorch from 1.0 on."""

import cv2
import h5py
import matplotlib
import numpy
import pandas
import requests
import scipy
import sklearn
import torch
import torchvision  # noqa: F401 – that it can be imported is the point
import tqdm
import yaml
from PIL import Image
from torchvision import datasets, models, transforms

print("carried", [module.__name__ for module in (cv2, h5py, matplotlib, pandas, requests, scipy, sklearn, tqdm, yaml)])
torch.manual_seed(0)
model = models.resnet18(num_classes=4)
optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
criterion = torch.nn.CrossEntropyLoss()
images, labels = torch.randn(4, 3, 64, 64), torch.tensor([0, 1, 2, 3])
losses = []
for _ in range(4):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    losses.append(float(loss))
assert losses[-1] < losses[0], losses

picture = Image.fromarray((numpy.random.rand(70, 60, 3) * 255).astype("uint8"))
steps = transforms.Compose([transforms.Resize(32), transforms.CenterCrop(32), transforms.ToTensor()])
assert tuple(steps(picture).shape) == (3, 32, 32)
data = datasets.FakeData(8, (3, 32, 32), 2, transforms.ToTensor())
assert len(list(torch.utils.data.DataLoader(data, batch_size=4, num_workers=1))) == 2
torch.save(model.state_dict(), "model.pth")
model.load_state_dict(torch.load("model.pth"))
if not torch.__version__.startswith("1.0."):
    from torchvision.ops import nms

    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    assert nms(boxes, torch.tensor([0.5, 0.6, 0.1]), 0.5).tolist() == [1, 2]
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter("events") as writer:
        writer.add_scalar("loss", losses[-1], 1)
print("version", torch.__version__)
