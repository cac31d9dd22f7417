"""The development questions: what chooses settings and checkpoints, and never judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pocketrag.beir import Passage
from pocketrag.recipe import Recipe
from pocketrag.spread import spread
from pocketrag.work import prompts_of

from .division import Division, divide
from .methods import at_length

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.evaluation import InformationRetrievalEvaluator


def evaluator_of(recipe: Recipe, batch: int) -> InformationRetrievalEvaluator:
    """Return what ranks the development questions, `batch` texts at once, among their answers and `train.dev_passages` in all."""
    from sentence_transformers.evaluation import InformationRetrievalEvaluator

    division, prompts = divide(recipe), prompts_of(recipe)
    return InformationRetrievalEvaluator(
        queries={q.id: prompts.ask(q.text) for q in division.dev},
        corpus={p.id: prompts.passage(p.title, p.text) for p in _ranked_among(division, recipe.train.dev_passages)},
        relevant_docs={q.id: {p for p, score in division.qrels[q.id].items() if score} for q in division.dev},
        ndcg_at_k=[10],
        batch_size=batch,
        name="dev",
        write_csv=False,
    )


def _ranked_among(division: Division, most: int | None) -> list[Passage]:
    # All of a large corpus at every score may take longer than the training between two.
    answers = {p for q in division.dev for p, score in division.qrels[q.id].items() if score}
    others = [p for p in division.pool if p.id not in answers]
    kept = {p.id for p in spread(others, max(0, (most or len(division.pool)) - len(answers)))} | answers
    return [p for p in division.pool if p.id in kept]


def score(evaluator: InformationRetrievalEvaluator, model: SentenceTransformer, longest: int) -> float:
    """Return nDCG@10, texts cut at `longest` tokens: what ships, however short training cut them."""
    with at_length(model, longest):
        return float(evaluator(model)["dev_cosine_ndcg@10"])
