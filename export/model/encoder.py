"""An embedder folder as one module for export: token ids int [1, L] in, unit vector float [1, dims] out.

The mask comes from the ids (those of the padding are hidden), so the graph has one input and padding can't be
forgotten by a caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from pocketrag.errors import InputError
from pocketrag.formats.embedder.capabilities import model_faults
from pocketrag.formats.embedder.embedder_folder import Embedder
from pocketrag.formats.embedder.padding import padding_of

from .bert import PARTS, Bert
from .embedding_gemma2 import EmbeddingGemma2
from .gemma3 import Gemma3
from .head import steps_of, width
from .modernbert import ModernBert
from .pooling import POOLINGS
from .qwen3 import Qwen3
from .weights import Weights

#: `model_type` of a config.json -> the transformer written for export, of the configuration, the weights, the
#: longest L and the padding's id.
FAMILIES: dict[str, Callable[[dict[str, Any], Weights, int, int], nn.Module]] = {
    **dict.fromkeys(PARTS, Bert),
    "embedding_gemma2_text": EmbeddingGemma2,
    "gemma3_text": Gemma3,
    "modernbert": ModernBert,
    "qwen3": Qwen3,
}


class Encoder(nn.Module):
    """Transformer, pooling, dense layers and L2 norm in one graph."""

    def __init__(self, embedder: Embedder, longest: int, dims: int | None = None) -> None:
        """Read every weight of the embedder's folder strictly, for inputs of up to `longest` tokens.

        Args:
            embedder: the folder.
            longest: the largest L that will be asked for.
            dims: give only so many, the first ones, at unit length (Matryoshka,
                https://arxiv.org/abs/2205.13147).

        Raises:
            InputError: the family is not known, or a weight is missing, unused, misshapen or not finite, or
                `dims` are too many.

        """
        super().__init__()
        _check(embedder)
        self.padding = padding_of(embedder)
        family = FAMILIES[embedder.family]
        self.transformer = family(embedder.config, Weights(embedder.folder), longest, self.padding)
        self.pooled = POOLINGS[embedder.pooling]
        _enough(embedder, width(embedder.dense, embedder.width), dims)
        self.dense = steps_of(embedder.dense, embedder.width, dims)
        self.dims = dims
        # So that a vector of zeros gives no NaN.
        self.eps = 1e-24

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded, as a unit vector float32 [1, dims]."""
        mask = self.mask(ids)
        return self.pool(self.transformer(ids, mask), mask)

    def mask(self, ids: Tensor) -> Tensor:
        """Return 1 for each token of `ids` int32 [1, L] and 0 for padding, float32 [L]."""
        return (ids[0] != self.padding).to(torch.float32)

    def pool(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Turn hidden states float32 [L, hidden], mask float32 [L], into a unit vector float32 [1, dims]."""
        pooled = self.pooled(hidden, mask)
        for step in self.dense:
            pooled = step(pooled)
        pooled = pooled[:, : self.dims]
        return pooled * torch.rsqrt((pooled * pooled).sum(-1, keepdim=True) + self.eps)


def _check(embedder: Embedder) -> None:
    if fault := next(model_faults(embedder), None):
        raise InputError(fault)


def _enough(embedder: Embedder, there: int, dims: int | None) -> None:
    if dims is not None and dims > there:
        raise InputError(f"`export.dims`: {dims} is more than the {there} dims of {embedder.folder.name}.")
