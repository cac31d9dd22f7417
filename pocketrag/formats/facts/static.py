"""`pocketrag static`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, CosineOrNone, Count, Facts, Number


class AppFacts(Facts):
    """The `.tflite` of a table, in int8."""

    bytes: Count
    dims: Count
    lengths: tuple[Count, ...]
    """Tokens of each signature."""
    least_cosine: CosineOrNone
    """To the float32 table."""
    n: Count
    """Inputs of this proof: texts in many scripts, and random tokens."""


class TableFacts(Facts):
    """A model's tokens as a table of vectors."""

    kind: Literal["embedder", "model"]
    """Whether a SentenceTransformer was taken whole, or hidden states of any other model."""
    family: str
    weights: Count
    """Numbers of the model."""
    tokens: Count
    """Of the tokenizer."""
    embedded: Count
    """Those with a vector; the others are special, unknown or reserved, and their rows are zero."""
    before: tuple[Count, ...]
    """Special tokens that stood before each token, and after it."""
    after: tuple[Count, ...]
    hidden: Count
    dims: Count
    explained: Number
    """Share of the vectors' variance that the dimensions keep."""
    frequencies: Literal["corpus", "zipf"]
    sif: Number
    loaded_as: Literal["float32", "auto"]
    """Type of the weights in memory; "auto" is the stored one."""
    peak_bytes: Count
    """Memory at the peak as it was estimated before the start."""


class _Named(Facts):
    out: str
    model: str


class StaticFacts(TableFacts, _Named):
    """The folder of such a table."""

    seconds: Amount
    files: dict[str, Count]
    """File -> bytes."""
    app: AppFacts | None
    """Null where the app's runtime does not read the tokenizer."""
    no_app: str | None
    """Why there is no `.tflite`; null where there is one."""
