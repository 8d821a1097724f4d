"""The kernels of a notebook: each engine's own Python with IPython beside it, and packages of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from maquette.kernel.context import Context
from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Environment, IsStopped, Match, Tell, never
from maquette.notebooks.sentences import say
from maquette.runs.folder import SITE
from maquette.runs.surroundings import engine_environment
from maquette.training.sentences import say as engine

NEEDED = ("ipykernel",)
"""Goes into an environment beside the engine's, linked from the same files: the engine's own stays as it is."""
LOOK_SECONDS = 30


@dataclass(frozen=True)
class Kernel:
    """One that can be chosen in the notebook."""

    name: str
    title: str
    environment: Environment

    def plan(self, cores: int) -> dict[str, object]:
        """What the starter in the run is told. What a kernel's pip installs goes to its own folder, for another
        kernel may have another Python."""
        own = f"{SITE}/{self.name}"
        variables = {name: value.replace(SITE, own) for name, value in engine_environment(self.environment).items()}
        return {
            "name": self.name,
            "title": self.title,
            "python": str(self.environment.python),
            "environment": {"OMP_NUM_THREADS": str(cores), **variables},
        }


def make_kernels(ctx: Context, names: Iterable[str], tell: Tell, stopped: IsStopped = never) -> list[Kernel]:
    """One for each engine; installs what is missing, and tells every choice."""
    found: dict[str, Kernel] = {}
    for asked in names:
        environment = ctx.engines.prepare(ctx.engines.resolve(asked), NEEDED, tell, stopped)
        resolution = environment.resolution
        tell(engine("kernel_found", name=asked, match=engine(resolution.match), reason=resolution.reason))
        for note in environment.notes:
            tell(engine("kernel_note", name=asked, note=note))
        if resolution.match is Match.OWN:
            check_own(asked, environment)
        name = f"{resolution.engine}-py{resolution.python_version}".lower()
        title = f"{resolution.engine} (Python {resolution.python_version})"
        found.setdefault(name, Kernel(name, title, environment))
    return list(found.values())


def check_own(asked: str, environment: Environment) -> None:
    """Nothing is installed into the user's own Python."""
    command = [str(environment.python), "-c", "import ipykernel"]
    done = subprocess.run(command, capture_output=True, timeout=LOOK_SECONDS, check=False)
    if done.returncode:
        raise BadInput(
            say("no_ipykernel", name=asked, python=environment.python),
            field="image_id",
        )
