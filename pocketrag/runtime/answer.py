"""What a search returns: the passages found, how, and what must be said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pocketrag.formats.data.beir import Passage
from pocketrag.formats.facts.base import Mode
from pocketrag.formats.facts.search import Found


class Hit(Found):
    """One passage found."""

    @property
    def passage(self) -> Passage:
        """The passage as the corpus has it."""
        return Passage(self.id, self.title, self.text, self.metadata)


@dataclass(frozen=True)
class Made:
    """Which build of a bundle, for an app that compares two."""

    version: str | None = None
    model_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """The passages found for one question, best first; it is iterated and indexed like a list of them."""

    question: str
    mode: Mode
    """How was ranked: not always what was asked for, see `fell_back`."""
    encoder: str | None
    """The name of the encoder whose vector found them; None where full text alone did."""
    hits: tuple[Hit, ...]
    fell_back: str | None
    """Why not the encoder answered that was asked first; None where it did, or nobody asked for vectors."""
    best: float | None
    """The best passage's cosine; None where vectors played no part."""
    threshold: float | None
    """Below which `best` means that the corpus probably holds no answer.

    None where nobody measured it or gave one.
    """
    nothing: str | None = None
    """Why there are no hits; None where there are some."""
    made: Made = Made()
    """The bundle that answered, of several the first."""

    @property
    def version(self) -> str | None:
        """The bundle's version; None where none was opened but its parts."""
        return self.made.version

    @property
    def model_id(self) -> str | None:
        """The bundle's `model_id`; None where none was opened but its parts."""
        return self.made.model_id

    @property
    def abstain(self) -> bool:
        """Whether the app had better say that it does not know."""
        return self.best is not None and self.threshold is not None and self.best < self.threshold

    def __iter__(self) -> Iterator[Hit]:
        """Iterate over the hits."""
        return iter(self.hits)

    def __len__(self) -> int:
        """Return how many hits there are."""
        return len(self.hits)

    def __getitem__(self, place: int) -> Hit:
        """Return one hit."""
        return self.hits[place]
