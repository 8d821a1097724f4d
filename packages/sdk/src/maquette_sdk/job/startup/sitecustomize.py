"""Run by every Python process of a run at its start: sets the paths, puts the `pip` front and the mends in place.

Its folder is first in `PYTHONPATH`. It takes that folder off `sys.path` again (a user's own `pip` or `ascend` must not
clash with ours), appends the SDK and its names at the end, and at last runs any other `sitecustomize`.
Kept short and free of imports: each process pays for it, and Python cannot cache its bytecode in a read-only folder.
"""

import os
import sys
from _frozen_importlib_external import PathFinder  # importlib.machinery has it too, but loads much else


def set_paths(sdk: str) -> str:
    """Ours off the front of the path; the SDK and its names at its end, where a user's own module wins."""
    here = os.path.dirname(os.path.abspath(__file__))
    names = os.path.join(sdk, "maquette_sdk", "names")
    ours = [sdk, names] if sdk else []
    sys.path[:] = [entry for entry in sys.path if entry not in (here, *ours)] + ours
    return here


def read_site_folder(folder: str) -> None:
    """Editable installs of the script's own pip lie in `.pth` files, which `PYTHONPATH` alone does not read."""
    if os.path.isdir(folder) and any(name.endswith(".pth") for name in os.listdir(folder)):
        import site

        site.addsitedir(folder)


def run_next_sitecustomize() -> None:
    """The environment's own, which ours has hidden."""
    spec = PathFinder.find_spec("sitecustomize")
    if spec is None or spec.loader is None or spec.origin == __file__:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if "MAQUETTE_SDK" in os.environ:
    # Our folder is still first on the path, so no other has to be searched.
    import hooks  # type: ignore[import-not-found]

    del sys.modules["hooks"]  # a user's own module of that name comes next
    hooks.install(set_paths(os.environ["MAQUETTE_SDK"]))
    read_site_folder(os.environ.get("MAQUETTE_SITE", ""))
else:
    set_paths("")
run_next_sitecustomize()
