"""Knows exactly three arguments; anything else is fatal."""
import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--data_url", type=str, default="cache/data")
parser.add_argument("--train_url", type=str, default="cache/output")
parser.add_argument("--epochs", type=int, default=1)
ARGS = parser.parse_args()

with open(os.path.join(ARGS.train_url, "seen.txt"), "w") as file:
    file.write("\n".join(sorted(os.listdir(ARGS.data_url))))
