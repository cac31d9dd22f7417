"""Rotary position embeddings, in the half-split layout of Hugging Face."""

from __future__ import annotations

import torch
from torch import Tensor


def angles(length: int, size: int, theta: float) -> Tensor:
    """Return cosine and sine of every position's angles, float32 [2, length, size / 2].

    https://arxiv.org/abs/2104.09864; float64 until the end.

    Args:
        length: how many positions.
        size: of a head.
        theta: the base of the angles' frequencies.

    """
    frequency = theta ** -(torch.arange(0, size, 2, dtype=torch.float64) / size)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency
    return torch.stack([angle.cos(), angle.sin()]).float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the last axis of `x`, whose halves share their angles: without a negated copy of it."""
    half = x.shape[-1] // 2
    left, right = x[..., :half], x[..., half:]
    return torch.cat([left * cos - right * sin, right * cos + left * sin], dim=-1)
