"""`pocketrag mine`: questions -> (question, passage, hard negatives).

They are split so that nothing of the evaluation leaks in.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any

from pocketrag.console import status
from pocketrag.errors import GateError, InputError
from pocketrag.formats import files
from pocketrag.formats.facts.split import Parts
from pocketrag.formats.facts.training import MineFacts
from pocketrag.formats.layout import TRIPLETS
from pocketrag.formats.split import Split
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe

from .data.hard_negatives import RANGE, Candidates, candidates, guard, require_given
from .data.make_split import nearest, require

CARD = "README.md"
#: The keys of [data] whose files triplets are made from.
SOURCES = (
    "corpus",
    "queries",
    "qrels",
    "train_corpus",
    "train_queries",
    "train_qrels",
    "train_pairs",
    "synthetic_queries",
    "synthetic_qrels",
)
#: What each strategy does, in the words of the report.
WORDS = {
    "model": f"top {{n}} of the model's first {RANGE}, relative margin {{margin}}",
    "same_document_other_page": "top {n} by BM25 of the answer's own document, on another page",
    "bm25": "top {n} by BM25",
    "given": "the first {n} of the file's own negative_ids",
}


def mine(job: Job) -> MineFacts:
    """Mine hard negatives by the recipe's strategy and write `triplets.jsonl`.

    `datasets.load_dataset(folder)` reads it.

    The date stands in the facts alone (the stage's `manifest.json`): the files, whose digest `tune` is made
    from, are the same bytes for the same inputs.

    Raises:
        InputError: bad files, or fewer pairs than tuning needs.

    """
    recipe, out = job.recipe, job.out
    split = job.split()
    require(recipe, split)
    require_given(recipe, split.train)
    if split.left_out:
        status(f"training questions left out: {split.left_out}")
    kept, guarded = guard(candidates(recipe, job.start, split), split)
    rows = _rows(recipe, split, kept)
    if not rows:
        raise InputError(
            f"{recipe.data.corpus}: none of {len(split.pairs)} pairs has {recipe.train.negatives} "
            "hard negatives; lower `train.negatives` or `train.relative_margin`, or add passages."
        )
    facts = _facts(job, split, rows, guarded)
    (out / TRIPLETS).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    (out / CARD).write_text(_card(recipe, facts), "utf-8")
    return facts.into(MineFacts, date=_today())


def _rows(recipe: Recipe, split: Split, kept: Candidates) -> list[dict[str, Any]]:
    prompts, wanted = prompts_of(recipe), recipe.train.negatives
    passages = {p.id: p for p in split.pool}
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
        for q, positive in split.pairs
        if len(negatives := kept[q.id, positive][:wanted]) == wanted
    ]


def _facts(job: Job, split: Split, rows: list[dict[str, Any]], guarded: dict[str, int]) -> MineFacts:
    # The proof is taken from the rows themselves, not from what was meant to be in them.
    train = job.recipe.train
    trained = {row["question_id"] for row in rows}
    alike = nearest([q for q in split.train if q.id in trained], [*split.dev, *split.test])
    if alike.resemblance >= alike.limit:
        raise GateError(
            f"mine: {alike.training!r} would train and nearly equals {alike.evaluation!r}, which judges."
        )
    return MineFacts(
        questions=Parts(**split.sizes),
        left_out=split.left_out,
        nearest_to_evaluation=alike,
        pairs=len(split.pairs),
        triplets=len(rows),
        pairs_without_hard_negatives=len(split.pairs) - len(rows),
        negatives_guarded=guarded,
        passages_kept_out_of_training=len(split.held),
        strategy=WORDS[train.strategy].format(n=train.negatives, margin=train.relative_margin),
        sources={
            key: f"{path.name} {job.project.data_digest(key)}"
            for key, path in job.recipe.data.paths.items()
            if key in SOURCES
        },
    )


def _card(recipe: Recipe, facts: MineFacts) -> str:
    # The front matter is what `datasets` reads
    # (https://huggingface.co/docs/hub/datasets-manual-configuration).
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files: {TRIPLETS}\n---\n"
        f"Training triplets of the recipe `{recipe.name}`: question (`anchor`), answer (`positive`) and "
        "hard negatives, with their prompts. When they were made stands in "
        f"`manifest.json`.\n\n```json\n{files.to_json(facts.as_json()).strip()}\n```\n"
    )


def _today() -> str:
    # A fixed clock for reproducible builds: https://reproducible-builds.org/specs/source-date-epoch/
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch.isdigit() else datetime.now(timezone.utc)
    return now.date().isoformat()
