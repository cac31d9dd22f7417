"""Gemma 3 inside fp16: powers of two in table, norms, their epsilons, and the feed-forward's matrices.

An RMSNorm forgets the size of what it is given, once its epsilon has that size too. So the hidden states may
lie lower between any two norms, where they reach 155 000 in EmbeddingGemma and fp16 ends at 65 504:

- `hidden`: the hidden states in front of each layer and of the last norm. In the table, and in the weights of
  the norms behind attention and feed-forward, whose results are added to them.
- `attention`: queries, keys, values and what attention makes of them, down to the norm behind it. In the
  weights of the norm before it: queries and keys are normalised, the rest is linear.
- `up`, `down`: the feed-forward's products and result. In its matrices, since the gate is not linear.
- `last`: the last norm's result, and with it the vector before it is brought to unit length.
"""

from __future__ import annotations

from typing import cast

import torch

from ..model.encoder import Encoder
from ..model.gemma3 import Gemma3, Layer, RmsNorm
from .exponents import Exponents, few_steps, for_squares, for_value, room, shift
from .peaks import Passed, Peaks


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model, last = encoder.transformer, peaks.modules["transformer.norm"]
    assert isinstance(model, Gemma3)  # noqa: S101 - the table of families says so
    layers = [_of(peaks, i) for i in range(len(model.layers))]
    lengths = [max(at["before"].given_length, at["before_mlp"].given_length) for at in layers]
    lengths[0] = max(lengths[0], _longest_row(model))
    feed = [_feed(cast(Layer, layer), at) for layer, at in zip(model.layers, layers, strict=True)]
    return {
        "hidden": few_steps([*map(for_squares, [*lengths, last.given_length])]),
        "attention": [_attention(at) for at in layers],
        "up": [up for up, _ in feed],
        "down": [down for _, down in feed],
        "last": [_last(peaks.modules)],
    }


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, hidden, (last,) = encoder.transformer, exponents["hidden"], exponents["last"]
    assert isinstance(model, Gemma3)  # noqa: S101 - as above
    shift(hidden[0], model.table.weight)
    attention, up, down = (exponents[name] for name in ("attention", "up", "down"))
    for layer, *own in zip(model.layers, hidden[:-1], hidden[1:], attention, up, down, strict=True):
        _layer(cast(Layer, layer), *own)
    _norm(model.norm, hidden[-1], last)
    encoder.eps *= 4.0**last


def _layer(layer: Layer, here: int, then: int, attention: int, up: int, down: int) -> None:
    _norm(layer.before, here, attention)
    _norm(layer.qk_norm, attention, 0)
    _norm(layer.after, attention, here)
    _norm(layer.before_mlp, here, 0)
    shift(up, layer.up.weight)
    shift(down, layer.down.weight)
    _norm(layer.after_mlp, up + down, then)
    layer.step = 2.0 ** (then - here)


def _norm(norm: RmsNorm, given: int, made: int) -> None:
    # What it is given comes scaled by 2 ** given; its result shall be scaled by 2 ** made.
    norm.eps *= 4.0**given
    shift(made, norm.weight)


def _longest_row(model: Gemma3) -> float:
    # Of the whole vocabulary, most of which calibration texts don't use.
    return float(torch.linalg.vector_norm(model.table.weight, dim=-1).max())


def _of(peaks: Peaks, layer: int) -> dict[str, Passed]:
    prefix = f"transformer.layers.{layer}."
    return {name.removeprefix(prefix): one for name, one in peaks.modules.items() if name.startswith(prefix)}


def _attention(at: dict[str, Passed]) -> int:
    values = (at["before"].made, at["qkv"].made, at["output"].made)
    squares = (at["qk_norm"].given_length, at["after"].given_length)
    return min(*map(for_value, values), *map(for_squares, squares))


def _feed(layer: Layer, at: dict[str, Passed]) -> tuple[int, int]:
    # The product must fit, and what the second matrix makes of it. As much of that in the first as its 4-bit
    # scales bear, the rest in the second.
    product = min(for_value(at["up"].made), for_value(at["down"].given))
    result = for_squares(at["after_mlp"].given_length)
    up = min(product, max(result, room(layer.up.weight)))
    return up, min(0, result - up)


def _last(at: dict[str, Passed]) -> int:
    norm = at["transformer.norm"]
    vector = at["projection"].made_length if "projection" in at else norm.made_length
    return min(for_value(norm.made), for_squares(vector))
