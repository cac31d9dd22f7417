"""`pocketrag convert` and `quantize`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Amount, CosineOrNone, Count, Facts, NumberOrNone, Score, SourceFacts

#: Of two. Less would be 0 in float32.
Exponent = Annotated[int, Field(ge=-100, le=0)]


class HalfFacts(Facts):
    """How an encoder keeps inside fp16, whose largest number is 65 504 (docs/quantization.md)."""

    exponents: dict[str, tuple[Exponent, ...]]
    """What was scaled (`export/half`) -> by which power of two, a layer each or once; 0 is left as it was."""
    calibration_texts: Count
    calibrated_to: Amount
    """Share of 65 504 that an intermediate of these texts may reach."""
    n: Count
    """Other texts: of many languages and scripts, of 1 token to the longest length."""
    largest_before: NumberOrNone
    """Magnitude of any weight and intermediate of these, before scaling; 1e15 stands for more.

    Padding and sums of squares are included."""
    largest: NumberOrNone
    """The same as converted."""
    largest_in: str
    """Module and operation of that."""
    limit: Amount
    """What it may be."""
    least_mean_square: NumberOrNone
    """Of anything that a norm is given, as converted; under 3e-8 fp16 takes it for 0."""
    subnormal: Score
    """Share of the values that norms are given, zeros aside, below fp16's least normal number, 6.1e-5."""
    largest_difference: Amount
    """Of any component of their vectors in float32, before and after scaling: 0, to the bit."""
    least_cosine: CosineOrNone
    """Of PyTorch in fp16 on the processor to float32; null where fp16 gave no numbers."""
    n_in_half: Count
    """Texts of that cosine."""
    fits: bool
    """Whether `largest` keeps to `limit`, mean square and cosine to what docs/quantization.md says."""


class ConvertFacts(SourceFacts):
    """The model as a float32 `.tflite`, proved equal to PyTorch."""

    bytes: Count
    dims: Count
    lengths: tuple[Count, ...]
    """Tokens of each signature."""
    least_cosine_to_pytorch: CosineOrNone
    least_cosine_between_lengths: CosineOrNone
    """Of one text through several lengths: padding must not matter."""
    n: Count
    """Texts of this proof."""
    texts_with_same_tokens: Count
    """All of the recipe's, and samples of many scripts."""
    half: HalfFacts


class QuantizeFacts(SourceFacts):
    """The quantized model, and what that cost in cosine."""

    quantization: str
    """A name or code of pocketrag/recipe/quantization.py."""
    bytes_slimmed: Count
    """Repeated descriptions that were taken out of the file."""
    calibration_texts: Count
    kept_in_int8: tuple[str, ...]
    """Matrices of the layers that 4 bits would hurt most."""
    bytes_float32: Count
    bytes: Count
    weights: dict[str, Count]
    """Stored type -> weights."""
    mean_cosine: CosineOrNone
    """To the float32 `.tflite`, over n texts."""
    least_cosine: CosineOrNone
    n: Count
