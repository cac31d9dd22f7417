"""BERT inside fp16: powers of two in embeddings, LayerNorms, their epsilons, and the matrices around them.

A LayerNorm forgets the size of what it is given, once its epsilon has that size too. What it makes goes both
into the next matrix, which makes up for a scale, and past it, into the next LayerNorm:

- `embedding`: the sum of the embeddings, up to the first LayerNorm.
- `attention`, `feed`: what goes into each half of a layer, and its sum with what the half makes of it.
- `last`: the last LayerNorm's result, and with it the vector before it is brought to unit length.
"""

from __future__ import annotations

from typing import cast

from torch import nn

from ..model.bert import Bert, Layer
from ..model.encoder import Encoder
from .exponents import Exponents, for_squares, for_value, shift
from .peaks import Peaks


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model, at = encoder.transformer, peaks.modules
    assert isinstance(model, Bert)  # noqa: S101 - the table of families says so
    layers = [f"transformer.layers.{i}." for i in range(len(model.layers))]

    def half(norm: str, matrix: str) -> int:
        values = for_value(max(at[norm].given, at[matrix].given))
        return min(values, for_squares(at[norm].given_length))

    last = at[f"{layers[-1]}norm"]
    vector = at["projection"].made_length if "projection" in at else last.made_length
    first = at["transformer.norm"]
    return {
        "embedding": [min(for_value(first.given), for_squares(first.given_length))],
        "attention": [half(f"{layer}attention_norm", f"{layer}qkv") for layer in layers],
        "feed": [half(f"{layer}norm", f"{layer}up") for layer in layers],
        "last": [min(for_value(last.made), for_squares(vector))],
    }


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, (first,), (last,) = encoder.transformer, exponents["embedding"], exponents["last"]
    assert isinstance(model, Bert)  # noqa: S101 - as above
    attention = [*exponents["attention"], last]
    shift(first, model.table.weight, model.position)
    _norm(model.norm, first, attention[0])
    for layer, *own in zip(model.layers, attention[:-1], exponents["feed"], attention[1:], strict=True):
        _layer(cast(Layer, layer), *own)
    encoder.eps *= 4.0**last


def _layer(layer: Layer, here: int, feed: int, then: int) -> None:
    shift(-here, layer.qkv.weight)
    shift(here, layer.output.weight, layer.output.bias)
    _norm(layer.attention_norm, here, feed)
    shift(-feed, layer.up.weight)
    shift(feed, layer.down.weight, layer.down.bias)
    _norm(layer.norm, feed, then)


def _norm(norm: nn.LayerNorm, given: int, made: int) -> None:
    # What it is given comes scaled by 2 ** given; its result shall be scaled by 2 ** made.
    norm.eps *= 4.0**given
    shift(made, norm.weight, norm.bias)
