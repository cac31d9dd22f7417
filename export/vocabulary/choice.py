"""Which tokens a trimmed vocabulary keeps, why each, and what it costs texts that did not choose it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pocketrag.errors import InputError

from .sentencepiece_bpe import BYTE, CONTROL, NORMAL, UNKNOWN, USER, Pieces

#: Kept always, so that every word in Latin letters can be spelled without bytes.
ASCII = [chr(code) for code in range(0x21, 0x7F)]
FOLDS = 5


@dataclass(frozen=True)
class Sources:
    """Token ids in the base's vocabulary, by where they come from."""

    special: frozenset[int]
    characters: frozenset[int]
    corpus: frozenset[int]
    """Of the prompted passages, and of the questions' prompt."""
    questions: Sequence[frozenset[int]]
    """One set a question."""
    words: Sequence[int]
    """The most frequent first."""


def reserved(pieces: Pieces) -> set[int]:
    """Return the ids of `<unused42>` and the like.

    Rows that no training ever used, free for whoever tunes a Gemma on new symbols.

    They mean nothing and would fill 6 242 of 32 768 rows. A text that spells one is tokenized as any other
    text then.
    """
    users = pieces.of_kind(USER)
    return {
        id_
        for id_ in users
        if (name := pieces.names[id_]).startswith("<unused") and name[7:-1].isdigit() and name[-1] == ">"
    }


def always(pieces: Pieces) -> frozenset[int]:
    """Return the ids that are kept whatever the texts.

    Control, unknown, byte and user-defined pieces but the reserved ones.
    """
    return frozenset(pieces.of_kind(CONTROL, UNKNOWN, BYTE, USER) - reserved(pieces))


def choose(
    pieces: Pieces, sources: Sources, tokens: int, questions: Iterable[frozenset[int]] | None = None
) -> dict[int, str]:
    """Return `tokens` ids, closed under merges, each with the reason why it is kept.

    Args:
        pieces: of the base.
        sources: the tokens to choose from.
        tokens: how many are wanted.
        questions: in place of the sources' own, for measuring on those left out.

    Raises:
        InputError: specials, corpus and questions alone need more, or the base has fewer.

    """
    kept: dict[int, str] = {}
    asked = frozenset().union(*(sources.questions if questions is None else questions))
    needed = {
        "special": sources.special,
        "characters": sources.characters,
        "corpus": sources.corpus,
        "questions": asked,
    }
    for reason, ids in needed.items():
        for id_ in sorted(ids):
            _keep(pieces, kept, id_, reason)
    if len(kept) > tokens:
        raise InputError(
            f"`trim.tokens` = {tokens} is too few: special tokens, corpus and questions need at "
            f"least {len(kept)}."
        )
    for reason, order in (("words", sources.words), ("fill", sorted(pieces.of_kind(NORMAL)))):
        _fill(pieces, kept, order, reason, tokens)
    if len(kept) < tokens:
        raise InputError(
            f"`trim.tokens` = {tokens} is more than the {len(kept)} tokens that trimming can keep; lower it."
        )
    return kept


def _fill(pieces: Pieces, kept: dict[int, str], order: Iterable[int], reason: str, tokens: int) -> None:
    for id_ in order:
        if len(kept) == tokens:
            return
        if id_ not in kept and sum(step not in kept for step in pieces.closure(id_)) <= tokens - len(kept):
            _keep(pieces, kept, id_, reason)


def _keep(pieces: Pieces, kept: dict[int, str], id_: int, reason: str) -> None:
    closure = pieces.closure(id_)
    for step in closure:
        kept.setdefault(step, "merges")
    if id_ in closure and kept[id_] == "merges":
        kept[id_] = reason


def counts(kept: dict[int, str]) -> dict[str, int]:
    """Return how many tokens are kept for each reason; "merges" are steps on the way to another one."""
    found = Counter(kept.values())
    return {
        reason: found[reason]
        for reason in ("special", "characters", "corpus", "questions", "merges", "words", "fill")
    }


def held_out(
    pieces: Pieces, sources: Sources, tokens: int, encoded: list[list[int]], prompt: int, own: int
) -> dict[str, Any]:
    """Measure what falls back in questions that did not choose.

    Five folds of all, and the evaluation questions left out at once.

    Args:
        pieces: of the base.
        sources: as for `choose`; `encoded[i]` are the tokens of `questions[i]`.
        tokens: as for `choose`.
        encoded: token ids of every prompted question.
        prompt: how many of them are the prompt's; they are not counted.
        own: how many of the questions, the first ones, are the evaluation's.

    """
    folds = [set(range(fold, len(encoded), FOLDS)) for fold in range(FOLDS)]
    parts = {"folds": [fold for fold in folds if fold], "evaluation": [set(range(own))]}
    return {
        name: _summed([_fold(pieces, sources, tokens, encoded, prompt, out) for out in part])
        for name, part in parts.items()
    }


def _fold(
    pieces: Pieces, sources: Sources, tokens: int, encoded: list[list[int]], prompt: int, out: set[int]
) -> tuple[int, int, int, int]:
    kept = choose(pieces, sources, tokens, [ids for at, ids in enumerate(sources.questions) if at not in out])
    fallen = [sum(id_ not in kept for id_ in encoded[at]) for at in sorted(out)]
    return len(out), sum(len(encoded[at]) - prompt for at in out), sum(fallen), sum(map(bool, fallen))


def _summed(rows: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    questions, tokens, fallen, touched = (sum(column) for column in zip(*rows, strict=True))
    return {
        "questions": questions,
        "tokens": tokens,
        "fall_back": fallen,
        "share": round(fallen / max(tokens, 1), 6),
        "questions_touched": touched,
    }
