"""What the page says about single questions: which got better and worse, and what an app would be handed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pocketrag.formats.facts.asked import AskedFacts, JudgedQuestions, Placed

from .blocks import Block, Cell, LabelledReport, More, Note, Row, Section, Table, signed, unreadable
from .same_questions import same
from .tiles import MODES

#: Questions of each table: those that changed most.
MOST = 8
#: Whether somebody judged the passage that was found first to be an answer.
RIGHT, WRONG = Cell("yes", "pass"), Cell("no", "fail")
#: Where the judged passage stood and stands, and what stands in the first place instead.
COLUMNS = ("question", "expected", "was", "is", "nDCG@10", "found first")


@dataclass(frozen=True)
class Change:
    """One question before and after."""

    asked: AskedFacts
    before: Placed
    after: Placed

    @property
    def gain(self) -> float:
        """By how much nDCG@10 rose."""
        return self.after.ndcg_10 - self.before.ndcg_10


def questions(labelled: Sequence[LabelledReport]) -> Section:
    """Return the questions that changed most against the base and the release before, and samples."""
    blocks: list[Block] = [note for one in labelled for note in unreadable(one, "questions")]
    for n, one in enumerate(labelled):
        if one.facts.questions:
            sampled = list(_samples(one, one.facts.questions))
            blocks += sampled if len(labelled) == 1 else [More(table.caption, [table]) for table in sampled]
            blocks += _against_base(one, one.facts.questions)
            blocks += _against_earlier(one, labelled[:n])
    absent = [one.label for one in labelled if not one.facts.questions and not one.facts.broken("questions")]
    if absent:
        text = f"{', '.join(absent)}: single questions are not told."
        blocks.append(Note(text, "missing", "pocketrag build RECIPE"))
    return Section("questions", "Questions", blocks)


def _samples(one: LabelledReport, found: JudgedQuestions) -> Iterator[Table]:
    rows: list[Row] = [
        [row.question, RIGHT if row.judged else WRONG, row.title, row.expected, row.text]
        for row in found.samples
    ]
    if rows:
        columns = ("question", "right", "found first", "expected", "what was found begins")
        caption = f"{one.label}: sample answers, {len(rows)} test questions that were chosen unseen"
        yield Table(caption, columns, rows)


def _against_base(one: LabelledReport, found: JudgedQuestions) -> Iterator[Block]:
    changes = [Change(row, row.base, row.shipped) for row in found.asked]
    yield from _told(one.label, "the base in float32", MODES.get(found.mode, found.mode), changes)


def _against_earlier(one: LabelledReport, before: Sequence[LabelledReport]) -> Iterator[Block]:
    name, now = one.facts.report.name, one.facts.questions
    earlier = next((other for other in reversed(before) if other.facts.report.name == name), None)
    if earlier is None or now is None or earlier.facts.questions is None:
        return
    was = {(row.id, row.text, row.expected): row for row in earlier.facts.questions.asked}
    both = [(row, was[key]) for row in now.asked if (key := (row.id, row.text, row.expected)) in was]
    changes = [Change(row, old.shipped, row.shipped) for row, old in both]
    how = MODES.get(now.mode, now.mode)
    if not same(one, earlier):
        how += f", on the {len(changes)} questions of both"
    yield from _told(one.label, earlier.label, how, changes)


def _told(label: str, other: str, how: str, changes: Sequence[Change]) -> Iterator[Block]:
    better = _sorted(changes, lambda change: change.gain)
    worse = _sorted(changes, lambda change: -change.gain)
    equal = len(changes) - len(better) - len(worse)
    summary = f"{len(better)} better, {len(worse)} worse, {equal} the same"
    yield Note(f"{label} against {other}, {how}: {summary}.")
    for word, rows in (("better", better), ("worse", worse)):
        if rows:
            shown = f"the {MOST} that changed most" if len(rows) > MOST else "all"
            title = f"{label}: {len(rows)} {word} than {other}"
            yield More(title, [Table(f"{title}, {shown}", COLUMNS, [_row(row) for row in rows[:MOST]])])


def _sorted(changes: Sequence[Change], gain: Callable[[Change], float]) -> list[Change]:
    return sorted((change for change in changes if gain(change) > 0), key=gain, reverse=True)


def _row(change: Change) -> list[str]:
    places = [_place(change.before), _place(change.after)]
    asked = change.asked
    return [asked.text, asked.expected, *places, signed(change.gain, 3), change.after.first]


def _place(placed: Placed) -> str:
    return f"{placed.rank}." if placed.rank else "not in 10"
