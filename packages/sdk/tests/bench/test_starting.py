"""What JupyterLab and TensorBoard are started with: nothing of them is open to others on the machine."""

import json

from maquette_sdk.bench import start_jupyterlab, start_tensorboard

PLAN = {
    "socket": "/opt/maquette/private/s",
    "private": "/opt/maquette/private",
    "prefix": "/maquette/p/proxy/r/secret/",
    "work": "/home/ma-user/work",
    "kernels": [
        {"name": "b", "title": "B", "python": "/envs/b/bin/python", "environment": {"PATH": "/envs/b/bin"}},
        {"name": "a", "title": "A", "python": "/envs/a/bin/python", "environment": {"PATH": "/envs/a/bin"}},
    ],
}


def test_jupyterlab_listens_on_its_socket_alone_and_so_do_its_kernels():
    told = start_jupyterlab.configuration(PLAN)
    assert (told["ServerApp"]["sock"], told["ServerApp"]["sock_mode"]) == (PLAN["socket"], "0600")
    assert told["KernelManager"]["transport"] == "ipc"
    assert "port" not in told["ServerApp"]


def test_the_first_engine_is_the_kernel_one_gets_and_the_terminals():
    told = start_jupyterlab.configuration(PLAN)
    assert told["MultiKernelManager"]["default_kernel_name"] == "b"
    assert told["KernelSpecManager"]["allowed_kernelspecs"] == ["b", "a"]
    assert "PATH=/envs/b/bin" in told["ServerApp"]["terminado_settings"]["shell_command"]


def test_a_kernel_is_started_with_its_own_python_and_variables():
    told = start_jupyterlab.kernel_specification(PLAN["kernels"][1])
    assert told["argv"][0] == "/envs/a/bin/python"
    assert (told["env"], told["display_name"]) == ({"PATH": "/envs/a/bin"}, "A")


def test_sockets_of_kernels_have_room_in_their_path(tmp_path):
    """`kernel-<36 characters>-ipc-5` below the folder; a path has at most 107 bytes."""
    told = start_jupyterlab.variables({**PLAN, "private": "/tmp/maquette-12345678"}, "/x")
    assert len(told["JUPYTER_RUNTIME_DIR"]) + len("/kernel--ipc-5") + 36 < 107
    assert told["JUPYTERLAB_SETTINGS_DIR"].startswith(PLAN["work"])


def test_tensorboard_listens_on_its_socket_alone():
    told = start_tensorboard.arguments({**PLAN, "logs": "/logs", "title": "curves"})
    assert "--host=unix:///opt/maquette/private/s" in told
    assert "--load_fast=false" in told
    assert "--path_prefix=/maquette/p/proxy/r/secret" in told


def test_files_are_written_with_their_folders(tmp_path):
    start_jupyterlab.write(str(tmp_path / "a" / "b.json"), {"说": 1})
    assert json.loads((tmp_path / "a" / "b.json").read_text(encoding="utf-8")) == {"说": 1}
