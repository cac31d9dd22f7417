"""Question-side tuning: a question is drawn to the fixed vector of its answer, away from other passages'.

InfoNCE over cosines (https://arxiv.org/abs/1807.03748). Only questions are embedded: passages are rows of one
matrix, which no step changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from sentence_transformers.util import all_gather
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from torch.utils.checkpoint import checkpoint

#: Cosines are multiplied by it, as in MultipleNegativesRankingLoss of sentence-transformers: a temperature
#: of .05.
SCALE = 20.0


def contrast(vectors: Tensor, passages: Tensor, masked: Tensor, answer: Tensor) -> Tensor:
    """Return the mean InfoNCE of questions.

    Args:
        vectors: of the questions [n, dims].
        passages: of all passages of the batch [m, dims].
        masked: whether a passage is no negative of a question, bool [n, m].
        answer: the place of each question's answer among the passages, int [n].

    """
    cosines = normalize(vectors, dim=1) @ normalize(passages, dim=1).T
    return cross_entropy((cosines * SCALE).masked_fill(masked, -torch.inf), answer)


class FixedPassagesLoss(nn.Module):
    """The loss of a SentenceTransformer on questions.

    A label is the number of the question's answers in `answers`, then the rows of its answer and of its hard
    negatives. Every other passage of the batch is a negative too, of all processes' batches, unless it also
    answers the question.
    """

    passages: Tensor

    def __init__(
        self,
        model: nn.Module,
        passages: np.ndarray,
        answers: Sequence[Sequence[int]],
        widths: Sequence[int],
        mini: int | None = None,
        again: bool = False,
    ) -> None:
        """Keep the passages' matrix; it is moved to the model's device once.

        Args:
            model: embeds the questions.
            passages: float32 [all passages, dims].
            answers: all rows that answer each question.
            widths: so many first dims each learn to be an embedding of their own; all dims among them.
            mini: texts embedded at once; None is the whole batch.
            again: compute each such part once more on the way back, instead of keeping what it left.

        """
        super().__init__()
        self.model, self.widths, self.mini, self.again = model, tuple(widths), mini, again
        self.answers = [torch.tensor(sorted(rows), dtype=torch.long) for rows in answers]
        self.register_buffer("passages", torch.from_numpy(passages), persistent=False)

    def forward(self, features: list[dict[str, Any]], labels: Tensor) -> Tensor:
        """Return the loss of a batch with labels int [n, 2 + negatives]."""
        vectors = self._embed(features[0]).float()
        rows = all_gather(labels[:, 1:].contiguous()).unique()
        answer = torch.searchsorted(rows, labels[:, 1].contiguous())
        masked, chosen = self._masked(labels, rows, answer), self.passages[rows]
        # Two cosines that bfloat16 can't tell apart are .1 apart once multiplied.
        with torch.autocast(vectors.device.type, enabled=False):
            each = [contrast(vectors[:, :dims], chosen[:, :dims], masked, answer) for dims in self.widths]
        return torch.stack(each).sum()

    def _masked(self, labels: Tensor, rows: Tensor, answer: Tensor) -> Tensor:
        masked = torch.stack(
            [torch.isin(rows, self.answers[number].to(rows.device)) for number in labels[:, 0].tolist()]
        )
        masked[torch.arange(len(answer), device=answer.device), answer] = False
        return masked

    def _embed(self, features: dict[str, Any]) -> Tensor:
        # In parts of like length, so that a short question isn't padded to the longest of the batch.
        order = features["attention_mask"].sum(1).argsort()
        parts = order.split(self.mini or len(order))
        vectors = torch.cat([self._part(features, rows) for rows in parts])
        return vectors[order.argsort()]

    def _part(self, features: dict[str, Any], rows: Tensor) -> Tensor:
        shape, used = features["attention_mask"].shape, features["attention_mask"][rows].any(0)
        part = {
            key: value[rows][:, used] if isinstance(value, Tensor) and value.shape == shape else value
            for key, value in features.items()
        }

        def embed() -> Tensor:
            found: Tensor = self.model(dict(part))["sentence_embedding"]
            return found

        return checkpoint(embed, use_reentrant=False) if self.again else embed()


class FixedPassagesEvaluator(InformationRetrievalEvaluator):
    """Ranks fixed vectors: of what it is given, only the questions are embedded."""

    def __init__(self, vectors: np.ndarray, **given: Any) -> None:  # noqa: ANN401
        """Take the passages' vectors [n, dims], and what the library's own evaluator takes."""
        super().__init__(**given)
        self.vectors = torch.from_numpy(vectors)

    def compute_all_metrics(self, model: Any, *args: Any, **kwargs: Any) -> dict[str, float]:  # noqa: ANN401
        """Return what the library's own does, with the fixed vectors for the passages'."""
        kwargs["corpus_embeddings"] = self.vectors.to(model.device)
        return super().compute_all_metrics(model, *args, **kwargs)
