"""What every trained student is trained by: where passages lie from it, and where it itself lies.

The Kullback-Leibler divergence of two distributions over the corpus's own passages (softmax of the teacher's
and of the student's cosines, by a temperature), plus one less the cosine of both vectors: EmbedDistill
(https://arxiv.org/abs/2301.12005) and LEAF (https://arxiv.org/abs/2509.12539) do either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax, normalize

#: Passages that a step compares with, drawn anew; all where there are fewer.
PASSAGES = 4096


def loss_of(vectors: Tensor, wanted: Tensor, passages: Tensor, temperature: float) -> Tensor:
    """Return the loss of vectors [n, dims] against the teacher's [n, dims], over passages [m, dims]."""
    ours = log_softmax(vectors @ passages.T / temperature, 1)
    theirs = log_softmax(wanted @ passages.T / temperature, 1)
    divergence = kl_div(ours, theirs, log_target=True, reduction="batchmean")
    return divergence + (1 - (vectors * wanted).sum(1)).mean()


class DistillLoss(nn.Module):
    """The loss of a SentenceTransformer; a label is the row of the teacher's vector of the text."""

    passages: Tensor

    def __init__(
        self, model: nn.Module, taught: np.ndarray, passages: np.ndarray, temperature: float
    ) -> None:
        """Keep the teacher's vectors, float32 [n, dims] of the texts and [m, dims] of the passages.

        The passages' matrix is moved to the model's device once.
        """
        super().__init__()
        self.model, self.temperature = model, temperature
        self.taught = torch.from_numpy(taught)
        self.register_buffer("passages", torch.from_numpy(passages), persistent=False)
        self.broken = False

    def forward(self, features: list[dict[str, Any]], labels: Tensor) -> Tensor:
        """Return the loss of a batch; `broken` says whether one was ever no number."""
        vectors = self.model(features[0])["sentence_embedding"]
        wanted = self.taught[labels.cpu()].to(vectors.device)
        # Two cosines that bfloat16 can't tell apart are .1 apart once divided by the temperature.
        with torch.autocast(vectors.device.type, enabled=False):
            loss = loss_of(normalize(vectors.float(), dim=1), wanted, self._some(), self.temperature)
        self.broken = self.broken or not bool(torch.isfinite(loss))
        return loss

    def _some(self) -> Tensor:
        count = len(self.passages)
        if count <= PASSAGES:
            return self.passages
        # By the generator that a checkpoint keeps, so that a training that goes on draws the same.
        return self.passages[torch.randperm(count)[:PASSAGES].to(self.passages.device)]
