"""ModernBERT (https://arxiv.org/abs/2412.13663: granite-embedding r2, ettin, gte-modernbert …) for export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pocketrag.formats.embedder.layer_kinds import FULL, SLIDING, modernbert_bases, modernbert_kinds

from .attention import band
from .layers import MASKED, linear, padding_with_size, times
from .rotary import angles, rotate
from .weights import Weights

#: The head that fills in masked words, which some checkpoints keep beside the encoder; no embedder uses it.
UNUSED = ("head.", "decoder.")
#: `hidden_activation` -> how torch approximates it.
ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


class ModernBert(nn.Module):
    """`ModernBertModel`: ids int [1, L] -> hidden states float [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a `config.json` and take every weight of the folder.

        `longest` is the largest L that will be asked for: the rotary angles are constants of that many rows.
        `padding` is the id of padding.
        """
        super().__init__()
        hidden, eps = int(config["hidden_size"]), float(config["norm_eps"])
        shape = (int(config["vocab_size"]), hidden)
        table = weights.take("embeddings.tok_embeddings.weight", shape)
        self.table = nn.Embedding.from_pretrained(padding_with_size(table, padding))
        self.norm = _norm(weights, "embeddings.norm", hidden, eps)
        # A token sees those up to half the window away on either side, itself not counted.
        self.reach = int(config["local_attention"]) // 2
        self.kinds = modernbert_kinds(config)
        size = hidden // int(config["num_attention_heads"])
        self.rope = nn.ParameterDict(
            {kind: angles(longest, size, base) for kind, base in modernbert_bases(config).items()}
        )
        self.layers = nn.ModuleList(
            Layer(config, weights, f"layers.{i}.", bare=i == 0) for i in range(len(self.kinds))
        )
        self.last = _norm(weights, "final_norm", hidden, eps)
        weights.finish(UNUSED)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] under `mask` float [L] (1 = token, 0 = padding) to float [L, hidden]."""
        length = ids.shape[1]
        x = self.norm(self.table(ids)[0])
        bias = ((1.0 - mask) * MASKED).reshape(1, length)
        near = bias if length <= self.reach + 1 else bias + band(length, self.reach).to(mask.dtype)
        biases = {FULL: bias, SLIDING: near}
        for kind, layer in zip(self.kinds, self.layers, strict=True):
            x = layer(x, biases[kind], *self.rope[kind][:, :length].unbind(0))
        return self.tail(x)

    def tail(self, x: Tensor) -> Tensor:
        """Return what follows the last layer."""
        normalized: Tensor = self.last(x)
        return normalized


class Layer(nn.Module):
    """One block over [L, hidden], a norm before each half; the first layer's input is normalised already."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, prefix: str, bare: bool) -> None:
        """Take this layer's weights; 1/sqrt(head size) is folded into the query.

        `bare` leaves out the norm before attention.
        """
        super().__init__()
        hidden, eps = int(config["hidden_size"]), float(config["norm_eps"])
        self.heads = int(config["num_attention_heads"])
        self.size = hidden // self.heads
        # What the hidden states are multiplied by before each half adds to them (export/half).
        self.steps = 1.0, 1.0
        self.gelu = ACTIVATIONS[config["hidden_activation"]]
        self.before = nn.Identity() if bare else _norm(weights, f"{prefix}attn_norm", hidden, eps)
        qkv = weights.take(f"{prefix}attn.Wqkv.weight", (3 * hidden, hidden))
        self.qkv = linear(torch.cat([qkv[:hidden] * self.size**-0.5, qkv[hidden:]]))
        self.output = linear(weights.take(f"{prefix}attn.Wo.weight", (hidden, hidden)))
        self.before_mlp = _norm(weights, f"{prefix}mlp_norm", hidden, eps)
        inner = int(config["intermediate_size"])
        # Two matrices, as in gemma3.py: to cut their product costs more than to quantize the input twice.
        gate, up = weights.take(f"{prefix}mlp.Wi.weight", (2 * inner, hidden)).chunk(2)
        self.gate, self.up = linear(gate.contiguous()), linear(up.contiguous())
        self.down = linear(weights.take(f"{prefix}mlp.Wo.weight", (hidden, inner)))

    def forward(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attend, then the gated feed-forward.

        `bias` is [1, L] or [L, L], `cos` and `sin` are [L, head size / 2].
        """
        x = times(x, self.steps[0]) + self.attend(self.before(x), bias, cos, sin)
        inner = self.before_mlp(x)
        gate = functional.gelu(self.gate(inner), approximate=self.gelu)
        outer: Tensor = self.down(gate * self.up(inner))
        return times(x, self.steps[1]) + outer

    def attend(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attention of each head by itself, float [L, hidden]."""
        length = x.shape[0]
        qkv = self.qkv(x).reshape(length, 3 * self.heads, self.size)
        # Keys are rotated as more heads: half as many operations.
        qk, v = rotate(qkv[:, : 2 * self.heads], cos[:, None], sin[:, None]), qkv[:, 2 * self.heads :]
        q, k = qk[:, : self.heads].transpose(0, 1), qk[:, self.heads :].transpose(0, 1)
        scores = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
        context = (scores @ v.transpose(0, 1)).transpose(0, 1).reshape(length, self.heads * self.size)
        attended: Tensor = self.output(context)
        return attended


def _norm(weights: Weights, name: str, size: int, eps: float) -> nn.LayerNorm:
    norm = nn.LayerNorm(size, eps=eps, bias=False)
    norm.weight = nn.Parameter(weights.take(f"{name}.weight", (size,)))
    return norm
