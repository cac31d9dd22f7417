"""`pocketrag check`: what can be known before a minute is lost, line by line.

Pass, fail or unchecked, with reason and mend.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from pocketrag.errors import InputError
from pocketrag.formats import beir
from pocketrag.formats.embedder_folder import EMBEDDED, locate, read_embedder
from pocketrag.formats.facts.check import CheckFacts
from pocketrag.formats.facts.outcome import CheckLine, Outcome
from pocketrag.formats.gate import FAIL, failed, passed, unchecked
from pocketrag.formats.split import Split, read_split
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe

from . import hardware
from .data.hard_negatives import require_given
from .data.make_split import nearest, require
from .data.near_duplicates import SAME_QUESTION

T = TypeVar("T")

#: Each cached-MNRL batch supplies the negatives: below this there are too few to learn from (DESIGN's failed
#: precedent used 2).
FEWEST_BATCH = 32
#: What the field uses with in-batch negatives on one GPU.
ADVISED_BATCH = 64
#: Learning rates that train and don't wreck. Full: BERT's paper took 2e-5 to 5e-5
#: (https://arxiv.org/abs/1810.04805), EmbeddingGemma's guide 2e-5
#: (https://ai.google.dev/gemma/docs/embeddinggemma/fine-tuning-embeddinggemma-with-sentence-transformers);
#: ten times either way. LoRA's best rate is ten times the full one (https://thinkingmachines.ai/blog/lora/);
#: its paper and QLoRA's took 1e-4 to 5e-4 (https://arxiv.org/abs/2106.09685,
#: https://arxiv.org/abs/2305.14314).
RATES = {"lora": (2e-5, 2e-3), "qlora": (2e-5, 2e-3), "full": (2e-6, 2e-4)}
#: Answers of the hub that another try won't change: not logged in, not allowed, no such model.
REFUSALS = (401, 403, 404)


@dataclass(frozen=True)
class Seen:
    """What the lines look at; None where it could not be had."""

    recipe: Recipe
    work: Path
    split: Split | None
    folder: Path | None
    """Of the base model."""


def check(recipe: str, *, base: str | None = None, work: str = "work") -> CheckFacts:
    """Check a recipe, its data, its base model and this machine.

    `exit` is 2 where data are bad, 1 where another line fails.

    Raises:
        InputError: the recipe itself is bad.

    """
    project = Project.read(recipe, work=work, base=base)
    lines, code = _lines(project)
    return CheckFacts(recipe=project.file, exit=code, checks=tuple(lines))


def refuse(project: Project) -> None:
    """Refuse to train what the checklist fails.

    Raises:
        InputError: names every failing line.

    """
    lines, _ = _lines(project)
    if failing := [f"{line.check}: {line.detail}" for line in lines if line.outcome == FAIL]:
        raise InputError("; ".join(failing))


def _lines(project: Project) -> tuple[list[CheckLine], int]:
    # Bad data or a bad base fails its own line; what needs it is unchecked then.
    bad: dict[str, Outcome] = {}
    recipe = project.recipe
    split = _try(
        "data",
        lambda: read_split(run(project, "split").folder, recipe.data.corpus, recipe.data.train_corpus),
        bad,
    )
    folder = _try("base", lambda: _at_hand(recipe), bad)
    seen = Seen(recipe, project.folder.parent, split, folder)
    names = [name for name in ROWS if recipe.train.method != "none" or name not in TRAINING]
    found = {name: bad.get(name) or _try(name, partial(ROWS[name], seen), bad) or bad[name] for name in names}
    lines = [CheckLine(check=name, outcome=one.outcome, detail=one.detail) for name, one in found.items()]
    failing = any(line.outcome == FAIL for line in lines)
    return lines, 2 if bad else int(failing)


def _try(name: str, function: Callable[[], T], bad: dict[str, Outcome]) -> T | None:
    try:
        return function()
    except InputError as error:
        bad[name] = failed(str(error))
        return None


def _at_hand(recipe: Recipe) -> Path | None:
    # The base's folder without a download; None where only the hub has it.
    base = recipe.model.base
    if Path(base).is_dir() or base in EMBEDDED or base.startswith((".", "/", "~")) or base.count("/") != 1:
        return locate(base, recipe.model.revision)
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(base, revision=recipe.model.revision, local_files_only=True))
    except Exception:  # not in the cache, or no hub client: the line `base` says what that means
        return None


def _data(seen: Seen) -> Outcome:
    data, split = seen.recipe.data, seen.split
    if split is None:
        return _unread()
    more = f", {len(beir.read_unjudged(data.unjudged))} unjudged questions" if data.unjudged else ""
    judged = sum(len(split.qrels[q.id]) for q in split.test)
    asked = f"{len(split.test)} test questions with {judged} judgements{more}"
    pool = f", {len(split.pool)} of train_corpus" if data.train_corpus else ""
    return passed(f"{len(split.passages)} passages{pool}; {asked}; ids, texts and judgements agree")


def _split(seen: Seen) -> Outcome:
    split = seen.split
    if seen.recipe.train.method == "none":
        return passed("no tuning: all questions measure")
    if split is None:
        return _unread()
    require(seen.recipe, split)
    parts = (
        f"train {len(split.train)} ({len(split.pairs)} pairs), dev {len(split.dev)}, test {len(split.test)}"
    )
    return passed(f"{parts}; no passage on two sides")


def _leaks(seen: Seen) -> Outcome:
    split, data = seen.split, seen.recipe.data
    if split is None:
        return _unread()
    if split.equal:
        file = data.train_pairs or data.train_queries
        named = ", ".join(f"{id_} = {other}" for id_, other in split.equal[:3])
        return failed(
            f"{file}: holds {len(split.equal)} evaluation questions, by text or id ({named}); remove them"
        )
    if data.guard_queries:
        alike = nearest(split.train, beir.read_questions(data.guard_queries))
        if alike.resemblance >= SAME_QUESTION:
            named = f"{alike.training!r} and {alike.evaluation!r}"
            return failed(
                f"{data.guard_queries}: the guard's questions would train too ({named}); take another set"
            )
    out = ", ".join(f"{count} ({reason})" for reason, count in split.left_out.items()) or "none"
    return passed(
        f"no evaluation question trains; left out: {out}; near means {SAME_QUESTION} of the 5-grams shared"
    )


def _base(seen: Seen) -> Outcome:
    if seen.folder is None:
        return _hub(seen.recipe)
    embedder, name = read_embedder(seen.folder), seen.recipe.model.name
    longest = seen.recipe.export.lengths[-1]
    if longest > embedder.max_tokens:
        raise InputError(
            f"`export.lengths`: {longest} is more than the {embedder.max_tokens} tokens that {name} takes."
        )
    return passed(
        f"{name}: {embedder.family}, {embedder.pooling} pooling, {len(embedder.dense)} dense layers"
    )


def _hub(recipe: Recipe) -> Outcome:
    base = recipe.model.base
    try:
        from huggingface_hub import HfApi

        HfApi().auth_check(base)
    except Exception as error:  # the hub raises a dozen kinds; only its own refusal is an answer
        if getattr(getattr(error, "response", None), "status_code", None) in REFUSALS:
            mend = "mend the id, accept its terms and run `hf auth login`, or name a folder with --base DIR"
            return failed(f"{base}: the hub refuses it ({type(error).__name__}); {mend}")
        return unchecked(
            f"{base}: no folder, not in the cache, and the hub can't be asked ({type(error).__name__})"
        )
    return passed(f"{base}: the hub gives it; it is downloaded when it is first needed")


def _prompts(seen: Seen) -> Outcome:
    if seen.folder is None and seen.recipe.prompts is None:
        return unchecked("the base model is not here, and the recipe has no [prompts]")
    prompts = prompts_of(seen.recipe)
    bare = prompts.query == "{question}"
    if bare and seen.folder and read_embedder(seen.folder).family == "gemma3_text":
        mend = 'set [prompts], such as query = "task: search result | query: {question}"'
        return failed(f"none, and EmbeddingGemma was trained with prompts: {mend}")
    return passed("none, as the base was trained" if bare else f"{prompts.query!r}, {prompts.document!r}")


def _batch(seen: Seen) -> Outcome:
    size = seen.recipe.train.batch_size
    if size < FEWEST_BATCH:
        mend = f"set at least {FEWEST_BATCH} in-batch negatives; `mini_batch_size` saves memory instead"
        return failed(f"`train.batch_size` = {size}; {mend}")
    return passed(f"{size}" + ("" if size >= ADVISED_BATCH else f"; {ADVISED_BATCH} to 128 are advised"))


def _rate(seen: Seen) -> Outcome:
    train = seen.recipe.train
    low, high = RATES[train.method]
    if not low <= train.learning_rate <= high:
        detail = f"`train.learning_rate` = {train.learning_rate:g}; {train.method} takes {low:g} to {high:g}"
        return failed(detail)
    return passed(f"{train.learning_rate:g}, within {low:g} to {high:g} for {train.method}")


def _stopping(seen: Seen) -> Outcome:
    train = seen.recipe.train
    if train.patience >= train.evaluations:
        mend = "raise `train.evaluations`, or lower `train.patience`"
        return failed(f"can't happen: patience {train.patience} of {train.evaluations} evaluations; {mend}")
    return passed(f"after {train.patience} of {train.evaluations} evaluations without gain; the best is kept")


def _negatives(seen: Seen) -> Outcome:
    if seen.split is None:
        return _unread()
    require_given(seen.recipe, seen.split.train)
    return passed(f"{seen.recipe.train.negatives} a pair by {seen.recipe.train.strategy!r}, never at random")


def _duplicates(seen: Seen) -> Outcome:
    return passed("built in: the sampler NO_DUPLICATES keeps equal texts out of a batch")


def _precision(seen: Seen) -> Outcome:
    # The recipe can't ask for it, but Accelerate's configuration can.
    if os.environ.get("ACCELERATE_MIXED_PRECISION") == "fp16":
        mend = "unset ACCELERATE_MIXED_PRECISION, or launch with --mixed_precision bf16"
        return failed(f"Accelerate is set to fp16, which EmbeddingGemma's activations overflow: {mend}")
    return passed("fp16 is off: bf16 where GPU or processor have it, else float32")


def _unread() -> Outcome:
    return unchecked("needs the data, which can't be read")


#: The checklist in order: name -> line.
ROWS: dict[str, Callable[[Seen], Outcome]] = {
    "data": _data,
    "split": _split,
    "leaks": _leaks,
    "base": _base,
    "prompts": _prompts,
    "packages": lambda seen: hardware.packages(seen.recipe),
    "accelerator": lambda seen: hardware.accelerator(seen.recipe, seen.split, seen.folder),
    "disk": lambda seen: hardware.disk(seen.folder, seen.work),
    "batch": _batch,
    "learning rate": _rate,
    "early stopping": _stopping,
    "negatives": _negatives,
    "no duplicates": _duplicates,
    "precision": _precision,
    "tracker": lambda seen: hardware.tracker(seen.recipe),
}
#: Lines about tuning; a recipe that ships the base as it is has none.
TRAINING = (
    "leaks",
    "batch",
    "learning rate",
    "early stopping",
    "negatives",
    "no duplicates",
    "precision",
    "tracker",
)
