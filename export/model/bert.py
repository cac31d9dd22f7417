"""BERT-family encoders (MiniLM, E5, BGE, GTE …) written for export: plain ops, mask from the ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .layers import MASKED, linear, padding_with_size, times
from .weights import Weights

#: The pooler feeds only the next-sentence head and `position_ids` is a constant: no embedder uses them.
UNUSED = ("pooler.", "embeddings.position_ids")
ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


class Bert(nn.Module):
    """`BertModel` without token types beyond the first: ids int [1, L] -> hidden states float [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a `config.json` and take every weight of the folder.

        Positions beyond `longest` are left out; `padding` is the id of padding.
        """
        super().__init__()
        self.eps = float(config["layer_norm_eps"])
        hidden = int(config["hidden_size"])
        shape = (int(config["vocab_size"]), hidden)
        table = weights.take("embeddings.word_embeddings.weight", shape)
        self.table = nn.Embedding.from_pretrained(padding_with_size(table, padding))
        position = weights.take("embeddings.position_embeddings.weight")
        # The token type is always 0 here, so its row is a constant of every position.
        self.position = nn.Parameter(
            position[:longest] + weights.take("embeddings.token_type_embeddings.weight")[0]
        )
        self.norm = _norm(weights, "embeddings.LayerNorm", self.eps)
        self.layers = nn.ModuleList(
            Layer(config, weights, f"encoder.layer.{i}.") for i in range(int(config["num_hidden_layers"]))
        )
        weights.finish(UNUSED)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] under `mask` float [L] (1 = token, 0 = padding) to float [L, hidden]."""
        x = self.norm(self.table(ids)[0] + self.position[: ids.shape[1]])
        bias = (1.0 - mask) * MASKED
        for layer in self.layers:
            x = layer(x, bias)
        return self.tail(x)

    def tail(self, x: Tensor) -> Tensor:
        """Return what follows the last layer: nothing."""
        return x


class Layer(nn.Module):
    """One post-norm transformer block over [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, prefix: str) -> None:
        """Take this layer's weights.

        Query, key and value become one matrix; 1/sqrt(head size) is folded into the query.
        """
        super().__init__()
        self.heads = int(config["num_attention_heads"])
        self.size = int(config["hidden_size"]) // self.heads
        # What goes past each half of the layer is multiplied by before the half adds to it (export/half).
        self.steps = 1.0, 1.0
        self.gelu = ACTIVATIONS[config["hidden_act"]]
        attention = f"{prefix}attention.self."
        parts = [_pair(weights, attention + name) for name in ("query", "key", "value")]
        parts[0] = (parts[0][0] * self.size**-0.5, parts[0][1] * self.size**-0.5)
        self.qkv = linear(torch.cat([w for w, _ in parts]), torch.cat([b for _, b in parts]))
        self.output = linear(*_pair(weights, f"{prefix}attention.output.dense"))
        self.attention_norm = _norm(
            weights, f"{prefix}attention.output.LayerNorm", float(config["layer_norm_eps"])
        )
        self.up = linear(*_pair(weights, f"{prefix}intermediate.dense"))
        self.down = linear(*_pair(weights, f"{prefix}output.dense"))
        self.norm = _norm(weights, f"{prefix}output.LayerNorm", float(config["layer_norm_eps"]))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Attend over all tokens, then the feed-forward; `bias` float [L] is added to every row of scores."""
        length = x.shape[0]
        q, k, v = self.qkv(x).reshape(length, 3, self.heads, self.size).permute(1, 2, 0, 3).unbind(0)
        scores = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
        context = (scores @ v).transpose(0, 1).reshape(length, self.heads * self.size)
        x = self.attention_norm(times(x, self.steps[0]) + self.output(context))
        x = self.norm(times(x, self.steps[1]) + self.down(functional.gelu(self.up(x), approximate=self.gelu)))
        return x


def _pair(weights: Weights, name: str) -> tuple[Tensor, Tensor]:
    return weights.take(f"{name}.weight"), weights.take(f"{name}.bias")


def _norm(weights: Weights, name: str, eps: float) -> nn.LayerNorm:
    weight, bias = _pair(weights, name)
    norm = nn.LayerNorm(weight.shape[0], eps=eps)
    norm.weight, norm.bias = nn.Parameter(weight), nn.Parameter(bias)
    return norm
