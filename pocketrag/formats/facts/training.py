"""`pocketrag mine`, `tune` and `merge`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, CosineOrNone, Count, Facts, NumberOrNone, Score, StageFacts
from .split import Parts


class Nearest(Facts):
    """The two most alike questions of training and evaluation: the proof that nothing leaked."""

    resemblance: Amount
    """Jaccard index of their character 5-grams, 0 to 1."""
    training: str
    evaluation: str
    limit: Amount
    """From this resemblance on a question may not train."""


class MineFacts(StageFacts):
    """Training triplets with hard negatives."""

    questions: Parts
    left_out: dict[str, Count]
    """Reason -> questions that may not train or not choose."""
    nearest_to_evaluation: Nearest
    pairs: Count
    """Training questions with each of their answers."""
    triplets: Count
    pairs_without_hard_negatives: Count
    negatives_guarded: dict[str, Count]
    """Reason -> candidates that were dropped because they answer the question after all."""
    passages_kept_out_of_training: Count
    strategy: str
    """Where the negatives come from, in words."""
    sources: dict[str, str]
    """Key of [data] -> the file's name and SHA-256."""
    date: str | None = None
    """ISO 8601; absent in the files' own card, which is the same bytes for the same inputs."""


class FixedFacts(StageFacts):
    """Vectors of the base for the passages that question-side tuning is held to."""

    passages: Count
    """That training or development names."""
    of_reference: Count
    """Of these, those that ship too: their vectors are the reference model's."""
    embedded: Count
    """Others, embedded now."""
    reused: Count
    """Others whose vector an earlier run had."""
    processor: str
    """What embedded them; another one's vectors are rounded otherwise."""


class DevScores(Facts):
    """nDCG@10 on the development questions: it chose the checkpoint, and is not evidence of a win."""

    base: Score
    """Before tuning."""
    tuned: Score
    merged: Score | None = None
    """With `merge.share` of the tuning; absent where that is all of it."""


class TrainedOn(Facts):
    """What `mine` says of the triplets."""

    sources: dict[str, str]
    questions: Parts
    left_out: dict[str, Count]
    strategy: str


class Logged(Facts):
    """A line of the trainer's log."""

    epoch: Amount | None = None
    loss: NumberOrNone = None
    eval_dev_cosine_ndcg_10: NumberOrNone = None
    """On the development questions."""


class TuneFacts(StageFacts):
    """Contrastive training of the base model."""

    method: Literal["lora", "qlora", "full"]
    side: Literal["both", "question"] = "both"
    """What was tuned: questions and passages, or questions against fixed vectors of the passages."""
    dev_ndcg_10: DevScores
    triplets: Count
    data: TrainedOn
    steps: Count
    """Of the optimizer."""
    kept_step: Count | None
    """The step of the checkpoint that was kept; of equal scores the earliest."""
    projections_rounded: Count
    """Matrices that were trained as quantization will store them."""
    went_on_from: str | None
    """The checkpoint of an interrupted training."""
    history: tuple[Logged, ...]
    device: str
    precision: Literal["bfloat16", "float32"]
    processes: Count
    threads: Count
    """Of torch, a process."""


class MergeFacts(StageFacts):
    """Base and adapter in one folder, proved equal to what was tuned."""

    share: Amount
    """How much of the way from base to tuned is gone, 0 to 1."""
    dev_ndcg_10: DevScores
    least_cosine_to_adapter: CosineOrNone
    """Of the merged model's vectors to those of base with adapter."""
    least_cosine_to_training: CosineOrNone
    """The same to the model as training left it."""
    mean_cosine_to_base: CosineOrNone
    """How far tuning went."""
    n: Count
    """Texts of these proofs."""
