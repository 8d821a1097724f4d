"""Starts JupyterLab on a Unix socket, with a kernel for each engine side by side: `python start_jupyterlab.py`.

The plan comes as JSON in `MAQUETTE_PLAN`, where an executor without a sandbox rewrites paths as in every variable:
`socket`, `prefix` (the path under which browsers see it), `work` (the folder that lasts), `private` (a folder with a
short path that nobody else sees) and `kernels`, each with `name`, `title`, `python` and `environment`.

JupyterLab runs in its own environment. Each kernel is started with the Python and the variables of its engine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any, Dict

CHUNKS = 64 << 20
"""Bytes of one message: a notebook with many pictures is saved in one."""


def main() -> None:
    """Becomes JupyterLab."""
    plan = json.loads(os.environ.pop("MAQUETTE_PLAN"))
    folder = os.path.join(plan["private"], "jupyter")
    shutil.rmtree(folder, ignore_errors=True)
    for kernel in plan["kernels"]:
        # Python remembers that a folder of its path was not there, and would not find what pip puts into it later.
        os.makedirs(kernel["environment"]["MAQUETTE_SITE"], exist_ok=True)
        write(os.path.join(folder, "kernels", kernel["name"], "kernel.json"), kernel_specification(kernel))
    write(os.path.join(folder, "jupyter_server_config.json"), configuration(plan))
    write(os.path.join(folder, "labconfig", "default_setting_overrides.json"), SETTINGS)
    os.environ.update(variables(plan, folder))
    os.environ.pop("PYTHONPATH", None)  # the engines' path: kernels and terminals get it, JupyterLab must not
    os.chdir(plan["work"])
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab"])


def kernel_specification(kernel: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "argv": [kernel["python"], "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": kernel["title"],
        "language": "python",
        "env": kernel["environment"],
        "metadata": {"debugger": False},
    }


def configuration(plan: Dict[str, Any]) -> Dict[str, Any]:
    """The door in front asks who it is; here nobody else gets to the socket, so no second token is needed."""
    shell = ["{}={}".format(name, value) for name, value in plan["kernels"][0]["environment"].items()]
    return {
        "ServerApp": {
            "sock": plan["socket"],
            "sock_mode": "0600",
            "base_url": plan["prefix"],
            "root_dir": plan["work"],
            "open_browser": False,
            "allow_root": True,  # only where there is no sandbox that makes it somebody else
            "allow_remote_access": True,  # the proxy has looked at the name
            "quit_button": False,
            "iopub_data_rate_limit": 1e9,
            "websocket_max_message_size": CHUNKS,
            "max_body_size": CHUNKS * 8,
            "terminado_settings": {"shell_command": ["/usr/bin/env", *shell, "/bin/bash"]},
        },
        "IdentityProvider": {"token": ""},
        "PasswordIdentityProvider": {"hashed_password": "", "password_required": False},
        "KernelManager": {"transport": "ipc"},  # ports would be open to every user of the machine
        "MultiKernelManager": {"default_kernel_name": plan["kernels"][0]["name"]},
        "KernelSpecManager": {
            "ensure_native_kernel": False,
            "allowed_kernelspecs": [kernel["name"] for kernel in plan["kernels"]],
        },
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
        },
    }


SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""Until somebody chooses otherwise: it asks nobody outside."""


def variables(plan: Dict[str, Any], folder: str) -> Dict[str, str]:
    """Settings and open tabs last beside the work; everything else goes with the run."""
    lasting = os.path.join(plan["work"], ".jupyter", "lab")
    return {
        "JUPYTER_PATH": folder,
        "JUPYTER_CONFIG_DIR": folder,
        "JUPYTER_RUNTIME_DIR": os.path.join(plan["private"], "r"),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTERLAB_SETTINGS_DIR": os.path.join(lasting, "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": os.path.join(lasting, "workspaces"),
    }


def write(path: str, content: Any) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
