from pathlib import PurePosixPath

import pytest

from maquette.kernel.ports import Cause, Exit
from maquette.training.advice import OF_JOB, advise
from maquette.training.domain import Channel, Dialect, Job

JOB = Job("1", "p", "p", PurePosixPath("t.py"), Dialect.V1, outputs=(Channel("train_url", "s3://b/"),), gpus=1)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("t.py: error: unrecognized arguments: --num_gpus=1", "--without num_gpus"),
        ("FATAL Flags parsing error:\n  Unknown command line flag 'data_url'. Did you mean…", "--without data_url"),
        ("Error: No such option: --train_url", "--without train_url"),
        ("ModuleNotFoundError: No module named 'easydict'", "pip-requirements.txt"),
        ("ModuleNotFoundError: No module named 'obs'", "'esdk-obs-python'"),
        ("ModuleNotFoundError: No module named 'cv2'", "'opencv-python-headless'"),
        ("ModuleNotFoundError: No module named 'mindspore.explainer'", "has no 'mindspore.explainer'"),
        ("AttributeError: module 'numpy' has no attribute 'float'.", "np.float"),
        ("MXNetError: Please compile with DMLC_USE_S3=1 to use S3", "--urls local"),
        ("ValueError: environment variable MASTER_ADDR expected, but not set", "--arguments-2022"),
        ("RuntimeError: Distributed package doesn't have NCCL built in", "gloo"),
        ("RuntimeError: ProcessGroupNCCL is only supported with GPUs, no GPUs found!", "gloo"),
        ("RuntimeError: Tensor list mustn't be larger than the number of available GPUs", "gloo"),
        ("AssertionError: \nFound no NVIDIA driver on your system. Please check that you", "asks for a GPU"),
        ("AssertionError: Torch not compiled with CUDA enabled", "asks for a GPU"),
        (
            "RuntimeError: Attempting to load on a CUDA device but torch.cuda.is_available() is False.",
            "cpu",
        ),
        ("train.py: error: unrecognized arguments: --local-rank=0", "--local_rank"),
        ("UnimplementedError: File system scheme 's3' not implemented (file: 's3://x')", "--urls local"),
        ("PermissionError: [Errno 13] Permission denied: '/cache/data'", "bubblewrap"),
    ],
)
def test_a_known_failure_gets_its_fix(log, words):
    assert any(words in sentence for sentence in advise(JOB, Exit(2, Cause.EXIT), log, isolated=False))


def test_an_argument_of_the_users_own_is_not_blamed_on_modelarts():
    assert advise(JOB, Exit(2, Cause.EXIT), "error: unrecognized arguments: --lrr=1", isolated=True) == []


def test_a_part_that_the_engine_lacks_is_not_called_a_missing_package():
    said = advise(JOB, Exit(1, Cause.EXIT), "ModuleNotFoundError: No module named 'torch.npu.amp'", isolated=True)
    assert len(said) == 1
    assert "written for another version" in said[0]


def test_a_part_that_moxing_lacks_is_sought_in_no_other_engine():
    log = "ModuleNotFoundError: No module named 'moxing.framework.util.multiprocessing'"
    (said,) = advise(JOB, Exit(1, Cause.EXIT), log, isolated=True)
    assert "moxing.framework.util.multiprocessing" in said
    assert "engines list" not in said


def test_a_module_that_no_package_can_bring_gets_no_package_named():
    log = "ModuleNotFoundError: No module named 'acl'\n[Maquette] the Ascend computing language drives Ascend cards.\n"
    assert advise(JOB, Exit(1, Cause.EXIT), log, isolated=True) == []


def test_a_script_that_ended_well_gets_no_advice():
    assert advise(JOB, Exit(0, Cause.EXIT), "ModuleNotFoundError: No module named 'x'", isolated=True) == []


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("t.py: error: unrecognized arguments: --num_gpus=1", "parse_known_args"),
        ("UnimplementedError: File system scheme 's3' not implemented (file: 's3://x')", "maquette jobs submit"),
        ("MXNetError: Please compile with DMLC_USE_S3=1 to use S3", "maquette jobs submit"),
        ("ValueError: environment variable MASTER_ADDR expected, but not set", "the job's environment"),
    ],
)
def test_a_job_is_not_told_options_that_only_the_command_has(log, words):
    (said,) = advise(JOB, Exit(2, Cause.EXIT), log, isolated=False, ways=OF_JOB)
    assert words in said
    assert not any(option in said for option in ("--without", "--urls", "--arguments-2022", "--env", "{"))
