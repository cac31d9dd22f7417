"""A table of token vectors -> `.tflite`, in a process of its own as every conversion (`..model.lower`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..model.lower import in_process, with_signatures


def lower_table(levels: Path, lengths: Sequence[int], file: Path) -> int:
    """Write `file` with a signature `embed_L` for every length; return the vectors' dims.

    Args:
        levels: an `.npz` with `levels` int8 [tokens, dims] and `scales` float32 [tokens, 1].
        lengths: tokens of each signature.
        file: the `.tflite` to write.

    Raises:
        InputError: the converter's process died.

    """
    return in_process(__name__, [str(levels), list(lengths), str(file)], file)


def convert(levels: str, lengths: Sequence[int], file: str) -> int:
    """Do the work of `lower_table` in this process."""
    from .table_model import TableModel

    with np.load(levels) as stored:
        model = TableModel(stored["levels"], stored["scales"]).eval()
    with_signatures(model, lengths, file)
    return model.dims
