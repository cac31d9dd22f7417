"""One vector for every token of a vocabulary, by forward passes in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pocketrag.console import progress
from pocketrag.errors import InputError
from pocketrag.reference.float_model import CACHED

from .token_model import Described, open_model

if TYPE_CHECKING:
    from torch import Tensor

#: Tokens at once at most.
MOST = 512


def token_vectors(described: Described, dtype: str) -> np.ndarray:
    """Return vectors float32 [tokens, width]; rows of tokens that are not embedded are zero.

    Raises:
        InputError: the model can't be loaded, or gives vectors that are not finite.

    """
    import torch

    vectors_of = open_model(described, dtype)
    ids = torch.tensor(described.embedded)
    length = len(described.before) + 1 + len(described.after)
    size = max(1, min(MOST, CACHED // (length * described.hidden)))
    rows: np.ndarray | None = None
    for batch in progress([ids[at : at + size] for at in range(0, len(ids), size)], "Embedding tokens"):
        found = vectors_of(_surrounded(described, batch)).numpy()
        if rows is None:
            rows = np.zeros((described.tokens, found.shape[1]), np.float32)
        rows[batch.numpy()] = found
    assert rows is not None  # noqa: S101 - `describe` refuses a vocabulary of nothing
    if not np.isfinite(rows).all():
        raise InputError(f"{described.folder}: gives vectors that are not finite; its weights are damaged.")
    return rows


def _surrounded(described: Described, batch: Tensor) -> Tensor:
    import torch

    def repeated(ids: tuple[int, ...]) -> Tensor:
        return torch.tensor(ids, dtype=batch.dtype).expand(len(batch), len(ids))

    return torch.cat([repeated(described.before), batch[:, None], repeated(described.after)], 1)
