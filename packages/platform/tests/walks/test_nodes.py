"""`maquette run --nodes 2`: copies of a script that find each other, end as one, and are told apart."""

from pathlib import Path

import pytest

NODES = Path(__file__).parent.parent / "scripts" / "nodes"
FAILING = """
import os, sys, time
if os.environ["VC_TASK_INDEX"] == "1":
    sys.exit(3)
print("waiting", flush=True)
time.sleep(900)
"""


@pytest.mark.parametrize(
    ("script", "engine", "dialect"),
    [
        pytest.param("torch_sum.py", "pytorch", "v2", marks=pytest.mark.engine("pytorch")),
        pytest.param("tensorflow_sum.py", "tensorflow", "v2", marks=pytest.mark.engine("tensorflow")),
        pytest.param(
            "tensorflow_1_sum.py", "TF-1.13.1-python3.6", "v1",
            marks=[pytest.mark.engine("TF-1.13.1-python3.6"), pytest.mark.every_engine],
        ),
        pytest.param(
            "mindspore_sum.py", "mindspore", "v2", marks=[pytest.mark.engine("mindspore"), pytest.mark.every_engine]
        ),
    ],
)  # fmt: skip
def test_two_nodes_add_up_what_each_of_them_has(script, engine, dialect, maquette, test_home, tmp_path):
    done = maquette(
        "run", NODES, "--boot", script, "--engine", engine, "--dialect", dialect, "--nodes", 2, "--home", test_home,
        "--output", tmp_path / "out", check=0,
    )  # fmt: skip
    assert "[worker-0] sum 3.0" in done.stdout
    assert "[worker-1] sum 3.0" in done.stdout


@pytest.mark.engine("sklearn")
def test_when_one_node_fails_the_others_are_stopped_and_its_exit_code_is_that_of_the_command(
    maquette, test_home, tmp_path
):
    code = tmp_path / "code"
    code.mkdir()
    (code / "train.py").write_text(FAILING)
    done = maquette(
        "run", code, "--boot", "train.py", "--engine", "sklearn", "--nodes", 2, "--home", test_home,
        "--output", tmp_path / "out", check=3, timeout=600,
    )  # fmt: skip
    assert "[worker-1] [ModelArts Service Log]Training end with return code: 3" in done.stdout


@pytest.mark.engine("sklearn")
def test_all_nodes_write_to_one_version_folder(maquette, test_home, tmp_path):
    code = tmp_path / "code"
    code.mkdir()
    (code / "train.py").write_text(
        "import argparse, os\np = argparse.ArgumentParser(); p.add_argument('--train_url')\n"
        "open(p.parse_known_args()[0].train_url + os.environ['DLS_TASK_INDEX'], 'w').close()\n"
    )
    for version in ("V0001", "V0002"):
        maquette(
            "run", code, "--boot", "train.py", "--engine", "sklearn", "--nodes", 2, "--dialect", "v1", "--home",
            test_home, "--output", tmp_path / "out", check=0,
        )  # fmt: skip
        assert {path.name for path in (tmp_path / "out" / version).iterdir()} == {"0", "1"}
