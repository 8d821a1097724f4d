from pathlib import PurePosixPath

import pytest

from maquette.kernel.ports import Cause, Exit
from maquette.training.advice import advise
from maquette.training.domain import Channel, Dialect, Job

JOB = Job("1", "p", "p", PurePosixPath("t.py"), Dialect.V1, outputs=(Channel("train_url", "s3://b/"),), gpus=1)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("t.py: error: unrecognized arguments: --num_gpus=1", "--without num_gpus"),
        ("FATAL Flags parsing error:\n  Unknown command line flag 'data_url'. Did you mean…", "--without data_url"),
        ("Error: No such option: --train_url", "--without train_url"),
        ("ModuleNotFoundError: No module named 'cv2.foo'", "pip-requirements.txt"),
        ("UnimplementedError: File system scheme 's3' not implemented (file: 's3://x')", "--urls local"),
        ("PermissionError: [Errno 13] Permission denied: '/cache/data'", "bubblewrap"),
    ],
)
def test_a_known_failure_gets_its_fix(log, words):
    assert any(words in sentence for sentence in advise(JOB, Exit(2, Cause.EXIT), log, isolated=False))


def test_an_argument_of_the_users_own_is_not_blamed_on_modelarts():
    assert advise(JOB, Exit(2, Cause.EXIT), "error: unrecognized arguments: --lrr=1", isolated=True) == []


def test_a_script_that_ended_well_gets_no_advice():
    assert advise(JOB, Exit(0, Cause.EXIT), "ModuleNotFoundError: No module named 'x'", isolated=True) == []
