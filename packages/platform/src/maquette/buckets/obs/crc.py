"""CRC-32C and CRC-64/NVME, which Python's standard library does not have, at hundreds of megabytes a second.

A block is cut into many short lanes whose registers advance side by side, two bytes a step; then neighbours are put
together, two by two. Registers begin at nought here, so that noughts in front of a block change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Registers = npt.NDArray[Any]

_SHORT_LANE, _LONG_LANE = 32, 256
_MOST_DOUBLED = 48  # objects have less than 2^48 bytes
_LARGE = 1 << 16
"""From this size on long lanes are faster: fewer have to be put together."""


@dataclass(frozen=True)
class Kind:
    """A checksum of so many bytes; `polynomial` with its lowest power first, as reflected checksums have it."""

    width: int
    polynomial: int

    @property
    def full(self) -> int:
        return (1 << 8 * self.width) - 1

    @property
    def number(self) -> Any:
        return np.uint32 if self.width == 4 else np.uint64

    @cached_property
    def pairs(self) -> Registers:
        """What any two bytes, shifted out of a register, leave in it."""
        table = np.arange(1 << 16, dtype=self.number)
        one = self.number(1)
        for _ in range(16):
            table = (table >> one) ^ (table & one) * self.number(self.polynomial)
        return table

    @cached_property
    def shifts(self) -> list[Registers]:
        """For 1, 2, 4, 8 … noughts behind a register: what each of its bytes, of any value, leaves in it."""
        values, eight = np.arange(256, dtype=self.number), self.number(8)
        places = [values << self.number(8 * place) for place in range(self.width)]
        once = [(place >> eight) ^ self._out(place & self.number(0xFF)) for place in places]
        found = [np.array(once)]
        for _ in range(_MOST_DOUBLED):
            found.append(np.array([shifted(found[-1], shifted(found[-1], place)) for place in places]))
        return found

    def _out(self, byte: Registers) -> Registers:
        one = self.number(1)
        for _ in range(8):
            byte = (byte >> one) ^ (byte & one) * self.number(self.polynomial)
        return byte

    def behind(self, register: int, count: int) -> int:
        """The register when so many noughts have come after it."""
        state = np.array([register], dtype=self.number)
        power = 0
        while count >> power:
            if count >> power & 1:
                state = shifted(self.shifts[power], state)
            power += 1
        return int(state[0])

    def of_block(self, data: bytes) -> int:
        lane = _LONG_LANE if len(data) >= _LARGE else _SHORT_LANE
        lanes = 1 << max(-(-len(data) // lane) - 1, 0).bit_length()
        padded = np.zeros(lanes * lane, dtype=np.uint8)
        padded[len(padded) - len(data) :] = np.frombuffer(data, dtype=np.uint8)
        steps = np.ascontiguousarray(padded.view("<u2").reshape(lanes, lane // 2).T)
        low, out = self.number(0xFFFF), self.number(16)
        state = np.zeros(lanes, dtype=self.number)
        for step in steps:
            state = (state >> out) ^ self.pairs[(state ^ step) & low]
        power = lane.bit_length() - 1
        while len(state) > 1:
            state = shifted(self.shifts[power], state[0::2]) ^ state[1::2]
            power += 1
        return int(state[0])


def shifted(tables: Registers, states: Registers) -> Registers:
    low = states.dtype.type(0xFF)
    result: Registers = tables[0][states & low]
    for place in range(1, len(tables)):
        result = result ^ tables[place][(states >> states.dtype.type(8 * place)) & low]
    return result


CRC32 = Kind(4, 0xEDB88320)
CRC32C = Kind(4, 0x82F63B78)
CRC64NVME = Kind(8, 0x9A6C9329AC4BC9B5)


class Running:
    """A checksum of the bytes so far, as hashlib's objects are."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._register = kind.full

    def update(self, data: bytes, /) -> None:
        if data:
            self._register = behind(self._kind, self._register, len(data)) ^ self._kind.of_block(data)

    def digest(self) -> bytes:
        return (self._register ^ self._kind.full).to_bytes(self._kind.width, "big")


@lru_cache(maxsize=4096)  # the parts of an upload are as long as each other
def behind(kind: Kind, register: int, count: int) -> int:
    return kind.behind(register, count)


def joined(kind: Kind, first: bytes, second: bytes, size: int) -> bytes:
    """The checksum of two pieces, one behind the other, from those of each and the size of the second."""
    moved = kind.behind(int.from_bytes(first, "big"), size)
    return (moved ^ int.from_bytes(second, "big")).to_bytes(kind.width, "big")
