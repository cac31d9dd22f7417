"""Two files -> the parts of a binary patch: by bsdiff4, in windows, so that memory stays bounded."""

from __future__ import annotations

import bz2
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pocketrag.formats.update.patch_parts import Triple, encode_control, encode_differences

#: bsdiff needs about 17 bytes of memory a byte of the old file: 16 MiB and the margins are 550 MB.
WINDOW = 16 << 20
#: How far what stands in a window may have moved; SQLite keeps the order of tables and rows.
MARGIN = 8 << 20
#: The head of a BSDIFF40 file: its mark; bytes of the packed control, the packed differences, the new file.
HEAD = struct.Struct("<8s24s")


class PatchParts(NamedTuple):
    """What a patch carries."""

    control: bytes
    diff: bytes
    extra: bytes


def make_patch(old_file: Path, new_file: Path) -> PatchParts:
    """Return the patch that makes `new_file` of `old_file`; the same bytes for the same files."""
    old, new = old_file.read_bytes(), new_file.read_bytes()
    triples: list[Triple] = []
    differences: list[bytes] = []
    extra: list[bytes] = []
    for at in range(0, len(new), WINDOW):
        for triple, differing, copied in _window(old, new, at):
            _append(triples, triple)
            differences.append(differing)
            extra.append(copied)
    joined = np.frombuffer(b"".join(differences), np.uint8)
    return PatchParts(encode_control(triples), encode_differences(joined), b"".join(extra))


def _append(triples: list[Triple], triple: Triple) -> None:
    """Add a triple, or lengthen the last one where this goes on from it."""
    if triples and not (last := triples[-1]).copy and last.start + last.add == triple.start:
        triples[-1] = Triple(last.start, last.add + triple.add, triple.copy)
    elif triple.add or triple.copy:
        triples.append(triple)


def _window(old: bytes, new: bytes, at: int) -> Iterator[tuple[Triple, bytes, bytes]]:
    part = new[at : at + WINDOW]
    if old[at : at + WINDOW] == part:
        yield Triple(at, len(part), 0), bytes(len(part)), b""
        return
    low, high = _near(len(old), len(new), at)
    for triple, differing, copied in _bsdiff(old[low:high], part):
        yield Triple(low + triple.start, triple.add, triple.copy), differing, copied


def _near(old: int, new: int, at: int) -> tuple[int, int]:
    """Return where in the old file a window of the new one probably was, margins included."""
    low, high = (place * old // new for place in (at, min(at + WINDOW, new)))
    return max(0, low - MARGIN), min(old, high + MARGIN)


def _bsdiff(old: bytes, new: bytes) -> Iterator[tuple[Triple, bytes, bytes]]:
    import bsdiff4

    packed = bsdiff4.diff(old, new)
    _, sizes = HEAD.unpack_from(packed)
    control_bytes, diff_bytes, _ = _numbers(sizes)
    body = packed[HEAD.size :]
    control = _numbers(bz2.decompress(body[:control_bytes]))
    differing = bz2.decompress(body[control_bytes : control_bytes + diff_bytes])
    extra = bz2.decompress(body[control_bytes + diff_bytes :])
    start = added = copied = 0
    for add, copy, seek in zip(control[::3], control[1::3], control[2::3], strict=True):
        yield Triple(start, add, copy), differing[added : added + add], extra[copied : copied + copy]
        start, added, copied = start + add + seek, added + add, copied + copy


def _numbers(data: bytes) -> list[int]:
    """Read BSDIFF's numbers: 8 bytes, little-endian, the highest bit a sign and no two's complement."""
    found = [int(number) for number in np.frombuffer(data, "<u8")]
    return [number if number < 1 << 63 else (1 << 63) - number for number in found]
