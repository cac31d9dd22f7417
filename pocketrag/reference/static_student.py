"""A static question encoder: a vector a token, their sum, a linear map and one small layer.

No token sees another, so that a question costs a few lookups and three matrices times a vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pocketrag.formats.tokenizer import padded

#: The row of padding, and of whatever counts for nothing: it stays zero.
NOTHING = 0
#: Added under a root, so that a text without a known token gives zeros and not NaN.
TINY = 1e-24
#: What the layer's input is long: at 1, as long as a unit vector, it learns slower (docs/students.md).
LENGTH = 4.0


class StaticStudent(nn.Module):
    """Token ids -> rows of a table -> their sum -> unit vector."""

    rows: Tensor

    def __init__(self, rows: Tensor, rank: int, hidden: int, dims: int, seed: int = 17) -> None:
        """Start with small random numbers.

        Args:
            rows: int64 [vocabulary], each token's row of the table, `NOTHING` where it counts for nothing.
            rank: numbers a row.
            hidden: width of the layer; 0 leaves it out.
            dims: of the vectors.
            seed: of the random numbers.

        """
        super().__init__()
        chance = torch.Generator().manual_seed(seed)

        def normal(*shape: int, scale: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(*shape, generator=chance) * scale)

        self.register_buffer("rows", rows)
        self.table = normal(int(rows.max()) + 1, rank, scale=0.02)
        self.linear = normal(rank, dims, scale=rank**-0.5)
        self.inner = normal(rank, hidden, scale=rank**-0.5)
        self.outer = nn.Parameter(torch.zeros(hidden, dims))
        with torch.no_grad():
            self.table[NOTHING] = 0

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return int(self.linear.shape[1])

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int [n, L], right-padded with a token that counts for nothing.

        Return unit vectors float32 [n, dims]; zeros for a text of which nothing counts.
        """
        return vector_of(self.summed(ids), self.linear, self.inner, self.outer)

    def summed(self, ids: Tensor) -> Tensor:
        """Return the sum of the tokens' rows, float32 [n, rank]."""
        found = nn.functional.embedding_bag(self.rows[ids], self.table, mode="sum", padding_idx=NOTHING)
        return found


def rows_of(tokens: Sequence[int], vocabulary: int) -> Tensor:
    """Return the row of every token, int64 [vocabulary]: 1, 2 … for those named, else `NOTHING`."""
    rows = torch.full((vocabulary,), NOTHING)
    rows[torch.tensor(tokens, dtype=torch.int64)] = torch.arange(1, len(tokens) + 1)
    return rows


def vector_of(summed: Tensor, linear: Tensor, inner: Tensor, outer: Tensor) -> Tensor:
    """Return unit vectors float32 [n, dims] of summed rows [n, rank]."""
    found = unit(summed @ linear)
    if inner.shape[1]:
        found = found + torch.relu(LENGTH * unit(summed) @ inner) @ outer
    return unit(found)


def unit(vectors: Tensor) -> Tensor:
    """Return vectors [n, dims] at unit length; zeros stay zeros."""
    return vectors * torch.rsqrt((vectors * vectors).sum(-1, keepdim=True) + TINY)


def pad(student: StaticStudent, rows: Sequence[Sequence[int]]) -> Tensor:
    """Return token ids int64 [n, longest], right-padded with the first id that counts for nothing."""
    nothing = int((student.rows == NOTHING).nonzero()[0])
    longest = max(map(len, rows), default=0) or 1
    return torch.tensor([padded(ids, longest, nothing) for ids in rows], dtype=torch.int64)


def encode(student: StaticStudent, rows: Sequence[Sequence[int]], batch: int = 512) -> np.ndarray:
    """Embed token id lists; return float32 [n, dims]."""
    with torch.no_grad():
        found = [student(pad(student, rows[at : at + batch])) for at in range(0, len(rows), batch)]
    return torch.cat(found).numpy() if found else np.zeros((0, student.dims), np.float32)


def save(student: StaticStudent, file: Path) -> None:
    """Write a student as safetensors."""
    save_file({name: value.contiguous() for name, value in student.state_dict().items()}, file)


def load(file: Path) -> StaticStudent:
    """Read a student that `save` wrote."""
    state = load_file(file)
    rank, hidden = state["inner"].shape
    student = StaticStudent(state["rows"], rank, hidden, state["linear"].shape[1])
    student.load_state_dict(state)
    return student.eval()
