"""How alike two texts are: shares of common character 5-grams.

And an index that finds near-duplicates without comparing all pairs.

Resemblance and containment are Broder's: "On the resemblance and containment of documents", 1997
(https://doi.org/10.1109/SEQUEN.1997.666900). Characters, not words, so that a French ending or a typing error
changes little.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

import numpy as np

from .beir import normalized

#: Long enough to hold a stem, short enough for a question of six words.
GRAM = 5
#: Two questions are near-duplicates from this resemblance on. Read on 4 025 French training questions against
#: 357 held out: at .53 stood the same question in other words ("combien de temps ... conserver une copie",
#: "quel est le délai pour conserver une copie"), at .49 and below other questions of one pattern.
SAME_QUESTION = 0.5
#: Two passages are near-duplicates from this containment on. Read on 1 827 French passages: from .8 on one
#: repeats the other's rule or overlaps it, at .7 to .78 two rules shared their wording.
SAME_PASSAGE = 0.8
#: A text of fewer 5-grams, some ten words, is contained in none that is more than twice as long: a passage
#: that happens to hold a short question repeats no rule.
FEWEST = 60
#: Combining Diacritical Marks, https://www.unicode.org/charts/PDF/U0300.pdf, and characters without a width.
UNSEEN = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def plain(text: str) -> str:
    """Return a text as it is compared: case, white space, accents, full-width and unseen characters folded.

    Accents are those above and below Latin, Greek and Cyrillic letters; other scripts' marks are vowels.
    """
    return normalized(UNSEEN.sub("", unicodedata.normalize("NFKD", text)))


def grams(text: str) -> frozenset[str]:
    """Return the distinct 5-grams of a `plain` text, with a space at both ends; never empty."""
    padded = f" {plain(text)} "
    return frozenset(padded[i : i + GRAM] for i in range(max(1, len(padded) - GRAM + 1)))


def resemblance(left: str, right: str) -> float:
    """Return the Jaccard index of the texts' 5-grams, 0 to 1: for texts of one kind, such as questions."""
    a, b = grams(left), grams(right)
    return len(a & b) / len(a | b)


def containment(left: str, right: str) -> float:
    """Return the share of the smaller text's 5-grams that the other holds, 0 to 1.

    For passages cut at other places. A text of fewer than `FEWEST` counts as if it had so many, or half as
    many as the other.
    """
    a, b = grams(left), grams(right)
    return len(a & b) / max(min(len(a), len(b)), min(max(len(a), len(b)) / 2, FEWEST))


class Near:
    """Texts by their 5-grams; compares one text with all of them at once."""

    def __init__(self, texts: list[str]) -> None:
        """Index the texts."""
        found = [grams(text) for text in texts]
        self.sizes = np.array([len(each) for each in found], dtype=np.int64)
        places: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(found):
            for gram in each:
                places[gram].append(number)
        self.places = {gram: np.array(numbers) for gram, numbers in places.items()}

    def resemblances(self, text: str) -> np.ndarray:
        """Return float64 [texts]: `resemblance` of the text with each."""
        shared, size = self._shared(text)
        return np.asarray(shared / (self.sizes + size - shared))

    def containments(self, text: str) -> np.ndarray:
        """Return float64 [texts]: `containment` of the text with each."""
        shared, size = self._shared(text)
        least = np.minimum(np.maximum(self.sizes, size) / 2, FEWEST)
        return np.asarray(shared / np.maximum(np.minimum(self.sizes, size), least))

    def _shared(self, text: str) -> tuple[np.ndarray, int]:
        own = grams(text)
        hits = [self.places[gram] for gram in own if gram in self.places]
        joined = np.concatenate(hits) if hits else np.zeros(0, dtype=np.int64)
        return np.bincount(joined, minlength=len(self.sizes)), len(own)
