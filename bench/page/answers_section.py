"""What the page says about a generator: how right it is beside other arms, and some of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pocketrag.formats.facts.exam import ExamSection

from .blocks import (
    Block,
    Cell,
    LabelledReport,
    Note,
    Row,
    Section,
    Table,
    count,
    interval,
    number,
    unreadable,
)
from .questions_section import RIGHT, WRONG

#: Arm -> what it is for people; others keep their names.
ARMS = {
    "packed": "what ships, as the app answers",
    "quotes": "quotes alone, without a generator",
    "float": "before quantization",
}


def answers(labelled: Sequence[LabelledReport]) -> Section:
    """Return the exam of each report's generator; without one the section has no blocks."""
    blocks: list[Block] = []
    for one in labelled:
        blocks += unreadable(one, "answers")
        if one.facts.answers:
            blocks += _examined(one.label, one.facts.answers)
    return Section("answers", "Answers", blocks)


def _examined(label: str, found: ExamSection) -> Iterator[Block]:
    word = "ships" if found.ships else "does not ship"
    asked = f"{count(found.questions)} questions, {count(found.unanswerable)} of them without an answer"
    yield Note(f"{label}: the generator {word}, {found.reason}. {found.base}, {found.method}; {asked}.")
    arms: list[Row] = [
        [ARMS.get(name, name), number(arm.mean, 3), interval(arm.interval, digits=3), count(arm.n)]
        for name, arm in sorted(found.arms.items(), key=lambda row: row[0] not in ARMS)
    ]
    yield Table(f"{label}: answered or refused rightly", ("arm", "accuracy", "95 % interval", "n"), arms)
    checks: list[Row] = [
        [name, Cell(row.outcome, row.outcome), row.detail] for name, row in found.checks.items()
    ]
    yield Table(f"{label}: what decides", ("check", "outcome", "detail"), checks)
    samples: list[Row] = [
        [
            row.question,
            RIGHT if row.right else WRONG,
            row.reply,
            " / ".join(row.answers) or "none: to be refused",
            row.outcome or "",
        ]
        for row in found.samples
    ]
    yield Table(
        f"{label}: {len(samples)} answers of what ships, chosen unseen",
        ("question", "right", "answer", "expected", "shown"),
        samples,
    )
