"""What question-side tuning is trained on: questions, and rows of fixed vectors in place of passages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pocketrag.formats.data.beir import Qrels
from pocketrag.recipe.train import Train
from pocketrag.reference import float_model

from .fixed import Fixed

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer

    from .fixed_passages import FixedPassagesLoss

#: A question's tokens, about, with its prompt: what decides how many are embedded at once on a processor.
TOKENS = 32


def question_data(triplets: list[dict[str, Any]], fixed: Fixed) -> Dataset:
    """Return the triplets for `FixedPassagesLoss`: the question, and as its label numbers for passages."""
    from datasets import Dataset

    row = fixed.row
    labels = [
        [number, row[one["positive_id"]], *(row[id_] for id_ in one["negative_ids"])]
        for number, one in enumerate(triplets)
    ]
    return Dataset.from_dict({"anchor": [one["anchor"] for one in triplets], "label": labels})


def question_loss(
    model: SentenceTransformer,
    train: Train,
    widths: list[int],
    triplets: list[dict[str, Any]],
    qrels: Qrels,
    fixed: Fixed,
) -> FixedPassagesLoss:
    """Return the loss of `question_data`; no judged answer of a question is a negative of it.

    Args:
        model: what is tuned.
        train: the recipe's settings.
        widths: the first so many dims that each learn to be an embedding.
        triplets: of the stage `mine`.
        qrels: the judgements of their questions.
        fixed: vectors of all passages that they name.

    """
    from .fixed_passages import FixedPassagesLoss

    answers = [
        [fixed.row[id_] for id_, score in qrels[one["question_id"]].items() if score and id_ in fixed.row]
        for one in triplets
    ]
    mini = train.mini_batch_size or float_model.batch_size(model, min(train.max_tokens, TOKENS))
    # Who names a size wants memory saved; a processor's caches ask only for small parts.
    again = train.mini_batch_size is not None and mini < train.batch_size
    return FixedPassagesLoss(model, fixed.vectors, answers, widths, mini, again)
