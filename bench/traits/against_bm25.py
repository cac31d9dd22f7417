"""Retrieval on a recipe's own test questions, against full text: what comes before any trait."""

from __future__ import annotations

from dataclasses import dataclass

from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.facts.traits import RetrievalFacts
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import split_in
from pocketrag.reference import metrics
from pocketrag.reference.metrics import MAIN, Scores
from pocketrag.runtime import words
from pocketrag.runtime.full_text import full_text

from ..quality import runs
from .trait_models import Opened


@dataclass(frozen=True)
class Field:
    """Test questions of a recipe, and how well full text answers them."""

    passages: list[Passage]
    questions: list[Question]
    judged: Qrels
    bm25: Scores


def field_of(project: Project) -> Field:
    """Return the test questions of a recipe; full text has stems where the recipe names a language.

    Raises:
        InputError: the recipe names no judged questions.

    """
    project.need_questions("traits")
    split = split_in(run(project, "split").folder, project.recipe.data)
    judged = {q.id: split.qrels[q.id] for q in split.test}
    language = project.recipe.search.language
    counted = words.with_stems(split.passages, words.stemmer(language)) if language else None
    ranked = metrics.without_equal(full_text(split.passages, split.test, counted), split.test)
    return Field(split.passages, split.test, judged, metrics.score(ranked, judged))


def retrieval(model: Opened, field: Field) -> RetrievalFacts:
    """Rank by a model's vectors alone, on both sides, and compare nDCG@10 with full text."""
    asked = model.ask([q.text for q in field.questions])
    documents = model.passages([(p.title, p.text) for p in field.passages])
    ranked, _ = runs.rank_vectors(asked, documents, field.questions, field.passages, field.judged)
    scores = metrics.score(ranked, field.judged)
    means = [metrics.means(found).numbers()[MAIN] for found in (scores, field.bm25)]
    return metrics.compare(scores, field.bm25).into(RetrievalFacts, dense=means[0], bm25=means[1])
