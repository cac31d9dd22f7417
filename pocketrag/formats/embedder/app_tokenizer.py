"""Which tokenizers the app's runtime reads: SentencePiece's BPE here, `tokenizer.json` in its own module.

It refuses all else, and so do `check` and the gate `tokenizer`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import files
from .app_tokenizer_json import json_lacks

#: Of sentencepiece_model.proto: TrainerSpec.ModelType BPE, and SentencePiece.Type UNUSED.
BPE, UNUSED = 2, 5


def lacks(file: Path, kind: str) -> list[str]:
    """Return what a tokenizer's file asks for and the app's runtime does not have; empty where it reads it.

    Args:
        file: `tokenizer.json`, or SentencePiece's model.
        kind: as in `TokenizerSpec`.

    Raises:
        InputError: the file is missing or not JSON.

    """
    if kind == "tokenizer.json":
        return list(json_lacks(files.read_json(file)))
    return list(_sentencepiece(file.read_bytes()))


def _sentencepiece(content: bytes) -> Iterator[str]:
    # ModelProto: 1 pieces (3 type), 2 trainer_spec (3 model_type, by default 1), 3 normalizer_spec (2
    # precompiled_charsmap).
    fields = list(_fields(content))
    trainer, normalizer = (dict(_fields(next((v for f, v in fields if f == n), b""))) for n in (2, 3))
    if trainer.get(3, 1) != BPE:
        yield f"the model type {trainer.get(3, 1)} (only BPE, {BPE})"
    if normalizer.get(2):
        yield "a normalizer that rewrites characters"
    if any(dict(_fields(piece)).get(3) == UNUSED for field, piece in fields if field == 1):
        yield "unused pieces"


def _fields(message: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401 - bytes, or what another message holds
    """Yield (field, value) of a protobuf message: integers, and bytes of what has a length.

    Wire format: https://protobuf.dev/programming-guides/encoding/.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _varint(message, at)
            yield key >> 3, message[at : at + size]
            at += size
        else:
            at += {1: 8, 5: 4}[key & 7]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 0x80:
            return value, at
