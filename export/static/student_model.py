"""A static student as a module for export: token ids in, unit vector out; the table is stored in int8."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from pocketrag.reference.int8_rows import quantize_rows
from pocketrag.reference.static_student import StaticStudent, vector_of


class StudentModel(nn.Module):
    """`StaticStudent`, whose table has a scale a row and whose maps stay in float32."""

    rows: Tensor
    levels: Tensor
    scales: Tensor

    def __init__(self, student: StaticStudent) -> None:
        """Take a trained student."""
        super().__init__()
        levels, scales = quantize_rows(student.table.detach().numpy())
        self.dims = student.dims
        self.register_buffer("rows", student.rows.to(torch.int32))
        self.register_buffer("levels", torch.from_numpy(levels))
        self.register_buffer("scales", torch.from_numpy(scales))
        self.linear, self.inner, self.outer = student.linear, student.inner, student.outer

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded, as a unit vector float32 [1, dims]."""
        # Not `embedding`: LiteRT looks up float32 and int8 only, but gathers any type.
        rows = torch.index_select(self.rows, 0, ids[0])
        found = embedding(rows, self.scales).reshape(1, -1) @ embedding(rows, self.levels).to(torch.float32)
        return vector_of(found, self.linear, self.inner, self.outer)
