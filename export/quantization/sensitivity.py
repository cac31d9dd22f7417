"""Which layer matrices lose most in 4 bits.

Each is rounded alone, and the encoder's vectors say what that costs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pocketrag.console import progress
from pocketrag.recipe.quantization import Store
from pocketrag.reference.float_model import nearest

from ..model.encoder import Encoder
from .calibrate import Walk, advance, layers_of, leave, matrix_of, start


@torch.no_grad()
def losses(encoder: Encoder, stores: dict[str, Store], rows: list[list[int]]) -> dict[str, float]:
    """Return module name -> mean of 1 - cosine over the texts, with only this matrix stored as `stores` says.

    Args:
        encoder: in float32; left as it was.
        stores: the layer matrices to try ("transformer.layers.0.qkv" …).
        rows: token ids of texts; a few dozen tell the matrices apart.

    """
    walks = start(encoder, rows)
    wanted = [leave(encoder, walk) for walk in _through(encoder, walks, 0)]
    found: dict[str, float] = {}
    for place, layer in enumerate(progress(layers_of(encoder), "Trying each matrix in few bits")):
        prefix = f"transformer.layers.{place}."
        for name in [name for name in stores if name.startswith(prefix)]:
            module = matrix_of(layer, name.removeprefix(prefix))
            found[name] = _loss(encoder, module, stores[name], walks, place, wanted)
        advance(encoder, walks, place)
    return found


def keep(losses: dict[str, float], sizes: dict[str, int], percent: int) -> set[str]:
    """Return the matrices to keep in more bits.

    Most loss a weight first, until `percent` of all weights would be exceeded.
    """
    room = sum(sizes[name] for name in losses) * percent // 100
    kept: set[str] = set()
    for name in sorted(losses, key=lambda name: losses[name] / sizes[name], reverse=True):
        if sizes[name] <= room:
            kept.add(name)
            room -= sizes[name]
    return kept


def _loss(
    encoder: Encoder, module: nn.Linear, store: Store, walks: list[Walk], place: int, wanted: list[Tensor]
) -> float:
    weight = module.weight.data
    module.weight.data = nearest(weight, store)
    vectors = [leave(encoder, walk) for walk in _through(encoder, walks, place)]
    module.weight.data = weight
    return 1 - float(torch.stack([(a * b).sum() for a, b in zip(vectors, wanted, strict=True)]).mean())


def _through(encoder: Encoder, walks: list[Walk], place: int) -> list[Walk]:
    copies = [walk.copy() for walk in walks]
    for later in range(place, len(layers_of(encoder))):
        advance(encoder, copies, later)
    return copies
