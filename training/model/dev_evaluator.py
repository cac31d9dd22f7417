"""The development questions: what chooses settings and checkpoints, and never judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pocketrag.formats.data.beir import Passage
from pocketrag.formats.split import Split
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference import float_model
from pocketrag.sampling import spread

from .adapters import at_length

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator


#: What the evaluator calls nDCG@10.
METRIC = "dev_cosine_ndcg@10"


def evaluator_of(recipe: Recipe, split: Split, model: SentenceTransformer) -> InformationRetrievalEvaluator:
    """Return what ranks the development questions among their answers and `train.dev_passages` in all."""
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    prompts = prompts_of(recipe)
    answers = {q.id: {p for p, score in split.qrels[q.id].items() if score} for q in split.dev}
    needed = set().union(*answers.values())
    # A passage that is a question itself would always come first.
    equal = {id_ for q in split.dev for id_ in q.equal} - needed
    pool = [p for p in split.pool if p.id not in equal]
    ranked = _ranked_among(pool, needed, recipe.train.dev_passages)
    return InformationRetrievalEvaluator(
        queries={q.id: prompts.ask(q.text) for q in split.dev},
        corpus={p.id: prompts.passage(p.title, p.text) for p in ranked},
        relevant_docs=answers,
        ndcg_at_k=[10],
        batch_size=float_model.batch_size(model, recipe.export.lengths[-1]),
        name="dev",
        write_csv=False,
    )


def score(evaluator: InformationRetrievalEvaluator, model: SentenceTransformer, longest: int) -> float:
    """Return nDCG@10, texts cut at `longest` tokens: what ships, however short training cut them."""
    with at_length(model, longest):
        return float(evaluator(model)[METRIC])


def _ranked_among(pool: list[Passage], answers: set[str], most: int | None) -> list[Passage]:
    # All of a large corpus at every score may take longer than the training between two.
    others = [p for p in pool if p.id not in answers]
    kept = {p.id for p in spread(others, max(0, (most or len(pool)) - len(answers)))} | answers
    return [p for p in pool if p.id in kept]
