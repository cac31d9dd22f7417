"""The few pieces that every exported encoder shares."""

from __future__ import annotations

from torch import Tensor, nn

#: Added to the scores of padding. Finite, because -inf turns a fully padded row into NaN; exp(-1e4) is 0 in
#: float32.
MASKED = -1e4


def linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    """Return `nn.Linear` that computes x @ weight.T + bias; weight float [out, in], bias float [out]."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight = nn.Parameter(weight)
    if bias is not None:
        layer.bias = nn.Parameter(bias)
    return layer


def times(x: Tensor, step: float) -> Tensor:
    """Return x * step; by 1, without an operation in the graph."""
    return x if step == 1 else x * step


def padding_with_size(table: Tensor, pad: int) -> Tensor:
    """Give the padding's id another row where its own is zeros; in place, float [tokens, hidden].

    What padding looks like is free, as the mask hides it. But a row of zeros, which torch gives a padding
    token, divides by the root of epsilon alone, and in fp16 that may be 0: NaN, which no mask hides.
    """
    if not table[pad].any():
        table[pad] = table[pad - 1 if pad else 1]
    return table
