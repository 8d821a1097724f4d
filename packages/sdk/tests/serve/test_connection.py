"""The gateway's side of a connection, against real instances."""

from __future__ import annotations

import asyncio
import json
import os
import socket

import pytest

from maquette_sdk.serve.connection import connect
from maquette_sdk.serve.protocol import LARGE_BYTES, PING, call_frame, part

from .conftest import PATIENCE

ECHO = """
import os, time
from model_service.model_service import SingleNodeService

class Echo(SingleNodeService):
    def inference(self, data):
        while "gate" in data and not os.path.exists(data["gate"]):
            time.sleep(0.002)
        if "end" in data:
            os._exit(3)
        return [len(file.read()) for files in data.values() for file in files.values()] if "files" in data else data
"""


def run(instance, talk):
    """Runs `await talk(connection)` on a connection to the instance."""

    async def whole():
        connection = await connect(instance._socket_path)
        try:
            return await asyncio.wait_for(talk(connection), PATIENCE)
        finally:
            connection.close()
            await asyncio.sleep(0)

    return asyncio.run(whole())


def json_call(body: bytes):
    return call_frame("1", 30.0, {}, "application/json", "json", [part("", body)])


def test_calls_and_pings_one_after_another(serve):
    async def talk(connection):
        pong = await connection.exchange([PING])
        bodies = [(await connection.exchange(*json_call(b"[%d]" % number))).body for number in range(20)]
        return pong.header["ready"], bodies, connection.answered

    assert run(serve(ECHO), talk) == (True, [b"[%d]" % number for number in range(20)], True)


def test_large_parts_pass_as_descriptors(serve):
    async def talk(connection):
        parts = [part("files", b"x" * (LARGE_BYTES * 5), "a"), part("files", b"y", "b")]
        buffers, descriptors = call_frame("1", 30.0, {}, "", "form", parts)
        assert len(descriptors) == 1
        frame = await connection.exchange(buffers, descriptors)
        os.close(descriptors[0])
        return frame.body

    assert run(serve(ECHO), talk) == b"[%d, 1]" % (LARGE_BYTES * 5)


def test_an_instance_that_ends_in_a_call_is_a_connection_error(serve):
    async def talk(connection):
        with pytest.raises(ConnectionResetError):
            await connection.exchange(*json_call(b'{"end": 1}'))
        assert connection.closed
        assert not connection.answered
        with pytest.raises(ConnectionResetError):
            await connection.exchange([PING])

    instance = serve(ECHO)
    run(instance, talk)
    assert instance.process.wait(PATIENCE) == 3


def test_a_cancelled_exchange_closes_its_connection_and_so_drops_the_call(serve, tmp_path):
    instance, gate = serve(ECHO), tmp_path / "gate"
    gated = json.dumps({"gate": str(gate)}).encode()

    def until(told):
        return asyncio.to_thread(instance.wait_until, told)

    async def talk(connection):
        running = asyncio.ensure_future(connection.exchange(*json_call(gated)))
        await until(lambda pong: pong["busy"])
        other = await connect(instance._socket_path)
        waiting = asyncio.ensure_future(other.exchange(*json_call(b"[1]")))
        await until(lambda pong: pong["queued"] == 1)
        waiting.cancel()
        await until(lambda pong: pong["queued"] == 0)
        assert other.closed
        gate.touch()
        assert (await running).header["status"] == 200

    run(instance, talk)
    assert instance.ping()["served"] == 1


def test_two_exchanges_at_a_time_are_refused(serve, tmp_path):
    gate = tmp_path / "gate"
    gated = json.dumps({"gate": str(gate)}).encode()

    async def talk(connection):
        first = asyncio.ensure_future(connection.exchange(*json_call(gated)))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="Take another connection"):
            await connection.exchange([PING])
        gate.touch()
        return (await first).header["status"]

    assert run(serve(ECHO), talk) == 200


def test_what_is_no_answer_is_a_connection_error(tmp_path):
    path = str(tmp_path / "s")

    async def whole():
        def answer_oddly():
            other, _address = listening.accept()
            other.recv(100)
            other.sendall(b"\x00\x00\x00\x05hello")
            return other

        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            connection = await connect(path)
            odd = asyncio.get_running_loop().run_in_executor(None, answer_oddly)
            with pytest.raises(ConnectionError, match="broke the protocol"):
                await connection.exchange([PING])
            (await odd).close()

    asyncio.run(whole())


def test_nobody_listening_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        asyncio.run(connect(str(tmp_path / "nobody")))
