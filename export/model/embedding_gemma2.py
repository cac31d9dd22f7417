"""EmbeddingGemma 2's text tower for export: per-layer embeddings, and wider heads where all tokens are seen.

After transformers' own `EmbeddingGemma2TextModel` (5.23). Unlike Gemma 3's, its norms multiply by w, not by
1 + w, values are normalised too, scores are not scaled, and its window is a radius.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pocketrag.formats.embedder.layer_kinds import (
    FULL,
    SLIDING,
    Heads,
    gemma2_bases,
    gemma2_heads,
    gemma2_kinds,
)

from .attention import band, grouped
from .layers import MASKED, linear, padding_with_size, times
from .rms_norm import RmsNorm
from .rotary import angles, rotate
from .weights import Weights


class EmbeddingGemma2(nn.Module):
    """`EmbeddingGemma2TextModel`: ids int [1, L] -> projected hidden states float [L, embedding dims]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a text tower's configuration and take every weight of the folder.

        Sqrt(hidden) is folded into the table.

        `longest` is the largest L that will be asked for: the rotary angles are constants of that many rows.
        `padding` is the id of padding.
        """
        super().__init__()
        hidden, eps = int(config["hidden_size"]), float(config["rms_norm_eps"])
        # A token sees those up to so many away on either side.
        self.reach = int(config["sliding_window"])
        shape = (int(config["vocab_size"]), hidden)
        self.table = nn.Embedding.from_pretrained(
            padding_with_size(weights.take("embed_tokens.weight", shape) * hidden**0.5, padding)
        )
        self.kinds, heads = gemma2_kinds(config), gemma2_heads(config)
        self.per_layer = PerLayer(config, weights)
        sizes, bases = {k: one.size for k, one in zip(self.kinds, heads, strict=True)}, gemma2_bases(config)
        self.rope = nn.ParameterDict({k: angles(longest, size, bases[k]) for k, size in sizes.items()})
        self.layers = nn.ModuleList(
            Layer(config, weights, f"layers.{i}.", one) for i, one in enumerate(heads)
        )
        self.norm = RmsNorm(weights.take("norm.weight", (hidden,)), eps)
        dims = int(config["embedding_dim"])
        self.projection = linear(weights.take("embedding_projection.weight", (dims, hidden)))
        weights.finish()

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] under `mask` float [L] (1 = token, 0 = padding) to float [L, dims]."""
        length = ids.shape[1]
        x = self.table(ids)[0]
        own = self.per_layer(x)
        bias = ((1.0 - mask) * MASKED).reshape(1, length)
        near = bias if length <= self.reach + 1 else bias + band(length, self.reach)[:, None].to(mask.dtype)
        biases = {FULL: bias, SLIDING: near}
        for i, (kind, layer) in enumerate(zip(self.kinds, self.layers, strict=True)):
            x = layer(x, own[:, i], biases[kind], *self.rope[kind][:, :length].unbind(0))
        return self.tail(x)

    def tail(self, x: Tensor) -> Tensor:
        """Return what follows the last layer; transformers projects before the pooling too."""
        projected: Tensor = self.projection(self.norm(x))
        return projected


class PerLayer(nn.Module):
    """What each layer gets of the embeddings themselves, besides its input: float [L, layers, own dims]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights) -> None:
        """Take the weights; 1/sqrt(hidden) is folded into the matrix."""
        super().__init__()
        hidden, self.layers = int(config["hidden_size"]), int(config["num_hidden_layers"])
        self.size = int(config["hidden_size_per_layer_input"])
        matrix = weights.take("ple.per_layer_model_projection.weight", (self.layers * self.size, hidden))
        self.ple = linear(matrix * hidden**-0.5)
        norm = weights.take("ple.per_layer_projection_norm.weight", (self.size,))
        self.norm = RmsNorm(norm, float(config["rms_norm_eps"]))

    def forward(self, x: Tensor) -> Tensor:
        """Project the embeddings float [L, hidden] for all layers at once."""
        normalized: Tensor = self.norm(self.ple(x).reshape(x.shape[0], self.layers, self.size))
        return normalized


class Layer(nn.Module):
    """One block over [L, hidden]: attention, feed-forward, and the gate to its own part of the embeddings."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, prefix: str, heads: Heads) -> None:
        """Take this layer's weights; projections of one input are fused."""
        super().__init__()
        hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
        eps, own = float(config["rms_norm_eps"]), int(config["hidden_size_per_layer_input"])
        self.heads, self.size, self.groups = int(config["num_attention_heads"]), heads.size, heads.groups
        # What the hidden states are multiplied by before each of the three parts adds to them (export/half).
        self.steps = 1.0, 1.0, 1.0

        def take(name: str, *shape: int) -> Tensor:
            return weights.take(f"{prefix}{name}.weight", shape)

        def norm(name: str) -> RmsNorm:
            return RmsNorm(take(name, hidden), eps)

        self.before, self.after = norm("input_layernorm"), norm("post_attention_layernorm")
        self.before_mlp = norm("pre_feedforward_layernorm")
        self.after_mlp = norm("post_feedforward_layernorm")
        self.after_ple = norm("ple_block.post_per_layer_input_norm")
        sides = {"q": self.heads, "k": self.groups, "v": self.groups}
        self.qkv = linear(
            torch.cat([take(f"self_attn.{n}_proj", c * self.size, hidden) for n, c in sides.items()])
        )
        # Queries, keys and values as heads of one norm; that of the values has no weight of its own.
        query, key = (take(f"self_attn.{n}_norm", self.size) for n in "qk")
        value = torch.ones(self.size)
        self.qkv_norm = RmsNorm(
            torch.stack([query] * self.heads + [key] * self.groups + [value] * self.groups), eps
        )
        self.output = linear(take("self_attn.o_proj", hidden, self.heads * self.size))
        # Two matrices, as in gemma3.py.
        self.gate, self.up = (linear(take(f"mlp.{n}_proj", inner, hidden)) for n in ("gate", "up"))
        self.down = linear(take("mlp.down_proj", hidden, inner))
        self.ple_gate = linear(take("ple_block.per_layer_input_gate", own, hidden))
        self.ple_output = linear(take("ple_block.per_layer_projection", hidden, own))
        self.scalar = float(weights.take(f"{prefix}layer_scalar", (1,)))

    def forward(self, x: Tensor, own: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attend, the gated feed-forward, then what the embeddings themselves tell this layer.

        `own` is [L, own dims], `bias` [1, L] or [L, 1, L], `cos` and `sin` are [L, head size / 2].
        """
        x = times(x, self.steps[0]) + self.after(self.attend(self.before(x), bias, cos, sin))
        inner = self.before_mlp(x)
        gate = functional.gelu(self.gate(inner), approximate="tanh")
        x = times(x, self.steps[1]) + self.after_mlp(self.down(gate * self.up(inner)))
        gate = functional.gelu(self.ple_gate(x), approximate="tanh")
        x = times(x, self.steps[2]) + self.after_ple(self.ple_output(gate * own))
        return times(x, self.scalar)

    def attend(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attention with key-value heads that several query heads share, float [L, hidden]."""
        length, both = x.shape[0], self.heads + self.groups
        qkv = self.qkv_norm(self.qkv(x).reshape(length, both + self.groups, self.size))
        qk, v = rotate(qkv[:, :both], cos[:, None], sin[:, None]), qkv[:, both:]
        attended: Tensor = self.output(grouped(qk[:, : self.heads], qk[:, self.heads :], v, bias))
        return attended
