"""Which dialogues may train, which are held out to stop the training, and which would give the exam away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.data.dialogues import Dialogue
from pocketrag.formats.data.exam import ExamQuestion
from pocketrag.formats.data.faults import Faults
from pocketrag.formats.data.near_duplicates import SAME_PASSAGE, SAME_QUESTION, Near, plain

from ..data.passage_groups import split_by_passage

#: Folded characters from which on a question that stands inside a longer turn is that question: shorter ones
#: ("and then?") stand in many.
OWN = 15
#: Reasons for leaving a dialogue out.
JUDGED = "about a passage that the exam is judged on"
QUOTES = "quotes such a passage"
#: Fewer teach and tell nothing.
FEWEST_TRAIN, FEWEST_HELD = 8, 2


@dataclass(frozen=True)
class Selected:
    """Dialogues by what they are for; no passage stands on two sides."""

    train: tuple[Dialogue, ...]
    held_out: tuple[Dialogue, ...]


def refuse_asked(
    file: Path, dialogues: Sequence[Dialogue], exam_file: Path, exam: Sequence[ExamQuestion]
) -> None:
    """Refuse dialogues with a question of the exam in any turn: the same, folded, inside it, or nearly so.

    Raises:
        InputError: names file and line of both.

    """
    if not exam:
        return
    near, folded = Near([one.question for one in exam]), [f" {plain(one.question)} " for one in exam]
    faults = Faults()
    for dialogue in dialogues:
        for text in dialogue.said:
            with faults.collected():
                if (n := _same(text, near, folded)) is not None:
                    raise InputError(
                        f"{file}:{dialogue.line}: holds an exam question, {exam_file}:{exam[n].line} "
                        f"({exam[n].question!r}); what was trained on can't be examined: remove one of both."
                    )
    faults.refuse()


def without_judged(
    dialogues: Sequence[Dialogue], exam: Sequence[ExamQuestion], passages: Sequence[Passage]
) -> tuple[list[Dialogue], dict[str, int]]:
    """Return the dialogues that show no passage of the exam, and how many were left out, by reason.

    A passage that nearly holds one that the exam is judged on is one too.
    """
    judged = _judged(exam, passages)
    texts = [f" {plain(p.text)} " for p in passages if p.id in judged]
    reasons = {d.line: _reason(d, judged, texts) for d in dialogues}
    kept = [d for d in dialogues if reasons[d.line] is None]
    return kept, dict(Counter(reason for reason in reasons.values() if reason))


def hold_out(file: Path, dialogues: Sequence[Dialogue], seed: int) -> Selected:
    """Hold out about a fifth, by groups of dialogues that share a passage or a question.

    Raises:
        InputError: too few are left on either side.

    """
    questions = [Question(str(d.line), d.asked[0]) for d in dialogues]
    about = {str(d.line): dict.fromkeys(d.passages, 1) for d in dialogues}
    kept, held = split_by_passage(questions, about, seed, "dialogues")
    if len(kept) < FEWEST_TRAIN or len(held) < FEWEST_HELD:
        raise InputError(
            f"{file}: {len(dialogues)} dialogues are left to learn from, {len(kept)} of which would train "
            f"and {len(held)} stop the training; at least {FEWEST_TRAIN} and {FEWEST_HELD} are needed, about "
            "passages of their own."
        )
    out = {q.id for q in held}
    return Selected(
        tuple(d for d in dialogues if str(d.line) not in out),
        tuple(d for d in dialogues if str(d.line) in out),
    )


def _same(text: str, near: Near, folded: list[str]) -> int | None:
    own = f" {plain(text)} "
    inside = (n for n, one in enumerate(folded) if one == own or (len(one) >= OWN + 2 and one in own))
    if (found := next(inside, None)) is not None:
        return found
    alike = near.resemblances(text)
    return int(np.argmax(alike)) if alike.max() >= SAME_QUESTION else None


def _judged(exam: Iterable[ExamQuestion], passages: Sequence[Passage]) -> set[str]:
    named = {id_ for one in exam for id_ in one.passages}
    near = Near([p.text for p in passages])
    alike = (np.flatnonzero(near.containments(p.text) >= SAME_PASSAGE) for p in passages if p.id in named)
    return named | {passages[n].id for row in alike for n in row.tolist()}


def _reason(dialogue: Dialogue, judged: set[str], texts: list[str]) -> str | None:
    if not judged.isdisjoint(dialogue.passages):
        return JUDGED
    said = [f" {plain(turn.content)} " for turn in dialogue.turns]
    return QUOTES if any(text in turn for text in texts for turn in said) else None
