"""`pocketrag check`: what can be known before a minute is lost, line by line: pass or fail, with the mend."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from pocketrag import beir
from pocketrag.embedder import locate, read_embedder
from pocketrag.errors import InputError
from pocketrag.recipe import Recipe, read_recipe

from .mine import FEWEST_PAIRS, splits

PASS, FAIL = "pass", "fail"
#: Each cached-MNRL batch supplies the negatives: below this there are too few to learn from (DESIGN's failed precedent used 2).
FEWEST_BATCH = 32
#: Merged model, float32 .tflite, quantized, bundle, published bundle, and what lies half-done beside them.
COPIES = 4
NEEDED = ("torch", "sentence-transformers", "transformers", "peft", "litert-torch", "ai-edge-quantizer")


@dataclass(frozen=True)
class Line:
    """One line of the checklist."""

    check: str
    outcome: str
    detail: str


def check(recipe: str, *, base: str | None = None, work: str = "work") -> dict[str, Any]:
    """Check a recipe, its data, its base model and this machine.

    Raises:
        InputError: the recipe or a data file is bad; the message names file, line or key.

    """
    chosen = read_recipe(recipe, base)
    lines = [_data(chosen), _split(chosen), _base(chosen), _batch(chosen), _packages(), _accelerator(), _disk(chosen, Path(work))]
    return {
        "recipe": recipe,
        "exit": int(any(line.outcome == FAIL for line in lines)),
        "checks": [asdict(line) for line in lines],
    }


def _data(recipe: Recipe) -> Line:
    passages, questions, qrels = beir.read_judged(recipe.data.corpus, recipe.data.queries, recipe.data.qrels)
    judged = sum(len(row) for row in qrels.values())
    more = f", {len(beir.read_unjudged(recipe.data.unjudged))} unjudged questions" if recipe.data.unjudged else ""
    return Line("data", PASS, f"{len(passages)} passages, {len(questions)} judged questions, {judged} judgements{more}")


def _split(recipe: Recipe) -> Line:
    if recipe.train.method == "none":
        return Line("split", PASS, "no tuning: all questions measure")
    _, split, qrels = splits(recipe)
    parts = {name: len(questions) for name, questions in split.items()}
    pairs = sum(sum(1 for score in qrels[q.id].values() if score) for q in split["train"])
    if pairs < FEWEST_PAIRS or not split["dev"] or not split["test"]:
        raise InputError(
            f"{recipe.data.queries}: {pairs} training pairs after the split {parts}; tuning needs at least {FEWEST_PAIRS} and "
            'questions on every side. Write more questions, or set `method = "none"` in [train].'
        )
    return Line("split", PASS, f"{parts}, no passage on two sides")


def _base(recipe: Recipe) -> Line:
    embedder = read_embedder(locate(recipe.model.base, recipe.model.revision))
    longest = recipe.export.lengths[-1]
    if longest > embedder.max_tokens:
        raise InputError(
            f"`export.lengths`: {longest} is more than the {embedder.max_tokens} tokens that {recipe.model.name} takes."
        )
    return Line(
        "base", PASS, f"{recipe.model.name}: {embedder.family}, {embedder.pooling} pooling, {len(embedder.dense)} dense layers"
    )


def _batch(recipe: Recipe) -> Line:
    size = recipe.train.batch_size
    if recipe.train.method == "none" or size >= FEWEST_BATCH:
        return Line("batch", PASS, f"{size}" if recipe.train.method != "none" else "no tuning")
    return Line(
        "batch", FAIL, f"`train.batch_size` = {size}; set at least {FEWEST_BATCH}, or too few in-batch negatives teach nothing"
    )


def _packages() -> Line:
    missing = [name for name in NEEDED if util.find_spec(name.replace("-", "_")) is None]
    if missing:
        return Line("packages", FAIL, f"missing {', '.join(missing)}: pip install 'pocketrag[export]'")
    return Line("packages", PASS, ", ".join(f"{name} {metadata.version(name)}" for name in NEEDED))


def _accelerator() -> Line:
    # Asked without importing torch: a build in which nothing changed must not pay for it.
    if Path("/dev/nvidia0").exists():
        return Line("accelerator", PASS, "an NVIDIA GPU is there")
    return Line("accelerator", PASS, f"none; tuning runs on {os.cpu_count()} CPU cores, which is fine for small models")


def _disk(recipe: Recipe, work: Path) -> Line:
    weights = sum(p.stat().st_size for p in locate(recipe.model.base, recipe.model.revision).rglob("*.safetensors"))
    needed = COPIES * weights / 1e9 + 0.1
    parent = next(p for p in (work, *work.absolute().parents) if p.exists())
    free = shutil.disk_usage(parent).free / 1e9
    detail = f"{free:.1f} GB free at {parent}, a build needs {needed:.1f} GB"
    return Line("disk", PASS if free > needed else FAIL, detail)
