"""Weights of a `.tflite` that are stored in blocks of a row, each with a scale; also inside a `.litertlm`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError

from . import tflite

#: XNNPACK takes no scale that is zero or subnormal in float16; the quantizer gives all-zero blocks such.
LEAST_SCALE = np.float16(2.0**-14)
#: Sections of a `.litertlm` begin at multiples of this; a `.tflite` has its identifier behind four bytes.
SECTION, IDENTIFIER = 16 * 1024, b"TFL3"


def model_in(file: Path) -> bytes:
    """Return the `.tflite` inside a `.litertlm`, and what follows it.

    Raises:
        InputError: there is none.

    """
    with file.open("rb") as stream:
        for begin in range(0, file.stat().st_size, SECTION):
            stream.seek(begin)
            if stream.read(8)[4:] == IDENTIFIER:
                stream.seek(begin)
                return stream.read()
    raise InputError(f"{file}: holds no model for LiteRT.")


def blocks(content: bytes | bytearray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each matrix that is stored in blocks: its name, scales, and which blocks are zero.

    The scales, float16 [rows * blocks], are a view of `content`; which are zero is bool of the same length.
    Matrices that several signatures share come once.
    """
    model = tflite.open_model(content)
    seen: set[int] = set()
    for constant in tflite.constants(model):
        quantization = constant.tensor.Quantization()
        if constant.tensor.Buffer() in seen or quantization is None:
            continue
        seen.add(constant.tensor.Buffer())
        if (found := _scales(constant, quantization, model)) is not None:
            yield constant.tensor.Name().decode(), found, _zero(constant.data, len(found))


def _scales(constant: tflite.Constant, quantization: Any, model: Any) -> np.ndarray | None:  # noqa: ANN401 - generated classes
    schema = tflite.schema()
    if quantization.DetailsType() != schema.QuantizationDetails.BlockwiseQuantization:
        return None
    details = schema.BlockwiseQuantization()
    table = quantization.Details()
    details.Init(table.Bytes, table.Pos)
    stored = tflite.stored_bytes(model, constant.tensors.Tensors(details.Scales()))
    return None if stored is None else stored.view(np.float16)


def _zero(data: np.ndarray, count: int) -> np.ndarray:
    # Two weights a byte, and blocks of a row one after the other.
    return ~data.reshape(count, -1).any(axis=1)
