"""Rounding to the nearest level, as the quantizer's min-max does it: for calibration and for telling what a matrix would lose."""

from __future__ import annotations

import torch
from torch import Tensor

from pocketrag.quantizations import Store


def nearest(weight: Tensor, store: Store) -> Tensor:
    """Return `weight` float32 [out, in] on the grid of `store`, scaled by the largest weight of each row or block."""
    if store.bits == 32:
        return weight
    blocks = weight.reshape(weight.shape[0], -1, store.block or weight.shape[1])
    high = 2 ** (store.bits - 1) - 1
    scale = (blocks.abs().amax(-1, keepdim=True) / high).clamp(min=1e-9)
    if store.block:
        scale = scale.to(torch.bfloat16).float()  # what XNNPACK keeps of a block's scale
    return (torch.round(blocks / scale).clamp(-high - 1, high) * scale).reshape(weight.shape)
