"""From a text's hidden states to one row: SentenceTransformer's poolings, written for export.

Each takes hidden states float32 [L, hidden] and a mask float32 [L] (1 = token, 0 = padding on the right), and
gives float32 [1, hidden]. Its length does not matter: the L2 norm behind it removes it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of the tokens; a sum over tokens as a matrix product."""
    return (mask / mask.sum()).reshape(1, -1) @ hidden


def cls(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the first token's."""
    return hidden[:1]


def last_token(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the last token's in front of the padding; a choice of one row as a matrix product."""
    places = torch.arange(hidden.shape[0], dtype=mask.dtype)
    chosen = (places == (mask * places).amax()).to(mask.dtype)
    return chosen.reshape(1, -1) @ hidden


#: `pooling` of an embedder -> what computes it.
POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"mean": mean, "cls": cls, "lasttoken": last_token}
