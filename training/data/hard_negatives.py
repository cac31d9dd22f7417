"""Hard negatives: passages that look like the answer to a question and are not.

Four ways to find them, one guard for all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question, parent_of
from pocketrag.formats.data.near_duplicates import SAME_PASSAGE, SAME_QUESTION, Near
from pocketrag.formats.split import Split
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_model import batch_size, load_float
from pocketrag.runtime.full_text import full_text

#: How far down a ranking negatives are looked for.
RANGE = 50
#: Asked of the model beyond what is needed, since the guard takes some away.
SPARE = 10

#: Why a candidate is dropped.
ANSWERS, REPEATS, EQUALS = (
    "answers the same question",
    "nearly repeats such an answer",
    "is the question itself",
)

#: (question id, id of the passage that answers it) -> ids of candidates, hardest first.
Candidates = dict[tuple[str, str], list[str]]


def candidates(recipe: Recipe, folder: Path, split: Split) -> Candidates:
    """Find candidates for every training pair among the passages that no evaluation question needs.

    Raises:
        InputError: the strategy is "given" and the recipe has no pairs, or a question has no negatives.

    """
    allowed = [p for p in split.pool if p.id not in split.held]
    return STRATEGIES[recipe.train.strategy](recipe, folder, allowed, split.pairs)


def guard(found: Candidates, split: Split) -> tuple[Candidates, dict[str, int]]:
    """Drop the candidates that answer the question after all, and count them by reason.

    A candidate that has the question's own text is none. One answers it where it is judged an answer to the
    same question, or to one that resembles it (Jaccard index of character 5-grams,
    `near_duplicates.SAME_QUESTION`); or where it nearly repeats such an answer
    (`near_duplicates.SAME_PASSAGE`). Both limits were read off real pairs; see
    pocketrag/formats/data/near_duplicates.py.
    """
    answers, copies, equal = _answers(split), _copies(split), {q.id: q.equal for q in split.train}
    counts: Counter[str] = Counter()
    kept: Candidates = {}
    for (question, positive), ids in found.items():
        known = answers[question]
        repeated = set().union(*(copies(id_) for id_ in known)) - known
        kept[question, positive] = [id_ for id_ in ids if id_ not in {*known, *repeated, *equal[question]}]
        # That a search finds the answer itself is not news.
        counts[ANSWERS] += sum(id_ in known and id_ != positive for id_ in ids)
        counts[REPEATS] += sum(id_ in repeated for id_ in ids)
        if itself := sum(id_ in equal[question] for id_ in ids):
            counts[EQUALS] += itself
    return kept, dict(counts)


def _answers(split: Split) -> dict[str, set[str]]:
    # Question id -> answers to it and to questions that resemble it, also to those that don't train.
    questions = list(split.asked)
    near = Near([q.text for q in questions])
    own = [{p for p, score in split.qrels[q.id].items() if score} for q in questions]
    return {
        q.id: set().union(*(own[i] for i in np.flatnonzero(near.resemblances(q.text) >= SAME_QUESTION)))
        for q in split.train
    }


def _copies(split: Split) -> Callable[[str], set[str]]:
    near = Near([p.text for p in split.pool])
    text = {p.id: p.text for p in split.pool}
    found: dict[str, set[str]] = {}

    def copies(id_: str) -> set[str]:
        if id_ not in found:
            found[id_] = {
                split.pool[i].id for i in np.flatnonzero(near.containments(text[id_]) >= SAME_PASSAGE)
            }
        return found[id_]

    return copies


def _by_model(
    recipe: Recipe, folder: Path, passages: list[Passage], pairs: list[tuple[Question, str]]
) -> Candidates:
    from datasets import Dataset
    from sentence_transformers.util import mine_hard_negatives

    prompts = prompts_of(recipe)
    text = {p.id: prompts.passage(p.title, p.text) for p in passages}
    back = {prompted: id_ for id_, prompted in text.items()}
    asked = [prompts.ask(q.text) for q, _ in pairs]
    status(f"mining hard negatives for {len(pairs)} pairs among {len(passages)} passages")
    model = load_float(folder)
    mined = mine_hard_negatives(
        Dataset.from_dict({"anchor": asked, "positive": [text[p] for _, p in pairs]}),
        model,
        corpus=list(back),
        range_max=min(RANGE, len(back) - 1),
        relative_margin=recipe.train.relative_margin,
        num_negatives=min(recipe.train.negatives + SPARE, RANGE, len(back) - 1),
        sampling_strategy="top",
        output_format="triplet",  # a row a negative: a pair with fewer than asked for is not lost
        batch_size=batch_size(model, int(model.max_seq_length or 0)),
        verbose=False,
    )
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in mined:
        rows[row["anchor"], row["positive"]].append(back[row["negative"]])
    return {(q.id, p): rows[anchor, text[p]] for anchor, (q, p) in zip(asked, pairs, strict=True)}


def _by_words(
    recipe: Recipe, folder: Path, passages: list[Passage], pairs: list[tuple[Question, str]]
) -> Candidates:
    ranked = full_text(passages, _questions(pairs))
    return {(q.id, p): [id_ for id_, _ in ranked[q.id][:RANGE]] for q, p in pairs}


def _other_page(
    recipe: Recipe, folder: Path, passages: list[Passage], pairs: list[tuple[Question, str]]
) -> Candidates:
    # The document's passages that share words with the question come first, the others after them as they
    # stand.
    ranked = full_text(passages, _questions(pairs))
    by_id = {p.id: p for p in passages}
    documents: dict[object, list[str]] = defaultdict(list)
    for passage in passages:
        documents[passage.metadata.get("source")].append(passage.id)
    if set(documents) == {None}:
        raise InputError(
            '`train.strategy` "same_document_other_page": no passage says its `metadata.source`.'
        )
    found = {}
    for question, positive in pairs:
        here = by_id[positive]
        document = dict.fromkeys(documents[here.metadata.get("source")])
        first = [id_ for id_, _ in ranked[question.id] if id_ in document]
        elsewhere = (id_ for id_ in dict.fromkeys([*first, *document]) if _elsewhere(by_id[id_], here))
        found[question.id, positive] = list(islice(elsewhere, RANGE))
    return found


def _elsewhere(one: Passage, other: Passage) -> bool:
    # On another page; where a page is not known, in another parent chunk; where that isn't either, another
    # passage.
    for here, there in (
        (one.metadata.get("page"), other.metadata.get("page")),
        (parent_of(one.metadata), parent_of(other.metadata)),
    ):
        if here is not None and there is not None:
            return bool(here != there)
    return one.id != other.id


def _given(
    recipe: Recipe, folder: Path, passages: list[Passage], pairs: list[tuple[Question, str]]
) -> Candidates:
    require_given(recipe, (q for q, _ in pairs))
    allowed = {p.id for p in passages}
    return {(q.id, p): [id_ for id_ in q.metadata["negative_ids"] if id_ in allowed] for q, p in pairs}


def require_given(recipe: Recipe, questions: Iterable[Question]) -> None:
    """Refuse the strategy "given" where there is nothing given.

    Raises:
        InputError: the recipe has no `data.train_pairs`, or a question no `negative_ids`.

    """
    if recipe.train.strategy != "given":
        return
    if not recipe.data.train_pairs:
        raise InputError(
            '`train.strategy` "given" takes the `negative_ids` of `data.train_pairs`, which the '
            "recipe does not name."
        )
    if empty := [q.id for q in questions if not q.metadata.get("negative_ids")]:
        lines = ", ".join(id_.removeprefix("pair:") for id_ in empty[:3])
        raise InputError(
            f"{recipe.data.train_pairs}: {len(empty)} questions have no `negative_ids` (lines {lines}); "
            'add some, or choose another `train.strategy` than "given".'
        )


def _questions(pairs: list[tuple[Question, str]]) -> list[Question]:
    return list({q.id: q for q, _ in pairs}.values())


STRATEGIES: dict[str, Callable[[Recipe, Path, list[Passage], list[tuple[Question, str]]], Candidates]] = {
    "model": _by_model,
    "same_document_other_page": _other_page,
    "bm25": _by_words,
    "given": _given,
}
