"""Scripts as ModelArts users write them, run unchanged through the command, with real data where they look for it."""

import ast
import json
import sys
import tarfile
import textwrap
import zipfile
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"


@pytest.fixture
def data(tmp_path):
    """Two small classes of files."""
    folder = tmp_path / "flowers"
    for name in ("daisy", "roses"):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            (folder / name / f"{number}.jpg").write_bytes(bytes([number]))
    return folder


@pytest.fixture
def start(maquette, tmp_path):
    """Runs a boot file on this interpreter, which has no framework; the output is in `out`."""

    def call(code, boot, *options, output=None, python=sys.executable, parameters=(), **keywords):
        return maquette(
            "run", code, "--boot", boot, "--python", python, "--output", output or tmp_path / "out",
            *options, "--", *parameters, **keywords,
        )  # fmt: skip

    return call


@pytest.fixture
def train(start):
    """Runs a script of `scripts/`."""

    def call(name, *options, boot="train.py", **keywords):
        return start(SCRIPTS / name, boot, *options, **keywords)

    return call


@pytest.fixture
def probe(start, tmp_path):
    """Runs a few lines as a job; `files` lie beside them."""

    def call(text, *options, files=None, **keywords):
        code = tmp_path / "probe"
        code.mkdir(exist_ok=True)
        for name, content in {"boot.py": text, **(files or {})}.items():
            (code / name).write_text(textwrap.dedent(content))
        return start(code, "boot.py", *options, **keywords)

    return call


def test_a_strict_parser_reads_a_copy_and_leaves_its_output(train, data, tmp_path):
    train("strict_parser", "--data", data, parameters=["--epochs=3"], check=0)
    assert (tmp_path / "out" / "seen.txt").read_text() == "daisy\nroses"


def test_an_argument_that_modelarts_adds_and_the_script_refuses_is_named_with_the_option_that_removes_it(train, data):
    done = train("strict_parser", "--data", data, "--gpus=0", "--arguments-2022")
    assert done.returncode == 2
    assert "--without num_gpus" in done.stderr
    assert train(
        "strict_parser", "--data", data, "--arguments-2022", "--without=num_gpus", "--without=init_method"
    ).returncode == 0  # fmt: skip


def test_a_v1_script_gets_s3_addresses_versions_and_its_accuracy_shown(train, data, tmp_path):
    done = train("loose_parser", "--dialect=v1", "--data", data, parameters=["--lr=0.5", "--extra=1"], check=0)
    assert "accuracy 0.82" in done.stderr
    report = json.loads((tmp_path / "out" / "V0001" / "report.json").read_text())
    assert report["data"] == ["daisy", "roses"]
    assert report["lr"] == 0.5
    assert report["argv"][0] == "loose_parser/train.py"
    assert report["argv"][3:] == ["--lr=0.5", "--extra=1"]
    train("loose_parser", "--dialect=v1", "--data", data, check=0)
    assert (tmp_path / "out" / "V0002" / "report.json").exists()


def test_a_v1_script_reads_and_writes_buckets_of_the_home(train, data, home, maquette):
    maquette("mb", "obs://pets", check=0)
    maquette("cp", "-r", data, "obs://pets/flowers", check=0)
    train("loose_parser", "--dialect=v1", "--data", "obs://pets/flowers", output="obs://pets/out", check=0)
    report = json.loads((home / "buckets" / "pets" / "out" / "V0001" / "report.json").read_text())
    assert report["argv"][1:] == ["--data_url=s3://pets/flowers/", "--train_url=s3://pets/out/V0001/"]


def test_a_v2_job_copies_from_and_to_buckets_of_the_home(train, data, home, maquette):
    maquette("mb", "obs://pets", check=0)
    maquette("cp", "-r", data, "obs://pets/flowers", check=0)
    train("strict_parser", "--data", "obs://pets/flowers/", output="obs://pets/out", check=0)
    assert (home / "buckets" / "pets" / "out" / "seen.txt").read_text() == "daisy\nroses"


def test_relative_folders_and_a_foreign_set_auth_work_as_in_a_notebook(train, tmp_path, maquette, home):
    (tmp_path / "voc" / "JPEGImages").mkdir(parents=True)
    (tmp_path / "voc" / "JPEGImages" / "1.jpg").touch()
    (tmp_path / "start.ckpt").write_text("weights")
    maquette("mb", "obs://share", check=0)
    maquette("cp", tmp_path / "start.ckpt", "obs://share/checkpoint/start.ckpt", check=0)
    train(
        "voc_style", "--dialect=v1", "--data", tmp_path / "voc", boot="main.py", check=0,
        parameters=["--checkpoint_url=s3://share/checkpoint/"],
    )  # fmt: skip
    checkpoints = tmp_path / "out" / "V0001" / "ckpt"
    assert sorted(path.name for path in checkpoints.iterdir()) == [
        "checkpoint_deeplabv3-1_1.ckpt",
        "checkpoint_deeplabv3-1_2.ckpt",
    ]
    assert (checkpoints / "checkpoint_deeplabv3-1_2.ckpt").read_text() == "weights after 2 of 1"


def test_after_a_shift_the_standard_library_takes_addresses(train, data, tmp_path):
    done = train("shifted", "--dialect=v1", "--data", data, check=0)
    assert "read back: ['daisy', 'roses']" in done.stdout
    assert (tmp_path / "out" / "V0001" / "names.txt").read_text() == "daisy\nroses\n"


def test_a_hard_coded_bucket_that_is_missing_is_named_with_the_commands_that_make_it(train, data, wheel_index):
    done = train("flowers_style", "--data", data, env=wheel_index)
    assert done.returncode == 1
    assert "maquette mb obs://flowers-bucket" in done.stdout
    assert "--bucket flowers-bucket=DIR" in done.stdout


def test_hard_coded_buckets_and_pip_inside_the_script_work(train, data, tmp_path, wheel_index):
    bucket = tmp_path / "bucket"
    (bucket / "data_set").mkdir(parents=True)
    for folder in data.iterdir():
        folder.rename(bucket / "data_set" / folder.name)
    empty = tmp_path / "empty"
    empty.mkdir()
    train(
        "flowers_style", "--data", empty, "--output", f"eval_url={tmp_path / 'eval'}",
        "--bucket", f"flowers-bucket={bucket}", env=wheel_index, check=0,
    )  # fmt: skip
    expected = "{'daisy': 3, 'roses': 3} hello"
    assert (tmp_path / "out" / "counts.txt").read_text() == expected
    assert (bucket / "out" / "counts.txt").read_text() == expected
    assert (tmp_path / "eval" / "analysis" / "all_samples.json").read_text() == "[]"
    assert not (empty / "daisy").exists()


@pytest.fixture(scope="module")
def wheel_index(tmp_path_factory):
    """The variables that make a folder with one small wheel pip's only source."""
    folder = tmp_path_factory.mktemp("wheels")
    folder.chmod(0o755)  # runs of root have a uid of their own
    info = "maquette_test_wheel-1.0.dist-info"
    with zipfile.ZipFile(folder / "maquette_test_wheel-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("maquette_test_wheel.py", "WORD = 'hello'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: maquette-test-wheel\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(
            f"{info}/RECORD", f"maquette_test_wheel.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}


PIPS = {
    "os.system": "import os; assert os.system('pip install maquette-test-wheel') == 0",
    "pip3": "import os; assert os.system('pip3 install -q maquette-test-wheel') == 0",
    "python -m pip": "import os; assert os.system('python -m pip install maquette-test-wheel==1.0') == 0",
    "sys.executable": (
        "import subprocess, sys; subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'maquette-test-wheel'])"
    ),
    "pip.main": "import pip; assert pip.main(['install', 'maquette-test-wheel']) == 0",
}


@pytest.mark.parametrize("way", PIPS)
def test_every_way_to_call_pip_installs_for_this_run_only(way, probe, wheel_index, tmp_path):
    probe(
        PIPS[way] + "\nimport importlib\nimportlib.invalidate_caches()\n"
        "import maquette_test_wheel\nprint('word', maquette_test_wheel.WORD)",
        env=wheel_index, check=0,
    )  # fmt: skip
    done = probe("import maquette_test_wheel", env=wheel_index)
    assert done.returncode == 1
    assert "No module named 'maquette_test_wheel'" in done.stdout
    assert "pip-requirements.txt" in done.stderr


def test_a_failing_pip_inside_the_script_keeps_its_exit_code(probe, wheel_index):
    done = probe(
        "import os\nprint('code', os.system('pip install no-such-package-here') != 0)", env=wheel_index, check=0
    )
    assert "code True" in done.stdout


def test_pip_requirements_are_installed_before_the_script_and_their_failure_stops_it(probe, wheel_index):
    files = {"pip-requirements.txt": "maquette-test-wheel\n"}
    done = probe("import maquette_test_wheel; print(maquette_test_wheel.WORD)", files=files, env=wheel_index, check=0)
    assert "hello" in done.stdout
    done = probe("print('it runs')", files={"pip-requirements.txt": "no-such-package-here\n"}, env=wheel_index)
    assert done.returncode != 0
    assert "it runs" not in done.stdout
    assert "pip-requirements.txt could not be installed" in done.stdout


def test_the_pre_start_script_runs_in_the_job_folder_before_the_boot_file(probe):
    done = probe("print(open('made-before').read())", files={"ma-pre-start.sh": "pwd > made-before\n"}, check=0)
    assert "/home/work/user-job-dir" in done.stdout
    done = probe("print('it runs')", files={"ma-pre-start.sh": "exit 3\n"})
    assert (done.returncode, "it runs" in done.stdout) == (3, False)


def test_a_script_stands_in_the_job_folder_with_its_code_folder_first_on_the_path(probe):
    done = probe("""
        import os, sys
        print([os.getcwd(), sys.path[0], sys.argv[0], __file__, __name__])
    """, check=0)  # fmt: skip
    seen = ast.literal_eval(next(line for line in done.stdout.splitlines() if line.startswith("['")))
    assert seen[:3] == ["/home/work/user-job-dir", "/home/work/user-job-dir/probe", "probe/boot.py"]
    assert seen[4] == "__main__"


def test_both_generations_of_folders_lead_to_one_place(probe):
    probe("""
        import os
        for path in ("/cache", "/home/work", "/home/ma-user", "/home/mind", "/tmp"):
            open(os.path.join(path, "written"), "w").close()
        open("/home/work/modelarts/outputs/x", "w").close()
        assert os.path.exists("/home/ma-user/modelarts/outputs/x")
        assert os.path.exists("/home/ma-user/modelarts/user-job-dir/probe/boot.py")
        assert os.path.exists(os.environ["MA_JOB_DIR"] + "/probe/boot.py")
    """, check=0)  # fmt: skip


def test_a_script_may_change_its_data_without_changing_the_users(probe, data):
    probe("""
        import argparse, os, shutil
        parser = argparse.ArgumentParser()
        parser.add_argument("--data_url")
        data = parser.parse_known_args()[0].data_url
        assert data == "/home/ma-user/modelarts/inputs/data_url_0/", data
        shutil.rmtree(os.path.join(data, "daisy"))
        open(os.path.join(data, "roses", "0.jpg"), "ab").write(b"more")
    """, "--data", data, check=0)  # fmt: skip
    assert sorted(path.name for path in (data / "daisy").iterdir()) == ["0.jpg", "1.jpg", "2.jpg"]
    assert (data / "roses" / "0.jpg").read_bytes() == b"\0"


def test_a_v1_script_reads_data_that_only_its_owner_may_read(train, data, tmp_path):
    (data / "daisy" / "0.jpg").chmod(0o600)
    data.chmod(0o700)
    train("loose_parser", "--dialect=v1", "--data", data, check=0)
    assert json.loads((tmp_path / "out" / "V0001" / "report.json").read_text())["data"] == ["daisy", "roses"]


def test_without_a_sandbox_a_script_runs_with_the_paths_it_can_have_and_it_is_said(probe, data, tmp_path):
    done = probe("""
        import argparse, os
        import moxing as mox
        parser = argparse.ArgumentParser()
        parser.add_argument("--data_url")
        parser.add_argument("--train_url")
        args, _ = parser.parse_known_args()
        mox.file.copy_parallel(args.data_url, os.path.join(args.train_url, "copy"))
        assert os.path.isdir(os.environ["MA_JOB_DIR"])
    """, "--data", data, env={"MAQUETTE_SANDBOX": "off"}, check=0)  # fmt: skip
    assert "A run sees the whole file system" in done.stderr
    assert (tmp_path / "out" / "copy" / "daisy" / "0.jpg").exists()


def test_a_required_sandbox_that_is_missing_is_named_with_the_package(probe, tmp_path):
    done = probe("print('it runs')", env={"MAQUETTE_SANDBOX": "required", "PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "bubblewrap" in done.stderr
    assert "it runs" not in done.stdout


def test_read_only_data_is_seen_where_it_lies(probe, data):
    done = probe("""
        import os
        print(sorted(os.listdir("/home/ma-user/modelarts/inputs/data_url_0/")))
        try:
            open("/home/ma-user/modelarts/inputs/data_url_0/new", "w")
        except OSError as error:
            print("refused", error.errno)
    """, "--data", data, "--read-only-data", check=0)  # fmt: skip
    assert "['daisy', 'roses']" in done.stdout
    assert "refused" in done.stdout


def test_output_is_kept_after_a_failure_and_the_exit_code_is_the_scripts(probe, tmp_path):
    done = probe("""
        import sys
        train_url = [a for a in sys.argv if a.startswith("--train_url=")][0].split("=", 1)[1]
        open(train_url + "half.ckpt", "w").write("half")
        sys.exit(7)
    """)  # fmt: skip
    assert done.returncode == 7
    assert (tmp_path / "out" / "half.ckpt").read_text() == "half"


def test_a_traceback_is_the_scripts_own(probe):
    done = probe("def f():\n    raise ValueError('of my own')\nf()\n")
    assert done.returncode == 1
    assert 'File "/home/work/user-job-dir/probe/boot.py", line 3' in done.stdout
    assert "ValueError: of my own" in done.stdout
    assert "launch.py" not in done.stdout


def test_a_module_of_the_users_own_wins_over_ours(probe):
    done = probe(
        "import log, metric; print(log.MINE, metric.MINE)",
        files={"log.py": "MINE = 1", "metric.py": "MINE = 2"},
        check=0,
    )
    assert "1 2" in done.stdout


def test_a_python_started_by_the_script_has_the_same_modules(probe):
    done = probe(
        "import os; assert os.system('python probe/child.py') == 0",
        files={"child.py": "import moxing as mox; print('child', mox.file.exists('obs://nowhere/x') if 0 else 'ok')"},
        check=0,
    )
    assert "child ok" in done.stdout


def test_variables_come_from_the_option_and_not_from_the_caller(probe):
    done = probe("""
        import os
        print([os.environ.get(n) for n in ("MINE", "SECRET_TOKEN", "PYTHONDONTWRITEBYTECODE", "PIP_INDEX_URL")])
    """, "--env", "MINE=a=b", env={"SECRET_TOKEN": "x", "PIP_INDEX_URL": "http://127.0.0.1:9/"}, check=0)  # fmt: skip
    assert "['a=b', None, None, None]" in done.stdout


def test_a_manifest_or_an_archive_may_be_the_data(probe, tmp_path):
    archive = tmp_path / "data.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(__file__, "inside.py")
    done = probe(
        "import sys; print(sys.argv[1], open(sys.argv[1].split('=')[1], 'rb').read(2))", "--data", archive, check=0
    )
    assert "--data_url=/home/ma-user/modelarts/inputs/data_url_0/data.tar.gz" in done.stdout
    assert "\\x1f\\x8b" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "no/such/folder"], "'no/such/folder' does not exist"),
        (["--data", "obs://no-such-bucket/x/"], "no-such-bucket"),
        (["--env", "1=2"], "--env"),
        (["--memory", "lots"], "--memory"),
        (["--engine", "caffe"], "exclude each other"),
        (["--data", "a=x", "--data", "a=y"], "given twice"),
        (["--bucket", "x=no/such"], "--bucket"),
    ],
)
def test_a_bad_option_is_one_sentence_and_leaves_nothing(options, words, probe, home):
    done = probe("print('it runs')", *options)
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "it runs" not in done.stdout
    assert not list((home / "runs").glob("*")) if (home / "runs").exists() else True


def test_python_2_is_refused_by_line(probe):
    done = probe("x = 1\nprint 'hello'\n")
    assert (done.returncode, "line 2" in done.stderr, "Python 2" in done.stderr) == (1, True, True)


def test_the_end_as_json_tells_where_everything_is(probe, tmp_path):
    done = probe("print('hello')", "--json", check=0)
    end = json.loads(done.stdout.splitlines()[-1])
    assert (end["code"], end["cause"], end["outputs"]) == (0, "exit", {"train_url": str(tmp_path / "out")})
    assert "hello" in Path(end["log"]).read_text()


def test_what_a_run_needed_while_it_lived_is_gone_afterwards(probe, home):
    probe("open('/cache/large', 'w').write('x' * 1000)", check=0)
    (run,) = (home / "runs").iterdir()
    assert not (run / "view").exists()
    assert (run / "log.txt").exists()
    assert not list((home / "staging").iterdir())
