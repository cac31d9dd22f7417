"""A quantized `.tflite` without its repetitions.

The same tensors, operations and bytes of weights, less description.

The quantizer writes for every signature anew, and for every output channel, a scale and a zero point of eight
bytes that is always 0 here. One table of scales serves all signatures, and one list of zeros serves all
weights with as many channels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

#: TFLite's own alignment of constant buffers, `force_align: 16` in its schema.fbs.
ALIGN = 16


def slim(file: Path) -> int:
    """Rewrite a quantized model with the same arithmetic in fewer bytes; return how many were saved."""
    data = file.read_bytes()
    model, weights = _read(data)
    _share(model)
    _shorten(model)
    written = _write(model, weights)
    temporary = file.with_name(f".{file.name}.slim")
    temporary.write_bytes(written)
    temporary.replace(file)
    return len(data) - len(written)


class _Once:
    """Quantization parameters that are packed once and referred to by every tensor that has them."""

    def __init__(self, parameters: Any, zeros: dict[int, _Zeros]) -> None:  # noqa: ANN401 - flatbuffers' generated class
        self.parameters = parameters
        self.zeros = zeros.setdefault(len(parameters.zeroPoint), _Zeros(len(parameters.zeroPoint)))
        self.builder: Any = None
        self.place = 0

    def Pack(self, builder: Any) -> int:  # noqa: ANN401, N802 - the name that flatbuffers calls
        if self.builder is not builder:
            self.builder, self.place = builder, self._pack(builder)
        return self.place

    def _pack(self, builder: Any) -> int:  # noqa: ANN401
        from ai_edge_litert import schema_py_generated as schema

        zeros, scale = (
            self.zeros.pack(builder),
            builder.CreateNumpyVector(np.asarray(self.parameters.scale, np.float32)),
        )
        schema.QuantizationParametersStart(builder)
        schema.QuantizationParametersAddScale(builder, scale)
        schema.QuantizationParametersAddZeroPoint(builder, zeros)
        schema.QuantizationParametersAddQuantizedDimension(builder, self.parameters.quantizedDimension)
        return int(schema.QuantizationParametersEnd(builder))


class _Zeros:
    """So many zero points; LiteRT refuses one for all channels, but tensors may share the list."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.builder: Any = None
        self.place = 0

    def pack(self, builder: Any) -> int:  # noqa: ANN401
        if self.builder is not builder:
            self.builder, self.place = builder, int(builder.CreateNumpyVector(np.zeros(self.count, np.int64)))
        return self.place


def _read(data: bytes) -> tuple[Any, list[memoryview]]:
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    # The quantizer puts weights behind the flatbuffer; a size of 1 there means none, like 0. Small constants
    # stay inside.
    return model, [
        memoryview(data)[b.offset : b.offset + b.size] if b.size > 1 else memoryview(b"")
        for b in model.buffers
    ]


def _share(model: Any) -> None:  # noqa: ANN401
    known: dict[tuple[int, bytes, int], _Once] = {}
    zeros: dict[int, _Zeros] = {}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            found = tensor.quantization
            # Block-wise scales are a tensor of their own, and what has one scale needs no sharing.
            if (
                found is None
                or found.details is not None
                or found.scale is None
                or len(found.scale) < 2
                or np.any(found.zeroPoint)
            ):
                continue
            key = (tensor.buffer, np.asarray(found.scale).tobytes(), found.quantizedDimension)
            tensor.quantization = known.setdefault(key, _Once(found, zeros))


def _shorten(model: Any) -> None:  # noqa: ANN401
    # Names inside the graph are the converter's debug paths; inputs and outputs are named by the signatures.
    for graph in model.subgraphs:
        kept = {*map(int, graph.inputs), *map(int, graph.outputs)}
        for i, tensor in enumerate(graph.tensors):
            if i not in kept:
                tensor.name = b"%d" % i


def _write(model: Any, weights: list[memoryview]) -> bytes:  # noqa: ANN401
    # Offsets are counted from the file's start, so the flatbuffer is packed twice: its size does not depend
    # on their values.
    start = len(_pack(model))
    for buffer, data in zip(model.buffers, weights, strict=True):
        if data.nbytes:
            start = -(-start // ALIGN) * ALIGN
            buffer.offset = start
            start += data.nbytes
    out = bytearray(_pack(model))
    for buffer, data in zip(model.buffers, weights, strict=True):
        if data.nbytes:
            out += bytes(buffer.offset - len(out)) + data
    return bytes(out)


def _pack(model: Any) -> bytes:  # noqa: ANN401
    from flatbuffers import Builder

    builder = Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
