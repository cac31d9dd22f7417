"""What a `.litertlm` says of itself: the named texts in its header, and those that pocketrag puts there.

The layout is that of LiteRT-LM's schema/core/litertlm_header_schema.fbs: 8 bytes of magic, three versions as
uint32, and from byte 24 the end of a flatbuffer that begins at byte 32.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pocketrag.errors import InputError

from ..prompts import Prompts

#: The SHA-256 of the `embedder.tflite` that the file is a second form of.
MODEL_KEY = "pocketrag.model_sha256"
#: The prompts as JSON, `query`, `document` and `untitled`; EmbeddingEngine knows of none.
PROMPTS_KEY = "pocketrag.prompts"

MAGIC, END, BEGIN = b"LITERTLM", 24, 32
#: A header has a dozen short texts; what claims more is damaged.
LARGEST = 1 << 20
#: Number of `StringValue` in the union of values.
STRING = 9
#: Offsets of a flatbuffer's fields within its table: the first, the second, the third.
FIRST, SECOND, THIRD = 4, 6, 8


def read_texts(file: Path) -> dict[str, str]:
    """Return the texts in a `.litertlm`'s header by name.

    Raises:
        InputError: it is none, or is damaged.

    """
    with file.open("rb") as stream:
        start = stream.read(BEGIN)
        end = int.from_bytes(start[END:BEGIN], "little")
        if start[: len(MAGIC)] != MAGIC or not BEGIN < end <= LARGEST:
            raise InputError(f"{file}: not a .litertlm, or damaged.")
        content = stream.read(end - BEGIN)
    try:
        return _texts(content)
    # flatbuffers checks nothing: a damaged offset ends in one of these.
    except (AssertionError, IndexError, OverflowError, TypeError, ValueError, struct.error) as error:
        raise InputError(f"{file}: its header is damaged ({type(error).__name__}).") from None


def prompts_in(texts: dict[str, str]) -> Prompts | None:
    """Return the prompts of a header's texts; None where it has none that can be read."""
    try:
        return Prompts.model_validate(json.loads(texts[PROMPTS_KEY]))
    except (KeyError, ValueError, ValidationError):
        return None


def _texts(content: bytes) -> dict[str, str]:
    from flatbuffers import encode, packer
    from flatbuffers.table import Table

    def field(table: Any, at: int) -> int:  # noqa: ANN401 - flatbuffers has no types
        return int(table.Offset(at))

    def below(table: Any, at: int) -> Any:  # noqa: ANN401
        return Table(table.Bytes, table.Indirect(field(table, at) + table.Pos))

    def text(table: Any, at: int) -> str:  # noqa: ANN401
        found: bytes = table.String(field(table, at) + table.Pos)
        return found.decode()

    root = Table(content, encode.Get(packer.uoffset, content, 0))
    if not field(root, FIRST):
        return {}
    system = below(root, FIRST)
    if not (entries := field(system, FIRST)):
        return {}
    count, begin = system.VectorLen(entries), system.Vector(entries)
    if count * 4 > len(content):
        raise ValueError("more entries than bytes")
    rows = [Table(content, system.Indirect(begin + 4 * i)) for i in range(count)]
    return {
        text(row, FIRST): text(below(row, THIRD), FIRST)
        for row in rows
        if field(row, SECOND) and encode.Get(packer.uint8, content, field(row, SECOND) + row.Pos) == STRING
    }
