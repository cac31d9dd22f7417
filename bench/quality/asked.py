"""The test questions of a build one by one: what the base found, what ships found, and what was expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats import files
from pocketrag.formats.data.beir import Passage, Qrels, Question
from pocketrag.formats.facts.asked import AskedFacts, JudgedQuestions, Placed, SampleFacts
from pocketrag.formats.facts.base import Source
from pocketrag.formats.facts.evaluate import KEYS
from pocketrag.formats.facts.measures import Paired
from pocketrag.formats.split import Split
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run
from pocketrag.pipeline.stage import Stage, split_in
from pocketrag.reference.metrics import MAIN, compare
from pocketrag.sampling import spread

from .scores import scores_in

#: Questions that a report keeps, and of these how many with the passage that was found.
MOST, SAMPLES = 1000, 6
#: Places that are looked at, as nDCG@10 does, and characters of a sample's passage.
PLACES, BEGINNING = 10, 240


def judged_questions(project: Project, source: Source) -> JudgedQuestions:
    """Return the test questions and how the base and what ships came out, from the stages' files.

    Raises:
        InputError: a stage's file is missing or damaged.

    """
    split = split_in(run(project, "split").folder, project.recipe.data)
    base, shipped = run(project, "evaluate", "base"), run(project, "evaluate-shipped", source)
    return of_split(split, Ranked.of(base), Ranked.of(shipped))


@dataclass(frozen=True)
class Ranked:
    """What a stage that judged a model has written."""

    first: Mapping[str, list[str]]
    """Question -> the ids of its first passages, the best first."""
    ndcg: Mapping[str, float]

    @classmethod
    def of(cls, done: Stage) -> Ranked:
        """Read a stage's run and scores."""
        return cls(_first(done.folder / "run.trec"), scores_in(done)[MAIN])


def of_split(split: Split, base: Ranked, shipped: Ranked) -> JudgedQuestions:
    """Return the test questions with what both models made of them."""
    passages = {passage.id: passage for passage in split.passages}
    judged = {q.id: split.qrels[q.id] for q in split.test}
    rows = [
        AskedFacts(
            id=q.id,
            text=q.text,
            expected=_title(passages, _best(judged[q.id])),
            base=_placed(q.id, base, judged, passages),
            shipped=_placed(q.id, shipped, judged, passages),
        )
        for q in spread(split.test, MOST)
    ]
    samples = [
        _sample(q, shipped.first[q.id][0], judged, passages)
        for q in spread(split.test, SAMPLES)
        if shipped.first.get(q.id)
    ]
    return JudgedQuestions(
        mode="dense",
        n=len(split.test),
        sha256=_digest(split.test, judged),
        asked=tuple(rows),
        samples=tuple(samples),
        gains={key: found for key in KEYS if (found := _gains(split.test, key, base, shipped))},
    )


def _gains(questions: list[Question], key: str, base: Ranked, shipped: Ranked) -> dict[str, Paired]:
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        if key in question.metadata:
            groups[str(question.metadata[key])].append(question.id)
    return {value: _gain(ids, base, shipped) for value, ids in sorted(groups.items())}


def _gain(ids: list[str], base: Ranked, shipped: Ranked) -> Paired:
    after, before = ({MAIN: {id_: one.ndcg[id_] for id_ in ids}} for one in (shipped, base))
    found = compare(after, before)
    return Paired(**found.model_dump(exclude={"verdict"}))


def _digest(questions: list[Question], judged: Qrels) -> str:
    rows = sorted([q.id, q.text, sorted(judged[q.id].items())] for q in questions)
    return files.digest_of(rows)


def _placed(question: str, model: Ranked, judged: Qrels, passages: Mapping[str, Passage]) -> Placed:
    found = model.first.get(question, [])
    right = (n for n, passage in enumerate(found, start=1) if judged[question].get(passage, 0) > 0)
    return Placed(
        rank=next(right, None),
        ndcg_10=round(model.ndcg[question], 6),
        first=_title(passages, found[0]) if found else "",
    )


def _sample(question: Question, found: str, judged: Qrels, passages: Mapping[str, Passage]) -> SampleFacts:
    text = " ".join(passages[found].text.split())
    return SampleFacts(
        question=question.text,
        expected=_title(passages, _best(judged[question.id])),
        title=_title(passages, found),
        text=text if len(text) <= BEGINNING else f"{text[: BEGINNING - 1]}…",
        judged=judged[question.id].get(found, 0) > 0,
    )


def _best(grades: Mapping[str, int]) -> str:
    return max(grades, key=lambda passage: grades[passage])


def _title(passages: Mapping[str, Passage], passage: str) -> str:
    return passages[passage].title or passage


def _first(file: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        question, _, passage, rank, *_ = line.split(" ")
        if int(rank) <= PLACES:
            found.setdefault(question, []).append(passage)
    return found
