"""The judged questions of a build one by one, as far as the page of a report shows them."""

from __future__ import annotations

from pydantic import Field

from .base import Count, Facts, Mode, Score, Sha256
from .measures import Paired


class Placed(Facts):
    """What one model made of one question."""

    rank: Count | None
    """Of the first judged passage; null where none is among the first ten."""
    ndcg_10: Score
    first: str
    """Title of the passage in the first place, its id where it has none."""


class AskedFacts(Facts):
    """One judged question, asked of the base in float32 and of what ships."""

    id: str
    text: str
    expected: str
    """Title of the passage that was judged best, its id where it has none."""
    base: Placed
    shipped: Placed


class SampleFacts(Facts):
    """What an app would be handed for a question, right or wrong."""

    question: str
    expected: str
    """Title of the passage that was judged best."""
    title: str
    text: str
    """The beginning of the passage in the first place."""
    judged: bool
    """Whether somebody judged that passage to be an answer."""


class JudgedQuestions(Facts):
    """The test questions of a build."""

    mode: Mode
    """In which both models were asked: by vectors alone, as the verdict compares them."""
    n: Count
    """How many there are; of more than a thousand, `asked` is an even choice."""
    sha256: Sha256
    """Of ids, texts and judgements: equal where two builds were judged on the same."""
    asked: tuple[AskedFacts, ...]
    samples: tuple[SampleFacts, ...]
    """Evenly chosen, before anybody looked at how they came out."""
    gains: dict[str, dict[str, Paired]] = Field(default_factory=dict)
    """What ships against the base by what all questions' metadata say: key -> value -> paired difference."""
