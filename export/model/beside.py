"""A network and the static student beside it as one module for export: the mean of their unit vectors."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from pocketrag.reference.network_student import load_beside
from pocketrag.reference.static_student import unit

from ..static.student_model import StudentModel


class Mean(nn.Module):
    """The weighted mean of two unit vectors, at unit length."""

    def __init__(self, static: nn.Module, network: nn.Module, share: float) -> None:
        """Take both; `share` is the static student's weight, 0 to 1."""
        super().__init__()
        self.static, self.network, self.share = static, network, share

    def forward(self, ids: Tensor) -> Tensor:
        """Embed `ids` int32 [1, L], right-padded, as a unit vector float32 [1, dims]."""
        return unit(self.share * self.static(ids) + (1 - self.share) * self.network(ids))


def with_static(network: nn.Module, stage: Path) -> nn.Module:
    """Return a network with the static student beside it in the stage of `distill`, if there is one."""
    beside = load_beside(stage)
    if beside is None:
        return network
    return Mean(StudentModel(beside.student), network, beside.share).eval()
