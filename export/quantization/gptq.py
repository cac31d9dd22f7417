"""GPTQ: choose the levels of a matrix so that its outputs, not its weights, stay what they were.

Frantar et al., https://arxiv.org/abs/2210.17323: columns are rounded one by one, most active first, and what
rounding one costs is made good by those that follow, by the inverse Hessian of the layer's inputs. The
quantizer's own GPTQ takes the raw inverse instead of its Cholesky factor and reads one length's texts in
minutes; on EmbeddingGemma it gains a third of what this does.
"""

from __future__ import annotations

import torch
from torch import Tensor

#: Added to the Hessian's diagonal, as a share of its mean (the paper's 1 %).
DAMPING = 0.01
#: Columns rounded before the rest of the matrix is corrected at once.
STEP = 64
#: A scale is the largest weight over one of these: below the highest level clips it, above leaves levels
#: unused.
DIVISORS = (6.3, 6.6, 7.0, 7.4, 7.8, 8.3, 8.8, 9.4, 10.0)


def gptq(weight: Tensor, hessian: Tensor, bits: int, block: int) -> tuple[Tensor, Tensor]:
    """Round a matrix to `bits` with a scale every `block` columns (0: a row).

    Args:
        weight: float32 [out, in].
        hessian: float [in, in], the sum of x xT over the layer's inputs.
        bits: 4 or 8.
        block: columns that share a scale.

    Returns:
        The matrix on its grid, float32 [out, in], and the scales, float32 [out, in / block].

    """
    block = block or weight.shape[1]
    low, high = -(2 ** (bits - 1)) + (bits == 8), 2 ** (bits - 1) - 1
    hessian = _damped(hessian)
    scale = best_scales(weight, hessian.diagonal().float(), block, low, high)
    order = torch.argsort(hessian.diagonal(), descending=True)
    factor = _factor(hessian[order][:, order])
    rounded = _round(weight[:, order].clone(), scale[:, order // block], factor, low, high)
    return rounded[:, torch.argsort(order)].contiguous(), scale


def best_scales(weight: Tensor, energy: Tensor, block: int, low: int, high: int) -> Tensor:
    """Return the scales float32 [out, in / block] of least error, each column's weighted by `energy` [in].

    Bfloat16 values.

    XNNPACK keeps the scales of blocks in bfloat16, so others would be rounded later.
    """
    blocks = weight.reshape(weight.shape[0], -1, block)
    largest = blocks.abs().amax(-1, keepdim=True).clamp(min=1e-8)
    scales = torch.stack([(largest * 7 / (d * high)).to(torch.bfloat16).float() for d in DIVISORS])
    errors = [
        ((_snap(blocks, s, low, high) - blocks) ** 2 * energy.reshape(1, -1, block)).sum(-1, keepdim=True)
        for s in scales
    ]
    best = torch.stack(errors).argmin(0, keepdim=True)
    return scales.gather(0, best)[0, ..., 0]


def _round(weight: Tensor, scale: Tensor, factor: Tensor, low: int, high: int) -> Tensor:
    rounded = torch.empty_like(weight)
    for start in range(0, weight.shape[1], STEP):
        end = min(start + STEP, weight.shape[1])
        errors = torch.empty_like(weight[:, start:end])
        for column in range(start, end):
            rounded[:, column] = _snap(weight[:, column], scale[:, column], low, high)
            error = (weight[:, column] - rounded[:, column]) / factor[column, column]
            errors[:, column - start] = error
            weight[:, column + 1 : end] -= error[:, None] * factor[column, column + 1 : end]
        weight[:, end:] -= errors @ factor[start:end, end:]
    return rounded


def _snap(weight: Tensor, scale: Tensor, low: int, high: int) -> Tensor:
    return torch.round(weight / scale).clamp(low, high) * scale


def _damped(hessian: Tensor) -> Tensor:
    hessian = hessian.double().clone()
    diagonal = hessian.diagonal()
    diagonal[diagonal == 0] = 1.0  # an input that never fires
    diagonal += DAMPING * diagonal.mean()
    return hessian


def _factor(hessian: Tensor) -> Tensor:
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(hessian))
    factor: Tensor = torch.linalg.cholesky(inverse, upper=True)
    return factor.float()
