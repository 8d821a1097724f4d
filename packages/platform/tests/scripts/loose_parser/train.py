"""Takes what it knows and leaves the rest, as most public scripts do."""
import argparse
import json
import os
import sys

import log
import moxing as mox

parser = argparse.ArgumentParser()
parser.add_argument("--data_url", required=True)
parser.add_argument("--train_url", required=True)
parser.add_argument("--lr", type=float, default=0.1)
args, unknown = parser.parse_known_args()

logger = log.getLogger(__name__)
logger.info("unknown %s", unknown)
assert args.data_url.startswith("s3://") and args.data_url.endswith("/"), args.data_url
assert args.train_url.startswith("s3://") and args.train_url.endswith("/"), args.train_url
if not os.path.exists("/cache/data"):
    os.makedirs("/cache/data")
mox.file.copy_parallel(args.data_url, "/cache/data")
mox.file.write(
    os.path.join(args.train_url, "report.json"),
    json.dumps({
        "cwd": os.getcwd(),
        "argv": sys.argv,
        "path0": sys.path[0],
        "data": sorted(os.listdir("/cache/data")),
        "lr": args.lr,
    }),
)
mox.file.write(args.train_url + "metric.json", '{"total_metric": {"total_metric_values": {"accuracy": 0.82}}}')
