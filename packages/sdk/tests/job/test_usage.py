"""Samples of what a run uses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from maquette_sdk.job import processes, usage

FAKE_DRIVER = """
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = (void *)(long)(index + 1); return 0; }
int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) {
    if ((long)device == 2) return 3;  /* not supported */
    rates[0] = 97; rates[1] = 40; return 0;
}
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory) {
    memory[0] = 1000; memory[1] = 400; memory[2] = 600; return 0;
}
"""


def me(**changes: object) -> processes.Entry:
    found = processes.entry(os.getpid())
    assert found is not None
    return found._replace(**changes)


def test_a_sample_is_a_line_with_all_that_is_known(tmp_path: Path) -> None:
    samples = usage.Usage(str(tmp_path / "usage.jsonl"), 1.0)
    samples.sample([me(cpu_ticks=processes.TICKS_PER_SECOND * 2, threads=3)])
    line = json.loads((tmp_path / "usage.jsonl").read_text())
    assert (line["cpu_seconds"], line["processes"], line["threads"]) == (2.0, 1, 3)
    assert line["memory_bytes"] == samples.peak_memory_bytes > 1 << 20
    assert {"time", "cpu_percent", "read_bytes", "write_bytes"} <= line.keys()
    assert "gpus" not in line


def test_processes_that_have_ended_still_count(tmp_path: Path) -> None:
    samples = usage.Usage(str(tmp_path / "usage.jsonl"), 1.0)
    samples.reaped(1.5, 10 << 40)
    samples.sample([])
    assert json.loads((tmp_path / "usage.jsonl").read_text())["cpu_seconds"] == 1.5
    assert samples.peak_memory_bytes == 10 << 40


def test_long_runs_are_sampled_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples, now = usage.Usage(str(tmp_path / "usage.jsonl"), 1.0), 100_000.0
    monkeypatch.setattr(usage.time, "monotonic", lambda: now)
    for life, expected in ((0, 1.0), (300, 1.0), (3600, 12.0), (86_400, 30.0)):
        samples.began = samples.next = now - life
        samples.sample([])
        assert samples.next - now == pytest.approx(expected)


def test_a_process_that_has_gone_is_left_out_of_disk_figures() -> None:
    assert usage.disk_bytes([me(pid=2**22 + 1)]) == {"read_bytes": 0, "write_bytes": 0}


def test_figures_of_gpus_come_from_the_driver(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is needed to build a stand-in for NVIDIA's library")
    (tmp_path / "driver.c").write_text(FAKE_DRIVER)
    library = tmp_path / "libnvidia-ml.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "driver.c")], check=True)
    assert usage.Gpus(str(library)).sample() == [
        {"index": 0, "percent": 97, "memory_bytes": 600, "memory_total_bytes": 1000},
        {"index": 1, "memory_bytes": 600, "memory_total_bytes": 1000},
    ]


def test_without_a_driver_there_are_no_figures_of_gpus() -> None:
    with pytest.raises(OSError):
        usage.Gpus("libthere-is-no-such-library.so")
    assert usage.gpus_of_this_machine(0) is None
