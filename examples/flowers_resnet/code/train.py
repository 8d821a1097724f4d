"""Trains ResNet34 on folders of flowers, evaluates it, and takes data from and results to the bucket."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import moxing as mox
import torch
from deep_moxing.model_analysis.api import analyse
from model import ResNet34, load_weights
from pictures import read_picture, varied, whole
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from torchvision.datasets import ImageFolder

BUCKET = "obs://flowers-resnet"  # yours
DATA_SET = BUCKET + "/data_set"
MODEL = BUCKET + "/model"
EVALUATION = BUCKET + "/out"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def main():
    options = read_options()
    if os.system("pip install tqdm") != 0:
        print("pip failed; what the engine has must do.")
    mox.file.copy_parallel(DATA_SET, options.data_url)
    torch.manual_seed(options.seed)
    data = Path(options.data_url)
    samples = {name: read_set(data / name, whole) for name in ("train", "val")}
    classes = samples["train"].classes
    if samples["val"].classes != classes:
        sys.exit("train/ holds {}, but val/ {}.".format(classes, samples["val"].classes))

    network = make_network(len(classes), data / "resnet34-pre.pth")
    train(network, read_set(data / "train", varied), options)
    package = Path(options.train_url) / "model"
    save_package(network, classes, package)
    accuracies = {name: evaluate(network, samples[name], options, name) for name in samples}
    save_figures(accuracies["val"], Path(options.train_url))
    mox.file.copy_parallel(str(package), MODEL)
    mox.file.copy_parallel(options.eval_url, EVALUATION)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data_url", default="data_set", help="where the data set is copied to")
    parser.add_argument("--train_url", default="result", help="where the model package is written")
    parser.add_argument("--eval_url", default="evaluation", help="where the evaluation is written")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--learning_rate", type=float, default=0.05)
    parser.add_argument("--num_workers", type=int, default=0, help="processes that read pictures")
    parser.add_argument("--seed", type=int, default=0)
    options, _ = parser.parse_known_args()  # the cloud adds arguments of its own
    return options


def read_set(folder, transform):
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: {DATA_SET} must hold train/ and val/, with a folder for each class.")
    return ImageFolder(str(folder), transform, loader=read_picture)


def make_network(classes, pretrained):
    """ResNet34, with the pretrained weights where the data set has them; its last layer is always new."""
    network = ResNet34(classes)
    if pretrained.is_file():
        load_weights(network, pretrained, leave_out=("fc.weight", "fc.bias"))
    print("starts from", pretrained if pretrained.is_file() else "scratch", "on", DEVICE)
    return network.to(DEVICE)


def train(network, samples, options):
    loader = DataLoader(samples, options.batch_size, shuffle=True, num_workers=options.num_workers)
    optimizer = torch.optim.SGD(
        network.parameters(), options.learning_rate, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.learning_rate, epochs=options.epochs, steps_per_epoch=len(loader)
    )
    curves = SummaryWriter(options.train_url)
    network.train()
    for epoch in range(1, options.epochs + 1):
        total = 0.0
        for pictures, labels in progress(loader, f"epoch {epoch}/{options.epochs}"):
            loss = nn.functional.cross_entropy(network(pictures.to(DEVICE)), labels.to(DEVICE))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(labels)
        print(f"epoch {epoch}: loss {total / len(samples):.4f}")
        curves.add_scalar("loss", total / len(samples), epoch)
    curves.close()


def progress(loader, text):
    from tqdm import tqdm  # here, since pip may only just have installed it

    return tqdm(loader, text, file=sys.stdout)


def save_package(network, classes, folder):
    """All that the service needs but `infer/`: weights, names of the classes, and the code that both share."""
    folder.mkdir(parents=True, exist_ok=True)
    # The service's engine may be older than this one, and PyTorch before 1.6 reads only this form.
    torch.save(network.state_dict(), str(folder / "resnet34.pth"), _use_new_zipfile_serialization=False)
    (folder / "class_indices.json").write_text(json.dumps(dict(enumerate(classes)), indent=4))
    for name in ("model.py", "pictures.py"):
        shutil.copy(str(Path(__file__).parent / name), str(folder))


def evaluate(network, samples, options, name):
    """Writes the evaluation of train/ or val/ and gives its accuracy; confidences, labels and names are in the order of
    the samples."""
    loader = DataLoader(samples, options.batch_size, num_workers=options.num_workers)
    network.eval()
    confidences = []
    with torch.no_grad():
        for pictures, _ in progress(loader, "evaluates " + name):
            confidences += torch.softmax(network(pictures.to(DEVICE)), 1).tolist()
    paths, labels = zip(*samples.samples)
    right = sum(max(scores) == scores[label] for scores, label in zip(confidences, labels))
    accuracy = right / len(labels)
    print(f"{name}: {right} of {len(labels)} right, accuracy {accuracy:.4f}")
    analyse(
        task_type="image_classification",
        pred_list=confidences,
        label_list=list(labels),
        name_list=[DATA_SET + "/" + os.path.relpath(path, options.data_url) for path in paths],
        label_map_dict=json.dumps(dict(enumerate(samples.classes))),
        save_path=os.path.join(options.eval_url, name),
    )
    return accuracy


def save_figures(accuracy, folder):
    """What the job's page shows as its figures."""
    figures = {"total_metric": {"total_metric_values": {"accuracy": accuracy}}}
    (folder / "metric.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
