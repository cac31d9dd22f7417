"""The matrices of a `.tflite`: which constant is which of the encoder's, and what a quantized one really stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as replace_site
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import GateError

#: Operation -> which of its inputs is the matrix.
OPERATIONS = {"FULLY_CONNECTED": 1, "EMBEDDING_LOOKUP": 1, "GATHER": 0}


@dataclass(frozen=True)
class Site:
    """Where a matrix stands in a file."""

    operation: str
    scope: str
    """The quantizer's name of the operation: its outputs' names, each with a semicolon behind."""
    shape: tuple[int, ...]
    tensor: str
    """Its own name."""
    start: int
    """Of its first byte in the file."""
    graph: int
    """Which signature's."""
    changed: bool = False
    """Whether the converter wrote other values than the encoder's."""


def find(file: Path, matrices: dict[str, np.ndarray]) -> dict[str, list[Site]]:
    """Find every matrix (module name -> float32 [out, in]) in a float `.tflite`, one site a signature.

    By content; what the converter has changed (it folds a LayerNorm's weight into the matrix behind it) by shape, in the
    order of the encoder.

    Raises:
        GateError: one is not there, so the file was not made from this encoder.

    """
    names = {_digest(matrix): name for name, matrix in matrices.items()}
    found: dict[str, list[Site]] = {name: [] for name in matrices}
    for constants in _by_graph(file.read_bytes()):
        sites = [(names.get(_digest(data)), site) for site, data in constants]
        here = {name: site for name, site in sites if name}
        for name, site in here.items():
            found[name].append(site)
        _by_shape([site for name, site in sites if not name], [name for name in matrices if name not in here], matrices, found)
    if missing := [name for name, sites in found.items() if not sites]:
        raise GateError(f"{file.name}: holds no constant like the encoder's {missing[0]} ({len(missing)} such).")
    return found


def _by_shape(rest: list[Site], names: list[str], matrices: dict[str, np.ndarray], found: dict[str, list[Site]]) -> None:
    for name in names:
        place = next((i for i, site in enumerate(rest) if site.shape == matrices[name].shape), None)
        if place is not None:
            found[name].append(replace_site(rest.pop(place), changed=True))


def stored(file: Path, sites: dict[str, list[Site]]) -> dict[str, np.ndarray]:
    """Return the matrices as they stand in a float file, float32 [out, in]."""
    content = file.read_bytes()
    return {
        name: np.frombuffer(content, np.float32, int(np.prod(found[0].shape)), found[0].start).reshape(found[0].shape)
        for name, found in sites.items()
    }


def replace(source: Path, target: Path, sites: dict[str, list[Site]], matrices: dict[str, np.ndarray]) -> None:
    """Write `target` as `source` with other values in some matrices, byte for byte in their places."""
    content = bytearray(source.read_bytes())
    for name, matrix in matrices.items():
        data = np.ascontiguousarray(matrix, np.float32).tobytes()
        for site in sites[name]:
            content[site.start : site.start + len(data)] = data
    target.write_bytes(content)


def read(file: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (scope, stored type, values float32 [out, in]) for every matrix of every signature of a quantized file."""
    schema = _schema()
    model = schema.Model.GetRootAs(file.read_bytes(), 0)
    types = {value: name.lower() for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    for _, graph, operator, tensor in _operands(model):
        if (data := _data(model, tensor)) is not None:
            yield _scope(graph, operator), types[tensor.Type()], _values(model, graph, tensor, data, types[tensor.Type()])


def _schema() -> Any:  # noqa: ANN401 - generated module
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def _operands(model: Any) -> Iterator[tuple[int, Any, Any, Any]]:  # noqa: ANN401 - generated classes
    operations = {getattr(_schema().BuiltinOperator, name): place for name, place in OPERATIONS.items()}
    for number, graph in enumerate(model.Subgraphs(i) for i in range(model.SubgraphsLength())):
        for operator in (graph.Operators(i) for i in range(graph.OperatorsLength())):
            place = operations.get(_operation(model, operator))
            if place is not None and graph.Tensors(operator.Inputs(place)).ShapeLength() == 2:
                yield number, graph, operator, graph.Tensors(operator.Inputs(place))


def _operation(model: Any, operator: Any) -> int:  # noqa: ANN401
    # Old files keep the code in the deprecated byte.
    code = model.OperatorCodes(operator.OpcodeIndex())
    return max(code.BuiltinCode(), code.DeprecatedBuiltinCode())


def _by_graph(content: bytes) -> list[list[tuple[Site, np.ndarray]]]:
    graphs: dict[int, list[tuple[Site, np.ndarray]]] = {}
    for site, data in _constants(content):
        graphs.setdefault(site.graph, []).append((site, data))
    return list(graphs.values())


def _constants(content: bytes) -> Iterator[tuple[Site, np.ndarray]]:
    schema = _schema()
    model = schema.Model.GetRootAs(content, 0)
    names = {getattr(schema.BuiltinOperator, name): name for name in OPERATIONS}
    base = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    for number, graph, operator, tensor in _operands(model):
        if tensor.Type() == schema.TensorType.FLOAT32 and (data := _data(model, tensor)) is not None:
            start = data.__array_interface__["data"][0] - base
            name, scope = names[_operation(model, operator)], _scope(graph, operator)
            yield Site(name, scope, _shape(tensor), tensor.Name().decode(), start, number), data


def _scope(graph: Any, operator: Any) -> str:  # noqa: ANN401
    outputs = (graph.Tensors(operator.Outputs(i)).Name().decode() for i in range(operator.OutputsLength()))
    return ";".join(outputs) + ";"


def _shape(tensor: Any) -> tuple[int, ...]:  # noqa: ANN401
    return tuple(tensor.Shape(i) for i in range(tensor.ShapeLength()))


def _data(model: Any, tensor: Any) -> np.ndarray | None:  # noqa: ANN401
    buffer = model.Buffers(tensor.Buffer())
    if buffer.DataLength() > 0:
        return np.asarray(buffer.DataAsNumpy())
    if buffer.Size() > 1:  # large buffers lie behind the flatbuffer, by offset and size
        return np.frombuffer(model._tab.Bytes, np.uint8, buffer.Size(), buffer.Offset())
    return None


def _digest(values: np.ndarray) -> bytes:
    return sha256(np.ascontiguousarray(values).tobytes()).digest()


def _values(model: Any, graph: Any, tensor: Any, data: np.ndarray, kind: str) -> np.ndarray:  # noqa: ANN401
    shape = _shape(tensor)
    if kind == "float32":
        return data.view(np.float32).reshape(shape)
    levels = (data.view(np.int8) if kind == "int8" else _nibbles(data)[: int(np.prod(shape))]).reshape(shape).astype(np.float32)
    quantization = tensor.Quantization()
    if quantization.DetailsType() == _schema().QuantizationDetails.BlockwiseQuantization:
        return _blockwise(model, graph, quantization, levels)
    return levels * quantization.ScaleAsNumpy().reshape(-1, 1)


def _blockwise(model: Any, graph: Any, quantization: Any, levels: np.ndarray) -> np.ndarray:  # noqa: ANN401
    details = _schema().BlockwiseQuantization()
    details.Init(quantization.Details().Bytes, quantization.Details().Pos)
    scales = _data(model, graph.Tensors(details.Scales()))
    assert scales is not None  # noqa: S101 - a blockwise tensor always names its scales
    blocks = levels.reshape(levels.shape[0], -1, details.BlockSize())
    return (blocks * scales.view(np.float16).astype(np.float32).reshape(blocks.shape[0], -1, 1)).reshape(levels.shape)


def _nibbles(data: np.ndarray) -> np.ndarray:
    # Two 4-bit integers a byte, the low half first, two's complement.
    pairs = np.stack([data & 15, data >> 4], axis=-1).reshape(-1).astype(np.int8)
    return np.where(pairs > 7, pairs - 16, pairs)
