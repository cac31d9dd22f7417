"""A `.tflite` as objects that can be changed: read, a tensor or an operation added, written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.formats.tflite import IDENTIFIER, schema

#: The builder grows by doubling; most models fit at once.
FIRST_BYTES = 1 << 28
#: What the schema's table of operations has in its old, single byte for codes above it.
OLD_CODES = 127


def load(file: Path) -> Any:  # noqa: ANN401 - a generated class
    """Return the model's object tree, with the bytes of large buffers, which lie behind the tree, in it."""
    content = file.read_bytes()
    model = schema().ModelT.InitFromObj(schema().Model.GetRootAs(bytearray(content)))
    for buffer in model.buffers:
        if buffer.data is None and buffer.size > 0 and buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return model


def save(model: Any, file: Path) -> None:  # noqa: ANN401
    """Write the model; equal trees give equal bytes."""
    import flatbuffers

    builder = flatbuffers.Builder(FIRST_BYTES)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    file.write_bytes(builder.Output())


def operation(model: Any, operator: Any) -> int:  # noqa: ANN401
    """Return an operator's code, a value of `BuiltinOperator`."""
    code = model.operatorCodes[operator.opcodeIndex]
    return max(int(code.builtinCode), int(code.deprecatedBuiltinCode))


def constant(model: Any, tensor: Any, kind: type[np.generic]) -> np.ndarray | None:  # noqa: ANN401
    """Return a stored tensor's numbers in its shape, or None where it is computed."""
    data = model.buffers[tensor.buffer].data
    if data is None or len(data) == 0:
        return None
    shape = () if tensor.shape is None else tuple(int(n) for n in tensor.shape)
    return np.frombuffer(np.asarray(data, np.uint8).tobytes(), kind).reshape(shape)


def add_buffer(model: Any, values: np.ndarray) -> int:  # noqa: ANN401
    """Store numbers, and return where."""
    buffer = schema().BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def add_tensor(graph: Any, name: str, shape: Sequence[int], kind: int, buffer: int = 0) -> int:  # noqa: ANN401
    """Add a tensor to a subgraph, and return its number; buffer 0 is that of all that is computed."""
    tensor = schema().TensorT()
    tensor.name, tensor.type, tensor.buffer = name.encode(), kind, buffer
    tensor.shape = np.array(shape, np.int32)
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def make_operator(
    model: Any,  # noqa: ANN401
    code: int,
    given: Sequence[int],
    made: Sequence[int],
    options: tuple[int, Any] = (0, None),
) -> Any:  # noqa: ANN401
    """Return a new operator from tensors to tensors; `options` are their kind and object."""
    operator = schema().OperatorT()
    operator.opcodeIndex = _code_index(model, code)
    operator.inputs, operator.outputs = np.array(given, np.int32), np.array(made, np.int32)
    operator.builtinOptionsType, operator.builtinOptions = options
    return operator


def scaled(step: float) -> Any:  # noqa: ANN401
    """Return the quantization of a tensor whose integers count multiples of `step`."""
    found = schema().QuantizationParametersT()
    found.scale, found.zeroPoint = np.array([step], np.float32), np.array([0], np.int64)
    return found


def drop_unused(model: Any) -> None:  # noqa: ANN401
    """Remove the buffers that nothing names."""
    holders = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    holders += list(model.metadata or [])
    kept = sorted({0, *(holder.buffer for holder in holders)})
    place = {old: new for new, old in enumerate(kept)}
    model.buffers = [model.buffers[old] for old in kept]
    for holder in holders:
        holder.buffer = place[holder.buffer]


def _code_index(model: Any, code: int) -> int:  # noqa: ANN401
    for index, there in enumerate(model.operatorCodes):
        if max(int(there.builtinCode), int(there.deprecatedBuiltinCode)) == code:
            return index
    new = schema().OperatorCodeT()
    new.builtinCode, new.deprecatedBuiltinCode, new.version = code, min(code, OLD_CODES), 1
    model.operatorCodes.append(new)
    return len(model.operatorCodes) - 1
