"""`pocketrag check`: what can be known before a minute is lost, line by line.

Pass, fail or unchecked, with reason and mend.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from pocketrag.errors import InputError, UncheckedError
from pocketrag.formats.data import beir
from pocketrag.formats.data.near_duplicates import SAME_QUESTION
from pocketrag.formats.data.negations import read_negations
from pocketrag.formats.data.no_questions import MEND, MISSING
from pocketrag.formats.data.origin import is_synthetic
from pocketrag.formats.facts.check import CheckFacts
from pocketrag.formats.facts.outcome import CheckLine, Outcome
from pocketrag.formats.gate import FAIL, UNCHECKED, failed, passed
from pocketrag.formats.split import Split
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import split_in
from pocketrag.recipe.data_files import Data
from pocketrag.recipe.recipe import Recipe

from . import check_embedder, hardware
from .check_generator import GENERATOR_ROWS, asked_for
from .check_litertlm import litertlm
from .check_students import students
from .data.data_faults import data_faults
from .data.hard_negatives import require_given
from .data.make_split import nearest, require
from .seen import Seen, unread

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


def check(recipe: str, *, base: str | None = None, work: str = "work") -> CheckFacts:
    """Check a recipe, its data, its base model and this machine.

    `exit` is 2 where data or base are bad, 1 where another line fails, 4 where nobody can tell whether there
    is a base.

    Raises:
        InputError: the recipe itself is bad.

    """
    project = Project.read(recipe, work=work, base=base)
    lines, code = _lines(project)
    return CheckFacts(recipe=project.file, exit=code, checks=tuple(lines))


def refuse(project: Project) -> None:
    """Refuse to train what the checklist fails; a generator's lines hold back no embedder.

    Raises:
        InputError: names every failing line.

    """
    lines, _ = _lines(project)
    failed_lines = [line for line in lines if line.outcome == FAIL and line.check not in GENERATOR_ROWS]
    if failing := [f"{line.check}: {line.detail}" for line in failed_lines]:
        raise InputError("; ".join(failing))


def _lines(project: Project) -> tuple[list[CheckLine], int]:
    # Bad data or a bad base fails its own line; what needs it is unchecked then.
    bad: dict[str, Outcome] = {}
    recipe = project.recipe
    split = _try("data", lambda: _read(project), bad)
    folder = _try("base", lambda: check_embedder.at_hand(recipe), bad)
    seen = Seen(recipe, project.folder.parent, split, folder)
    names = [name for name in ROWS if _asked_for(recipe, name)]
    found = {name: bad.get(name) or _try(name, partial(ROWS[name], seen), bad) or bad[name] for name in names}
    lines = [CheckLine(check=name, outcome=one.outcome, detail=one.detail) for name, one in found.items()]
    return lines, 2 if bad else _exit(found)


def _asked_for(recipe: Recipe, name: str) -> bool:
    if name in GENERATOR_ROWS:
        return asked_for(recipe, name)
    if name == "students":
        return bool(recipe.students)
    if name == "side":
        return recipe.train.by_questions
    if name == "litertlm":
        return recipe.export.litertlm
    tracked = name == "tracker" and bool(hardware.trackers(recipe))
    return recipe.train.method != "none" or tracked or name not in TRAINING


def _read(project: Project) -> Split:
    data = project.recipe.data
    try:
        data.refuse_synthetic()
        return split_in(run(project, "split").folder, data)
    except InputError:
        # The first file that is bad ended it.
        if faults := data_faults(data):
            raise InputError("\n".join(faults)) from None
        raise


def _exit(found: Mapping[str, Outcome]) -> int:
    if any(one.outcome == FAIL for one in found.values()):
        return 1
    return UncheckedError.exit_code if found["base"].outcome == UNCHECKED else 0


def _try(name: str, function: Callable[[], T], bad: dict[str, Outcome]) -> T | None:
    try:
        return function()
    except InputError as error:
        bad[name] = failed(str(error))
        return None


def _data(seen: Seen) -> Outcome:
    data, split = seen.recipe.data, seen.split
    if split is None:
        return unread()
    if not data.has_questions:
        return _unasked(seen.recipe, split)
    more = f", {len(beir.read_unjudged(data.unjudged))} unjudged questions" if data.unjudged else ""
    denied = f", {len(read_negations(data.negations))} negations" if data.negations else ""
    asked = f"{_questions(split)}{more}{denied}"
    pool = f", {len(split.pool)} of train_corpus" if data.train_corpus else ""
    agree = "ids, texts and judgements agree"
    return passed(f"{len(split.passages)} passages{pool}; {asked}; {agree}{_left_out(data, split)}")


def _questions(split: Split) -> str:
    # So few that all of them would train are still there.
    asked = {q.id for q in split.test} or set(split.qrels)
    judged = sum(len(row) for id_, row in split.qrels.items() if id_ in asked)
    said = f"{len(asked)} test questions" if split.test else f"no test questions ({len(asked)} in all)"
    return f"{said} with {judged} judgements"


def _unasked(recipe: Recipe, split: Split) -> Outcome:
    if recipe.limits.overlap is not None:
        return failed(f"`limits.overlap` is measured on questions, and there are none: {MEND}, or remove it")
    empty, written = _empty(recipe.data), len(split.train) + len(split.dev)
    models = f"; {written} questions that a model wrote train and choose" if written else ""
    search = "the search is a default (docs/index.md), and a release will be refused"
    return passed(
        f"{len(split.passages)} passages{empty}{models}; {MISSING}: `quality` stays unchecked, {search}. "
        f"Better: {MEND}"
    )


def _left_out(data: Data, split: Split) -> str:
    equal = [q for q in beir.with_equal(data.questions(), split.passages) if q.equal]
    lost = sum(q.id not in split.qrels for q in equal)
    said = f"; {len(equal)} questions are passages too, which are left out of their ranking" if equal else ""
    return (
        _empty(data) + said + (f", {lost} of them have no other answer and count for nothing" if lost else "")
    )


def _empty(data: Data) -> str:
    n = len(beir.empty_passages(data.corpus)) if data.empty == "skip" else 0
    return f"; {n} passages without text are skipped" if n else ""


def _split(seen: Seen) -> Outcome:
    split = seen.split
    if seen.recipe.train.method == "none":
        asked = seen.recipe.data.has_questions
        return passed("no tuning: all questions measure" if asked else "no tuning and no questions")
    if split is None:
        return unread()
    require(seen.recipe, split)
    written = sum(is_synthetic(q.metadata) for q in split.train)
    models = f", {written} questions by a model" if written else ""
    pairs = f"{len(split.pairs)} pairs{models}"
    parts = f"train {len(split.train)} ({pairs}), dev {len(split.dev)}, test {len(split.test)}"
    return passed(f"{parts}; no passage on two sides")


def _leaks(seen: Seen) -> Outcome:
    split, data = seen.split, seen.recipe.data
    if split is None:
        return unread()
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


def _side(seen: Seen) -> Outcome:
    return passed(
        "question: no passage is embedded anew, the base's own vectors stay in the database, and an app can "
        "take the model alone; passages that it embeds itself would not fit them (docs/training.md)"
    )


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
        return unread()
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


#: The checklist in order: name -> line.
ROWS: dict[str, Callable[[Seen], Outcome]] = {
    "data": _data,
    "split": _split,
    "leaks": _leaks,
    "base": check_embedder.base,
    "prompts": check_embedder.prompts,
    "reading": check_embedder.reading,
    "long passages": check_embedder.long_passages,
    "students": students,
    "litertlm": litertlm,
    **GENERATOR_ROWS,
    "packages": lambda seen: hardware.packages(seen.recipe),
    "accelerator": lambda seen: hardware.accelerator(seen.recipe, seen.split, seen.folder),
    "disk": lambda seen: hardware.disk(seen.folder, seen.work),
    "side": _side,
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
    *("leaks", "batch", "learning rate", "early stopping"),
    *("negatives", "no duplicates", "precision", "tracker"),
)
