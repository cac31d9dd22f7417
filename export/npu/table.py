"""The lookup of a row of an int8 table, as operations that an NPU takes.

A row is looked up as int8, turned into float16, and multiplied by its own scale, which is looked up too. One
power of two moves from the scales of the rows to the step of the integers, so that the scales lie where
float16 is exact to eleven bits, however small they are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pocketrag.formats.tflite import schema

from .graph import add_buffer, add_tensor, make_operator, scaled


def look_up_int8(model: Any, graph: Any, lookup: Any, scales: dict[int, tuple[int, float]]) -> None:  # noqa: ANN401
    """Replace the dynamic-range lookup of an int8 table by one of int8 rows and one of their scales.

    Args:
        model: whose subgraph is changed in place.
        graph: the subgraph.
        lookup: its EMBEDDING_LOOKUP, from ids int32 [L] and an int8 table [V, H] to float32 [L, H].
        scales: buffer of a table -> the buffer of its scales, and the step of its integers; filled here, so
            that several subgraphs share both.

    """
    words, ids, made = schema(), int(lookup.inputs[0]), int(lookup.outputs[0])
    table, kinds = graph.tensors[lookup.inputs[1]], schema().TensorType
    if table.buffer not in scales:
        scales[table.buffer] = _split(model, table)
    buffer, step = scales[table.buffer]
    table.quantization = scaled(step)
    shape = [int(n) for n in graph.tensors[made].shape]
    column = add_tensor(graph, "row_scales", [int(table.shape[0]), 1], kinds.FLOAT32, buffer)
    integers = add_tensor(graph, "rows_int8", shape, kinds.INT8)
    graph.tensors[integers].quantization = scaled(step)
    floats = add_tensor(graph, "rows_float", shape, kinds.FLOAT32)
    factors = add_tensor(graph, "rows_factors", [*shape[:-1], 1], kinds.FLOAT32)
    lookup.outputs = np.array([integers], np.int32)
    dequantize = (words.BuiltinOptions.DequantizeOptions, words.DequantizeOptionsT())
    times = (words.BuiltinOptions.MulOptions, words.MulOptionsT())
    codes = words.BuiltinOperator
    place = next(n for n, operator in enumerate(graph.operators) if operator is lookup) + 1
    graph.operators[place:place] = [
        make_operator(model, codes.EMBEDDING_LOOKUP, [ids, column], [factors]),
        make_operator(model, codes.DEQUANTIZE, [integers], [floats], dequantize),
        make_operator(model, codes.MUL, [floats, factors], [made], times),
    ]


def _split(model: Any, table: Any) -> tuple[int, float]:  # noqa: ANN401
    # The largest scale of a row becomes .5 to 1; the step takes what that was multiplied by.
    scales = np.asarray(table.quantization.scale, np.float32)
    rows = np.broadcast_to(scales.reshape(-1, 1), (int(table.shape[0]), 1))
    _, exponent = math.frexp(float(scales.max()))
    step = math.ldexp(1.0, exponent)
    return add_buffer(model, (rows / np.float32(step)).astype(np.float32)), step
