"""`pocketrag traits`: six traits of embedders by rank, side by side, and what retrieval says first.

The pairs lie beside this file.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from pocketrag.console import status
from pocketrag.formats.facts.traits import ModelTraits, RetrievalFacts, TraitsFacts
from pocketrag.pipeline.project import Project
from pocketrag.sampling import spread

from . import by_rank
from .against_bm25 import Field, field_of, retrieval
from .trait_models import Opened, opened
from .trait_rows import INSTRUCTION, Row, all_rows, grade

#: Texts that are timed one by one.
TIMED = 32


def traits(model: list[str], *, recipe: str | None = None, work: str = "work") -> TraitsFacts:
    """Score models on six traits, each by rank among hard negatives.

    Args:
        model: SentenceTransformer folders or hub ids, Model2Vec folders, bundles.
        recipe: retrieval on its test questions decides first.
        work: where its stages lie.

    Raises:
        InputError: a model or the recipe can't be read, or the recipe has no judged questions.
        GateError: a model that knows nothing does better than chance.

    """
    rows = all_rows()
    known_nothing = by_rank.controls(rows)
    field = field_of(Project.read(recipe, work=work)) if recipe else None
    found = []
    for name in model:
        status(f"{name}: {sum(map(len, rows.values()))} anchors in {len(rows)} traits")
        with opened(name) as one:
            found.append(_measured(one, rows, field))
    return TraitsFacts(controls=known_nothing, models=tuple(found))


def _measured(model: Opened, rows: dict[str, list[Row]], field: Field | None) -> ModelTraits:
    retrieved = retrieval(model, field) if field else None

    def embed(anchors: Sequence[str], candidates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        return model.ask(anchors), model.passages([("", text) for text in candidates])

    found = {trait: by_rank.ranks(its, embed) for trait, its in rows.items()}
    scored = {trait: by_rank.trait_facts(its, found[trait]) for trait, its in rows.items()}
    overall, instruction = by_rank.overall(found), scored[INSTRUCTION].mean
    word, megabytes = grade(overall.mean, instruction), model.bytes / 1e6
    return ModelTraits.model_validate(
        {
            "model": model.name,
            "kind": model.kind,
            "megabytes": round(megabytes, 3),
            "milliseconds": round(_milliseconds(model, rows), 3),
            "retrieval": retrieved,
            "traits": scored,
            "overall": overall,
            "instruction": instruction,
            "overall_per_megabyte": round(overall.mean / megabytes, 6) if megabytes else None,
            "grade": word,
            "ships": _ships(retrieved),
            "verdict": _verdict(word, retrieved),
        }
    )


def _milliseconds(model: Opened, rows: dict[str, list[Row]]) -> float:
    texts = spread([row.anchor for its in rows.values() for row in its], TIMED)
    model.ask(texts[:1])
    times = []
    for text in texts:
        started = time.perf_counter()
        model.ask([text])
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def _ships(retrieved: RetrievalFacts | None) -> bool | None:
    return None if retrieved is None else retrieved.difference >= 0


def _verdict(word: str, retrieved: RetrievalFacts | None) -> str:
    if retrieved is None:
        return f"{word}; retrieval unchecked: name --recipe RECIPE"
    if retrieved.difference < 0:
        return f"never ships: nDCG@10 {retrieved.dense:.3f} is worse than full text's {retrieved.bm25:.3f}"
    return f"{word}; nDCG@10 {retrieved.dense:.3f}, full text {retrieved.bm25:.3f}"
