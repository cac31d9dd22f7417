"""Who trains, who chooses and who judges.

A recipe's questions divided so that nothing of the evaluation is trained on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import Passage, Qrels, Question, normalized
from pocketrag.formats.data.near_duplicates import SAME_PASSAGE, SAME_QUESTION, Near
from pocketrag.formats.facts.split import Parts, SplitFacts
from pocketrag.formats.facts.training import Nearest
from pocketrag.formats.split import Split, write_split
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.data_files import Data
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.train import Train
from pocketrag.sampling import spread

from .pairs import Pairs, read_pairs
from .passage_groups import split_by_passage

#: Below this a tuned model can't be told from luck, and in-batch negatives run out.
FEWEST_PAIRS = 50
#: Why a question may not train.
EQUAL, ALIKE, PASSAGE = (
    "has the text or id of an evaluation question",
    "nearly equals one",
    "its passage answers one",
)
FILTERED, MORE = "other difficulty or category", "more than train.questions"
DEV = "development question"


def split(job: Job) -> SplitFacts:
    """Divide the recipe's questions once, for all stages that train, choose or judge.

    Raises:
        InputError: a file of `[data]` is bad, or a filter of [train] names what no training question has.

    """
    found = divide(job.recipe)
    write_split(job.out, found)
    return SplitFacts(
        questions=Parts(**found.sizes),
        pairs=len(found.pairs),
        left_out=found.left_out,
        equal=len(found.equal),
    )


def divide(recipe: Recipe) -> Split:
    """Read a recipe's data and divide its questions.

    Where there are training questions (`train_pairs`, or `train_queries` with `train_qrels`), the recipe's
    judged questions are the test; else those are split 80/20 by passage. Development questions are the lines
    of `train_pairs` whose `split` is "dev"; where none is named, the training questions are split once more.
    A model's questions (`synthetic`) train beside them; where there are no others, they are split themselves,
    and nothing is left to test. With `method = "none"` all questions are test questions.

    Raises:
        InputError: a file is bad, or a filter of [train] names what no training question has; or a judged
            question has the id of a model's.

    """
    data, train = recipe.data, recipe.train
    passages, test, qrels = data.judged()
    if train.method == "none":
        return Split(passages, passages, [], [], test, qrels)
    pool = data.pool(passages)
    written = Pairs({"train": (made := data.written())[0], "dev": []}, made[1])
    _distinct(data, written, qrels)
    asked = _asked(data, pool)
    if asked is None and data.has_questions:
        first, test = split_by_passage(test, qrels, train.seed, "test")
        asked = Pairs({"train": first, "dev": []}, qrels)
    if asked is None:
        asked, written = written, Pairs()
    judged = {q.id: qrels[q.id] for q in test}
    return _apart(
        Split(passages, pool, [], [], test, {**written.qrels, **asked.qrels, **judged}),
        asked,
        written,
        train,
    )


def require(recipe: Recipe, split: Split) -> None:
    """Refuse a split that can't be trained on.

    Raises:
        InputError: too few pairs, or no development or test questions.

    """
    data, pairs, parts = recipe.data, len(split.pairs), split.sizes
    needed = ("dev", "test") if data.has_questions else ("dev",)
    empty = [f"no {name} question" for name in needed if not parts[name]]
    if pairs < FEWEST_PAIRS or empty:
        raise InputError(
            f"{data.train_pairs or data.train_queries or data.queries or data.synthetic_queries}: "
            f"{', '.join([f'{pairs} training pairs', *empty])} after the "
            f"split {parts} (left out: {split.left_out}); tuning needs at least {FEWEST_PAIRS} and "
            "questions on every side. "
            "Write more questions, let a model write some (`pocketrag questions`), or set "
            '`method = "none"` in [train].'
        )


def nearest(training: list[Question], evaluation: list[Question]) -> Nearest:
    """Return the two most alike questions of both sides and their resemblance, 0 to 1.

    The proof that nothing leaked.
    """
    near = Near([q.text for q in evaluation])
    best: tuple[float, str, str] = (0.0, "", "")
    for question in training:
        alike = near.resemblances(question.text)
        found = int(alike.argmax())
        best = max(best, (float(alike[found]), question.text, evaluation[found].text))
    return Nearest(resemblance=round(best[0], 4), training=best[1], evaluation=best[2], limit=SAME_QUESTION)


def _asked(data: Data, pool: list[Passage]) -> Pairs | None:
    if data.train_pairs:
        return read_pairs(data.train_pairs, pool)
    if data.train_queries and data.train_qrels:
        _, train, qrels = beir.read_judged(
            data.train_corpus or data.corpus,
            data.train_queries,
            data.train_qrels,
            data.empty == "skip",
            synthetic=True,
        )
        return Pairs({"train": train, "dev": []}, qrels)
    return None


def _distinct(data: Data, written: Pairs, judged: Qrels) -> None:
    # Whoever copies a model's questions among those that judge may lose what says so.
    if both := [q.id for q in written.questions["train"] if q.id in judged]:
        raise InputError(
            f"{data.queries}: judges {both[0]!r}, and {data.synthetic_queries} has this id too: a model "
            "wrote it, so it may train and choose, and never judge. Take it out of the judged questions."
        )


def _apart(split: Split, asked: Pairs, written: Pairs, settings: Train) -> Split:
    # First everything apart from the test questions, then training apart from development; a model's
    # questions choose only where no others do, and then they are `asked`.
    text = {p.id: p.text for p in split.passages}
    near = Near([p.text for p in split.pool])
    of_test = _alike(split.pool, near, {text[p] for q in split.test for p in _answers(split.qrels, q)})
    train, reasons = _sift(asked.questions["train"], asked.qrels, split.test, of_test)
    dev, of_dev_lines = _sift(asked.questions["dev"], asked.qrels, split.test, of_test)
    if not asked.named:
        train, dev = split_by_passage(train, asked.qrels, settings.seed, "dev")
    beside, of_written = _sift(written.questions["train"], written.qrels, split.test, of_test)
    text = {p.id: p.text for p in split.pool}
    of_dev = _alike(split.pool, near, {text[p] for q in dev for p in _answers(asked.qrels, q)})
    train, more = _sift([*train, *beside], split.qrels, dev, of_dev)
    reasons = {**of_written, **reasons, **more}
    fit = _filtered(train, settings)
    kept = spread(fit, settings.questions or len(fit))
    counts = {
        **Counter(reason for reason, _ in reasons.values()),
        FILTERED: len(train) - len(fit),
        MORE: len(fit) - len(kept),
    }
    counts |= Counter(f"{DEV}: {reason}" for reason, _ in of_dev_lines.values())
    left_out = {reason: count for reason, count in counts.items() if count}
    # What a model wrote is left out without a word of blame: nobody has to clean its file.
    models = {q.id for q in written.questions["train"]}
    equal = tuple(
        (id_, other)
        for id_, (reason, other) in {**reasons, **of_dev_lines}.items()
        if reason == EQUAL and id_ not in models
    )
    everyone = (*asked.questions["train"], *asked.questions["dev"], *written.questions["train"])
    return replace(
        split,
        asked=everyone,
        train=kept,
        dev=dev,
        held=frozenset(of_test | of_dev),
        left_out=left_out,
        equal=equal,
    )


def _sift(
    questions: list[Question], qrels: Qrels, evaluation: list[Question], held: set[str]
) -> tuple[list[Question], dict[str, tuple[str, str]]]:
    # The questions that have nothing in common with the evaluation; and for the others: id -> (reason, what
    # it has in common).
    near = Near([q.text for q in evaluation])
    same = {key: q.id for q in evaluation for key in (f"id:{q.id}", normalized(q.text))}
    reasons = {}
    for question in questions:
        if found := same.get(f"id:{question.id}") or same.get(normalized(question.text)):
            reasons[question.id] = EQUAL, found
        elif evaluation and (alike := near.resemblances(question.text)).max() >= SAME_QUESTION:
            reasons[question.id] = ALIKE, evaluation[int(alike.argmax())].id
        elif shared := held.intersection(_answers(qrels, question)):
            reasons[question.id] = PASSAGE, min(shared)
    return [q for q in questions if q.id not in reasons], reasons


def _alike(pool: list[Passage], near: Near, texts: set[str]) -> set[str]:
    return {pool[i].id for text in texts for i in np.flatnonzero(near.containments(text) >= SAME_PASSAGE)}


def _filtered(questions: list[Question], settings: Train) -> list[Question]:
    for key, label, wanted in (
        ("difficulties", "difficulty", settings.difficulties),
        ("categories", "category", settings.categories),
    ):
        there = {q.metadata.get(label) for q in questions}
        if unknown := set(wanted) - there:
            known = ", ".join(sorted(str(value) for value in there if value)) or "none at all"
            raise InputError(
                f"`train.{key}`: no training question has the {label} {min(unknown)!r}; there are: {known}."
            )
        questions = [q for q in questions if not wanted or q.metadata.get(label) in wanted]
    return questions


def _answers(qrels: Qrels, question: Question) -> list[str]:
    return [p for p, score in qrels[question.id].items() if score]
