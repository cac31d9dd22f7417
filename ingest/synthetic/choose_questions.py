"""The lines that a model wrote -> the questions that are kept, and why each of the others is not."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pocketrag.formats.data.beir import Passage, Question, normalized
from pocketrag.formats.data.origin import SYNTHETIC

from .bring_back import first_places
from .kept_replies import Replies
from .model_reply import questions_in
from .sift import against
from .taken import Taken, repeats

EMPTY = "an empty answer"
MORE = "more than asked for"
TAKEN = "nearly equals a question of the recipe"
REPEATS = "nearly repeats another one"
LOST = "does not bring its passage back"
FAILED = "the model could not answer"


@dataclass(frozen=True)
class Candidate:
    """A line that a model wrote to a passage."""

    passage: Passage
    text: str


@dataclass
class Sifted:
    """What is kept, and what is not."""

    kept: list[Candidate] = field(default_factory=list)
    dropped: list[tuple[Candidate, str, str | None]] = field(default_factory=list)
    """With the reason, and what it repeats or what was found in its place."""
    searched: str = ""
    """What searched for the passages."""

    def drop(self, one: Candidate, reason: str, instead: str | None = None) -> None:
        """Note why a line is not kept."""
        self.dropped.append((one, reason, instead))

    @property
    def reasons(self) -> dict[str, int]:
        """Return reason -> lines, the commonest first."""
        return dict(Counter(reason for _, reason, _ in self.dropped).most_common())


@dataclass(frozen=True)
class Rules:
    """What a question is held to."""

    language: str | None
    """Of the passages."""
    per_passage: int
    """Questions at most."""
    taken: Taken
    limit: int
    """Its passage must be among so many."""
    bundle: str | None
    name: str
    """Of the recipe."""


def choose_questions(replies: Replies, passages: Sequence[Passage], rules: Rules) -> Sifted:
    """Keep what is a question of its own, of which there is no like, and which finds its passage.

    Raises:
        InputError: the bundle that was given can't search.

    """
    found = Sifted()
    lines = [one for p in passages if p.id in replies.texts for one in _lines(p, replies.texts[p.id], found)]
    asked = [one for one in lines if _holds(one, rules, found)]
    again = repeats([one.text for one in asked])
    for place, first in again.items():
        found.drop(asked[place], REPEATS, asked[first].text)
    single = [one for place, one in enumerate(asked) if place not in again]
    _keep_found(single, passages, rules, found)
    return found


def question_of(one: Candidate, generator: str, seed: int) -> Question:
    """Return a question with what wrote it; its id depends on passage and text alone."""
    digest = hashlib.sha256(f"{one.passage.id}\0{normalized(one.text)}".encode()).hexdigest()
    origin = {"origin": SYNTHETIC, "generator": generator, "seed": seed, "passage": one.passage.id}
    return Question(f"s-{digest[:16]}", one.text, origin)


def _lines(passage: Passage, reply: str, found: Sifted) -> list[Candidate]:
    lines = [Candidate(passage, text) for text in questions_in(reply)]
    if not lines:
        found.drop(Candidate(passage, reply.strip()), EMPTY)
    return lines


def _holds(one: Candidate, rules: Rules, found: Sifted) -> bool:
    if reason := against(one.text, one.passage, rules.language):
        found.drop(one, reason)
    elif there := rules.taken.by(one.text):
        found.drop(one, TAKEN, there)
    else:
        return True
    return False


def _keep_found(asked: Sequence[Candidate], passages: Sequence[Passage], rules: Rules, found: Sifted) -> None:
    if not asked:
        return
    places, found.searched = first_places(
        [one.text for one in asked], passages, rules.limit, rules.bundle, rules.name
    )
    counts: Counter[str] = Counter()
    for one, first in zip(asked, places, strict=True):
        if one.passage.id not in first:
            found.drop(one, LOST, first[0] if first else None)
        elif counts[one.passage.id] >= rules.per_passage:
            found.drop(one, MORE)
        else:
            counts[one.passage.id] += 1
            found.kept.append(one)
