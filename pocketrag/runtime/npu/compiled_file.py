"""What a compiled `.tflite` holds: for each signature the operations, and the context that the NPU runs.

LiteRT's compiler replaces what an NPU takes by operations `DISPATCH_OP`, each with the place of a context
binary behind the flatbuffer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.tflite import schema

from ..litert import verify_file

#: LiteRT's name of what an NPU runs, and of the stamp that says for which.
DISPATCH, STAMP = b"DISPATCH_OP", b"LiteRtStamp"
#: What Qualcomm's compiler writes into each graph of a context: the system on a chip, and the version of its
#: Hexagon processor.
TARGET = re.compile(rb"soc_type=([A-Za-z0-9_]+);arch=([0-9]+);")
#: And its own version.
QAIRT = re.compile(rb"v([0-9]+\.[0-9]+\.[0-9]+)\.[0-9]{6,}")


@dataclass(frozen=True)
class Port:
    """A tensor that goes in or comes out."""

    name: str
    shape: tuple[int, ...]
    kind: str
    """Its type in the schema's words, such as "int32"."""


@dataclass(frozen=True)
class Compiled:
    """One signature of a compiled file."""

    name: str
    on_cpu: tuple[str, ...]
    """Operations that are left to the CPU, in order."""
    partitions: int
    """Operations that the NPU runs; whole, a signature is one."""
    graph: str
    """Name of the first partition's graph in its context; empty where there is none."""
    place: tuple[int, int]
    """Offset and size of that context in the file."""
    given: tuple[Port, ...]
    made: tuple[Port, ...]


@dataclass(frozen=True)
class Target:
    """What a context was compiled for, by its own words."""

    soc: str
    hexagon: int
    qairt: str
    """The compiler's version; empty where it is not said."""


@dataclass(frozen=True)
class CompiledFile:
    """A compiled `.tflite`."""

    file: Path
    soc: str
    """The system on a chip that LiteRT's stamp names; empty where there is none."""
    signatures: tuple[Compiled, ...]

    def context(self, signature: Compiled) -> bytes:
        """Return the context binary of a signature.

        Raises:
            InputError: it lies beyond the end of the file.

        """
        offset, size = signature.place
        with self.file.open("rb") as stream:
            stream.seek(offset)
            found = stream.read(size)
        if not found or len(found) != size:
            raise InputError(f"{self.file}: the context of {signature.name} is not whole.")
        return found


def read_compiled(file: Path) -> CompiledFile:
    """Read a `.tflite`; one that was never compiled has no partitions.

    Raises:
        InputError: LiteRT can't open it, or a partition is not described as its compiler does.

    """
    verify_file(file)
    model = schema().Model.GetRootAs(file.read_bytes(), 0)
    names = {value: name for name, value in vars(schema().BuiltinOperator).items() if isinstance(value, int)}
    signatures = [model.SignatureDefs(n) for n in range(model.SignatureDefsLength())]
    try:
        found = tuple(_signature(model, one, names) for one in signatures)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{file}: not as LiteRT's compiler writes it ({error!r}).") from None
    return CompiledFile(file, _soc(model), found)


def target_of(context: bytes) -> Target | None:
    """Return what a context binary says that it is for; None where it says nothing, or several things."""
    found = set(TARGET.findall(context))
    if len(found) != 1:
        return None
    ((soc, hexagon),) = found
    version = QAIRT.search(context)
    return Target(soc.decode(), int(hexagon), version[1].decode() if version else "")


def _signature(model: Any, signature: Any, names: dict[int, str]) -> Compiled:  # noqa: ANN401 - generated classes
    graph = model.Subgraphs(signature.SubgraphIndex())
    operators = [graph.Operators(n) for n in range(graph.OperatorsLength())]
    kinds = [_kind(model, operator, names) for operator in operators]
    dispatched = [operator for operator, kind in zip(operators, kinds, strict=True) if kind is None]
    nothing: dict[str, Any] = {"name": "", "bytecode_offset": 0, "bytecode_size": 0}
    call = _call(dispatched[0]) if dispatched else nothing
    return Compiled(
        name=signature.SignatureKey().decode(),
        on_cpu=tuple(kind for kind in kinds if kind is not None),
        partitions=len(dispatched),
        graph=str(call["name"]),
        place=(int(call["bytecode_offset"]), int(call["bytecode_size"])),
        given=tuple(_port(graph, int(n)) for n in graph.InputsAsNumpy()),
        made=tuple(_port(graph, int(n)) for n in graph.OutputsAsNumpy()),
    )


def _kind(model: Any, operator: Any, names: dict[int, str]) -> str | None:  # noqa: ANN401
    # None where the NPU runs it.
    code = model.OperatorCodes(operator.OpcodeIndex())
    if code.CustomCode() == DISPATCH:
        return None
    return names[max(int(code.BuiltinCode()), int(code.DeprecatedBuiltinCode()))]


def _call(operator: Any) -> dict[str, Any]:  # noqa: ANN401
    from flatbuffers import flexbuffers

    found = flexbuffers.Loads(operator.CustomOptionsAsNumpy().tobytes())
    if not isinstance(found, dict):
        raise TypeError("a partition without options")
    return found


def _port(graph: Any, number: int) -> Port:  # noqa: ANN401
    tensor = graph.Tensors(number)
    types = vars(schema().TensorType)
    kinds = {value: name.lower() for name, value in types.items() if isinstance(value, int)}
    shape = tuple(int(tensor.Shape(n)) for n in range(tensor.ShapeLength()))
    return Port(tensor.Name().decode(), shape, kinds[tensor.Type()])


def _soc(model: Any) -> str:  # noqa: ANN401
    for entry in (model.Metadata(n) for n in range(model.MetadataLength())):
        if entry.Name() == STAMP:
            words = _bytes(model, entry.Buffer()).tobytes().split(b"\0")
            return next((word.decode() for word in words[1:] if word), "")
    return ""


def _bytes(model: Any, number: int) -> np.ndarray:  # noqa: ANN401
    buffer = model.Buffers(number)
    return np.asarray(buffer.DataAsNumpy()) if buffer.DataLength() else np.zeros(0, np.uint8)
