"""Qwen3 as an embedder (Qwen3-Embedding): causal, grouped key-value heads, norms of queries and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pocketrag.formats.embedder.layer_kinds import qwen3_base

from .attention import causal, grouped
from .layers import linear, padding_with_size, times
from .rms_norm import RmsNorm
from .rotary import angles, rotate
from .weights import Weights

#: The head that predicts the next token; an embedder's folder may keep it, and it is not used.
UNUSED = ("lm_head.",)


class Qwen3(nn.Module):
    """`Qwen3Model`: ids int [1, L] -> hidden states float [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a `config.json` and take every weight of the folder.

        `longest` is the largest L that will be asked for: the rotary angles are constants of that many rows.
        `padding` is the id of padding.
        """
        super().__init__()
        hidden = int(config["hidden_size"])
        shape = (int(config["vocab_size"]), hidden)
        self.table = nn.Embedding.from_pretrained(
            padding_with_size(weights.take("embed_tokens.weight", shape), padding)
        )
        self.rope = nn.Parameter(angles(longest, int(config["head_dim"]), qwen3_base(config)))
        self.layers = nn.ModuleList(
            Layer(config, weights, f"layers.{i}.") for i in range(int(config["num_hidden_layers"]))
        )
        self.norm = RmsNorm(weights.take("norm.weight", (hidden,)), float(config["rms_norm_eps"]))
        weights.finish(UNUSED)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] to float [L, hidden].

        `mask` float [L] hides nothing here: padding stands behind the text, and no token sees what follows
        it. So the text may hold the padding's id, as the one that Qwen3-Embedding ends a text with does.
        """
        length = ids.shape[1]
        x = self.table(ids)[0]
        bias = causal(length)[:, None].to(mask.dtype)
        for layer in self.layers:
            x = layer(x, bias, *self.rope[:, :length].unbind(0))
        return self.tail(x)

    def tail(self, x: Tensor) -> Tensor:
        """Return what follows the last layer."""
        normalized: Tensor = self.norm(x)
        return normalized


class Layer(nn.Module):
    """One block over [L, hidden], a norm before each half."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, prefix: str) -> None:
        """Take this layer's weights.

        1/sqrt(head size) is folded into the query norm, projections of one input are fused.
        """
        super().__init__()
        hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
        eps = float(config["rms_norm_eps"])
        self.heads, self.groups = int(config["num_attention_heads"]), int(config["num_key_value_heads"])
        self.size = int(config["head_dim"])
        # What the hidden states are multiplied by before each half adds to them (export/half).
        self.steps = 1.0, 1.0

        def norm(name: str, size: int) -> Tensor:
            return weights.take(f"{prefix}{name}.weight", (size,))

        def matrix(name: str, out: int, given: int) -> Tensor:
            return weights.take(f"{prefix}{name}_proj.weight", (out, given))

        width, shared = self.heads * self.size, self.groups * self.size
        self.before = RmsNorm(norm("input_layernorm", hidden), eps)
        self.before_mlp = RmsNorm(norm("post_attention_layernorm", hidden), eps)
        query, key = norm("self_attn.q_norm", self.size), norm("self_attn.k_norm", self.size)
        self.qk_norm = RmsNorm(torch.stack([query * self.size**-0.5] * self.heads + [key] * self.groups), eps)
        sizes = {"q": width, "k": shared, "v": shared}
        self.qkv = linear(torch.cat([matrix(f"self_attn.{n}", out, hidden) for n, out in sizes.items()]))
        self.output = linear(matrix("self_attn.o", hidden, width))
        # Two matrices, as in gemma3.py.
        self.gate, self.up = (linear(matrix(f"mlp.{name}", inner, hidden)) for name in ("gate", "up"))
        self.down = linear(matrix("mlp.down", hidden, inner))

    def forward(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attend, then the gated feed-forward.

        `bias` is [L, 1, L], `cos` and `sin` are [L, head size / 2].
        """
        x = times(x, self.steps[0]) + self.attend(self.before(x), bias, cos, sin)
        inner = self.before_mlp(x)
        outer: Tensor = self.down(functional.silu(self.gate(inner)) * self.up(inner))
        return times(x, self.steps[1]) + outer

    def attend(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attention with key-value heads that several query heads share, float [L, hidden]."""
        length, both = x.shape[0], self.heads + self.groups
        qkv = self.qkv(x).reshape(length, both + self.groups, self.size)
        # Keys are normalised and rotated as more heads: half as many operations.
        qk = rotate(self.qk_norm(qkv[:, :both]), cos[:, None], sin[:, None])
        attended: Tensor = self.output(grouped(qk[:, : self.heads], qk[:, self.heads :], qkv[:, both:], bias))
        return attended
