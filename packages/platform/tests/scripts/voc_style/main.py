"""Strict arguments, moxing with keywords, folders relative to the working directory, a foreign set_auth."""
import argparse
import os

import moxing as mox
from src.steps import train

parser = argparse.ArgumentParser(description="deeplabv3")
parser.add_argument("--distribute", type=str, default="false")
parser.add_argument("--data_url", required=True)
parser.add_argument("--train_url", required=True)
parser.add_argument("--checkpoint_url", default=None)
args = parser.parse_args()

mox.file.set_auth(ak="FAKEACCESSKEY", sk="FAKESECRETKEY", server="obs.example.invalid")
mox.file.copy_parallel(src_url=args.data_url, dst_url="voc2012/")
mox.file.copy_parallel(src_url=args.checkpoint_url, dst_url="checkpoint/")
train("voc2012", "checkpoint", "ckpt")
mox.file.copy_parallel(src_url="ckpt", dst_url=os.path.join(args.train_url, "ckpt"))
