"""What one run of each signature of a `.tflite` costs: multiply-accumulates, elements, operations and bytes.

Counted from the file itself, so a prediction stands on the very graph that ships. Nothing is run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.tflite import open_model, schema, stored_bytes
from pocketrag.runtime.litert import verify_file

#: Another shape of the same bytes: LiteRT moves nothing for these.
VIEWS = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})
#: Read as many rows as there are tokens, never the whole table.
TABLES = frozenset({"EMBEDDING_LOOKUP", "GATHER"})
#: Touch no more of an operand than they return.
PARTIAL = TABLES | {"SLICE", "STRIDED_SLICE"}


@dataclass(frozen=True)
class Cost:
    """One run of one signature."""

    macs: dict[str, int]
    """Stored type of the weights ("int8", "int4", "float32") -> multiply-accumulates.

    Two computed operands are float32.
    """
    elements: int
    """Handled by all that is not a matrix product.

    Per operation the larger of its largest input and its output.
    """
    operations: int
    """How many, views left out."""
    weight_bytes: int
    """Stored bytes that are read, a shared buffer once, of a table the rows of the tokens.

    Scales of quantization left out.
    """
    activation_bytes: int
    """Computed bytes that operations read and write, in cache or not."""

    @property
    def integer(self) -> int:
        """Multiply-accumulates with integer weights.

        XNNPACK quantizes the activations and multiplies in int8.
        """
        return sum(count for kind, count in self.macs.items() if kind.startswith("int"))

    @property
    def floating(self) -> int:
        """Multiply-accumulates in float32."""
        return sum(self.macs.values()) - self.integer


def costs(file: Path) -> dict[str, Cost]:
    """Return signature -> cost of a `.tflite`.

    Raises:
        InputError: the file is not a model that LiteRT opens, or names no signature.

    """
    verify_file(file)  # the generated classes below trust every offset of the file
    model = open_model(file.read_bytes())
    found = [model.SignatureDefs(i) for i in range(model.SignatureDefsLength())]
    if not found:
        raise InputError(
            f"{file}: has no signature, so no length is known. Convert it with `pocketrag convert`."
        )
    return {one.SignatureKey().decode(): cost(model, model.Subgraphs(one.SubgraphIndex())) for one in found}


def cost(model: Any, graph: Any) -> Cost:  # noqa: ANN401 - generated classes
    """Count one subgraph of a model (both flatbuffer objects of LiteRT's schema)."""
    steps = list(_steps(model, graph))
    macs: Counter[str] = Counter()
    for step in steps:
        if step.name in PRODUCTS:
            macs[step.kind] += PRODUCTS[step.name](step)
    return Cost(
        macs=dict(macs),
        elements=sum(step.elements for step in steps if step.name not in PRODUCTS),
        operations=len(steps),
        weight_bytes=sum({k: v for step in steps for k, v in step.read.items()}.values()),
        activation_bytes=sum(step.moved for step in steps),
    )


@dataclass(frozen=True)
class _Step:
    """One operation with what it reads and writes."""

    name: str
    kind: str
    """Type of its second operand where that is stored, which is where weights are; else "float32"."""
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    read: dict[int, int]
    """Buffer -> stored bytes."""
    moved: int
    """Computed bytes in and out."""

    @property
    def elements(self) -> int:
        """The larger of its largest input and its output; a part costs what is returned."""
        return prod(self.output) if self.name in PARTIAL else max(map(prod, (self.output, *self.inputs)))


def _fully_connected(step: _Step) -> int:
    return prod(step.output) * step.inputs[1][-1]  # weights [out, in]


def _batch_matmul(step: _Step) -> int:
    # [..., M, K], or [..., K, M] where it is read transposed; the output is [..., M, N].
    left = step.inputs[0]
    return prod(step.output) * left[-1] * left[-2] // step.output[-2]


def _conv(step: _Step) -> int:
    return prod(step.output) * prod(step.inputs[1][1:])  # weights [out, height, width, in]


def _depthwise(step: _Step) -> int:
    return prod(step.output) * prod(step.inputs[1][1:3])  # weights [1, height, width, channels]


#: Matrix products and how their multiply-accumulates follow from the shapes (TFLite's operator definitions).
PRODUCTS: dict[str, Callable[[_Step], int]] = {
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
}


def _steps(model: Any, graph: Any) -> Iterator[_Step]:  # noqa: ANN401
    names = {value: name for name, value in vars(schema().BuiltinOperator).items() if isinstance(value, int)}
    types = {
        value: name.lower() for name, value in vars(schema().TensorType).items() if isinstance(value, int)
    }
    for operator in (graph.Operators(i) for i in range(graph.OperatorsLength())):
        code = model.OperatorCodes(operator.OpcodeIndex())
        # Old files keep the code in the deprecated byte.
        name = names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        if name not in VIEWS:
            yield _step(model, graph, operator, name, types)


def _step(model: Any, graph: Any, operator: Any, name: str, types: dict[int, str]) -> _Step:  # noqa: ANN401
    given = [
        graph.Tensors(operator.Inputs(i)) for i in range(operator.InputsLength()) if operator.Inputs(i) >= 0
    ]
    made = [graph.Tensors(operator.Outputs(i)) for i in range(operator.OutputsLength())]
    stored = {tensor.Buffer(): data for tensor in given if (data := stored_bytes(model, tensor)) is not None}
    weights = given[1] if len(given) > 1 and given[1].Buffer() in stored else None
    output = _shape(made[0])
    read = {buffer: data.size for buffer, data in stored.items()}
    if name in TABLES:
        read = {buffer: _rows(size, output, given, buffer) for buffer, size in read.items()}
    return _Step(
        name=name,
        kind=types[weights.Type()] if weights is not None else "float32",
        inputs=tuple(map(_shape, given)),
        output=output,
        read=read,
        moved=sum(
            prod(_shape(t)) * _width(types[t.Type()]) for t in [*given, *made] if t.Buffer() not in stored
        ),
    )


def _rows(size: int, output: tuple[int, ...], given: list[Any], buffer: int) -> int:
    # The share of the table's elements that the output holds; a small stored operand (positions, an axis) is
    # read whole.
    whole = prod(_shape(next(tensor for tensor in given if tensor.Buffer() == buffer)))
    return min(size, -(-size * prod(output) // max(whole, 1)))


def _shape(tensor: Any) -> tuple[int, ...]:  # noqa: ANN401
    return tuple(tensor.Shape(i) for i in range(tensor.ShapeLength()))


def _width(kind: str) -> int:
    return {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "float16": 2, "int64": 8}.get(kind, 4)
