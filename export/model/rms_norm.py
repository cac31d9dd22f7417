"""RMSNorm (https://arxiv.org/abs/1910.07467) of plain operations."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RmsNorm(nn.Module):
    """x / rms(x) * weight; a family that stores w for 1 + w adds the 1 before."""

    def __init__(self, weight: Tensor, eps: float) -> None:
        """Keep the weight float [size], or one that broadcasts to what is given, and the epsilon."""
        super().__init__()
        self.weight, self.eps = nn.Parameter(weight), eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + self.eps) * self.weight
