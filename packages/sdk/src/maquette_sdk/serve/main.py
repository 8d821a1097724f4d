"""A serving instance: `python main.py` loads one model package and answers calls on a Unix socket.

The package's class is built and called in this process's main thread, one call at a time; `door.py` does the rest in
other threads. Where the model can be shared, `batching.py` puts what several calls have brought through it together.
A start that fails is told to the next ping, with its traceback, and the process ends with code 1.
The plan, what `load.Plan` says, comes as JSON in `MAQUETTE_PLAN`; the socket's protocol is `protocol.py`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import sys
import time
import traceback
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
SDK = os.path.dirname(os.path.dirname(HERE))
NAMES = os.path.join(os.path.dirname(HERE), "names")


def find_ourselves() -> None:
    """Loads this SDK whatever else is installed, then moves it to the end of the path: the package comes first."""
    others = [entry for entry in sys.path if os.path.abspath(entry or ".") not in (HERE, SDK, NAMES)]
    sys.path[:] = [SDK, NAMES] + others
    for name in ("maquette_sdk", "model_service", "mms"):
        importlib.import_module(name)
    sys.path[:] = others + [SDK, NAMES]


def main() -> int:
    """Serves until the process is ended; the exit code of a start that failed."""
    from maquette_sdk.serve import service
    from maquette_sdk.serve.advice import advise
    from maquette_sdk.serve.batching import Rounds, most_together
    from maquette_sdk.serve.door import Door
    from maquette_sdk.serve.load import load, read_plan
    from maquette_sdk.serve.output import flush, log_to_standard_output, prepare_streams, say

    started = time.monotonic()
    faulthandler.enable()
    prepare_streams()
    log_to_standard_output()
    # Taken out: it is not for the package's code, nor for what that starts.
    plan = read_plan(os.environ.pop("MAQUETTE_PLAN"))
    raw_body = plan.kind.raw_body
    door = Door(plan.socket, plan.queue, lambda frame: service.read(frame, raw_body))
    door.open()
    sys.argv = [plan.service_file or "customize_service.py"]
    try:
        handler = service.Handler(load(plan), raw_body, plan.package)
    except BaseException as error:  # noqa: BLE001 - whatever ends the start, sys.exit() too, is told the same way
        flush()
        return tell_failure(door.state, service.describe(error) + advise(error, plan.package))
    rounds = Rounds(door, handler, most_together(handler.service))
    # What the start has made stays: the collector need not look at it again during calls.
    gc.collect()
    gc.freeze()
    door.state.ready = True
    flush()
    say("Ready after {:.1f} s.".format(time.monotonic() - started))
    return answer_calls(door, handler, rounds)


def answer_calls(door: Any, handler: Any, rounds: Any) -> int:
    """One call after another for ever, or those that can share the model together."""
    process = os.getpid()
    while True:
        call = door.calls.take()
        if not rounds.off:
            rounds.answer(call)
            continue
        door.note.write(call.id)
        answer_call(call, door.state, handler, process)
        door.note.write()


def answer_call(call: Any, state: Any, handler: Any, process: int) -> None:
    """What a call has brought is given up when this returns."""
    from maquette_sdk.serve.output import flush

    begun = time.monotonic()
    state.busy_since = begun
    answer = handler.respond(call.request)
    if os.getpid() != process:
        # The code has forked and let its child come back from the call. Only the parent answers.
        os._exit(0)
    state.busy_since = None
    if answer.status == 200:
        state.served += 1
    else:
        state.failed += 1
    answer.times["queued"] = round((begun - call.arrived) * 1000, 3)
    call.answer(answer, together=1, room=state.room)
    handler.log()
    flush()


def tell_failure(state: Any, text: str) -> int:
    """Waits until a ping has fetched the reason, ten seconds at most."""
    from maquette_sdk.serve.output import say

    say("The service could not be started.\n" + text)
    state.error = text
    state.error_told.wait(10)
    return 1


def run() -> int:
    """`main`, and what signals and their handlers may raise between two calls, as an exit code."""
    try:
        return main()
    except KeyboardInterrupt:
        return 130
    except SystemExit as request:
        return request.code if isinstance(request.code, int) else int(request.code is not None)
    except BaseException:  # noqa: BLE001 - printed, and told by the exit code
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    find_ourselves()
    code = run()
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sys.stdout.flush()
    # Threads that the package has started must not keep the process alive.
    os._exit(code)
