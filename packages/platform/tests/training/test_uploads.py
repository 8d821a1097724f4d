"""What was uploaded for jobs goes when nothing refers to it, and nothing else goes."""

import json
import time

import pytest

from maquette.training import jobs, uploads
from maquette.training.specification import Place, Specification

DAY = 86400.0


@pytest.fixture
def bucket(project):
    """The workspace's own bucket with what three jobs have uploaded, and what lies beside."""
    name = f"jobs-{project.who.workspace_id[:8]}"
    for job in ("first", "second", "third"):
        project.put(name, **{f"{job}/code/p/train.py": "x" * 7, f"{job}/data_url/a": "12", f"{job}/output/m.pth": "1"})
    project.put(name, **{"first/code/p/more.py": "y", "code": "1", "readme.txt": "1", "fourth/codes/a": "1"})
    project.put(name, **{"model-0102-030405/code/a/b.py": "1"})
    return name


def later():
    """Objects have the time of the disk."""
    return time.time() + DAY


def submit(project, code, data=(), **more):
    inputs = tuple(Place(name=f"d{number}", address=address) for number, address in enumerate(data))
    outputs = (Place(name="train_url", address="obs://bkt/out/"),)
    specification = Specification(
        code=code, boot_file="train.py", engine="sklearn", flavour="modelarts.vm.cpu.1u", inputs=inputs,
        outputs=outputs, **more,
    )  # fmt: skip
    return jobs.create_job(project.ctx, project.who, f"job-{time.monotonic_ns()}", "", specification)


def addresses(found):
    return [upload.address.split("/", 3)[3] for upload in found]


ALL = [f"{job}/{part}/" for job in ("first", "second", "third") for part in ("code", "data_url")]


def test_uploads_without_a_job_are_told_with_their_size_and_removed_alone(project, bucket):
    found = uploads.unused(project.ctx, later())
    assert addresses(found) == ALL
    assert (found[0].address, found[0].bytes) == (f"obs://{bucket}/first/code/", 8)
    uploads.remove(project.ctx, found)
    left = {info.key for info in project.ctx.store.list(bucket).objects}
    assert left == {f"{job}/output/m.pth" for job in ("first", "second", "third")} | {
        "code", "fourth/codes/a", "model-0102-030405/code/a/b.py", "readme.txt"
    }  # fmt: skip
    assert uploads.unused(project.ctx, later()) == []


def test_what_a_job_refers_to_stays_until_the_job_goes(project, bucket):
    job = submit(project, f"obs://{bucket}/first/code/p/", [f"s3://{bucket}/second/data_url/a"])
    submit(project, f"obs://{bucket}/third")
    assert addresses(uploads.unused(project.ctx, later())) == ["first/data_url/", "second/code/"]
    version = jobs.latest_version(project.ctx, job)
    jobs.stop_version(project.ctx, version)
    jobs.remove_job(project.ctx, job)
    assert addresses(uploads.unused(project.ctx, later())) == ALL[:4]


def test_an_algorithm_and_a_whole_bucket_count_too(project, bucket, algorithm_body):
    code = f"/{bucket}/second/code/p/"
    project.good("POST", "algorithms", algorithm_body(code_dir=code, boot_file=f"{code}train.py"))
    assert addresses(uploads.unused(project.ctx, later())) == [one for one in ALL if one != "second/code/"]
    submit(project, "obs://bkt/code/", [f"obs://{bucket}/"])
    assert uploads.unused(project.ctx, later()) == []


def test_what_is_young_stays_for_its_job_may_be_on_its_way(project, bucket):
    assert uploads.unused(project.ctx, time.time() - DAY) == []


def test_a_job_that_comes_while_uploads_are_removed_keeps_its_own(project, bucket):
    found = uploads.unused(project.ctx, later())
    submit(project, f"obs://{bucket}/second/code/p/")
    uploads.remove(project.ctx, found)
    assert project.read(bucket, "second/code/p/train.py") == "x" * 7
    assert addresses(uploads.unused(project.ctx, later())) == []


def test_a_bucket_that_is_only_called_so_is_left_alone(project):
    project.put("jobs-0123abcd", **{"first/code/train.py": "x"})
    project.put("jobs-mine", **{"first/code/train.py": "x"})
    assert uploads.unused(project.ctx, later()) == []


def test_the_command_tells_first_and_removes_then(project, bucket, maquette, database_url):
    place = {"MAQUETTE_HOME": str(project.ctx.settings.home.path), "MAQUETTE_DATABASE": database_url}

    def told(*more):
        return maquette("storage", *more, env=place)

    assert "0 uploads" in told("prune-uploads").stdout
    dry = told("prune-uploads", "--days", "0", "--dry-run").stdout
    assert f"obs://{bucket}/first/code/" in dry
    assert "would free: 6 uploads" in dry
    assert project.read(bucket, "first/code/p/train.py") == "x" * 7
    assert "maquette storage prune-uploads" in told().stdout
    answer = json.loads(told("prune-uploads", "--days", "0", "--json").stdout)
    assert (answer["removed"], len(answer["uploads"])) == (True, 6)
    assert "freed: 0 uploads" in told("prune-uploads", "--days", "0").stdout
    assert told("prune-uploads", "--days", "-1").returncode == 2


def test_a_home_without_rows_has_no_uploads(maquette):
    assert "0 uploads" in maquette("storage", "prune-uploads", "--days", "0", check=0).stdout
