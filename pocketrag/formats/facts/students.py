"""The stages of students: the teacher's vectors, `pocketrag distill`, the exported student and the ladder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..layout import Role
from .base import (
    Amount,
    CosineOrNone,
    Count,
    Facts,
    JsonObject,
    Mode,
    NumberOrNone,
    Score,
    SourceFacts,
    StageFacts,
)
from .export import HalfFacts
from .index import FusionChoice
from .measures import Abstention, Agreement, Comparison, Means, MeanWithInterval


class TeacherFacts(StageFacts):
    """What the full model made of texts that it was asked as questions."""

    texts: Count
    kinds: dict[str, Count]
    """question, title, sentence, span or word -> how many."""
    embedded: Count
    """Texts embedded now."""
    reused: Count
    """Texts whose vector an earlier run had."""
    processor: str
    """What embedded them; another one's vectors are rounded otherwise."""


class HeldLogged(Facts):
    """A line of the trainer's log."""

    step: Count
    loss: NumberOrNone = None
    score: NumberOrNone = None
    """On held-out texts."""


class NetworkTraining(Facts):
    """How a small transformer was trained."""

    layers: tuple[Count, ...] | None
    """Of the full model's, counted from 0; null where it started from another model."""
    start: str | None = None
    """That other model: its hub id, or the name of its folder."""
    weights: Count
    """Outside the vocabulary's table."""
    by: Literal["overlap", "cosine"]
    """What chose the checkpoint: the teacher's top 10 passages of held-out questions that are the student's
    too, or, without unjudged questions, the mean cosine to the teacher on texts held back."""
    n: Count
    """Held-out texts."""
    before: Score
    """Their score before training."""
    after: Score
    """That of what was kept. It chose, so that it flatters a little."""
    steps: Count
    """Of the optimizer."""
    kept_step: Count
    """The step of what was kept; 0 where nothing was better than the start."""
    stopped: Literal["not finite", "collapsed"] | None
    """Why training was broken off before its end, where it was; that is not early stopping."""
    went_on_from: str | None
    """The checkpoint of an interrupted training."""
    static_share: Score | None = None
    """Of a static student's vector in the mean; null where none stands beside it."""
    history: tuple[HeldLogged, ...]
    device: str
    precision: Literal["bfloat16", "float32"]
    threads: Count
    """Of torch."""


class DistillFacts(SourceFacts):
    """A student in PyTorch, and how far it lands where its teacher lands."""

    student: str
    kind: str
    texts: Count
    """That it learned from."""
    tokens: Count
    """Different ones that it has seen."""
    dims: Count
    unseen: Amount | None
    """Share of the held-out questions' tokens that have none; null without questions."""
    overlap: MeanWithInterval | None
    """Of the teacher's top 10 passages for held-out questions that are the student's too; null without."""
    training: NetworkTraining | None = None
    """Absent where there is no training that could be gone on from."""


class DistilledFacts(Facts):
    """The recipe's students."""

    students: tuple[DistillFacts, ...]


class StudentFacts(SourceFacts):
    """A student as a `.tflite`, proved equal to PyTorch, and how its vectors are searched with."""

    student: str
    kind: str
    bytes: Count
    weights: dict[str, Count]
    """Stored type -> weights."""
    least_cosine_to_pytorch: CosineOrNone
    """Of a small transformer before it is quantized."""
    n: Count
    """Texts of this proof."""
    quantization: str | None = None
    """A name or code of pocketrag/recipe/quantization.py; absent where a table is in int8."""
    mean_cosine: CosineOrNone = None
    """Of the quantized model to the one before, where there is one."""
    least_cosine: CosineOrNone = None
    half: HalfFacts | None = None
    """Of a small transformer, before it is quantized."""
    fusion: FusionChoice


class Predicted(Facts):
    """What a question would take on a phone that nobody here has; never a pass (docs/prediction.md)."""

    device: str
    soc: str
    ms: Amount
    """The model alone, mean over the test questions, each in the shortest length that holds it."""
    low_ms: Amount
    high_ms: Amount


class AnswerTimes(Facts):
    """What whole answers take on the machine that built, one thread, in a process of the encoder's own."""

    n: Count
    """Questions."""
    ms: Amount
    """Median: tokenize, embed, search, fetch; this machine's, not a phone's."""
    of_reference: Amount
    """The same as a multiple of a reference workload timed between the questions: ratios carry over."""
    memory_mb: Amount | None
    """What opening and answering added to the process; null without /proc."""


class Negation(Facts):
    """Whether an encoder tells a question from its negation; reported, never a pass or a failure."""

    n: Count
    """Pairs of `data.negations`."""
    same_first: Count
    """Pairs whose two vectors have the same passage nearest."""
    equal: Count
    """Pairs whose two vectors are one (cosine above .999)."""
    mean_cosine: Amount
    first: tuple[str, ...]
    """Some of the equal ones."""

    def __str__(self) -> str:
        """Return it in words."""
        return (
            f"of {self.n} negations {self.same_first} find the same passage first, {self.equal} are the same "
            f"question (cosine above .999), mean cosine {self.mean_cosine:.3f}"
        )


class Measured(Facts):
    """One encoder, scored as it would ship."""

    name: str
    kind: str
    bytes: Count
    """Of its `.tflite`, and of its tokenizer where that is not the full model's."""
    mode: Mode
    """In which it searches."""
    dense_weight: Amount
    """Of its vectors in hybrid search."""
    modes: dict[str, Means]
    """Mode -> means over the test questions."""
    overlap: Agreement
    """With the float teacher's own top passages, on questions that no student learned from."""
    abstention: Abstention | None
    negation: Negation | None = None
    predicted: Predicted


class _Comparisons(Facts):
    against_full: Comparison | None
    """As it searches, against the full model; null for that one."""
    against_bm25: Comparison
    """The same against full text alone."""
    against_base: Comparison | None
    """Of a tuned teacher's: its vectors alone, against the untuned base in float32."""
    against_smaller: dict[str, Comparison] = Field(default_factory=dict)
    """A student's: the same against every smaller student, by name."""


class Compared(_Comparisons, Measured):
    """The same, and how it compares."""


class _Decided(Facts):
    role: Role | None
    """In which it ships; null where it does not."""
    meets_limits: bool
    """Whether its size keeps to `limits.model_megabytes`; time and memory need a phone."""
    why: str


class Rung(_Decided, Compared):
    """One encoder of the ladder."""

    here: AnswerTimes | None = None
    """Absent from a bundle's manifest, which is the same from one build to the next."""

    def as_evidence(self) -> JsonObject:
        """Return what the manifest's encoder says of itself: the row, its overlap as a mean."""
        return {**self.as_json(), "overlap": self.overlap.mean}


class LadderFacts(SourceFacts):
    """All encoders that were tried, the smallest first, and which ship."""

    loss: Amount
    """nDCG@10 that the main encoder may lose against the full model."""
    worst_loss: Amount
    """How far below 0 the lower end of that difference's interval may reach."""
    n: Count
    """Test questions."""
    rungs: tuple[Rung, ...]
