"""EmbeddingGemma 2 inside fp16: as Gemma 3 (rescale_gemma3.py), with a third part in each layer.

- `hidden`: the hidden states in front of each of a layer's three parts and of the last norm. In the table,
  and in the weights of the norms behind the parts. The gate to the embeddings reads them without a norm: its
  matrix makes up for it.
- `attention`: queries, keys and values, which are all normalised. In the norm before.
- `output`, `up`, `down`, `ple`: what the norms behind the parts are given. In the matrices before them.
- `embedding`: what is projected for all layers. In its matrix.
- `last`: the last norm's result, and with it the last matrix's and what lies behind it (`rescale_head`).
"""

from __future__ import annotations

from typing import cast

import torch

from ..model.embedding_gemma2 import EmbeddingGemma2, Layer
from ..model.encoder import Encoder
from .exponents import Exponents, few_steps, for_squares, for_value, room, shift
from .parts import carry, normalized, of_layer, shared
from .peaks import Passed, Peaks
from .rescale_head import apply_last, choose_last

#: What has an exponent a layer, in the order of `_layer`.
LAYERS = ("attention", "output", "up", "down", "ple")


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model = _model(encoder)
    layers = [(cast(Layer, layer), of_layer(peaks, i)) for i, layer in enumerate(model.layers)]
    hidden = few_steps(_hidden(model, peaks, [at for _, at in layers]))
    own = zip(*(_own(layer, at) for layer, at in layers), strict=True)
    given = peaks.modules["transformer.per_layer.norm"].given_length
    return {
        "hidden": hidden,
        "embedding": [min(0, for_squares(given) - hidden[0])],
        **{name: list(found) for name, found in zip(LAYERS, own, strict=True)},
        "last": [_last(encoder, peaks)],
    }


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, hidden, (last,) = _model(encoder), exponents["hidden"], exponents["last"]
    shift(hidden[0], model.table.weight)
    (embedding,) = exponents["embedding"]
    shift(embedding, model.per_layer.ple.weight)
    carry(model.per_layer.norm, hidden[0] + embedding, 0)
    own = zip(*(exponents[name] for name in LAYERS), strict=True)
    for i, (layer, here) in enumerate(zip(model.layers, own, strict=True)):
        _layer(cast(Layer, layer), hidden[3 * i : 3 * i + 4], *here)
    carry(model.norm, hidden[-1], last)
    apply_last(encoder, last)


def _model(encoder: Encoder) -> EmbeddingGemma2:
    model = encoder.transformer
    assert isinstance(model, EmbeddingGemma2)  # noqa: S101 - the table of families says so
    return model


def _layer(
    layer: Layer, hidden: list[int], attention: int, output: int, up: int, down: int, ple: int
) -> None:
    first, between, third, then = hidden
    carry(layer.before, first, attention)
    carry(layer.qkv_norm, attention, 0)
    shift(output, layer.output.weight)
    carry(layer.after, output, between)
    carry(layer.before_mlp, between, 0)
    shift(up, layer.up.weight)
    shift(down, layer.down.weight)
    carry(layer.after_mlp, up + down, third)
    shift(-third, layer.ple_gate.weight)
    shift(ple, layer.ple_output.weight)
    carry(layer.after_ple, ple, then)
    layer.steps = 2.0 ** (between - first), 2.0 ** (third - between), 2.0 ** (then - third)


def _hidden(model: EmbeddingGemma2, peaks: Peaks, layers: list[dict[str, Passed]]) -> list[int]:
    # The whole vocabulary, most of which calibration texts don't use.
    found, scalar = [for_squares(float(torch.linalg.vector_norm(model.table.weight, dim=-1).max()))], 1.0
    for layer, at in zip(model.layers, layers, strict=True):
        found.append(_behind(at["before"], scalar))
        found += [for_squares(at["before_mlp"].given_length), for_value(at["ple_gate"].given)]
        scalar = cast(Layer, layer).scalar
    return [min(found[:2]), *found[2:], _behind(peaks.modules["transformer.norm"], scalar)]


def _behind(norm: Passed, scalar: float) -> int:
    # What a norm is given was multiplied by the scalar of the layer before; it must fit before that, too.
    return min(for_squares(norm.given_length), for_value(norm.given / min(1.0, abs(scalar) or 1.0)))


def _own(layer: Layer, at: dict[str, Passed]) -> tuple[int, ...]:
    attention = normalized(at["qkv_norm"], at["before"], for_value(at["qkv"].made))
    product = min(for_value(at["up"].made), for_value(at["down"].given))
    up, down = shared(product, for_squares(at["after_mlp"].given_length), room(layer.up.weight))
    output, ple = (for_squares(at[name].given_length) for name in ("after", "after_ple"))
    return attention, output, up, down, ple


def _last(encoder: Encoder, peaks: Peaks) -> int:
    norm, projected = (peaks.modules[f"transformer.{name}"] for name in ("norm", "projection"))
    return min(for_value(norm.made), choose_last(encoder, projected, peaks))
