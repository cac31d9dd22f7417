"""`pocketrag mine`: questions -> (question, passage, hard negatives), split so that nothing of the evaluation leaks in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pocketrag import beir, files, stage
from pocketrag.beir import Passage, Qrels, Question
from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.floats import load_float
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.work import Work, origin, prompts_of, start_of

from .split import split_by_passage

WING = Path(__file__).parent
TRIPLETS, SPLIT = "triplets.jsonl", "split.json"
#: Below this a tuned model can't be told from luck, and in-batch negatives run out.
FEWEST_PAIRS = 50
#: How far down the ranking negatives are looked for.
RANGE = 50


def mine(recipe: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Mine hard negatives with the base model itself and write `triplets.jsonl` and `split.json`.

    Raises:
        InputError: bad files, or fewer pairs than tuning needs.

    """
    chosen = read_recipe(recipe, base)
    rooms = Work(work, chosen.name)
    folder = start_of(chosen, rooms, recipe)
    done = stage.run(
        rooms.folder("mine"),
        WING,
        **origin(chosen),
        make=lambda out: _make(chosen, folder, out),
    )
    return {"folder": str(done.folder), **done.facts}


def splits(recipe: Recipe) -> tuple[list[Passage], dict[str, list[Question]], Qrels]:
    """Read the recipe's data and return the passages, the questions of `train`, `dev` and `test`, and all judgements.

    Without training questions of its own a recipe's questions are split 80/20 by passage into training and test; the training
    questions are split once more, 80/20, for early stopping. With `method = "none"` all questions are test questions.
    """
    data, seed = recipe.data, recipe.train.seed
    passages, test, qrels = beir.read_judged(data.corpus, data.queries, data.qrels)
    if recipe.train.method == "none":
        return passages, {"train": [], "dev": [], "test": test}, qrels
    if data.train_queries and data.train_qrels:
        _, train, train_qrels = beir.read_judged(data.corpus, data.train_queries, data.train_qrels)
        train = _apart(train, train_qrels, test, qrels)
        qrels = {**qrels, **{q.id: train_qrels[q.id] for q in train}}
    else:
        train, test = split_by_passage(test, qrels, seed, "test")
    train, dev = split_by_passage(train, qrels, seed, "dev")
    return passages, {"train": train, "dev": dev, "test": test}, qrels


def _make(recipe: Recipe, folder: Path, out: Path) -> dict[str, Any]:
    passages, split, qrels = splits(recipe)
    held = {p for part in ("dev", "test") for q in split[part] for p in qrels[q.id]}
    allowed = [p for p in passages if p.id not in held]
    pairs = [(q, p) for q in split["train"] for p, score in qrels[q.id].items() if score and p not in held]
    if len(pairs) < FEWEST_PAIRS:
        raise InputError(
            f"{recipe.data.queries}: leaves {len(pairs)} training pairs after the split; tuning needs at least {FEWEST_PAIRS}. "
            'Write more questions, or set `method = "none"` in [train].'
        )
    rows = _triplets(recipe, folder, allowed, pairs)
    if not rows:
        raise InputError(
            f"{recipe.data.corpus}: none of {len(pairs)} pairs has {recipe.train.negatives} hard negatives; lower "
            "`train.negatives` or `train.relative_margin`, or add passages."
        )
    (out / TRIPLETS).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    (out / SPLIT).write_text(files.to_json({part: [q.id for q in questions] for part, questions in split.items()}), "utf-8")
    return {
        "questions": {part: len(questions) for part, questions in split.items()},
        "pairs": len(pairs),
        "triplets": len(rows),
        "pairs_without_hard_negatives": len(pairs) - len(rows),
        "passages_kept_out_of_training": len(held),
        "strategy": f"top {recipe.train.negatives} of the model's first {RANGE}, relative margin {recipe.train.relative_margin}",
    }


def _triplets(recipe: Recipe, folder: Path, passages: list[Passage], pairs: list[tuple[Question, str]]) -> list[dict[str, str]]:
    from datasets import Dataset
    from sentence_transformers.util import mine_hard_negatives

    prompts = prompts_of(recipe)
    text = {p.id: prompts.passage(p.title, p.text) for p in passages}
    back = {prompted: id_ for id_, prompted in text.items()}
    pairs_set = Dataset.from_dict({"anchor": [prompts.ask(q.text) for q, _ in pairs], "positive": [text[p] for _, p in pairs]})
    status(f"mining hard negatives for {len(pairs)} pairs among {len(passages)} passages")
    mined = mine_hard_negatives(
        pairs_set,
        load_float(folder),
        corpus=list(back),
        range_max=min(RANGE, len(back) - 1),
        relative_margin=recipe.train.relative_margin,
        num_negatives=recipe.train.negatives,
        sampling_strategy="top",
        output_format="n-tuple",
        verbose=False,
    )
    asked = {prompts.ask(q.text): q.id for q, _ in pairs}
    return [{"question_id": asked[row["anchor"]], "positive_id": back[row["positive"]], **row} for row in mined]


def _apart(train: list[Question], train_qrels: Qrels, test: list[Question], qrels: Qrels) -> list[Question]:
    taken = {p for q in test for p, score in qrels[q.id].items() if score}
    asked = {beir.normalized(q.text) for q in test} | {q.id for q in test}
    kept = [q for q in train if not taken & set(train_qrels[q.id]) and not {q.id, beir.normalized(q.text)} & asked]
    status(
        f"{len(train) - len(kept)} of {len(train)} training questions left out: they share a passage or text with the evaluation"
    )
    return kept
