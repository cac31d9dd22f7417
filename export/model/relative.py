"""MPNet's relative attention bias: a number a head for how far apart two tokens are, shared by all layers.

Distances fall into 32 buckets, half of them for each direction: near ones exactly, far ones by their
logarithm, as T5 has them (https://arxiv.org/abs/1910.10683).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

#: `MPNetEncoder.compute_position_bias` and `relative_position_bucket` of transformers have these as their own
#: constants; a config.json that says otherwise is refused.
BUCKETS, FARTHEST = 32, 128


class RelativeBias(nn.Module):
    """The bias of every pair of places, from one row of distances."""

    def __init__(self, weight: Tensor, longest: int) -> None:
        """Take `weight` float32 [buckets, heads] for inputs of up to `longest` tokens."""
        super().__init__()
        distances = torch.arange(-longest, longest)
        self.longest = longest
        self.by_distance = nn.Parameter(weight[buckets(distances)].T.contiguous())

    def forward(self, length: int) -> Tensor:
        """Return float32 [heads, L, L]: of key j for query i, what belongs to j - i.

        A row of 2L distances, repeated L times and cut anew into rows that are one shorter, moves by one a
        row: a matrix whose diagonals are equal needs neither L² stored numbers nor a lookup.
        """
        middle, heads = self.longest, self.by_distance.shape[0]
        # 0 … L-1 and, behind them, -L … -1.
        row = torch.cat(
            [self.by_distance[:, middle : middle + length], self.by_distance[:, middle - length : middle]],
            dim=1,
        )
        rows = row[:, None].expand(heads, length, 2 * length).reshape(heads, 2 * length * length)
        moved = rows[:, : length * (2 * length - 1)].reshape(heads, length, 2 * length - 1)
        return moved[:, :, :length]


def buckets(distance: Tensor) -> Tensor:
    """Return the bucket int64 of each distance int64 (place of the key less that of the query)."""
    half = BUCKETS // 2
    exact, away = half // 2, distance.abs()
    # In float32 as transformers does: where a logarithm ends on a whole number, its rounding decides.
    far = torch.log(away.clamp(min=1).float() / exact) / math.log(FARTHEST / exact) * (half - exact)
    large = (exact + far.to(torch.long)).clamp(max=half - 1)
    return (distance > 0).long() * half + torch.where(away < exact, away, large)
