"""Which file of a lost run's outputs is named as its newest checkpoint."""

from __future__ import annotations

import os

import pytest

from maquette import wiring
from maquette.buckets.domain import read_address
from maquette.training.checkpoints import newest_below

FOLDERS = [read_address("obs://bkt/out/"), read_address("obs://bkt/eval/"), read_address("obs://gone/out/")]


@pytest.mark.parametrize(
    ("keys", "newest"),
    [
        ([], None),
        (["out/log.txt", "out/metric.json"], None),
        (["out/epoch-1.pth", "out/epoch-2.pth", "out/log.txt"], "obs://bkt/out/epoch-2.pth"),
        (["out/epoch-2.pth", "eval/best.pt"], "obs://bkt/eval/best.pt"),
        (["out/model.ckpt-9.data-00000-of-00001", "out/model.ckpt-9.index", "out/checkpoint"],
         "obs://bkt/out/model.ckpt-9"),
        (["out/deep/er/猫.h5", "elsewhere/late.h5"], "obs://bkt/out/deep/er/猫.h5"),
    ],
)  # fmt: skip
def test_the_newest_file_that_looks_like_one(tmp_path, keys, newest):
    store = wiring.store(tmp_path)
    store.make_bucket("bkt")
    for number, key in enumerate(keys):
        store.put("bkt", key, [b"x"])
        os.utime(tmp_path / "bkt" / key, (1000 + number, 1000 + number))
    assert newest_below(store, FOLDERS) == newest
