"""What of this machine a run sees and hears."""

from __future__ import annotations

import os
from pathlib import Path

from maquette.drivers.executors import machine


def test_the_machine_is_seen_without_its_secrets_and_homes() -> None:
    seen = machine.look({}, gpus=False)
    assert "/usr" in seen.readable
    assert not {"/etc", "/root", "/home", "/var", "/etc/shadow", "/etc/passwd", "/sys", "/proc"} & set(seen.readable)
    assert all(os.path.exists(path) for path in seen.readable)
    assert all(os.path.islink(path) and os.readlink(path) == text for path, text in seen.links)
    assert seen.gpu_devices == ()


def test_certificates_are_taken_from_wherever_the_environment_points(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    environment = {
        "SSL_CERT_FILE": str(bundle),
        "PIP_CERT": "/usr/share/x.pem",
        "CURL_CA_BUNDLE": str(tmp_path / "gone"),
        "AWS_CA_BUNDLE": "",
    }
    assert list(machine.certificates(environment)) == [str(bundle)]


def test_the_base_environment_takes_only_what_it_lists() -> None:
    caller = {
        "LANG": "zh_CN.UTF-8",
        "PYTHONPATH": "/x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_INDEX_URL": "x",
        "UV_INDEX": "x",
        "LD_PRELOAD": "x",
        "AWS_SECRET_ACCESS_KEY": "not-a-real-key",
        "HOME": "/root",
        "PATH": "/root/bin",
        "https_proxy": "http://proxy:3128",
        "http_proxy": "http://me:not-a-real-password@proxy:3128",
        "TZ": "",
    }
    assert machine.base_environment(caller, "/home/work", "work", gpus=0) == {
        "LANG": "zh_CN.UTF-8",
        "PATH": machine.PATH,
        "HOME": "/home/work",
        "USER": "work",
        "LOGNAME": "work",
        "https_proxy": "http://proxy:3128",
    }


def test_supervisors_get_no_more_than_they_need() -> None:
    caller = {"HOME": "/root", "LANG": "C", "MY_TOKEN": "x", "PATH": "/root/bin", "LD_LIBRARY_PATH": "/opt/python/lib"}
    assert machine.supervisor_environment(caller) == {
        "PATH": machine.PATH,
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": "/opt/python/lib",
    }


def test_drivers_of_gpus_are_looked_for_when_asked(tmp_path: Path) -> None:
    seen = machine.look({}, gpus=True)
    assert set(seen.gpu_devices) == {str(path) for path in Path("/dev").glob("nvidia*")} | {
        path for path in ("/dev/dri", "/dev/kfd", "/dev/dxg") if os.path.exists(path)
    }
    assert all(os.path.isdir(path) for path in seen.gpu_folders)


def test_groups_are_those_of_devices_that_are_not_open_to_all(tmp_path: Path) -> None:
    (tmp_path / "open").touch()
    (tmp_path / "open").chmod(0o666)
    closed = tmp_path / "closed"
    closed.touch()
    closed.chmod(0o660)
    group = os.getgid()
    if os.geteuid() == 0:
        os.chown(closed, 0, 44)
        group = 44
    assert machine.gpu_groups((str(tmp_path),)) == machine.gpu_groups((str(closed),)) == ((group,) if group else ())
    assert machine.gpu_groups((str(tmp_path / "open"),)) == ()
