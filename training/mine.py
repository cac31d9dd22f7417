"""`pocketrag mine`: questions -> (question, passage, hard negatives), split so that nothing of the evaluation leaks in."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pocketrag import files, stage
from pocketrag.beir import Passage, Qrels, Question
from pocketrag.console import status
from pocketrag.errors import GateError, InputError
from pocketrag.recipe import Recipe, read_recipe
from pocketrag.work import DEVELOPMENT, Work, origin, prompts_of, start_of

from .division import Division, divide, nearest, require
from .negatives import RANGE, Candidates, candidates, guard, require_given

WING = Path(__file__).parent
TRIPLETS, SPLIT, CARD = "triplets.jsonl", "split.json", "README.md"
#: What each strategy does, in the words of the report.
WORDS = {
    "model": f"top {{n}} of the model's first {RANGE}, relative margin {{margin}}",
    "same_document_other_page": "top {n} by BM25 of the answer's own document, on another page",
    "bm25": "top {n} by BM25",
    "given": "the first {n} of the file's own negative_ids",
}


def mine(recipe: str, *, work: str = "work", base: str | None = None) -> dict[str, Any]:
    """Mine hard negatives by the recipe's strategy and write `triplets.jsonl`, `split.json` and, for `index`, `development.jsonl`.

    `datasets.load_dataset(folder)` reads the triplets. The date stands in the facts alone (the stage's `manifest.json`): the files,
    whose digest `tune` is made from, are the same bytes for the same inputs.

    Raises:
        InputError: bad files, or fewer pairs than tuning needs.

    """
    chosen = read_recipe(recipe, base)
    if chosen.train.method == "none":
        raise InputError(f'{recipe}: `train.method` is "none", so there is nothing to mine for.')
    rooms = Work(work, chosen.name)
    folder = start_of(chosen, rooms, recipe)
    done = stage.run(
        rooms.folder("mine"),
        WING,
        **origin(chosen, rooms, recipe),
        make=lambda out: _make(chosen, folder, out),
    )
    return {"folder": str(done.folder), **done.facts}


def splits(recipe: Recipe) -> tuple[list[Passage], dict[str, list[Question]], Qrels]:
    """Return the corpus, the questions of `train`, `dev` and `test`, and all judgements; see `division.divide`.

    The judgements of `test` name passages of the corpus; those of `train` and `dev` name passages of `divide(recipe).pool`, which
    is another list where the recipe has `data.train_corpus`.
    """
    division = divide(recipe)
    return division.passages, {"train": division.train, "dev": division.dev, "test": division.test}, division.qrels


def _make(recipe: Recipe, folder: Path, out: Path) -> dict[str, Any]:
    division = divide(recipe)
    require(recipe, division)
    require_given(recipe, division.train)
    if division.left_out:
        status(f"training questions left out: {division.left_out}")
    kept, guarded = guard(candidates(recipe, folder, division), division)
    rows = _rows(recipe, division, kept)
    if not rows:
        raise InputError(
            f"{recipe.data.corpus}: none of {len(division.pairs)} pairs has {recipe.train.negatives} hard negatives; lower "
            "`train.negatives` or `train.relative_margin`, or add passages."
        )
    facts = _facts(recipe, division, rows, guarded)
    (out / TRIPLETS).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    parts = {"train": division.train, "dev": division.dev, "test": division.test}
    (out / SPLIT).write_text(files.to_json({part: [q.id for q in questions] for part, questions in parts.items()}), "utf-8")
    development = [{"_id": q.id, "text": q.text, "relevant": division.qrels[q.id]} for q in division.dev]
    (out / DEVELOPMENT).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in development), "utf-8")
    (out / CARD).write_text(_card(recipe, facts), "utf-8")
    return {**facts, "date": _today()}


def _rows(recipe: Recipe, division: Division, kept: Candidates) -> list[dict[str, Any]]:
    prompts, wanted = prompts_of(recipe), recipe.train.negatives
    passages = {p.id: p for p in division.pool}
    text = {id_: prompts.passage(p.title, p.text) for id_, p in passages.items()}
    return [
        {
            "question_id": q.id,
            "positive_id": positive,
            "negative_ids": negatives,
            "source": passages[positive].metadata.get("source"),
            "category": q.metadata.get("category"),
            "difficulty": q.metadata.get("difficulty"),
            "anchor": prompts.ask(q.text),
            "positive": text[positive],
            **{f"negative_{n}": text[id_] for n, id_ in enumerate(negatives, start=1)},
        }
        for q, positive in division.pairs
        if len(negatives := kept[q.id, positive][:wanted]) == wanted
    ]


def _facts(recipe: Recipe, division: Division, rows: list[dict[str, Any]], guarded: dict[str, int]) -> dict[str, Any]:
    # The proof is taken from the rows themselves, not from what was meant to be in them.
    trained = {row["question_id"] for row in rows}
    alike = nearest([q for q in division.train if q.id in trained], [*division.dev, *division.test])
    if alike["resemblance"] >= alike["limit"]:
        raise GateError(f"mine: {alike['training']!r} would train and nearly equals {alike['evaluation']!r}, which judges.")
    return {
        "questions": {"train": len(division.train), "dev": len(division.dev), "test": len(division.test)},
        "left_out": division.left_out,
        "nearest_to_evaluation": alike,
        "pairs": len(division.pairs),
        "triplets": len(rows),
        "pairs_without_hard_negatives": len(division.pairs) - len(rows),
        "negatives_guarded": guarded,
        "passages_kept_out_of_training": len(division.held),
        "strategy": WORDS[recipe.train.strategy].format(n=recipe.train.negatives, margin=recipe.train.relative_margin),
        "sources": {key: f"{path.name} {digest}" for (key, path), digest in _sources(recipe)},
    }


def _sources(recipe: Recipe) -> list[tuple[tuple[str, Path], str]]:
    digests = recipe.data_digests()
    return [((key, path), digests[key]) for key, path in recipe.data if key in digests and key != "unjudged"]


def _card(recipe: Recipe, facts: dict[str, Any]) -> str:
    # The front matter is what `datasets` reads (https://huggingface.co/docs/hub/datasets-manual-configuration).
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files: {TRIPLETS}\n---\n"
        f"Training triplets of the recipe `{recipe.name}`: question (`anchor`), answer (`positive`) and hard negatives, with "
        f"their prompts. When they were made stands in `manifest.json`.\n\n```json\n{files.to_json(facts).strip()}\n```\n"
    )


def _today() -> str:
    # A fixed clock for reproducible builds: https://reproducible-builds.org/specs/source-date-epoch/
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch.isdigit() else datetime.now(timezone.utc)
    return now.date().isoformat()
