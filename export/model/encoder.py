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
from pocketrag.formats.embedder_folder import Embedder

from .bert import ACTIVATIONS, Bert
from .gemma3 import Gemma3
from .layers import linear
from .weights import Weights

#: `model_type` of a config.json -> the transformer written for export.
FAMILIES: dict[str, Callable[[dict[str, Any], Weights, int], nn.Module]] = {
    "bert": Bert,
    "gemma3_text": Gemma3,
}

#: What would change the arithmetic without changing a weight's name or shape is refused rather than ignored.
ARITHMETIC: dict[str, dict[str, Any]] = {
    "bert": {"position_embedding_type": "absolute", "is_decoder": False, "pad_token_id": 0},
    "gemma3_text": {
        "use_bidirectional_attention": True,
        "num_key_value_heads": 1,
        "attention_bias": False,
        "attn_logit_softcapping": None,
        "rope_scaling": None,
        "hidden_activation": "gelu_pytorch_tanh",
        "pad_token_id": 0,
    },
}


#: What a config.json must say; without it transformers would take a default, and the export another.
REQUIRED: dict[str, tuple[str, ...]] = {
    "bert": (
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "layer_norm_eps",
        "hidden_act",
    ),
    "gemma3_text": (
        *("vocab_size", "hidden_size", "num_attention_heads", "head_dim", "rms_norm_eps", "sliding_window"),
        *("query_pre_attn_scalar", "bos_token_id", "eos_token_id"),
    ),
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
        _activation(embedder)
        self.transformer = FAMILIES[embedder.family](embedder.config, Weights(embedder.folder), longest)
        self.pooling = embedder.pooling
        self.projection = _projection(embedder, dims)
        self.dims = dims

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded with 0, as a unit vector float32 [1, dims]."""
        mask = (ids[0] != 0).to(torch.float32)
        return self.pool(self.transformer(ids, mask), mask)

    def pool(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Turn hidden states float32 [L, hidden], mask float32 [L], into a unit vector float32 [1, dims]."""
        # A sum over tokens as a matrix product; its length does not matter, the L2 norm below removes it.
        pooled = hidden[:1] if self.pooling == "cls" else (mask / mask.sum()).reshape(1, -1) @ hidden
        pooled = pooled[:, : self.dims] if self.projection is None else self.projection(pooled)
        return pooled * torch.rsqrt((pooled * pooled).sum(-1, keepdim=True) + 1e-24)


def _check(embedder: Embedder) -> None:
    config = embedder.config
    if embedder.family not in FAMILIES:
        raise InputError(
            f"{embedder.folder}: the family {embedder.family!r} can't be exported; known are "
            f"{sorted(FAMILIES)}."
        )
    if missing := [key for key in REQUIRED[embedder.family] if key not in config]:
        raise InputError(
            f"{embedder.folder / 'config.json'}: {missing[0]} is missing. The folder is not a whole embedder."
        )
    if embedder.family == "gemma3_text" and not embedder.dense:
        # Its vectors would be of unit length, and another model's: EmbeddingGemma projects twice behind the
        # pooling.
        raise InputError(
            f"{embedder.folder / 'modules.json'}: names no Dense layer, but EmbeddingGemma has "
            "two. Export it again."
        )
    for key, value in ARITHMETIC[embedder.family].items():
        if key in config and config[key] != value:
            raise InputError(
                f"{embedder.folder / 'config.json'}: {key} = {config[key]!r} can't be "
                f"exported, only {value!r}."
            )


def _activation(embedder: Embedder) -> None:
    name = embedder.config.get("hidden_act")
    if embedder.family == "bert" and name not in ACTIVATIONS:
        raise InputError(
            f"{embedder.folder / 'config.json'}: hidden_act = {name!r} can't be exported, only "
            f"{sorted(ACTIVATIONS)}."
        )


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
