"""What comes behind the pooling: dense layers, each a matrix, maybe a bias, maybe Tanh."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pocketrag.errors import InputError
from pocketrag.formats.embedder.sentence_modules import Dense

from .layers import linear
from .weights import Weights


class Step(nn.Module):
    """One dense layer over [1, in]."""

    def __init__(self, weight: Tensor, bias: Tensor | None, tanh: bool) -> None:
        """Take `weight` float64 [out, in] and `bias` float64 [out]."""
        super().__init__()
        self.projection = linear(weight.float().contiguous(), None if bias is None else bias.float())
        self.tanh = tanh

    def forward(self, x: Tensor) -> Tensor:
        """Project, then squash where it is Tanh."""
        projected: Tensor = self.projection(x)
        return torch.tanh(projected) if self.tanh else projected


def steps_of(dense: Sequence[Dense], hidden: int, dims: int | None) -> nn.ModuleList:
    """Return an embedder's dense layers as few steps as give the same, the last cut to `dims` outputs.

    Without activation between them layers are one: W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2), in
    float64.

    Args:
        dense: the layers, in order.
        hidden: numbers that the first is given.
        dims: give only so many, the first ones.

    Raises:
        InputError: a weight is missing or misshapen, or `dims` are more than there are.

    """
    steps: list[tuple[Tensor, Tensor | None, bool]] = []
    for layer in dense:
        weight, bias = _affine(layer, steps[-1][0].shape[0] if steps else hidden)
        if steps and not steps[-1][2]:
            before, added, _ = steps.pop()
            if added is not None:
                bias = weight @ added + (0 if bias is None else bias)
            weight = weight @ before
        steps.append((weight, bias, layer.activation == "tanh"))
    if steps and dims is not None:
        weight, bias, tanh = steps[-1]
        steps[-1] = weight[:dims], None if bias is None else bias[:dims], tanh
    return nn.ModuleList(Step(*step) for step in steps)


def width(dense: Sequence[Dense], hidden: int) -> int:
    """Return how many numbers an embedder's vectors have."""
    return Weights(dense[-1].folder).take("linear.weight").shape[0] if dense else hidden


def _affine(layer: Dense, given: int) -> tuple[Tensor, Tensor | None]:
    weights = Weights(layer.folder)
    weight = weights.take("linear.weight").double()
    bias = weights.take("linear.bias", weight.shape[:1]).double() if layer.bias else None
    weights.finish()
    if weight.shape[1] != given:
        raise InputError(
            f"{layer.folder}: takes {weight.shape[1]} numbers, and what comes before it gives {given}."
        )
    return weight, bias
