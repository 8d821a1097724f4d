"""Scripts of the seeds' manner on real engines."""

import tarfile
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"


@pytest.fixture
def train(maquette, tmp_path, test_home):
    def call(name, boot, engine, *options, parameters=(), **keywords):
        return maquette(
            "run", SCRIPTS / name, "--boot", boot, "--engine", engine, "--home", test_home,
            "--output", tmp_path / "out", *options, "--", *parameters, **keywords,
        )  # fmt: skip

    return call


@pytest.fixture
def pets(tmp_path):
    """A tar.gz of separable samples named after their class."""
    chance = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for number in range(16):
        for name, middle in (("cat", -1), ("dog", 1)):
            np.save(tmp_path / "images" / f"{name}.{number}.npy", chance.normal(middle, 0.3, 8))
    (tmp_path / "pets").mkdir()
    with tarfile.open(tmp_path / "pets" / "dog_and_cat.tar.gz", "w:gz") as file:
        file.add(tmp_path / "images", "images")
    return tmp_path / "pets"


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("TF-1.13.1-python3.6", marks=[pytest.mark.engine("TF-1.13.1-python3.6")]),
        pytest.param("tensorflow_1.15", marks=[pytest.mark.engine("tensorflow_1.15"), pytest.mark.every_engine]),
    ],
)
def test_tensorflow_1_flags_tar_events_and_a_named_signature(engine, train, pets, tmp_path):
    done = train(
        "dogs_cats_style", "dog_and_cat_train.py", engine, "--dialect=v1", "--data", pets,
        parameters=["--max_epochs=5"], check=0,
    )  # fmt: skip
    output = tmp_path / "out" / "V0001"
    assert "accuracy 1.0" in done.stderr
    assert (output / "model" / "saved_model.pb").exists()
    assert (output / "model" / "variables" / "variables.index").exists()
    assert b"segmentation" in (output / "model" / "saved_model.pb").read_bytes()
    assert list(output.glob("events.out.tfevents.*"))


@pytest.mark.engine("tensorflow")
@pytest.mark.parametrize(("options", "folder"), [((), ""), (("--dialect=v1",), "V0001")])
def test_a_saved_model_straight_to_train_url(options, folder, train, tmp_path):
    (tmp_path / "data").mkdir()
    train("saved_model_style", "saved_model.py", "tensorflow", *options, "--data", tmp_path / "data", check=0)
    assert (tmp_path / "out" / folder / "model" / "saved_model.pb").exists()
    assert (tmp_path / "out" / folder / "model" / "variables" / "variables.index").exists()


@pytest.mark.engine("TF-2.1.0-python3.6")
@pytest.mark.every_engine
def test_tensorflows_own_s3_writes_a_saved_model_to_an_address(train, tmp_path):
    (tmp_path / "data").mkdir()
    done = train(
        "saved_model_style", "saved_model.py", "TF-2.1.0-python3.6", "--dialect=v1", "--urls=s3",
        "--data", tmp_path / "data", check=0,
    )  # fmt: skip
    assert "wrote to s3://" in done.stdout
    assert (tmp_path / "out" / "V0001" / "model" / "saved_model.pb").stat().st_size > 1000


@pytest.mark.engine("sklearn")
def test_names_of_old_scikit_learn_are_found_in_training(maquette, tmp_path, test_home):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "train.py").write_text("""
from sklearn.externals import joblib
from sklearn.svm import SVC
import sys
url = [a for a in sys.argv if a.startswith("--train_url=")][0].split("=", 1)[1]
joblib.dump(SVC().fit([[0.0], [1.0]], [0, 1]), url + "svc.m")
""")
    maquette(
        "run", tmp_path / "job", "--boot", "train.py", "--engine", "sklearn", "--home", test_home,
        "--output", tmp_path / "out", check=0,
    )  # fmt: skip
    assert (tmp_path / "out" / "svc.m").stat().st_size > 100


@pytest.mark.engine("pytorch")
def test_a_checkpoint_with_more_than_weights_loads_as_before_pytorch_2_6(maquette, tmp_path, test_home):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "train.py").write_text("""
import argparse, torch, torchvision
torch.save({"epoch": 3, "args": argparse.Namespace(lr=0.1)}, "/cache/checkpoint.pth")
print("epoch", torch.load("/cache/checkpoint.pth")["epoch"])
""")
    done = maquette(
        "run", tmp_path / "job", "--boot", "train.py", "--engine", "pytorch", "--home", test_home,
        "--output", tmp_path / "out", check=0,
    )  # fmt: skip
    assert "epoch 3" in done.stdout


@pytest.mark.engine("pytorch")
def test_a_checkpoint_is_saved_at_an_address_and_nccl_gives_way_without_a_gpu(maquette, tmp_path, test_home):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "train.py").write_text("""
import argparse, os
import moxing as mox
mox.file.shift("os", "mox")
import torch, torch.distributed
parser = argparse.ArgumentParser()
parser.add_argument("--train_url")
parser.add_argument("--init_method")
args, _ = parser.parse_known_args()
torch.save({"epoch": 3}, os.path.join(args.train_url, "checkpoint.pth"))
print("epoch", torch.load(os.path.join(args.train_url, "checkpoint.pth"))["epoch"])
torch.distributed.init_process_group("nccl", init_method=args.init_method, rank=0, world_size=1)
total = torch.ones(2)
torch.distributed.all_reduce(total)
print("backend", torch.distributed.get_backend(), total.tolist())
""")
    done = maquette(
        "run", tmp_path / "job", "--boot", "train.py", "--engine", "pytorch", "--home", test_home, "--dialect=v1",
        "--arguments-2022", "--output", tmp_path / "out", check=0,
    )  # fmt: skip
    assert "epoch 3" in done.stdout
    assert "gloo instead of nccl" in done.stdout
    assert "backend gloo [1.0, 1.0]" in done.stdout
    assert (tmp_path / "out" / "V0001" / "checkpoint.pth").stat().st_size > 100
