"""What a `.tflite` stores: its matrices, found by walking the file itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError

#: The operations whose weights make the file large; everything else stays in float32 on purpose.
OPERATIONS = ("FULLY_CONNECTED", "EMBEDDING_LOOKUP", "GATHER")
#: XNNPACK takes no scale that is zero or subnormal in float16; the quantizer gives all-zero blocks such.
LEAST_SCALE = np.float16(2.0**-14)
#: Sections of a `.litertlm` begin at multiples of this; a `.tflite` has its identifier behind four bytes.
SECTION, IDENTIFIER = 16 * 1024, b"TFL3"


@dataclass(frozen=True)
class Constant:
    """A stored matrix where one operation of one signature reads it.

    The flatbuffers' classes are generated.
    """

    graph: int
    """Which signature's."""
    tensors: Any
    """Its subgraph, which other tensors are looked up in."""
    operator: Any
    operation: str
    """One of `OPERATIONS`."""
    tensor: Any
    kind: str
    """Stored type, such as "int8"."""
    data: np.ndarray
    """Its bytes, uint8 [n]: a view of the file's content."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""
        return tuple(self.tensor.Shape(i) for i in range(self.tensor.ShapeLength()))


def weights_by_type(file: Path) -> dict[str, int]:
    """Return type name -> number of weights of the matrix products and tables.

    A buffer that several lengths share counts once.
    """
    found = {c.tensor.Buffer(): (c.kind, prod(c.shape)) for c in constants(open_model(file.read_bytes()))}
    counts: Counter[str] = Counter()
    for name, elements in found.values():
        counts[name] += elements
    return dict(counts.most_common())


def open_model(content: bytes | bytearray) -> Any:  # noqa: ANN401 - a generated class
    """Return the flatbuffer's root."""
    return schema().Model.GetRootAs(content, 0)


def constants(model: Any) -> Iterator[Constant]:  # noqa: ANN401
    """Yield every stored matrix that one of `OPERATIONS` reads, by signature, in the order of execution."""
    types = {
        value: name.lower() for name, value in vars(schema().TensorType).items() if isinstance(value, int)
    }
    wanted = {getattr(schema().BuiltinOperator, name): name for name in OPERATIONS}
    for number, graph in enumerate(model.Subgraphs(i) for i in range(model.SubgraphsLength())):
        for operator in (graph.Operators(i) for i in range(graph.OperatorsLength())):
            if operation := wanted.get(_operation(model, operator)):
                for tensor in _matrices(graph, operator):
                    if (data := stored_bytes(model, tensor)) is not None:
                        yield Constant(number, graph, operator, operation, tensor, types[tensor.Type()], data)


def stored_bytes(model: Any, tensor: Any) -> np.ndarray | None:  # noqa: ANN401
    """Return a tensor's bytes as a view uint8 [n] of the file's content, or None where it is computed."""
    buffer = model.Buffers(tensor.Buffer())
    if buffer.DataLength() > 0:
        return np.asarray(buffer.DataAsNumpy())
    if buffer.Size() > 1:  # large buffers lie behind the flatbuffer, by offset and size
        return np.frombuffer(model._tab.Bytes, np.uint8, buffer.Size(), buffer.Offset())
    return None


def schema() -> Any:  # noqa: ANN401 - a generated module
    """Return LiteRT's schema, imported only when a file is read."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def _operation(model: Any, operator: Any) -> int:  # noqa: ANN401
    # Old files keep the code in the deprecated byte.
    code = model.OperatorCodes(operator.OpcodeIndex())
    return max(int(code.BuiltinCode()), int(code.DeprecatedBuiltinCode()))


def _matrices(graph: Any, operator: Any) -> Iterator[Any]:  # noqa: ANN401
    tensors = (
        graph.Tensors(operator.Inputs(i)) for i in range(operator.InputsLength()) if operator.Inputs(i) >= 0
    )
    return (tensor for tensor in tensors if tensor.ShapeLength() == 2)


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
    model = open_model(content)
    seen: set[int] = set()
    for constant in constants(model):
        quantization = constant.tensor.Quantization()
        if constant.tensor.Buffer() in seen or quantization is None:
            continue
        seen.add(constant.tensor.Buffer())
        if (found := _scales(constant, quantization, model)) is not None:
            yield constant.tensor.Name().decode(), found, _zero(constant.data, len(found))


def _scales(constant: Constant, quantization: Any, model: Any) -> np.ndarray | None:  # noqa: ANN401 - generated classes
    words = schema()
    if quantization.DetailsType() != words.QuantizationDetails.BlockwiseQuantization:
        return None
    details = words.BlockwiseQuantization()
    table = quantization.Details()
    details.Init(table.Bytes, table.Pos)
    stored = stored_bytes(model, constant.tensors.Tensors(details.Scales()))
    return None if stored is None else stored.view(np.float16)


def _zero(data: np.ndarray, count: int) -> np.ndarray:
    # Two weights a byte, and blocks of a row one after the other.
    return np.asarray(~data.reshape(count, -1).any(axis=1))
