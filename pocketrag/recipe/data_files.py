"""The `[data]` of a recipe: where passages, questions and judgements lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationInfo, field_validator, model_validator

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.data.origin import refuse_synthetic

from .section import Section

#: Files of [data] on which models are only judged: nothing that is built depends on them.
JUDGING = ("guard_corpus", "guard_queries", "guard_qrels", "unanswerable", "negations")
#: What `pocketrag questions` writes into the folder of [data] `synthetic` for training.
SYNTHETIC_QUERIES, SYNTHETIC_QRELS = "queries.jsonl", "qrels.tsv"


class Data(Section):
    """Where corpus and questions lie, relative to the recipe's folder."""

    corpus: Path
    """The passages, JSONL with `_id`, `title` and `text` (docs/corpus.md)."""
    queries: Path | None = None
    """Questions, with their judgements; without both a bundle is built whose quality nobody measured."""
    qrels: Path | None = None
    """Which passages answer which question: a TSV file of `query-id`, `corpus-id` and `score`."""
    empty: Literal["refuse", "skip"] = "refuse"
    """What becomes of passages without text: an error, or they are left out, and judgements of them too."""
    train_queries: Path | None = None
    """Questions to train on, where they are not to be split off from `queries`."""
    train_qrels: Path | None = None
    """The passages that answer `train_queries`."""
    train_pairs: Path | None = None
    """The same in one JSONL file.

    With `query`, `positive_id` and optionally `negative_ids`, `split`, `category`, `difficulty`.
    """
    train_corpus: Path | None = None
    """The passages that training and development questions refer to, where they are not those of `corpus`."""
    synthetic: Path | None = None
    """The folder into which `pocketrag questions` writes: a model's questions, with the passages they ask of.

    They train, and choose where no person's question does; they never judge.
    """
    unjudged: Path | None = None
    """Questions without judgements, JSONL; they choose the vocabulary."""
    guard_corpus: Path | None = None
    """A second evaluation set, from another domain.

    The tuned model may fall on it by `limits.guard_loss` at most.
    """
    guard_queries: Path | None = None
    """Its questions."""
    guard_qrels: Path | None = None
    """The passages that answer them."""
    unanswerable: Path | None = None
    """Questions that the corpus does not answer, JSONL with `text`; they show when to abstain."""
    negations: Path | None = None
    """Questions and their negations, JSONL with `text` and `negated`.

    They show which of both a student takes for one.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _path(cls, value: object, info: ValidationInfo) -> object:
        return Path(value) if isinstance(value, str) and info.field_name != "empty" else value

    @property
    def has_questions(self) -> bool:
        """Whether there are judged questions."""
        return self.queries is not None

    @property
    def can_tune(self) -> bool:
        """Whether there are questions to train on, people's or a model's."""
        return self.has_questions or self.synthetic is not None

    @property
    def synthetic_queries(self) -> Path | None:
        """The questions of the folder `synthetic`; None until they are written."""
        return self._synthetic(SYNTHETIC_QUERIES)

    @property
    def synthetic_qrels(self) -> Path | None:
        """Their passages; None until they are written."""
        return self._synthetic(SYNTHETIC_QRELS)

    @property
    def paths(self) -> dict[str, Path]:
        """The files, by key; of the folder `synthetic` those that are there."""
        found = {key: value for key, value in self if isinstance(value, Path) and key != "synthetic"}
        made = {"synthetic_queries": self.synthetic_queries, "synthetic_qrels": self.synthetic_qrels}
        return {**found, **{key: path for key, path in made.items() if path}}

    def passages(self) -> list[Passage]:
        """Read the passages that ship; raises as `beir.read_corpus` does."""
        return beir.read_corpus(self.corpus, self.empty == "skip")

    def pool(self, passages: list[Passage]) -> list[Passage]:
        """Return the passages that training questions refer to: of `train_corpus`, else those that ship.

        Raises as `beir.read_corpus` does.
        """
        return beir.read_corpus(self.train_corpus, self.empty == "skip") if self.train_corpus else passages

    def questions(self) -> list[Question]:
        """Read the questions, none where there are none; raises as `beir.read_questions` does."""
        return beir.read_questions(self.queries) if self.queries else []

    def judged(self) -> tuple[list[Passage], list[Question], Qrels]:
        """Read passages, judged questions and judgements; raises as `beir.read_judged` does."""
        if self.queries is None or self.qrels is None:
            return self.passages(), [], {}
        return beir.read_judged(self.corpus, self.queries, self.qrels, self.empty == "skip")

    def refuse_synthetic(self) -> None:
        """Refuse a model's questions in all files that judge.

        Raises:
            InputError: names file and line.

        """
        for file in (self.queries, self.guard_queries, self.unanswerable, self.negations):
            if file is not None:
                refuse_synthetic(file)

    def written(self) -> tuple[list[Question], Qrels]:
        """Read a model's questions and their passages, none where the recipe names no folder of such.

        Raises:
            InputError: they are not written yet, or as `beir.read_judged` does.

        """
        if self.synthetic is None:
            return [], {}
        if self.synthetic_queries is None or self.synthetic_qrels is None:
            raise InputError(
                f"{self.synthetic}: `data.synthetic` names this folder, and it does not hold "
                f"{SYNTHETIC_QUERIES} and {SYNTHETIC_QRELS}; `pocketrag questions RECIPE` writes them "
                "(docs/questions.md)."
            )
        _, questions, qrels = beir.read_judged(
            self.corpus, self.synthetic_queries, self.synthetic_qrels, self.empty == "skip", synthetic=True
        )
        return questions, qrels

    def _synthetic(self, name: str) -> Path | None:
        file = self.synthetic / name if self.synthetic else None
        return file if file and file.is_file() else None

    @model_validator(mode="after")
    def _one_corpus(self) -> Data:
        if self.train_corpus and self.synthetic:
            raise ValueError(
                "synthetic questions ask of the passages of corpus, and training ones of train_corpus: set "
                "one of both"
            )
        return self

    @model_validator(mode="after")
    def _pair(self) -> Data:
        if self.queries and not self.qrels:
            raise ValueError(
                "queries needs qrels, the judgements; questions without any go into unjudged, and with "
                "neither key a bundle is built whose quality nobody measured"
            )
        if self.qrels and not self.queries:
            raise ValueError("qrels needs queries, the questions that it judges")
        if self.unanswerable and not self.queries:
            raise ValueError("unanswerable needs queries and qrels: what is answered is compared with it")
        if (self.train_queries is None) != (self.train_qrels is None):
            raise ValueError("train_queries and train_qrels go together: set both or neither")
        if self.train_queries and self.train_pairs:
            raise ValueError("train_queries and train_pairs both name the training questions: set one")
        if self.train_corpus and not (self.train_queries or self.train_pairs):
            raise ValueError("train_corpus needs train_pairs or train_queries, whose passages it holds")
        if len({value is None for value in (self.guard_corpus, self.guard_queries, self.guard_qrels)}) > 1:
            raise ValueError("guard_corpus, guard_queries and guard_qrels go together: set all three or none")
        return self
