"""Choose what a quantization stores.

Which layer matrices stay int8, and the calibrated levels of those that don't.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from pocketrag.console import progress
from pocketrag.errors import InputError
from pocketrag.recipe.quantization import Quantization, Store, kind_of
from pocketrag.reference.float_model import nearest
from pocketrag.sampling import spread

from ..model.encoder import Encoder
from .calibrate import advance, hessians, layers_of, matrix_of, start
from .gptq import gptq
from .sensitivity import keep, losses

T = TypeVar("T")
#: What a sensitive matrix is kept in.
KEPT = Store(bits=8)
#: Texts that tell the matrices apart; with 32 short questions their order is stable, and it takes a minute.
TRIALS = 32
LAYERS = "transformer.layers."


@dataclass(frozen=True)
class Plan:
    """How every matrix is stored, by the encoder's module name."""

    stores: dict[str, Store]
    values: dict[str, np.ndarray]
    """Float32 [out, in] on its grid, where calibration chose the levels, as it will stand in the file.

    The others are rounded by the quantizer.
    """
    scales: dict[str, np.ndarray]
    """Float32 [out, in / block] of those."""
    kept: set[str]
    """Layer matrices that stay int8, because 4 bits hurt there most."""
    folded: dict[str, np.ndarray]
    """By what the columns of those in `values` are multiplied in the file, float32 [in]."""

    def of(self, names: Collection[str]) -> Plan:
        """Return what it says of these matrices."""
        return Plan(
            _among(self.stores, names),
            _among(self.values, names),
            _among(self.scales, names),
            self.kept & set(names),
            _among(self.folded, names),
        )


def _among(found: dict[str, T], names: Collection[str]) -> dict[str, T]:
    return {name: one for name, one in found.items() if name in names}


def matrices(encoder: Encoder) -> dict[str, nn.Linear | nn.Embedding]:
    """Return every module that holds a matrix, by dotted name, in the order of the encoder."""
    return {
        name: module
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Linear | nn.Embedding)
    }


def plan(
    encoder: Encoder,
    quantization: Quantization,
    rows: list[list[int]],
    folded: Mapping[str, np.ndarray] | None = None,
) -> Plan:
    """Decide on every matrix.

    Args:
        encoder: in float32; its weights are those that will be stored, afterwards.
        quantization: what was asked for.
        rows: token ids of calibration texts, one each; empty where the quantization needs none.
        folded: by what the columns of each matrix are multiplied in the file (`folded_norms.folded`); 1 for
            those that it does not name.

    Raises:
        InputError: a block size does not divide a matrix's inputs.

    """
    stores = {name: quantization.store(kind_of(name)) for name in matrices(encoder)}
    _divides(encoder, stores)
    kept = _kept(encoder, quantization, stores, rows)
    stores |= dict.fromkeys(kept, KEPT)
    columns = {name: torch.from_numpy(factors) for name, factors in (folded or {}).items()}
    found = _calibrated(encoder, stores, rows, columns) if quantization.has_levels else {}
    values, scales = ({name: pair[i].numpy() for name, pair in found.items()} for i in range(2))
    return Plan(stores, values, scales, kept, _among(dict(folded or {}), found))


def _divides(encoder: Encoder, stores: dict[str, Store]) -> None:
    for name, module in matrices(encoder).items():
        inputs, block = module.weight.shape[1], stores[name].block
        if block and inputs % block:
            raise InputError(
                f"`export.quantization`: blocks of {block} don't divide the {inputs} inputs of {name}; "
                f"leave out b{block}."
            )


def _kept(
    encoder: Encoder, quantization: Quantization, stores: dict[str, Store], rows: list[list[int]]
) -> set[str]:
    few = {
        name: store for name, store in stores.items() if name.startswith(LAYERS) and store.bits < KEPT.bits
    }
    if not (quantization.kept and few):
        return set()
    sizes = {name: module.weight.numel() for name, module in matrices(encoder).items()}
    shortest = sorted(rows, key=len)[: len(rows) // 2]
    return keep(losses(encoder, few, spread(shortest, TRIALS)), sizes, quantization.kept)


@torch.no_grad()
def _calibrated(
    encoder: Encoder, stores: dict[str, Store], rows: list[list[int]], columns: Mapping[str, Tensor]
) -> dict[str, tuple[Tensor, Tensor]]:
    for name, module in matrices(encoder).items():
        if not name.startswith(LAYERS):
            module.weight.data = nearest(module.weight.data, stores[name])
    walks, found = start(encoder, rows), {}
    for place, layer in enumerate(progress(layers_of(encoder), "Calibrating layers")):
        prefix = f"{LAYERS}{place}."
        names = [name.removeprefix(prefix) for name in stores if name.startswith(prefix)]
        sums = hessians(encoder, walks, place, names)
        for name in names:
            store, module = stores[prefix + name], matrix_of(layer, name)
            if store.algorithm == "gptq":
                by = columns.get(prefix + name, torch.ones(module.weight.shape[1]))
                # The file's inputs are smaller by what its matrix is larger.
                products = sums[name] / torch.outer(by, by)
                found[prefix + name] = gptq(module.weight.data * by, products, store.bits, store.block)
                module.weight.data = found[prefix + name][0] / by
            else:
                module.weight.data = nearest(module.weight.data, store)
        advance(encoder, walks, place)
    return found
