"""`pip uninstall`: takes packages out of the run's own site folder; the engine's own stay."""

from __future__ import annotations

import os
import sys

from maquette_sdk.job.startup.packages import Failure, Uv, name_of, normal

from .cli.options import Arguments
from .install import explain, fail, uv_binary, uv_environment, warn
from .installed import installed
from .requirements import read_requirements


def uninstall(arguments: Arguments) -> int:
    """Exit code 0 also for what is not installed or belongs to the engine, so that scripts go on to their install."""
    names = [name_of(word) for word in arguments.words]
    try:
        for path in arguments.values.get("requirement", []):
            names += [name_of(line) for line in read_requirements(path)[0]]
    except OSError as error:
        return fail("Could not open requirements file: {}".format(error))
    if not names:
        return fail('You must give at least one requirement to uninstall (see "pip help uninstall")')
    present = {package.key: package for package in installed()}
    for name in filter(None, names):
        package = present.get(normal(name))
        if package is None:
            warn("Skipping {} as it is not installed.".format(name))
        elif not package.own:
            warn(
                "{} {} stays: it belongs to the engine's environment, which other runs use too."
                " A version that you install now comes first.".format(package.name, package.version)
            )
        elif remove(package.name) == 0:
            print("Successfully uninstalled {}-{}".format(package.name, package.version))
        else:
            return 1
    return 0


def remove(name: str) -> int:
    uv = Uv(uv_binary(), sys.executable, uv_environment({}, Arguments()))
    try:
        uv.pip("uninstall", "--target", os.environ["MAQUETTE_SITE"], name)
        return 0
    except Failure as failure:
        return explain(failure)
