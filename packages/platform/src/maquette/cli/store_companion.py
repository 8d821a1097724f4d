"""Serves the buckets of a home to one run: `python -m maquette.cli.store_companion --fd N --root DIR --staging DIR`.

Keys come from the environment, where other users of the machine cannot read them as they can a command line:
`MAQUETTE_STORE_ACCESS_KEY`, `MAQUETTE_STORE_SECRET_KEY`, `MAQUETTE_STORE_TOKEN`.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from maquette.buckets.companion import Companion
from maquette.buckets.obs import Bearer, Endpoint, Parts
from maquette.kernel.errors import MaquetteError
from maquette.wiring import store
from maquette_sdk.objects import RESERVED

_KEYS = ("MAQUETTE_STORE_ACCESS_KEY", "MAQUETTE_STORE_SECRET_KEY", "MAQUETTE_STORE_TOKEN")


def main() -> None:
    arguments = _arguments()
    missing = [name for name in _KEYS if not os.environ.get(name)]
    if missing:
        sys.exit(f"The store's companion needs {', '.join(missing)} in its environment.")
    try:
        application = _application(arguments)
    except MaquetteError as error:
        sys.exit(error.message)
    signal.signal(signal.SIGTERM, _leave)
    # A socket made of its number knows that it speaks TCP. asyncio asks that before it switches Nagle's algorithm
    # off, without which every answer with a body takes 40 ms.
    listening = socket.socket(fileno=arguments.fd if arguments.fd is not None else _listen(arguments.port))
    config = uvicorn.Config(
        application,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,  # clients keep connections longer than uvicorn's five seconds
        timeout_graceful_shutdown=60,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _application(arguments: argparse.Namespace) -> Companion:
    access, secret, token = (os.environ[name] for name in _KEYS)
    buckets = store(arguments.root, dict(arguments.alias), arguments.only)
    parts = Parts(arguments.root / RESERVED / "uploads")
    endpoint = Endpoint({access: Bearer(buckets, secret)}.get, parts)
    return Companion(buckets, arguments.staging, token, endpoint)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m maquette.cli.store_companion", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="a listening socket that was inherited")
    where.add_argument("--port", type=int, help="listen on this port of 127.0.0.1")
    parser.add_argument("--root", type=Path, required=True, help="the folder of buckets")
    parser.add_argument("--staging", type=Path, required=True, help="where the run writes files to be committed")
    parser.add_argument("--alias", type=_alias, action="append", default=[], metavar="NAME=PATH[:ro]")
    parser.add_argument("--only", action="append", metavar="NAME", help="a bucket that may be used; else all")
    return parser.parse_args()


def _alias(text: str) -> tuple[str, tuple[Path, bool]]:
    name, found, path = text.partition("=")
    if not (name and found and path):
        raise argparse.ArgumentTypeError(f"'{text}' must be NAME=PATH or NAME=PATH:ro")
    return name, (Path(path.removesuffix(":ro")), not path.endswith(":ro"))


def _listen(port: int) -> int:
    listening = socket.create_server(("127.0.0.1", port), backlog=512)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    return listening.detach()


def _leave(number: int, frame: FrameType | None) -> None:
    """uvicorn raises the signal again when it has answered what it had begun: the end is then a good one."""
    sys.exit(0)


if __name__ == "__main__":
    main()
