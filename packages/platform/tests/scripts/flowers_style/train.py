"""Three addresses, hard-coded buckets through moxing, pip inside the script, results in two outputs."""
import argparse
import os
import sys

import moxing as mox

if os.system("pip install maquette-test-wheel") != 0:
    sys.exit("pip failed")
import maquette_test_wheel

parser = argparse.ArgumentParser()
parser.add_argument("--data_url", default="./data")
parser.add_argument("--train_url", default="./train")
parser.add_argument("--eval_url", default="./eval")
args, _ = parser.parse_known_args()

mox.file.copy_parallel("obs://flowers-bucket/data_set", args.data_url)
counts = {name: len(os.listdir(os.path.join(args.data_url, name))) for name in sorted(os.listdir(args.data_url))}
with open(os.path.join(args.train_url, "counts.txt"), "w") as file:
    file.write("%s %s" % (counts, maquette_test_wheel.WORD))
os.makedirs(os.path.join(args.eval_url, "analysis"))
with open(os.path.join(args.eval_url, "analysis", "all_samples.json"), "w") as file:
    file.write("[]")
mox.file.copy_parallel(args.train_url, "obs://flowers-bucket/out")
