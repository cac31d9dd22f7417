"""A binary patch in three parts: which bytes of the old file, by how much they differ, and what is new.

The triples are those of BSDIFF 4.0 (Colin Percival, "Naive differences of executable code", 2003). `control`
holds them as LEB128 varints (the DWARF standard's unsigned ones; a seek as Protocol Buffers' zigzag), `diff`
the differences as runs of zeros and literals, `extra` the new bytes as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import BinaryIO

import numpy as np

#: Zeros that end a run of literals: a new run costs two bytes or more, and deflate packs few zeros well.
ZEROS = 3
#: Bytes that are read and written at once.
BUFFER = 1 << 16
#: Bits of a varint at most: sizes and positions of files are below 2^63.
BITS = 63

Read = Callable[[int], bytes]


class PatchError(ValueError):
    """The parts do not make a file."""


@dataclass(frozen=True)
class Triple:
    """Bytes `start` to `start + add` of the old file plus differences, then `copy` new bytes."""

    start: int
    add: int
    copy: int


def encode_control(triples: Iterable[Triple]) -> bytes:
    """Return the triples as varints: add, copy, and the zigzag of how far the old position then moves."""
    rows, out = list(triples), bytearray()
    if rows and rows[0].start:
        rows.insert(0, Triple(0, 0, 0))
    for row, after in zip_longest(rows, rows[1:]):
        seek = after.start - row.start - row.add if after else 0
        for number in (row.add, row.copy, seek << 1 if seek >= 0 else (-seek << 1) - 1):
            _put(out, number)
    return bytes(out)


def decode_control(read: Read) -> Iterator[Triple]:
    """Yield the triples; `read(n)` gives at most n bytes, and none at the end.

    Raises:
        PatchError: it ends within a triple, or a number is too large.

    """
    start = 0
    while (add := _take(read)) is not None:
        copy, zigzag = _take(read), _take(read)
        if copy is None or zigzag is None:
            raise PatchError("the control ends within a triple")
        yield Triple(start, add, copy)
        start += add + ((zigzag >> 1) ^ -(zigzag & 1))


def encode_differences(differences: np.ndarray) -> bytes:
    """Return differences uint8 [n] as runs: zeros, literals, the literals; zeros at the end are left out."""
    places = np.flatnonzero(differences)
    if not len(places):
        return b""
    ends = np.flatnonzero(np.diff(places) > ZEROS)
    starts = places[np.concatenate(([0], ends + 1))]
    stops = places[np.concatenate((ends, [len(places) - 1]))] + 1
    out, at = bytearray(), 0
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        _put(out, start - at)
        _put(out, stop - start)
        out += differences[start:stop].tobytes()
        at = stop
    return bytes(out)


class Differences:
    """The differences of a patch, in order; zeros without end behind the last run."""

    def __init__(self, read: Read) -> None:
        """Take them from `read(n)`, which gives at most n bytes, and none at the end."""
        self._read, self._zeros, self._literals = read, 0, 0

    def take(self, count: int) -> np.ndarray:
        """Return the next `count` differences, uint8.

        Raises:
            PatchError: they end within a run.

        """
        found, at = np.zeros(count, np.uint8), 0
        while at < count and self._next_run():
            skipped = min(self._zeros, count - at)
            at, self._zeros = at + skipped, self._zeros - skipped
            if length := min(self._literals, count - at):
                found[at : at + length] = np.frombuffer(exactly(self._read, length), np.uint8)
                at, self._literals = at + length, self._literals - length
        return found

    def _next_run(self) -> bool:
        if self._zeros or self._literals:
            return True
        zeros = _take(self._read)
        if zeros is None:
            return False
        literals = _take(self._read)
        if not literals:
            raise PatchError("a run of differences without any")
        self._zeros, self._literals = zeros, literals
        return True


def patched(old: BinaryIO, size: int, control: Read, diff: Read, extra: Read) -> Iterator[bytes]:
    """Yield the bytes of the new file, a buffer at a time.

    Args:
        old: the old file.
        size: its bytes.
        control: reads that part; at most so many bytes as it is asked for, and none at the end.
        diff: the same of the differences.
        extra: the same of the new bytes.

    Raises:
        PatchError: a triple points outside of the old file, or a part ends too early.

    """
    differences = Differences(diff)
    for triple in decode_control(control):
        if triple.add and not 0 <= triple.start <= size - triple.add:
            raise PatchError("a triple points outside of the old file")
        old.seek(triple.start if triple.add else 0)
        for length in _buffers(triple.add):
            there = np.frombuffer(exactly(old.read, length), np.uint8)
            yield (there + differences.take(length)).tobytes()
        for length in _buffers(triple.copy):
            yield exactly(extra, length)


def exactly(read: Read, count: int) -> bytes:
    """Read `count` bytes.

    Raises:
        PatchError: there are fewer.

    """
    data = read(count)
    while len(data) < count and (more := read(count - len(data))):
        data += more
    if len(data) != count:
        raise PatchError("a part ends too early")
    return data


def _buffers(count: int) -> Iterator[int]:
    for at in range(0, count, BUFFER):
        yield min(BUFFER, count - at)


def _put(out: bytearray, number: int) -> None:
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _take(read: Read) -> int | None:
    number = shift = 0
    while byte := read(1):
        number |= (byte[0] & 0x7F) << shift
        if number >> BITS:
            raise PatchError("a number is too large")
        if byte[0] < 0x80:
            return number
        shift += 7
        if shift > BITS:
            raise PatchError("a number is too long")
    if shift:
        raise PatchError("a part ends within a number")
    return None
