"""Lets scripts outside of runs import ModelArts' packages, such as `modelarts.session`.

python -m maquette_sdk.modelarts submit.py --epochs=3     # runs a script as it is
import maquette_sdk.modelarts                             # or as the first line of one

Their folder comes last on the path, so that packages of the same name that are installed win.
"""

from __future__ import annotations

import os
import runpy
import sys

NAMES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "names")

if NAMES not in sys.path:
    sys.path.append(NAMES)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("Which script? Use: python -m maquette_sdk.modelarts SCRIPT.py [ARGUMENTS]")
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
