"""`pocketrag evaluate`: a recipe's models side by side, or one embedder or bundle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Count, Facts, Mode, Number, Score, Source, StageFacts
from .measures import (
    Abstention,
    AgainstChance,
    Agreement,
    Comparison,
    Cosine,
    Difference,
    GuardComparison,
    Means,
    MeanWithInterval,
    SearchedComparison,
)


class _Sample(Facts):
    sample_of: Count | None = None
    """Of so many questions; then the figures inform and decide nothing. Absent where all were asked."""


class BrokenDown(Means, _Sample):
    """Means, and the same by what the questions' metadata say (value -> means)."""

    by_difficulty: dict[str, Means] = Field(default_factory=dict)
    by_category: dict[str, Means] = Field(default_factory=dict)
    by_origin: dict[str, Means] = Field(default_factory=dict)

    @property
    def breakdowns(self) -> dict[str, dict[str, Means]]:
        """By each key of the metadata that the questions have: value -> means."""
        return {key: found for key in KEYS if (found := getattr(self, f"by_{key}"))}


#: Metadata of the questions by which measures are broken down.
KEYS = tuple(name.removeprefix("by_") for name in BrokenDown.model_fields if name.startswith("by_"))


class ComparedFacts(BrokenDown):
    """A model beside the base in float32."""

    against_base: Comparison | None = None
    """Absent for the base itself."""
    differences: dict[str, Difference] | None = None
    """Measure -> difference from the base; absent for the base itself."""


class TargetFacts(Facts):
    """One of the recipe's targets. They inform; the verdict decides."""

    target: str
    """A measure, or `hard_cases`."""
    wanted: Number
    found: Number
    met: bool


class JudgedFacts(ComparedFacts):
    """One model of a recipe on its test questions: the base or the tuned one in float32, or what ships."""

    matryoshka: dict[str, Comparison] | None = None
    """Of a float model: fewer dims -> against all of them."""
    guard: GuardComparison | None = None
    """Of the tuned model in float32, where the recipe has a second evaluation set."""
    as_searched: SearchedComparison | None = None
    """Of what ships: against the base in float32, in the mode that the app searches in."""
    modes: dict[str, Means] | None = None
    """Of what ships: mode -> means."""
    hybrid_against_dense: Comparison | None = None
    against_chance: dict[str, AgainstChance] | None = None
    """Of what ships, by vectors alone: `hit@1` and `hit@10`."""
    abstention: Abstention | None = None
    """Where the recipe names unanswerable questions."""
    agreement: Agreement | None = None
    """Of what ships."""
    cosine_of_questions: Cosine | None = None
    """Of what ships, to the reference model."""
    targets: tuple[TargetFacts, ...] = ()
    ships: Source | None = None
    """Of the tuned model: whether it or the base ships, as far as this evaluation decides."""
    objections: tuple[str, ...] = ()
    """Why the tuned model does not ship."""
    against_other: Comparison | None = None
    """Against the embedder of `--against`."""


class ChosenFacts(StageFacts):
    """Base and tuned model on development questions that a model wrote, in float32; nobody judged.

    Where a recipe has no judged questions this chooses which of both is built.
    """

    base: Means
    tuned: Means
    compared: Comparison
    """The tuned model against the base."""
    ships: Source
    """As `train.accept` asks."""


class GuardFacts(Means):
    """A float model on the second evaluation set."""


class OtherStageFacts(ComparedFacts):
    """Another embedder, in float32, on the recipe's test questions."""


class _Embedder(Facts):
    embedder: str


class OtherFacts(OtherStageFacts, _Embedder):
    """The embedder of `--against`, in float32, on the recipe's test questions."""


class RecipeEvaluation(Facts):
    """All models that a recipe has so far."""

    target: str
    """The recipe's file."""
    kind: Literal["recipe"]
    base: JudgedFacts
    tuned: JudgedFacts | None = None
    shipped_tuned: JudgedFacts | None = None
    shipped_base: JudgedFacts | None = None
    other: OtherFacts | None = None

    @property
    def models(self) -> dict[str, JudgedFacts | OtherFacts]:
        """Those that are there, by name."""
        names = ("base", "tuned", "shipped_tuned", "shipped_base", "other")
        return {name: model for name in names if (model := getattr(self, name)) is not None}


class _Target(Facts):
    target: str
    kind: Literal["bundle", "embedder"]
    mode: Mode
    """How passages were ranked."""


class AgainstFacts(Means, _Target):
    """The other target on the same questions."""

    compared: Comparison
    """The first target against this one."""
    differences: dict[str, Difference]


class TargetEvaluation(BrokenDown, _Target):
    """One embedder or bundle."""

    against: AgainstFacts | None = None


class MtebScore(Facts):
    """An embedder on one split of a public task."""

    task: str
    subset: str
    split: str
    data: str
    """The dataset's repository on the hub."""
    revision: str
    passages: Count
    measure: str
    """The task's own main measure, as mteb names it."""
    score: Score
    """By mteb: what its leaderboard shows."""
    ndcg_10: MeanWithInterval
    """The same ranking by our own measures: nDCG@10, and its interval over the questions."""


class MtebEvaluation(Facts):
    """One embedder on public tasks, by the package mteb."""

    target: str
    mteb: str
    """The package's version."""
    scores: list[MtebScore]


EvaluateFacts = RecipeEvaluation | TargetEvaluation | MtebEvaluation
