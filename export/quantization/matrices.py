"""The matrices of a `.tflite`: which constant is which of the encoder's, and what is really stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from dataclasses import replace as replace_site
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.errors import GateError
from pocketrag.formats.tflite import Constant, constants, open_model, schema, stored_bytes


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
    changed: bool = False
    """Whether the converter wrote other values than the encoder's."""


def find_matrices(file: Path, matrices: dict[str, np.ndarray]) -> dict[str, list[Site]]:
    """Find every matrix (module name -> float32 [out, in]) in a float `.tflite`, one site a signature.

    By content; what the converter has changed (it folds a LayerNorm's weight into the matrix behind it) by
    shape, in the order of the encoder.

    Raises:
        GateError: one is not there, so the file was not made from this encoder.

    """
    names = {_digest(matrix): name for name, matrix in matrices.items()}
    found: dict[str, list[Site]] = {name: [] for name in matrices}
    for sites in _by_graph(file.read_bytes(), names):
        here = {name: site for name, site in sites if name}
        for name, site in here.items():
            found[name].append(site)
        _by_shape(
            [site for name, site in sites if not name],
            [name for name in matrices if name not in here],
            matrices,
            found,
        )
    if missing := [name for name, sites in found.items() if not sites]:
        raise GateError(
            f"{file.name}: holds no constant like the encoder's {missing[0]} ({len(missing)} such)."
        )
    return found


def _by_shape(
    rest: list[Site], names: list[str], matrices: dict[str, np.ndarray], found: dict[str, list[Site]]
) -> None:
    for name in names:
        place = next((i for i, site in enumerate(rest) if site.shape == matrices[name].shape), None)
        if place is not None:
            found[name].append(replace_site(rest.pop(place), changed=True))


def stored(file: Path, sites: dict[str, list[Site]]) -> dict[str, np.ndarray]:
    """Return the matrices as they stand in a float file, float32 [out, in]."""
    content = file.read_bytes()
    return {
        name: np.frombuffer(content, np.float32, int(np.prod(found[0].shape)), found[0].start).reshape(
            found[0].shape
        )
        for name, found in sites.items()
    }


def replace(
    source: Path, target: Path, sites: dict[str, list[Site]], matrices: dict[str, np.ndarray]
) -> None:
    """Write `target` as `source` with other values in some matrices, byte for byte in their places."""
    content = bytearray(source.read_bytes())
    for name, matrix in matrices.items():
        data = np.ascontiguousarray(matrix, np.float32).tobytes()
        for site in sites[name]:
            content[site.start : site.start + len(data)] = data
    target.write_bytes(content)


def read(file: Path, scopes: Collection[str]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (scope, stored type, values float32 [out, in]) of the matrices that these operations read."""
    model = open_model(file.read_bytes())
    for constant in constants(model):
        if (scope := _scope(constant)) in scopes:
            yield scope, constant.kind, _values(model, constant)


def _by_graph(content: bytes, names: dict[bytes, str]) -> list[list[tuple[str | None, Site]]]:
    # Every signature reads the same buffers: each is hashed once.
    base = _address(np.frombuffer(content, np.uint8))
    graphs: dict[int, list[tuple[str | None, Site]]] = {}
    known: dict[int, str | None] = {}
    for constant in constants(open_model(content)):
        if constant.kind == "float32":
            start = _address(constant.data) - base
            if start not in known:
                known[start] = names.get(_digest(constant.data))
            graphs.setdefault(constant.graph, []).append((known[start], _site(constant, start)))
    return list(graphs.values())


def _site(constant: Constant, start: int) -> Site:
    tensor = constant.tensor.Name().decode()
    return Site(constant.operation, _scope(constant), constant.shape, tensor, start)


def _address(view: np.ndarray) -> int:
    return int(view.__array_interface__["data"][0])


def _scope(constant: Constant) -> str:
    operator = constant.operator
    outputs = (
        constant.tensors.Tensors(operator.Outputs(i)).Name().decode() for i in range(operator.OutputsLength())
    )
    return ";".join(outputs) + ";"


def _digest(values: np.ndarray) -> bytes:
    return sha256(np.ascontiguousarray(values).tobytes()).digest()


def _values(model: Any, constant: Constant) -> np.ndarray:  # noqa: ANN401
    shape, data = constant.shape, constant.data
    if constant.kind == "float32":
        return data.view(np.float32).reshape(shape)
    levels = data.view(np.int8) if constant.kind == "int8" else _nibbles(data)[: int(np.prod(shape))]
    levels = levels.reshape(shape).astype(np.float32)
    quantization = constant.tensor.Quantization()
    if quantization.DetailsType() == schema().QuantizationDetails.BlockwiseQuantization:
        return _blockwise(model, constant, quantization, levels)
    return np.asarray(levels * quantization.ScaleAsNumpy().reshape(-1, 1))


def _blockwise(model: Any, constant: Constant, quantization: Any, levels: np.ndarray) -> np.ndarray:  # noqa: ANN401
    details = schema().BlockwiseQuantization()
    details.Init(quantization.Details().Bytes, quantization.Details().Pos)
    scales = stored_bytes(model, constant.tensors.Tensors(details.Scales()))
    assert scales is not None  # noqa: S101 - a blockwise tensor always names its scales
    blocks = levels.reshape(levels.shape[0], -1, details.BlockSize())
    return (blocks * scales.view(np.float16).astype(np.float32).reshape(blocks.shape[0], -1, 1)).reshape(
        levels.shape
    )


def _nibbles(data: np.ndarray) -> np.ndarray:
    # Two 4-bit integers a byte, the low half first, two's complement.
    pairs = np.stack([data & 15, data >> 4], axis=-1).reshape(-1).astype(np.int8)
    return np.where(pairs > 7, pairs - 16, pairs)
