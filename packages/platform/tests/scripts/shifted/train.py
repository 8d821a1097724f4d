"""After one shift the standard library takes addresses; guards look at the scheme."""
import argparse
import os
import shutil

import moxing as mox

mox.file.shift("os", "mox")

parser = argparse.ArgumentParser()
parser.add_argument("--data_url")
parser.add_argument("--train_url")
args, _ = parser.parse_known_args()

if args.data_url.startswith("s3"):
    assert os.path.exists(args.data_url)
    assert not os.path.exists(args.data_url + "missing/")
    shutil.copytree(args.data_url, "/cache/copy")
with open(os.path.join(args.train_url, "names.txt"), "w") as file:
    for name in sorted(os.listdir("/cache/copy")):
        file.write(name + "\n")
os.makedirs(os.path.join(args.train_url, "events"))
with open(os.path.join(args.train_url, "names.txt")) as file:
    print("read back:", file.read().split())
