"""An embedder folder as one module for export: token ids int [1, L] in, unit vector float [1, dims] out.

The mask comes from the ids (0 is padding), so the graph has one input and padding can't be forgotten by a
caller.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pocketrag.errors import InputError
from pocketrag.formats.embedder.capabilities import model_faults
from pocketrag.formats.embedder.embedder_folder import Embedder

from .bert import Bert
from .embedding_gemma2 import EmbeddingGemma2
from .gemma3 import Gemma3
from .layers import linear
from .modernbert import ModernBert
from .qwen3 import Qwen3
from .weights import Weights

#: `model_type` of a config.json -> the transformer written for export.
FAMILIES: dict[str, Callable[[dict[str, Any], Weights, int], nn.Module]] = {
    "bert": Bert,
    "embedding_gemma2_text": EmbeddingGemma2,
    "gemma3_text": Gemma3,
    "modernbert": ModernBert,
    "qwen3": Qwen3,
}


class Encoder(nn.Module):
    """Transformer, pooling, projection and L2 norm in one graph."""

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
        self.transformer = FAMILIES[embedder.family](embedder.config, Weights(embedder.folder), longest)
        self.pooling = embedder.pooling
        self.projection = _projection(embedder, dims)
        self.dims = dims
        # So that a vector of zeros gives no NaN.
        self.eps = 1e-24

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded with 0, as a unit vector float32 [1, dims]."""
        mask = (ids[0] != 0).to(torch.float32)
        return self.pool(self.transformer(ids, mask), mask)

    def pool(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Turn hidden states float32 [L, hidden], mask float32 [L], into a unit vector float32 [1, dims]."""
        # A sum over tokens as a matrix product; its length does not matter, the L2 norm below removes it.
        pooled = hidden[:1] if self.pooling == "cls" else (mask / mask.sum()).reshape(1, -1) @ hidden
        pooled = pooled[:, : self.dims] if self.projection is None else self.projection(pooled)
        return pooled * torch.rsqrt((pooled * pooled).sum(-1, keepdim=True) + self.eps)


def _check(embedder: Embedder) -> None:
    if fault := next(model_faults(embedder), None):
        raise InputError(fault)


def _matrix(folder: Path) -> Tensor:
    weights = Weights(folder)
    matrix = weights.take("linear.weight").double()
    weights.finish()
    return matrix


def _projection(embedder: Embedder, dims: int | None) -> nn.Linear | None:
    if not embedder.dense:
        _enough(embedder, int(embedder.config["hidden_size"]), dims)
        return None
    # Without bias or activation between them the layers are one matrix; the product is exact in float64.
    product = reduce(lambda before, matrix: matrix @ before, map(_matrix, embedder.dense))
    _enough(embedder, product.shape[0], dims)
    return linear(product[:dims].float().contiguous())


def _enough(embedder: Embedder, there: int, dims: int | None) -> None:
    if dims is not None and dims > there:
        raise InputError(f"`export.dims`: {dims} is more than the {there} dims of {embedder.folder.name}.")
