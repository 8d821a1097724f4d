"""A service as values: its limits, and what the gateway itself answers, in the words ModelArts uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MALLOC = {"MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "134217728"}
"""glibc otherwise gives every decoded picture's memory back and asks for it anew: up to 1.8 times the time."""

SOCKET_FOLDER = "/opt/maquette/socket"
SOCKET = f"{SOCKET_FOLDER}/i.sock"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class CallLimits:
    """What one call may take: bytes of its body, seconds for them to arrive, and as many again until its answer.

    `queue` calls per instance may wait, and `held_bytes` of all bodies be held. A call that runs `patience` times the
    seconds costs its instance.
    """

    body_bytes: int = 12 << 20
    seconds: float = 40.0
    queue: int = 64
    patience: float = 2.0
    parts: int = 1000
    held_bytes: int = 1 << 30


class State(StrEnum):
    """What the gateway knows of one instance."""

    STARTING = "starting"
    READY = "ready"
    LEAVING = "leaving"  # finishes what it has, gets nothing new
    BROKEN = "broken"


@dataclass(frozen=True)
class Refusal:
    """An answer that the gateway gives itself, without the package's code."""

    status: int
    body: bytes
    reason: str


class CallRefused(Exception):
    """Ends a call with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def gateway_error(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, dump({"error_code": code, "error_msg": message}), f"{code} {message}")


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


UNKNOWN_PATH = gateway_error(404, "APIG.0101", "The API does not exist or has not been published in the environment.")
WRONG_METHOD = gateway_error(405, "APIG.0101", "Method Not Allowed")
TOO_LARGE = gateway_error(413, "APIG.0201", "Request entity too large")
TOO_SLOW_TO_READ = gateway_error(408, "APIG.0201", "The request body did not arrive in time.")
TOO_MANY = gateway_error(
    429, "ModelArts.4206", "The request traffic exceeds what the instances can take. Send fewer requests at a time."
)
LATE = gateway_error(
    504,
    "ModelArts.4503",
    "Backend service respond timeout, please confirm your service is able to process the request without timeout.",
)
CRASHED = gateway_error(
    502, "ModelArts.4503", "Failed to respond due to backend service not found or failed to respond"
)
NOT_RUNNING = gateway_error(
    503, "ModelArts.4302", "Gateway forwarding error. Failed to invoke backend service due to connection refused."
)
CHANGED = gateway_error(
    503,
    "ModelArts.4302",
    "Gateway forwarding error. While the call waited the service became one that reads forms otherwise. Send it again.",
)
STOPPED = gateway_error(503, "ModelArts.4503", "Failed to find backend service: it is stopped. Start it first.")
NO_IDENTITY = gateway_error(401, "APIG.0301", "Incorrect IAM authentication information")
FORBIDDEN = gateway_error(
    403, "APIG.0302", "The IAM user is not authorized to access the API. Use a key without a scope."
)
UNREADABLE = Refusal(
    400,
    dump({"erno": "MR.0101", "msg": "The input parameter is invalid", "words_result": {}}),
    "MR.0101: its form cannot be read",
)
"""A form that is no form: the answer that ModelArts' own serving code gives."""

HEALTHY = dump({"status": "OK"})
UNHEALTHY = dump({"status": "NOT READY"})
