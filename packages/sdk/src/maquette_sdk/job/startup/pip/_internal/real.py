"""Commands that the front does not have (download, wheel, config …) are done by the real pip, fetched once a run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Sequence

from maquette_sdk.job.startup.packages import Failure, Uv

from .cli.options import Arguments
from .install import Lock, explain, uv_binary, uv_environment

START = "import runpy, sys; sys.path.insert(0, {!r}); sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__')"
AS_PIP_CALLS_IT = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}


def run_real_pip(tokens: Sequence[str]) -> int:
    """Its exit code; 1 when it cannot be fetched."""
    folder = os.path.join(tempfile.gettempdir(), "maquette-real-pip-{}.{}".format(*sys.version_info[:2]))
    os.makedirs(folder, exist_ok=True)
    try:
        with Lock(os.path.join(folder, ".pip.lock")):  # not `.lock`, which uv takes itself
            if not os.path.isdir(os.path.join(folder, "pip")):
                uv = Uv(uv_binary(), sys.executable, uv_environment({}, Arguments()))
                uv.pip("install", *uv.index_options, "--target", folder, "pip", "setuptools", "wheel")
    except Failure as failure:
        return explain(failure)
    environment = dict(os.environ, MAQUETTE_PIP="real")
    for ours, theirs in AS_PIP_CALLS_IT.items():
        if ours in environment:
            environment.setdefault(theirs, environment[ours])
    if "UV_FIND_LINKS" in environment:
        environment.setdefault("PIP_FIND_LINKS", environment["UV_FIND_LINKS"].replace(",", " "))
    return subprocess.call([sys.executable, "-c", START.format(folder), *tokens], env=environment)
