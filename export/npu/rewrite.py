"""The model as an NPU takes it: activations in float16, matrices and table in int8 or float16.

Qualcomm's compiler refuses every dynamic-range FULLY_CONNECTED, float32 activations times an int8 matrix, and
takes float16 times int8 with a scale a row. So each float32 tensor becomes float16, and int8 matrices stay as
they are. Token ids come in as int32, and the vector leaves as float32, as from the file for CPUs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.tflite import schema

from .graph import add_buffer, add_tensor, constant, drop_unused, load, make_operator, operation, save
from .table import look_up_int8

#: Beyond it a float16 is infinite.
GREATEST = float(np.finfo(np.float16).max)


def rewrite(source: Path, target: Path, lengths: Sequence[int]) -> None:
    """Write the signatures `embed_L` of a model in float16, for the compiler alone: no CPU runs the file.

    Args:
        source: `.tflite` with activations in float32, matrices in int8 with a scale a row, or in float32.
        target: the file to write.
        lengths: of the signatures that are kept.

    Raises:
        InputError: a tensor is of a type, a lookup of a form or a number of a size that this is not for.

    """
    model = load(source)
    _keep(model, [f"embed_{length}".encode() for length in lengths], source)
    halves: dict[int, int] = {}
    scales: dict[int, tuple[int, float]] = {}
    for graph in model.subgraphs:
        for operator in _lookups(model, graph):
            look_up_int8(model, graph, operator, scales)
        for tensor in graph.tensors:
            _halve(model, tensor, halves, source)
        _cast_output(model, graph)
        _tell(model, graph)
    drop_unused(model)
    save(model, target)


def _keep(model: Any, names: list[bytes], source: Path) -> None:  # noqa: ANN401
    # Shortest first, whatever their order was.
    found = {signature.signatureKey: signature for signature in model.signatureDefs}
    if missing := [name.decode() for name in names if name not in found]:
        raise InputError(f"{source}: has no signature {missing[0]!r}.")
    model.signatureDefs = [found[name] for name in names]
    model.subgraphs = [model.subgraphs[signature.subgraphIndex] for signature in model.signatureDefs]
    for number, signature in enumerate(model.signatureDefs):
        signature.subgraphIndex = number


def _lookups(model: Any, graph: Any) -> list[Any]:  # noqa: ANN401
    # Of int8 rows; of float rows a lookup is what it is.
    code, kind = schema().BuiltinOperator.EMBEDDING_LOOKUP, schema().TensorType.INT8
    found = [operator for operator in graph.operators if operation(model, operator) == code]
    return [operator for operator in found if graph.tensors[operator.inputs[1]].type == kind]


def _halve(model: Any, tensor: Any, halves: dict[int, int], source: Path) -> None:  # noqa: ANN401
    kinds = schema().TensorType
    if tensor.type not in (kinds.FLOAT32, kinds.FLOAT16, kinds.INT32, kinds.INT8, kinds.BOOL):
        raise InputError(
            f"{source}: {tensor.name.decode()} is of a type that NPU files are not made of; quantize to int8."
        )
    if tensor.type != kinds.FLOAT32:
        return
    values = constant(model, tensor, np.float32)
    tensor.type = kinds.FLOAT16
    if values is None:
        return
    if tensor.buffer not in halves:
        if not np.abs(values).max(initial=0.0) <= GREATEST:
            raise InputError(f"{source}: {tensor.name.decode()} holds numbers beyond float16's {GREATEST:g}.")
        halves[tensor.buffer] = add_buffer(model, values.astype(np.float16))
    tensor.buffer = halves[tensor.buffer]


def _cast_output(model: Any, graph: Any) -> None:  # noqa: ANN401
    words, half = schema(), int(graph.outputs[0])
    tensor = graph.tensors[half]
    name = tensor.name.decode()
    tensor.name = f"{name}_float16".encode()
    full = add_tensor(graph, name, tensor.shape, words.TensorType.FLOAT32)
    options = (words.BuiltinOptions.CastOptions, words.CastOptionsT())
    graph.operators.append(make_operator(model, words.BuiltinOperator.CAST, [half], [full], options))
    graph.outputs = np.array([full], np.int32)
    for signature in model.signatureDefs:
        if model.subgraphs[signature.subgraphIndex] is graph:
            signature.outputs[0].tensorIndex = full


def _tell(model: Any, graph: Any) -> None:  # noqa: ANN401
    # A cast says in its options, too, of which types it is.
    code = schema().BuiltinOperator.CAST
    for operator in graph.operators:
        if operation(model, operator) == code and operator.builtinOptions is not None:
            operator.builtinOptions.inDataType = graph.tensors[operator.inputs[0]].type
            operator.builtinOptions.outDataType = graph.tensors[operator.outputs[0]].type
