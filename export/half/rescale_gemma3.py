"""Gemma 3 inside fp16: powers of two in table, norms, their epsilons, and the linear matrices.

An RMSNorm forgets the size of what it is given, once its epsilon has that size too. So the hidden states may
lie lower between any two norms, where they reach 155 000 in EmbeddingGemma and fp16 ends at 65 504:

- `hidden`: the hidden states in front of each half of a layer and of the last norm. In the table, and in the
  weights of the norms behind attention and feed-forward, whose results are added to them.
- `attention`: queries, keys, values and what attention makes of them, down to the norm behind it. In the
  weights of the norm before it: queries and keys are normalised, the rest is linear.
- `value`, `output`: what queries and keys can't follow, as their squares would vanish. In the matrices.
- `up`, `down`: the feed-forward's products and result. In its matrices, since the gate is not linear.
- `last`: the last norm's result, and with it what lies behind it (`rescale_head`).
"""

from __future__ import annotations

from typing import cast

import torch

from ..model.encoder import Encoder
from ..model.gemma3 import Gemma3, Layer
from .exponents import Exponents, few_steps, for_squares, for_value, room, shift
from .parts import carry, normalized, of_layer, shared
from .peaks import Passed, Peaks
from .rescale_head import apply_last, choose_last

#: What has an exponent a layer, in the order of `_layer`.
LAYERS = ("attention", "value", "output", "up", "down")


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model = encoder.transformer
    assert isinstance(model, Gemma3)  # noqa: S101 - the table of families says so
    layers = [(cast(Layer, layer), of_layer(peaks, i)) for i, layer in enumerate(model.layers)]
    own = [(*_attention(layer, at), *_feed_forward(layer, at)) for layer, at in layers]
    return {
        "hidden": few_steps([for_squares(length) for length in _lengths(model, peaks, layers)]),
        **{name: list(found) for name, found in zip(LAYERS, zip(*own, strict=True), strict=True)},
        "last": [choose_last(encoder, peaks.modules["transformer.norm"], peaks)],
    }


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, hidden, (last,) = encoder.transformer, exponents["hidden"], exponents["last"]
    assert isinstance(model, Gemma3)  # noqa: S101 - as above
    shift(hidden[0], model.table.weight)
    own = zip(*(exponents[name] for name in LAYERS), strict=True)
    for i, (layer, here) in enumerate(zip(model.layers, own, strict=True)):
        _layer(cast(Layer, layer), hidden[2 * i : 2 * i + 3], *here)
    carry(model.norm, hidden[-1], last)
    apply_last(encoder, last)


def _layer(
    layer: Layer, hidden: list[int], attention: int, value: int, output: int, up: int, down: int
) -> None:
    first, between, then = hidden
    carry(layer.before, first, attention)
    carry(layer.qk_norm, attention, 0)
    shift(value, layer.qkv.weight[-layer.size :])
    shift(output, layer.output.weight)
    carry(layer.after, attention + value + output, between)
    carry(layer.before_mlp, between, 0)
    shift(up, layer.up.weight)
    shift(down, layer.down.weight)
    carry(layer.after_mlp, up + down, then)
    layer.steps = 2.0 ** (between - first), 2.0 ** (then - between)


def _lengths(model: Gemma3, peaks: Peaks, layers: list[tuple[Layer, dict[str, Passed]]]) -> list[float]:
    norms = [at[name] for _, at in layers for name in ("before", "before_mlp")]
    found = [norm.given_length for norm in (*norms, peaks.modules["transformer.norm"])]
    # The whole vocabulary, most of which calibration texts don't use.
    return [max(found[0], float(torch.linalg.vector_norm(model.table.weight, dim=-1).max())), *found[1:]]


def _attention(layer: Layer, at: dict[str, Passed]) -> tuple[int, int, int]:
    values = for_value(float(at["qkv"].made_each[-layer.size :].max()))
    result = for_squares(at["after"].given_length)
    attention = normalized(at["qk_norm"], at["before"], min(values, result))
    return attention, *shared(values - attention, result - attention, room(layer.qkv.weight[-layer.size :]))


def _feed_forward(layer: Layer, at: dict[str, Passed]) -> tuple[int, int]:
    product = min(for_value(at["up"].made), for_value(at["down"].given))
    return shared(product, for_squares(at["after_mlp"].given_length), room(layer.up.weight))
