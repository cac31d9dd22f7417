"""What lies behind the last norm inside fp16: the vector before it is brought to unit length.

`last`: the last norm's result. Where nothing bends it the vector lies as much lower, biases with it, and the
final L2 norm forgets it once its epsilon does too. In front of a Tanh it is made up for in that layer's
matrix: Tanh must be given what it was trained on, and bounds what comes of it.
"""

from __future__ import annotations

from typing import cast

from torch import nn

from ..model.encoder import Encoder
from ..model.head import Step
from .exponents import for_squares, for_value, shift
from .peaks import Passed, Peaks


def choose_last(encoder: Encoder, norm: Passed, peaks: Peaks) -> int:
    """Return the exponent of what the last norm gives, by what was seen of it and of the vector."""
    steps = _steps(encoder)
    if steps and steps[0].tanh:
        return for_value(norm.made)
    vector = peaks.modules["dense.0.projection"].made_length if steps else norm.made_length
    return min(for_value(norm.made), for_squares(vector))


def apply_last(encoder: Encoder, exponent: int) -> None:
    """Scale all behind the last norm, whose result lies lower by this exponent, in place."""
    steps = _steps(encoder)
    if steps and steps[0].tanh:
        shift(-exponent, steps[0].projection.weight)
        return
    biases: list[nn.Parameter] = (
        [] if not steps or steps[0].projection.bias is None else [steps[0].projection.bias]
    )
    shift(exponent, *biases)
    encoder.eps *= 4.0**exponent


def _steps(encoder: Encoder) -> list[Step]:
    return [cast(Step, step) for step in encoder.dense]
