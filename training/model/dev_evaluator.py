"""The development questions: what chooses settings and checkpoints, and never judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pocketrag.formats.data.beir import Passage
from pocketrag.formats.split import Split
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import float_model
from pocketrag.sampling import spread

from .adapters import at_length
from .fixed import Fixed

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator


#: What the evaluator calls nDCG@10.
METRIC = "dev_cosine_ndcg@10"


def evaluator_of(
    recipe: Recipe, split: Split, model: SentenceTransformer, fixed: Fixed | None = None
) -> InformationRetrievalEvaluator:
    """Return what ranks the development questions among their answers and `train.dev_passages` in all.

    With fixed vectors of the passages only the questions are embedded.
    """
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    from .fixed_passages import FixedPassagesEvaluator

    prompts, ranked = prompts_of(recipe), ranked_passages(recipe, split)
    given: dict[str, Any] = {
        "queries": {q.id: prompts.ask(q.text) for q in split.dev},
        "corpus": {p.id: prompts.passage(p.title, p.text) for p in ranked},
        "relevant_docs": _answers(split),
        "ndcg_at_k": [10],
        "batch_size": float_model.batch_size(model, recipe.export.lengths[-1]),
        "name": "dev",
        "write_csv": False,
    }
    if fixed is None:
        return InformationRetrievalEvaluator(**given)
    return FixedPassagesEvaluator(fixed.of(p.id for p in ranked), **given)


def score(evaluator: InformationRetrievalEvaluator, model: SentenceTransformer, longest: int) -> float:
    """Return nDCG@10, texts cut at `longest` tokens: what ships, however short training cut them."""
    with at_length(model, longest):
        return float(evaluator(model)[METRIC])


def ranked_passages(recipe: Recipe, split: Split) -> list[Passage]:
    """Return the passages that development questions are ranked among."""
    needed = set().union(*_answers(split).values())
    # A passage that is a question itself would always come first.
    equal = {id_ for q in split.dev for id_ in q.equal} - needed
    pool = [p for p in split.pool if p.id not in equal]
    return _ranked_among(pool, needed, recipe.train.dev_passages)


def _answers(split: Split) -> dict[str, set[str]]:
    return {q.id: {p for p, score in split.qrels[q.id].items() if score} for q in split.dev}


def _ranked_among(pool: list[Passage], answers: set[str], most: int | None) -> list[Passage]:
    # All of a large corpus at every score may take longer than the training between two.
    others = [p for p in pool if p.id not in answers]
    kept = {p.id for p in spread(others, max(0, (most or len(pool)) - len(answers)))} | answers
    return [p for p in pool if p.id in kept]
