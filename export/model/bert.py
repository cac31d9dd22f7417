"""Encoders of BERT's kind (MiniLM, E5, BGE, distilled and XLM-RoBERTa ones, MPNet …) written for export.

Plain ops, mask from the ids. They differ in names, in where positions begin, and in what is added to the
scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from pocketrag.formats.embedder.families import CAPABILITIES, plain

from .layers import MASKED, linear, padding_with_size, times
from .relative import RelativeBias
from .weights import Weights

#: The pooler feeds only the next-sentence head and `position_ids` is a constant: no embedder uses them.
UNUSED = ("pooler.", "embeddings.position_ids")
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "gelu_new": lambda x: functional.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "relu": functional.relu,
}


class Parts(NamedTuple):
    """What a family's weights hold beside what `CAPABILITIES` says of them."""

    attention_norm: str
    norm: str
    token_types: bool = True
    """Whether each token also has a type; it is always 0 here."""
    relative: bool = False
    """Whether distances are added to the scores (`encoder.relative_attention_bias`)."""


_BERT = Parts("attention.output.LayerNorm", "output.LayerNorm")
#: `model_type` of a config.json -> its parts.
PARTS = {
    "bert": _BERT,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
    "distilbert": Parts("sa_layer_norm", "output_layer_norm", token_types=False),
    "mpnet": Parts("attention.LayerNorm", "output.LayerNorm", token_types=False, relative=True),
}


class Bert(nn.Module):
    """transformers' model of one of `PARTS`: ids int [1, L] -> hidden states float [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a `config.json` and take every weight of the folder.

        Positions beyond `longest` are left out; `padding` is the id of padding.
        """
        super().__init__()
        family, parts = CAPABILITIES[config["model_type"]], PARTS[config["model_type"]]
        config = plain(config)
        self.eps, hidden = float(config["layer_norm_eps"]), int(config["hidden_size"])
        table = weights.take("embeddings.word_embeddings.weight", (int(config["vocab_size"]), hidden))
        self.table = nn.Embedding.from_pretrained(padding_with_size(table, padding))
        first = int(config["pad_token_id"]) + 1 if family.behind_padding else 0
        shape = (int(config["max_position_embeddings"]), hidden)
        position = weights.take("embeddings.position_embeddings.weight", shape)[first : first + longest]
        if parts.token_types:
            # Always the first type, so its row is a constant of every position.
            position = position + weights.take("embeddings.token_type_embeddings.weight")[0]
        self.position = nn.Parameter(position.contiguous())
        self.norm = _norm(weights, "embeddings.LayerNorm", self.eps)
        self.layers = nn.ModuleList(
            Layer(config, weights, f"{family.layers}.{i}.") for i in range(int(config["num_hidden_layers"]))
        )
        self.relative = _relative(config, weights, longest) if parts.relative else None
        weights.finish(UNUSED)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] under `mask` float [L] (1 = token, 0 = padding) to float [L, hidden]."""
        x = self.norm(self.table(ids)[0] + self.position[: ids.shape[1]])
        bias = (1.0 - mask) * MASKED
        if self.relative is not None:
            bias = bias + self.relative(ids.shape[1])
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
        family, parts = CAPABILITIES[config["model_type"]], PARTS[config["model_type"]]
        self.heads = int(config["num_attention_heads"])
        self.size = int(config["hidden_size"]) // self.heads
        # What goes past each half of the layer is multiplied by before the half adds to it (export/half).
        self.steps = 1.0, 1.0
        self.activation = ACTIVATIONS[config["hidden_act"]]
        *qkv, output = (_pair(weights, prefix + name) for name in family.attention)
        qkv[0] = (qkv[0][0] * self.size**-0.5, qkv[0][1] * self.size**-0.5)
        self.qkv = linear(torch.cat([w for w, _ in qkv]), torch.cat([b for _, b in qkv]))
        self.output = linear(*output)
        eps = float(config["layer_norm_eps"])
        self.attention_norm = _norm(weights, prefix + parts.attention_norm, eps)
        self.up, self.down = (linear(*_pair(weights, prefix + name)) for name in family.feed_forward)
        self.norm = _norm(weights, prefix + parts.norm, eps)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Attend over all tokens, then the feed-forward.

        `bias` float [L] is added to every row of scores, or float [heads, L, L] to all of them.
        """
        length = x.shape[0]
        q, k, v = self.qkv(x).reshape(length, 3, self.heads, self.size).permute(1, 2, 0, 3).unbind(0)
        scores = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
        context = (scores @ v).transpose(0, 1).reshape(length, self.heads * self.size)
        x = self.attention_norm(times(x, self.steps[0]) + self.output(context))
        x = self.norm(times(x, self.steps[1]) + self.down(self.activation(self.up(x))))
        return x


def _relative(config: Mapping[str, Any], weights: Weights, longest: int) -> RelativeBias:
    shape = (int(config["relative_attention_num_buckets"]), int(config["num_attention_heads"]))
    return RelativeBias(weights.take("encoder.relative_attention_bias.weight", shape), longest)


def _pair(weights: Weights, name: str) -> tuple[Tensor, Tensor]:
    return weights.take(f"{name}.weight"), weights.take(f"{name}.bias")


def _norm(weights: Weights, name: str, eps: float) -> nn.LayerNorm:
    weight, bias = _pair(weights, name)
    norm = nn.LayerNorm(weight.shape[0], eps=eps)
    norm.weight, norm.bias = nn.Parameter(weight), nn.Parameter(bias)
    return norm
