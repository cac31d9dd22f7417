"""A table of vectors in int8, each row with a scale of its own."""

from __future__ import annotations

import numpy as np

#: The largest level; -128 is not used, so that the levels lie evenly around 0.
LEVELS = 127


def quantize_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return int8 [rows, dims] and scales float32 [rows, 1] of a finite float32 table.

    `levels * scales` is within half a scale of the table; the largest entry of a row becomes ±127, and a row
    of zeros stays one, with the scale 0.
    """
    scales = np.abs(table).max(1, keepdims=True, initial=0).astype(np.float32) / np.float32(LEVELS)
    # Of a row that is almost nothing the scale itself comes out 0; then the row does too.
    divisor = np.where(scales > 0, scales, 1)
    levels = np.where(scales > 0, np.rint(table / divisor), 0)
    return np.clip(levels, -LEVELS, LEVELS).astype(np.int8), scales
