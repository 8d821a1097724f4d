"""Adds up the ranks of all nodes, as scripts for PyTorch on several nodes begin."""

import argparse
import os

import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
for name in ("--data_url", "--train_url", "--init_method"):
    parser.add_argument(name)
parser.add_argument("--rank", type=int)
parser.add_argument("--world_size", type=int)
args = parser.parse_args()
dist.init_process_group("gloo", init_method=args.init_method, rank=args.rank, world_size=args.world_size)
total = torch.tensor([float(args.rank + 1)])
dist.all_reduce(total)
print("sum", total.item(), "on", os.environ["MA_CURRENT_IP"], flush=True)
dist.destroy_process_group()
