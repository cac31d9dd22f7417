"""Dialogues that a generator learns from: JSONL, one a line, read strictly.

A line is a whole dialogue, `messages` with the roles system? user assistant user assistant …, or a `question`
with the ids of its `passages` and an `answer` (or `"unanswerable": true`), which the recipe's template turns
into one, so that its prompt is the app's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from pocketrag.errors import InputError

from .beir import normalized
from .distinct import read_distinct
from .text_checks import check_text, refuse_slips

Role = Literal["system", "user", "assistant"]
#: What a line may have; keys that are like none of these are the author's own.
KNOWN = ("messages", "question", "passages", "answer", "unanswerable", "category", "difficulty")
KEYS = "`messages`, or `question`, `passages` and `answer`"


@dataclass(frozen=True)
class Turn:
    """Who says what."""

    role: Role
    content: str


@dataclass(frozen=True)
class Dialogue:
    """One line of the file."""

    line: int
    turns: tuple[Turn, ...] = ()
    """Of a whole dialogue; none where the template makes them."""
    question: str | None = None
    answer: str | None = None
    """None beside a question: the template's refusal."""
    passages: tuple[str, ...] = ()
    """Ids of the passages that it is about, in the order in which the prompt has them."""
    category: str | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """What the user says."""
        if self.question is not None:
            return (self.question,)
        return tuple(turn.content for turn in self.turns if turn.role == "user")

    @property
    def said(self) -> tuple[str, ...]:
        """What anybody says: the user, the assistant, the system's turn."""
        if self.question is not None:
            return (self.question, *filter(None, (self.answer,)))
        return tuple(turn.content for turn in self.turns)


def read_dialogues(file: Path, passages: Collection[str]) -> list[Dialogue]:
    """Read the dialogues in file order.

    Args:
        file: JSONL.
        passages: the ids that there are.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, has its roles in another
            order, an empty turn, no assistant turn or an unknown passage, or repeats a dialogue.

    """
    return read_distinct(
        file,
        KEYS,
        lambda where, line, record: _dialogue(where, line, record, passages),
        _said,
        "dialogue",
    )


def known_passages(where: str, record: dict[str, Any], known: Collection[str]) -> tuple[str, ...]:
    """Return the ids under `passages`, none where the key is absent.

    Raises:
        InputError: they are no list of ids, one is unknown, or stands there twice.

    """
    value = record.get("passages", [])
    if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise InputError(f"{where}: `passages` must be a list of corpus ids.")
    if unknown := [id_ for id_ in value if id_ not in known]:
        raise InputError(
            f"{where}: the passage {unknown[0]!r} is unknown; it stands in no line of the corpus."
        )
    if len(set(value)) < len(value):
        raise InputError(f"{where}: `passages` names an id twice.")
    return tuple(value)


def category_of(where: str, record: dict[str, Any]) -> str | None:
    """Return the category, None where there is none.

    Raises:
        InputError: it is empty, or no string.

    """
    if (value := record.get("category")) is None:
        return None
    check_text(where, "category", value)
    return str(value)


def said_unanswerable(where: str, record: dict[str, Any]) -> bool:
    """Return what `unanswerable` says, false where the key is absent.

    Raises:
        InputError: it is neither true nor false.

    """
    value = record.get("unanswerable", False)
    if not isinstance(value, bool):
        raise InputError(f"{where}: `unanswerable` must be true or false.")
    return value


def _dialogue(where: str, number: int, record: dict[str, Any], known: Collection[str]) -> Dialogue:
    refuse_slips(where, record, KNOWN)
    if ("messages" in record) == ("question" in record):
        raise InputError(f"{where}: needs either {KEYS}.")
    passages, category = known_passages(where, record, known), category_of(where, record)
    if "messages" in record:
        return Dialogue(number, _turns(where, record["messages"]), passages=passages, category=category)
    check_text(where, "question", record["question"])
    if not passages:
        raise InputError(f"{where}: a `question` needs `passages`, the ids that its prompt shows.")
    unanswerable = said_unanswerable(where, record)
    if unanswerable == ("answer" in record):
        raise InputError(f'{where}: a `question` needs either `answer` or `"unanswerable": true`.')
    if not unanswerable:
        check_text(where, "answer", record["answer"])
    answer = None if unanswerable else str(record["answer"]).strip()
    return Dialogue(number, question=record["question"], answer=answer, passages=passages, category=category)


def _turns(where: str, messages: object) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not messages:
        raise InputError(f"{where}: `messages` must be a list of turns, and not empty.")
    turns = tuple(_turn(f"{where}: turn {n}", message) for n, message in enumerate(messages, start=1))
    roles = [turn.role for turn in turns]
    if "assistant" not in roles:
        raise InputError(f"{where}: has no assistant turn, so nothing is learned from it.")
    rest = roles[1:] if roles[0] == "system" else roles
    if rest != ["user", "assistant"] * (len(rest) // 2):
        raise InputError(
            f"{where}: the roles are {' '.join(roles)}; expected system (or none), then user and assistant "
            "by turns, an assistant's last."
        )
    return turns


def _turn(where: str, message: object) -> Turn:
    if not isinstance(message, dict):
        raise InputError(f"{where}: must be an object with `role` and `content`.")
    if more := sorted(message.keys() - {"role", "content"}):
        raise InputError(f"{where}: holds `{more[0]}`; a turn has `role` and `content` and nothing else.")
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "user", "assistant"):
        raise InputError(f"{where}: the role {role!r} is none of system, user, assistant.")
    if isinstance(content, list):
        raise InputError(f"{where}: `content` must be a string; templates render a list of parts as nothing.")
    check_text(where, "content", content)
    text = str(content)
    # White space around an answer would melt with the template's own into other tokens.
    return Turn(cast(Role, role), text.strip() if role == "assistant" else text)


def _said(dialogue: Dialogue) -> tuple[object, ...]:
    turns = tuple((turn.role, normalized(turn.content)) for turn in dialogue.turns)
    return turns, normalized(dialogue.question or ""), normalized(dialogue.answer or ""), dialogue.passages
