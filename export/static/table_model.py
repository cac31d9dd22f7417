"""The static encoder as a module for export: token ids in, unit vector out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class TableModel(nn.Module):
    """The sum of the rows of a text's tokens, at unit length. A mean would differ in length only.

    Rows of padding, of special and of unknown tokens are zero and count for nothing, so there is no
    mask.
    """

    table: Tensor
    scale: Tensor

    def __init__(self, levels: np.ndarray, scales: np.ndarray) -> None:
        """Keep `levels` int8 [tokens, dims] and `scales` float32 [tokens, 1]."""
        super().__init__()
        self.dims = int(levels.shape[1])
        self.register_buffer("table", torch.from_numpy(levels))
        self.register_buffer("scale", torch.from_numpy(scales))

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded, as a unit vector float32 [1, dims]."""
        rows = embedding(ids[0], self.table).to(torch.float32)
        total = embedding(ids[0], self.scale).reshape(1, -1) @ rows
        # Added under the root: a text without a known token gives zeros and not NaN.
        unit: Tensor = total * torch.rsqrt((total * total).sum(-1, keepdim=True) + 1e-24)
        return unit
