"""How much memory a table of token vectors takes to make, said before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pocketrag.errors import InputError
from pocketrag.machine import free_memory

from .token_model import Described

#: Python with torch and transformers, and what a batch leaves between layers (docs/static.md has the
#: measured peaks).
LIBRARIES = 1.0e9
#: Two float64 matrices [hidden, hidden] and LAPACK's own, while the directions are found.
MATRICES = 4


@dataclass(frozen=True)
class Plan:
    """In which type a model is loaded, and what that takes."""

    dtype: Literal["float32", "auto"]
    """"float32", or "auto" for the stored type."""
    bytes: int
    """At the peak, about."""
    available: int


def plan(described: Described, dims: int) -> Plan:
    """Choose float32 where it fits, else the type in which the weights are stored.

    Embedders are loaded in float32 only.

    Raises:
        InputError: neither fits into the memory that is free.

    """
    free = free_memory()
    whole = Plan("float32", peak(described, 4, dims), free)
    stored = Plan("auto", peak(described, described.width, dims), free)
    choices = [whole] if described.kind == "embedder" or described.width >= 4 else [whole, stored]
    for chosen in choices:
        if chosen.bytes <= free:
            return chosen
    raise InputError(
        f"{described.folder}: needs about {choices[-1].bytes / 1e9:.1f} GB of memory at its peak "
        f"({described.weights / 1e6:,.0f} million weights, {described.tokens:,} tokens of "
        f"{described.hidden} numbers), and {free / 1e9:.1f} GB are free. Take a smaller model or a larger "
        "machine."
    )


def peak(described: Described, width: int, dims: int) -> int:
    """Return about how many bytes are in use at most, weights at `width` bytes each.

    Weights, the vector of every token in float32, and then, when the weights are gone, the table; the larger
    of both.
    """
    vectors = described.tokens * described.hidden * 4
    loading = described.weights * width + vectors
    reducing = vectors + 2 * described.tokens * dims * 4 + MATRICES * described.hidden**2 * 8
    return int(LIBRARIES + max(loading, reducing))
