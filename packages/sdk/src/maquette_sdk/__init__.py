"""What user code imports inside Maquette. Standard library only, Python 3.7 and newer."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`maquette_sdk.Client`, loaded when it is asked for: runs import this package for other things."""
    if name == "Client":
        from maquette_sdk.client import Client

        return Client
    raise AttributeError("module 'maquette_sdk' has no attribute '{}'".format(name))
