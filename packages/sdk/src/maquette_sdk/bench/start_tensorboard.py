"""Starts TensorBoard on a Unix socket, where no other user of the machine gets to: `python start_tensorboard.py`.

TensorBoard's own server can listen there, but fails when it tells its address. The plan comes as JSON in
`MAQUETTE_PLAN`: `socket`, `prefix` (the path under which browsers see it) and `logs`, the folder it reads, and `title`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List

RELOAD_SECONDS = 5


def main() -> int:
    plan = json.loads(os.environ.pop("MAQUETTE_PLAN"))
    return int(make_program(arguments(plan)).main())


def arguments(plan: Dict[str, Any]) -> List[str]:
    return [
        "--host=unix://" + plan["socket"],
        "--port=1",  # unused, but 0 would make it look for a free one
        "--path_prefix=" + plan["prefix"].rstrip("/"),
        "--logdir=" + plan["logs"],
        "--load_fast=false",  # its fast reader listens on a port that every user of the machine can reach
        "--reload_interval={}".format(RELOAD_SECONDS),
        "--window_title=" + plan["title"],
    ]


def make_program(given: List[str]) -> Any:
    """TensorBoard with these arguments."""
    from tensorboard import default, program  # type: ignore[import-not-found]

    class Server(program.WerkzeugServer):  # type: ignore[misc]
        def print_serving_message(self) -> None:
            print("TensorBoard is ready.", flush=True)

        def get_url(self) -> str:
            return "http://localhost:1/"  # for a file by which TensorBoards of one user find each other

    made = program.TensorBoard(plugins=default.get_plugins(), server_class=Server)
    made.configure(argv=["tensorboard", *given])
    return made


if __name__ == "__main__":
    sys.exit(main())
