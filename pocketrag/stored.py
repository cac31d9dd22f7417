"""What a `.tflite` stores: how many weights of which type, read from the file itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

#: The operations whose weights make the file large; everything else stays in float32 on purpose.
OPERATIONS = ("FULLY_CONNECTED", "EMBEDDING_LOOKUP", "GATHER")


def weights_by_type(file: Path) -> dict[str, int]:
    """Return type name -> number of weights of the matrix products and tables; a buffer that several lengths share counts once."""
    from ai_edge_litert import schema_py_generated as schema

    names = {value: name.lower() for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    wanted = {getattr(schema.BuiltinOperator, name) for name in OPERATIONS}
    model = schema.Model.GetRootAs(file.read_bytes(), 0)
    found = {t.Buffer(): (names[t.Type()], _elements(t)) for t in _operands(model, wanted) if _stored(model.Buffers(t.Buffer()))}
    counts: Counter[str] = Counter()
    for name, elements in found.values():
        counts[name] += elements
    return dict(counts.most_common())


def _operands(model: Any, wanted: set[int]) -> Iterator[Any]:  # noqa: ANN401 - generated classes
    for graph in (model.Subgraphs(i) for i in range(model.SubgraphsLength())):
        for operator in (graph.Operators(i) for i in range(graph.OperatorsLength())):
            code = model.OperatorCodes(operator.OpcodeIndex())
            # Old files keep the code in the deprecated byte.
            if max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) in wanted:
                tensors = (graph.Tensors(operator.Inputs(i)) for i in range(operator.InputsLength()) if operator.Inputs(i) >= 0)
                yield from (tensor for tensor in tensors if tensor.ShapeLength() == 2)


def _stored(buffer: Any) -> bool:  # noqa: ANN401
    # Large buffers lie behind the flatbuffer, by offset and size.
    return buffer.DataLength() > 0 or buffer.Size() > 1


def _elements(tensor: Any) -> int:  # noqa: ANN401
    return prod(tensor.Shape(i) for i in range(tensor.ShapeLength()))
