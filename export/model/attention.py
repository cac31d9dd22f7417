"""What is added to attention's scores, and attention with key-value heads that several query heads share."""

from __future__ import annotations

import torch
from torch import Tensor

from .layers import MASKED


def band(length: int, reach: int) -> Tensor:
    """Return what hides the tokens more than `reach` away on either side, float32 [L, L]."""
    position = torch.arange(length, dtype=torch.float32)
    return ((position[:, None] - position[None, :]).abs() > reach).float() * MASKED


def causal(length: int) -> Tensor:
    """Return what hides the tokens after each one, float32 [L, L]."""
    position = torch.arange(length, dtype=torch.float32)
    return (position[None, :] > position[:, None]).float() * MASKED


def biased(scores: Tensor, bias: Tensor) -> Tensor:
    """Add to scores [..., L * heads, L], token-major, a bias of all rows [1, L] or of each token [L, 1, L].

    So a band is stored once, not once a head.
    """
    if bias.dim() < 3:
        return scores + bias
    length = bias.shape[0]
    return (scores.reshape(*scores.shape[:-2], length, -1, length) + bias).reshape(scores.shape)


def grouped(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Attend with groups of query heads that share a key-value head; return [L, heads * size].

    The rows of a group's scores are (token, head), so that no key is repeated: an expanded key is lowered
    wrongly, and silently. Query head h reads key-value head h // (heads / groups), as in transformers.

    Args:
        q: scaled queries float [L, heads, size].
        k: keys float [L, groups, size].
        v: values float [L, groups, size].
        bias: float [1, L] or [L, 1, L], added to the scores.

    """
    length, heads, size = q.shape
    groups = k.shape[1]
    q = q.reshape(length, groups, -1, size).transpose(0, 1).reshape(groups, -1, size)
    scores = torch.einsum("gqd,gkd->gqk", q, k.transpose(0, 1))
    found = torch.einsum("gqk,gkd->gqd", torch.softmax(biased(scores, bias), dim=-1), v.transpose(0, 1))
    return found.reshape(groups, length, -1, size).transpose(0, 1).reshape(length, heads * size)
