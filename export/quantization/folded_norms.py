"""What the converter multiplied into the columns of a matrix: the weights of the norm in front of it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from pocketrag.errors import GateError

from .matrices import find_matrices, stored

#: A product of two float32 numbers, and the quotient that finds one of them again, relative to the largest.
ROUNDING = 1e-6


def folded(source: Path, originals: dict[str, np.ndarray], names: Collection[str]) -> dict[str, np.ndarray]:
    """Return by what the columns of some matrices were multiplied in a float `.tflite`, float32 [in] each.

    BERT's and ModernBERT's LayerNorms go into the matrices behind them, RMSNorms only where all their weights
    are one power of two. Levels that are chosen for the encoder's own matrix would be those of another one.

    Args:
        source: the float32 `.tflite`.
        originals: module name -> the encoder's matrix float32 [out, in], all of them: what the converter
            changed is found by its place among the others.
        names: those that are asked for.

    Raises:
        GateError: a matrix is not in the file, or one of `names` differs otherwise, or in some lengths only.

    """
    sites = find_matrices(source, originals)
    there = stored(source, sites)
    for name in names:
        if len({site.changed for site in sites[name]}) > 1:
            raise GateError(f"{source.name}: the converter changed {name} in some lengths only; leave out g.")
    return {name: _columns(source, name, originals[name], there[name]) for name in names}


def is_folded(original: np.ndarray, columns: np.ndarray, there: np.ndarray) -> bool:
    """Say whether a matrix float32 [out, in] is another one with its columns multiplied, up to rounding."""
    return bool(np.abs(original * columns - there).max() <= ROUNDING * max(1e-30, float(np.abs(there).max())))


def _columns(source: Path, name: str, original: np.ndarray, there: np.ndarray) -> np.ndarray:
    row, column = np.abs(original).argmax(0), np.arange(original.shape[1])
    largest = original[row, column]
    factors: np.ndarray = np.ones_like(largest)
    np.divide(there[row, column], largest, out=factors, where=largest != 0)
    if not (is_folded(original, factors, there) and np.isfinite(factors).all() and (factors != 0).all()):
        raise GateError(
            f"{source.name}: the converter changed {name}, so calibrated levels can't be put in; leave out g."
        )
    return factors
