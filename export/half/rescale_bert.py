"""BERT inside fp16: powers of two in embeddings, matrices, LayerNorms and their epsilons.

A LayerNorm forgets the size of what it is given, once its epsilon has that size too. So what goes into it may
lie lower:

- `embedding`: the sum of the embeddings. In its tables.
- `attention`, `feed_forward`: the sum of each half of a layer and of what goes past it. In the half's last
  matrix, and in a product with a number, beside it.
- `last`: the last LayerNorm's result, and with it what lies behind it (`rescale_head`).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from ..model.bert import Bert, Layer
from ..model.encoder import Encoder
from .exponents import Exponents, for_squares, for_value, shift
from .peaks import Peaks
from .rescale_head import apply_last, choose_last


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model, at = encoder.transformer, peaks.modules
    assert isinstance(model, Bert)  # noqa: S101 - the table of families says so
    layers = [f"transformer.layers.{i}." for i in range(len(model.layers))]

    def into(norm: str, matrix: str) -> int:
        values = max(at[norm].given, at[matrix].made)
        return min(for_value(values), for_squares(at[norm].given_length))

    return {
        "embedding": [min(into("transformer.norm", "transformer.table"), _of_vocabulary(model))],
        "attention": [into(f"{layer}attention_norm", f"{layer}output") for layer in layers],
        "feed_forward": [into(f"{layer}norm", f"{layer}down") for layer in layers],
        "last": [choose_last(encoder, at[f"{layers[-1]}norm"], peaks)],
    }


def _of_vocabulary(model: Bert) -> int:
    # Calibration texts don't use most of the vocabulary. No sum of two rows is longer than both together.
    lengths = [torch.linalg.vector_norm(each, dim=-1).max() for each in (model.table.weight, model.position)]
    return for_squares(float(sum(lengths)))


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, (first,), (last,) = encoder.transformer, exponents["embedding"], exponents["last"]
    assert isinstance(model, Bert)  # noqa: S101 - as above
    shift(first, model.table.weight, model.position)
    model.norm.eps *= 4.0**first
    attention, feed_forward = exponents["attention"], exponents["feed_forward"]
    for layer, *own in zip(model.layers, attention, feed_forward, strict=True):
        _layer(cast(Layer, layer), *own)
    final = cast(Layer, model.layers[-1]).norm
    shift(last, final.weight, final.bias)
    apply_last(encoder, last)


def _layer(layer: Layer, attention: int, feed_forward: int) -> None:
    _into(layer.attention_norm, layer.output, attention)
    _into(layer.norm, layer.down, feed_forward)
    layer.steps = 2.0**attention, 2.0**feed_forward


def _into(norm: nn.LayerNorm, matrix: nn.Linear, exponent: int) -> None:
    shift(exponent, matrix.weight, matrix.bias)
    norm.eps *= 4.0**exponent
