"""EmbeddingGemma's encoder (Gemma 3, bidirectional, one KV head) written for export.

Converting Hugging Face's own `Gemma3TextModel` runs and is silently wrong: the expand of the single KV head
is lowered wrongly. Here all query heads of a token are rows of one matrix, so nothing is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pocketrag.formats.embedder.layer_kinds import FULL, SLIDING, gemma3_bases, gemma3_kinds

from .attention import band, biased
from .layers import MASKED, linear, padding_with_size, times
from .rms_norm import RmsNorm
from .rotary import angles, rotate
from .weights import Weights


class Gemma3(nn.Module):
    """`Gemma3TextModel` with bidirectional attention: ids int [1, L] -> hidden states float [L, hidden]."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, longest: int, padding: int) -> None:
        """Build from a `config.json` and take every weight of the folder.

        Sqrt(hidden) is folded into the table.

        `longest` is the largest L that will be asked for: the rotary angles are constants of that many rows.
        `padding` is the id of padding.
        """
        super().__init__()
        hidden = int(config["hidden_size"])
        self.eps = float(config["rms_norm_eps"])
        self.heads = int(config["num_attention_heads"])
        # A token sees those closer than half the window on either side (transformers halves it for
        # bidirectional attention).
        self.reach = int(config["sliding_window"]) // 2
        shape = (int(config["vocab_size"]), hidden)
        self.table = nn.Embedding.from_pretrained(
            padding_with_size(weights.take("embed_tokens.weight", shape) * hidden**0.5, padding)
        )
        self.kinds, size = gemma3_kinds(config), int(config["head_dim"])
        self.rope = nn.ParameterDict({k: angles(longest, size, b) for k, b in gemma3_bases(config).items()})
        self.layers = nn.ModuleList(Layer(config, weights, f"layers.{i}.") for i in range(len(self.kinds)))
        self.norm = RmsNorm(1.0 + weights.take("norm.weight", (hidden,)), self.eps)
        weights.finish()

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode `ids` int [1, L] under `mask` float [L] (1 = token, 0 = padding) to float [L, hidden]."""
        length = ids.shape[1]
        x = self.table(ids)[0]
        bias = ((1.0 - mask) * MASKED).reshape(1, length)
        near = bias if length <= self.reach + 1 else bias + band(length, self.reach)[:, None].to(mask.dtype)
        biases = {FULL: bias, SLIDING: near}
        for kind, layer in zip(self.kinds, self.layers, strict=True):
            x = layer(x, biases[kind], *self.rope[kind][:, :length].unbind(0))
        return self.tail(x)

    def tail(self, x: Tensor) -> Tensor:
        """Return what follows the last layer."""
        normalized: Tensor = self.norm(x)
        return normalized


class Layer(nn.Module):
    """One Gemma 3 block over [L, hidden], norms before and after each half."""

    def __init__(self, config: Mapping[str, Any], weights: Weights, prefix: str) -> None:
        """Take this layer's weights.

        The query scale is folded into the query norm, projections of one input are fused.
        """
        super().__init__()
        self.heads, self.size = int(config["num_attention_heads"]), int(config["head_dim"])
        eps = float(config["rms_norm_eps"])
        # What the hidden states are multiplied by before each half adds to them (export/half).
        self.steps = 1.0, 1.0

        hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
        wide = self.heads * self.size

        def take(name: str, *shape: int) -> Tensor:
            return weights.take(f"{prefix}{name}.weight", shape)

        def norm(name: str) -> RmsNorm:
            return RmsNorm(1.0 + take(name, hidden), eps)

        self.before, self.after = norm("input_layernorm"), norm("post_attention_layernorm")
        self.before_mlp = norm("pre_feedforward_layernorm")
        self.after_mlp = norm("post_feedforward_layernorm")
        query, key = (1.0 + take(f"self_attn.{name}_norm", self.size) for name in "qk")
        scaled = query * float(config["query_pre_attn_scalar"]) ** -0.5
        self.qk_norm = RmsNorm(torch.stack([scaled] * self.heads + [key]), eps)
        rows = {"q": wide, "k": self.size, "v": self.size}
        matrices = [take(f"self_attn.{name}_proj", size, hidden) for name, size in rows.items()]
        self.qkv = linear(torch.cat(matrices))
        self.output = linear(take("self_attn.o_proj", hidden, wide))
        # Not one matrix: cutting the product in two costs more than quantizing the input twice (2 % of the
        # whole).
        self.gate, self.up = (linear(take(f"mlp.{name}_proj", inner, hidden)) for name in ("gate", "up"))
        self.down = linear(take("mlp.down_proj", hidden, inner))

    def forward(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attend, then the gated feed-forward.

        `bias` is [1, L] or [L, 1, L], `cos` and `sin` are [L, head size / 2].
        """
        x = times(x, self.steps[0]) + self.after(self.attend(self.before(x), bias, cos, sin))
        inner = self.before_mlp(x)
        outer: Tensor = self.after_mlp(
            self.down(functional.gelu(self.gate(inner), approximate="tanh") * self.up(inner))
        )
        return times(x, self.steps[1]) + outer

    def attend(self, x: Tensor, bias: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Attention with one shared KV head: the rows of the score matrix are token-major (token, head).

        Both products are written as einsum over a batch of one: written as 2-D `@`, the first becomes a
        FULLY_CONNECTED with a computed weight, which XNNPACK leaves to TFLite's own kernel (three times
        slower, and it splits the graph in each layer).
        """
        length, width = x.shape[0], self.heads * self.size
        qkv = self.qkv(x)
        # The key is normalised and rotated as one more head: half as many operations.
        qk = qkv[:, : width + self.size].reshape(length, self.heads + 1, self.size)
        qk = rotate(self.qk_norm(qk), cos[:, None], sin[:, None])
        q, k = qk[:, : self.heads].reshape(1, length * self.heads, self.size), qk[:, self.heads].unsqueeze(0)
        scores = torch.softmax(biased(torch.einsum("bqd,bkd->bqk", q, k), bias), dim=-1)
        v = qkv[:, width + self.size :].unsqueeze(0)
        attended: Tensor = self.output(torch.einsum("bqk,bkd->bqd", scores, v).reshape(length, width))
        return attended
