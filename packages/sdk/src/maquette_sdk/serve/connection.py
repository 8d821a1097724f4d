"""The gateway's side of a connection to a serving instance, for asyncio. Instances do not import this file."""

from __future__ import annotations

import asyncio
import socket
from typing import Optional, Sequence, cast

from maquette_sdk.serve.protocol import Frame, FrameReader, ProtocolError, ancillary


class Connection(asyncio.Protocol):
    """One connection to an instance for asyncio. One exchange at a time; cancelling an exchange closes it.

        connection = await connect("/tmp/…/i.sock")
        frame = await connection.exchange(*call_frame("1", 40.0, {}, "application/json", "json", [part("", b"{}")]))
        frame.header["status"], frame.body

    Raises ConnectionError when the instance ends or breaks the protocol; `answered` then tells whether any byte of an
    answer had arrived. A closed connection cannot be opened again.
    """

    def __init__(self, raw: socket.socket) -> None:
        self.answered = False
        self._socket = raw
        self._reader = FrameReader()
        self._waiting: Optional[asyncio.Future[Frame]] = None
        self._transport: Optional[asyncio.Transport] = None

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    async def exchange(self, buffers: Sequence[bytes], descriptors: Sequence[int] = ()) -> Frame:
        """Sends one frame and waits for its answer."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("The connection to the instance is closed.")
        if self._waiting is not None:
            raise RuntimeError("An exchange is under way on this connection. Take another connection.")
        self.answered = False
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            self._send(self._transport, b"".join(buffers), descriptors)
            return await self._waiting
        except BaseException:
            self.close()
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        """Ends the connection at once: an instance that has not begun the call drops it."""
        if self._transport is not None:
            self._transport.abort()
        self._reader.close()

    def _send(self, transport: asyncio.Transport, data: bytes, descriptors: Sequence[int]) -> None:
        if not descriptors:
            transport.write(data)
            return
        # asyncio cannot attach descriptors. The socket is idle between exchanges, so its buffer has room for one byte.
        self._socket.sendmsg([data[:1]], ancillary(descriptors))
        transport.write(data[1:])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are ones without saying so.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.answered = True
        try:
            arrived = list(self._reader.feed(data))
        except ProtocolError as error:
            self._fail(ConnectionError("The instance broke the protocol. {}".format(error)))
            return
        for frame in arrived:
            if self._waiting is None or self._waiting.done():
                self._fail(ConnectionError("The instance answered without being asked."))
                return
            self._waiting.set_result(frame)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Optional[Exception]) -> None:
        self._fail(ConnectionResetError("The instance closed the connection."))

    def _fail(self, error: ConnectionError) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self.close()


async def connect(path: str) -> Connection:
    """A connection to the instance that listens on this Unix socket. Raises OSError where nothing does."""
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.setblocking(False)
    try:
        while not _connected(raw, path):
            await asyncio.sleep(0.002)
        loop = asyncio.get_running_loop()
        _transport, protocol = await loop.create_unix_connection(lambda: Connection(raw), sock=raw)
    except BaseException:
        raw.close()
        raise
    return protocol


def _connected(raw: socket.socket, path: str) -> bool:
    """False while more connections wait to be accepted than the system keeps; a Unix socket tells so at once."""
    try:
        raw.connect(path)
    except BlockingIOError:
        return False
    return True
