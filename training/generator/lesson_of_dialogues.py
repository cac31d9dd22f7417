"""From the recipe's dialogues to what is trained on: without what the exam asks, as tokens, in two parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.data.dialogues import Dialogue, read_dialogues
from pocketrag.formats.data.exam import read_exam
from pocketrag.formats.data.faults import MOST, Faults
from pocketrag.formats.facts.generator import DialogueCounts
from pocketrag.recipe.generator import Generator, GeneratorPrompt
from pocketrag.runtime.generator.prompt import messages

from .chat_tokens import Chat, Tokens
from .select_dialogues import hold_out, refuse_asked, without_judged

#: A reason for leaving a dialogue out.
LONG = "longer than max_tokens"


@dataclass(frozen=True)
class Lesson:
    """What a generator learns from."""

    train: list[Tokens]
    held_out: list[Tokens]
    counts: DialogueCounts


@dataclass(frozen=True)
class ReadDialogues:
    """The dialogues that may be taught, before they are tokens."""

    read: int
    kept: list[Dialogue]
    left_out: dict[str, int]


def read_for(generator: Generator, passages: Sequence[Passage]) -> ReadDialogues:
    """Read dialogues and exam; no dialogue is returned that shows what the exam asks for.

    Raises:
        InputError: one of both files is bad, or a dialogue asks a question of the exam.

    """
    known = {p.id for p in passages}
    file, exam_file = _named(generator), generator.exam
    dialogues = read_dialogues(file, known)
    exam = read_exam(exam_file, known) if exam_file else []
    if exam_file:
        refuse_asked(file, dialogues, exam_file, exam)
    kept, left_out = without_judged(dialogues, exam, passages)
    return ReadDialogues(len(dialogues), kept, left_out)


def lesson_of(generator: Generator, folder: Path, passages: Sequence[Passage]) -> Lesson:
    """Return the lesson of a recipe's dialogues for the language model in `folder`.

    Raises:
        InputError: as `read_for` does; a dialogue is too long, the model's chat template can't carry one, or
            too few are left.

    """
    found = read_for(generator, passages)
    tokens, long = _tokens(generator, Chat(folder), found.kept, {p.id: p for p in passages})
    selected = hold_out(_named(generator), [d for d in found.kept if d.line in tokens], generator.seed)
    train = [tokens[d.line] for d in selected.train]
    held_out = [tokens[d.line] for d in selected.held_out]
    return Lesson(
        train,
        held_out,
        DialogueCounts(
            given=found.read,
            train=len(train),
            held_out=len(held_out),
            left_out={**found.left_out, **({LONG: long} if long else {})},
            tokens=sum(len(one.ids) for one in train),
            taught_tokens=sum(one.taught for one in train),
        ),
    )


def turns_of(
    dialogue: Dialogue, prompt: GeneratorPrompt, passages: dict[str, Passage]
) -> list[dict[str, str]]:
    """Return a dialogue's turns as `role` and `content`; of a question by the recipe's template."""
    if dialogue.question is None:
        return [{"role": turn.role, "content": turn.content} for turn in dialogue.turns]
    shown = [(passages[id_].title, passages[id_].text) for id_ in dialogue.passages]
    answer = prompt.refusal.strip() if dialogue.answer is None else dialogue.answer
    return [*messages(prompt, dialogue.question, shown), {"role": "assistant", "content": answer}]


def _tokens(
    generator: Generator, chat: Chat, dialogues: list[Dialogue], passages: dict[str, Passage]
) -> tuple[dict[int, Tokens], int]:
    found: dict[int, Tokens] = {}
    faults = Faults()
    for dialogue in dialogues:
        with faults.collected():
            turns = turns_of(dialogue, generator.prompt, passages)
            found[dialogue.line] = chat.tokens(f"{_named(generator)}:{dialogue.line}", turns)
    faults.refuse()
    long = {line: len(one.ids) for line, one in found.items() if len(one.ids) > generator.max_tokens}
    if long and generator.long_dialogues == "fail":
        raise InputError(_too_long(generator, long, len(found)))
    return {line: one for line, one in found.items() if line not in long}, len(long)


def _too_long(generator: Generator, long: dict[int, int], read: int) -> str:
    named = ", ".join(f"line {line} has {count}" for line, count in list(long.items())[:MOST])
    return (
        f"{_named(generator)}: {len(long)} of {read} dialogues are longer than the {generator.max_tokens} "
        f"tokens of `generator.max_tokens`: {named}{', …' if len(long) > MOST else ''}. Shorten them, raise "
        'max_tokens, or leave them out by `long_dialogues = "skip"`; none is cut.'
    )


def _named(generator: Generator) -> Path:
    assert generator.data is not None  # noqa: S101 - the recipe asks for it where anything is tuned
    return generator.data
