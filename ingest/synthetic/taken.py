"""The questions that a recipe has already: none that a model writes may nearly repeat one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pocketrag.formats.data import beir
from pocketrag.formats.data.exam import read_exam
from pocketrag.formats.data.near_duplicates import SAME_QUESTION, Near
from pocketrag.formats.data.negations import read_negations
from pocketrag.recipe.recipe import Recipe


class Taken:
    """People's questions, by their 5-grams; those that judge, and those that train."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index them."""
        self.texts = list(texts)
        self._near = Near(self.texts)

    def by(self, question: str) -> str | None:
        """Return the question that is there and nearly the same (`SAME_QUESTION`); None where none is."""
        if not self.texts:
            return None
        alike = self._near.resemblances(question)
        best = int(alike.argmax())
        return self.texts[best] if alike[best] >= SAME_QUESTION else None


def taken_of(recipe: Recipe, passages: Collection[str]) -> Taken:
    """Return all questions of a recipe but those that a model wrote for `data.synthetic`.

    Raises:
        InputError: a file of them is bad, or one that judges holds a model's question.

    """
    data = recipe.data
    files = (data.train_queries, data.train_pairs, data.unjudged)
    texts = [q.text for q in data.judged()[1]]
    texts += [q.text for q in data.questions()]  # also those that nothing was judged of
    texts += [text for file in files if file for text in beir.read_unjudged(file)]
    if data.guard_corpus and data.guard_queries and data.guard_qrels:
        guard = beir.read_judged(data.guard_corpus, data.guard_queries, data.guard_qrels)
        texts += [q.text for q in guard[1]]
    texts += beir.read_unanswerable(data.unanswerable) if data.unanswerable else []
    texts += [text for pair in (read_negations(data.negations) if data.negations else []) for text in pair]
    if recipe.generator and recipe.generator.exam:
        texts += [one.question for one in read_exam(recipe.generator.exam, passages)]
    return Taken(list(dict.fromkeys(texts)))


def repeats(questions: Sequence[str]) -> dict[int, int]:
    """Return the places of questions that nearly repeat an earlier one that stays, and that one's place."""
    if not questions:
        return {}
    near, found = Near(list(questions)), dict[int, int]()
    for place, question in enumerate(questions):
        alike = near.resemblances(question)[:place]
        first = next((n for n in (alike >= SAME_QUESTION).nonzero()[0] if int(n) not in found), None)
        if first is not None:
            found[place] = int(first)
    return found
