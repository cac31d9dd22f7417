"""ModernBERT and Qwen3 inside fp16: a norm before each half of a layer, none behind it.

A norm forgets the size of what it is given, once its epsilon has that size too, so the hidden states may lie
lower between any two. What a half adds to them must lie as low, and no norm stands there to see to it:

- `hidden`: the hidden states in front of each half of a layer and of the last norm. In the table (behind
  ModernBERT's first norm: in that norm), and in the last matrix of each half.
- `attention`: Qwen3's queries, keys and values; the first two are normalised. In the norm before.
- `value`, `up`: what lies between two matrices of a half, the values and the feed-forward's products. In the
  first, and made up for in the second.
- `embedding`: ModernBERT's embeddings in front of the first norm. In the table.
- `last`: the last norm's result, and with it what lies behind it (`rescale_head`).
"""

from __future__ import annotations

import torch
from torch import nn

from ..model import modernbert, qwen3
from ..model.encoder import Encoder
from ..model.modernbert import ModernBert
from ..model.qwen3 import Qwen3
from .exponents import Exponents, few_steps, for_squares, for_value, room, shift
from .parts import before_norm, carry, exact, normalized, of_layer
from .peaks import Passed, Peaks
from .rescale_head import apply_last, choose_last

#: What has an exponent a layer, in the order of `_layer`.
LAYERS = ("attention", "value", "up")
Model = ModernBert | Qwen3
Layer = modernbert.Layer | qwen3.Layer


def choose(encoder: Encoder, peaks: Peaks) -> Exponents:
    """Return exponents for what was seen of calibration texts."""
    model = _model(encoder)
    layers = [(layer, of_layer(peaks, i)) for i, layer in enumerate(_layers(model))]
    hidden = few_steps(_hidden(model, peaks, [at for _, at in layers]))
    own = [_own(layer, at, hidden[2 * i + 1 : 2 * i + 3]) for i, (layer, at) in enumerate(layers)]
    longest = float(torch.linalg.vector_norm(model.table.weight, dim=-1).max())
    return {
        "embedding": [for_squares(longest)] if isinstance(model, ModernBert) else [],
        "hidden": hidden,
        **{name: list(found) for name, found in zip(LAYERS, zip(*own, strict=True), strict=True)},
        "last": [choose_last(encoder, peaks.modules[f"transformer.{_LAST[type(model)]}"], peaks)],
    }


def apply(encoder: Encoder, exponents: Exponents) -> None:
    """Scale an encoder in place; what it computes stays the same to the bit, in float32."""
    model, hidden, (last,) = _model(encoder), exponents["hidden"], exponents["last"]
    if isinstance(model, ModernBert):
        shift(exponents["embedding"][0], model.table.weight)
        carry(model.norm, exponents["embedding"][0], hidden[0])
    else:
        shift(hidden[0], model.table.weight)
    for i, layer in enumerate(_layers(model)):
        _layer(layer, hidden[2 * i : 2 * i + 3], *(exponents[name][i] for name in LAYERS))
    carry(getattr(model, _LAST[type(model)]), hidden[-1], last)
    apply_last(encoder, last)


#: What the last norm of a model is called.
_LAST: dict[type[nn.Module], str] = {ModernBert: "last", Qwen3: "norm"}


def _model(encoder: Encoder) -> Model:
    model = encoder.transformer
    assert isinstance(model, ModernBert | Qwen3)  # noqa: S101 - the table of families says so
    return model


def _layers(model: Model) -> list[Layer]:
    return [layer for layer in model.layers if isinstance(layer, modernbert.Layer | qwen3.Layer)]


def _layer(layer: Layer, hidden: list[int], attention: int, value: int, up: int) -> None:
    first, between, then = hidden
    if isinstance(layer.before, nn.Identity):  # ModernBERT's first layer reads the hidden states as they are
        shift(-first, layer.qkv.weight)
    else:
        carry(layer.before, first, attention)
    if isinstance(layer, qwen3.Layer):
        carry(layer.qk_norm, attention, 0)
    shift(value, layer.qkv.weight[-_values(layer) :])
    shift(between - attention - value, layer.output.weight)
    carry(layer.before_mlp, between, 0)
    shift(up, layer.up.weight)
    shift(then - up, layer.down.weight)
    layer.steps = 2.0 ** (between - first), 2.0 ** (then - between)


def _values(layer: Layer) -> int:
    return layer.size * (layer.heads if isinstance(layer, modernbert.Layer) else layer.groups)


def _hidden(model: Model, peaks: Peaks, layers: list[dict[str, Passed]]) -> list[int]:
    norms = [at[name] for at in layers for name in ("before", "before_mlp") if name in at]
    found = [before_norm(norm) for norm in (*norms, peaks.modules[f"transformer.{_LAST[type(model)]}"])]
    if isinstance(model, ModernBert):  # its first layer has no norm before attention
        return [for_value(peaks.modules["transformer.norm"].made), *found]
    # The whole vocabulary, most of which calibration texts don't use.
    longest = float(torch.linalg.vector_norm(model.table.weight, dim=-1).max())
    return [min(found[0], for_squares(longest)), *found[1:]]


def _own(layer: Layer, at: dict[str, Passed], hidden: list[int]) -> tuple[int, int, int]:
    values = layer.qkv.weight[-_values(layer) :]
    value = for_value(float(at["qkv"].made_each[-len(values) :].max()))
    attention = 0
    if isinstance(layer, qwen3.Layer):
        attention = normalized(at["qk_norm"], at["before"], value)
    product = min(for_value(at["up"].made), for_value(at["down"].given))
    return (
        attention,
        exact(value - attention, hidden[0] - attention, room(values), room(layer.output.weight))[0],
        exact(product, hidden[1], room(layer.up.weight), room(layer.down.weight))[0],
    )
