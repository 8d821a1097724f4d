"""Predicts a folder of unlabelled images with a package that train.py made.

    predict.py --data_url=/images/ --model_url=/output/model/ --train_url=/predictions/
"""

import argparse
import json
import os

import torch
from PIL import Image

from network import SmallNet, read_image


def main():
    parser = argparse.ArgumentParser()
    for name in ("data_url", "model_url", "train_url"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    with open(os.path.join(arguments.model_url, "classes.json")) as file:
        classes = json.load(file)
    net = SmallNet(len(classes))
    net.load_state_dict(torch.load(os.path.join(arguments.model_url, "digits.pth"), map_location="cpu"))
    net.eval()
    predictions = {}
    with torch.no_grad():
        for name in sorted(os.listdir(arguments.data_url)):
            image = torch.from_numpy(read_image(Image.open(os.path.join(arguments.data_url, name))))
            predictions[name] = classes[net(image[None]).argmax().item()]
    with open(os.path.join(arguments.train_url, "predictions.json"), "w") as file:
        json.dump(predictions, file)
    print("%d images predicted" % len(predictions))


if __name__ == "__main__":
    main()
