"""`pocketrag convert` and `quantize`."""

from __future__ import annotations

from .base import CosineOrNone, Count, SourceFacts


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
