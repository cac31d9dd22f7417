"""What a `.tflite` stores: its matrices, found by walking the file itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

#: The operations whose weights make the file large; everything else stays in float32 on purpose.
OPERATIONS = ("FULLY_CONNECTED", "EMBEDDING_LOOKUP", "GATHER")


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


def open_model(content: bytes) -> Any:  # noqa: ANN401 - a generated class
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
