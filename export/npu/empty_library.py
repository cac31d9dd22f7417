"""A shared library for x86-64 Linux with nothing in it.

LiteRT's compiler plugin opens `libQnnLpai.so`, of a backend that is not used here, before it compiles, and
Qualcomm's package for Python does not bring that file. Any library of that name does: nothing is called.
"""

from __future__ import annotations

import struct
from pathlib import Path

#: Sizes of the parts of an ELF file of 64 bits.
HEADER, SEGMENT, SYMBOL = 64, 56, 24
#: What a segment is: loaded, the dynamic section, and that the stack need not be executable.
LOAD, DYNAMIC, STACK = 1, 2, 0x6474E551
READ_WRITE, PAGE = 6, 0x1000
#: Entries of the dynamic section.
HASH, STRINGS, SYMBOLS, STRINGS_SIZE, SYMBOL_SIZE, END = 4, 5, 6, 10, 11, 0


def write_empty_library(file: Path) -> None:
    """Write the library; 369 bytes, always the same."""
    dynamic_at = HEADER + 3 * SEGMENT
    hash_at = dynamic_at + 6 * 16
    symbols_at = hash_at + 16
    strings_at = symbols_at + SYMBOL
    size = strings_at + 1
    entries = (
        (HASH, hash_at),
        (SYMBOLS, symbols_at),
        (STRINGS, strings_at),
        (STRINGS_SIZE, 1),
        (SYMBOL_SIZE, SYMBOL),
        (END, 0),
    )
    dynamic = b"".join(struct.pack("<QQ", *entry) for entry in entries)
    segments = (
        _segment(LOAD, 0, size, PAGE)
        + _segment(DYNAMIC, dynamic_at, len(dynamic), 8)
        + _segment(STACK, 0, 0, 16)
    )
    # One bucket with one chain, both the null symbol, which is all zeros; and one empty string.
    table = struct.pack("<4I", 1, 1, 0, 0)
    file.write_bytes(_header() + segments + dynamic + table + bytes(SYMBOL) + b"\0")


def _header() -> bytes:
    # A shared object (3) for x86-64 (62), little-endian, with three segments and no sections.
    magic = b"\x7fELF\x02\x01\x01" + bytes(9)
    return magic + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, HEADER, 0, 0, HEADER, SEGMENT, 3, 0, 0, 0)


def _segment(kind: int, offset: int, size: int, align: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, READ_WRITE, offset, offset, offset, size, size, align)
