"""An answer's words, compared as SQuAD compares them, in any language.

SQuAD takes small letters, drops punctuation and English articles, and counts exact matches and the F1 of
words (Rajpurkar et al. 2016, https://aclanthology.org/D16-1264, and its `evaluate-v2.0.py`). Here letters are
folded by Unicode, punctuation is all that Unicode calls so and SQuAD's own list, and articles go where the
language is English. A letter of a script without spaces is a word, as MLQA counts Chinese (Lewis et al. 2020,
https://aclanthology.org/2020.acl-main.653).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from pocketrag.formats.data.exam import MOST_WORDS
from pocketrag.runtime.folding import HAN, THAI
from pocketrag.runtime.generator.check_answer import CITATION

#: An answer of one word of so few letters (yes, no, oui) stands in many sentences: it has to begin the reply.
SHORT = 3
ENGLISH = "en"
_ARTICLES = frozenset({"a", "an", "the"})
_UNSPACED = re.compile(f"[{HAN}{THAI}]")


def words(text: str, language: str | None = None) -> list[str]:
    """Return the normalised words of a text, without numbers of passages such as [1].

    Args:
        text: an answer or a reply.
        language: ISO 639-1; articles are dropped in English alone.

    """
    uncited = CITATION.sub(" ", unicodedata.normalize("NFKC", text))
    folded = unicodedata.normalize("NFKC", uncited.casefold())
    kept = unicodedata.normalize("NFC", "".join(one for one in folded if not _is_dropped(one)))
    found = _UNSPACED.sub(r" \g<0> ", kept).split()
    return [word for word in found if word not in _ARTICLES] if language == ENGLISH else found


def exact_match(reply: Sequence[str], answer: Sequence[str]) -> float:
    """Return 1 where both have the same words in order, else 0."""
    return float(list(reply) == list(answer))


def f1(reply: Sequence[str], answer: Sequence[str]) -> float:
    """Return the harmonic mean of the words' precision and recall, each word as often as both have it."""
    if not reply or not answer:
        return exact_match(reply, answer)
    shared = sum((Counter(reply) & Counter(answer)).values())
    return 2 * shared / (len(reply) + len(answer))


def holds(reply: Sequence[str], answer: Sequence[str]) -> bool:
    """Return whether a reply gives an answer: its words in a row, in a reply that is no longer than allowed.

    An answer of one short word without a digit must begin the reply.
    """
    if not answer or _length(reply) > MOST_WORDS:
        return False
    if len(answer) == 1 and len(answer[0]) <= SHORT and answer[0].isalpha():
        return list(reply[:1]) == list(answer)
    return in_a_row(reply, answer)


def in_a_row(reply: Sequence[str], answer: Sequence[str]) -> bool:
    """Return whether the words of an answer stand in a reply one after another."""
    size = len(answer)
    return any(list(reply[at : at + size]) == list(answer) for at in range(len(reply) - size + 1))


def gives_away(reply: Sequence[str], forbidden: Sequence[str]) -> bool:
    """Return whether a forbidden text stands in a reply, wherever its words are cut."""
    return bool(forbidden) and "".join(forbidden) in "".join(reply)


def _is_dropped(letter: str) -> bool:
    # P: punctuation; Cf: joiners and marks of direction, which nobody sees.
    return letter in string.punctuation or unicodedata.category(letter)[0] == "P" or _unseen(letter)


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf"


def _length(reply: Sequence[str]) -> float:
    # Words of scripts without spaces have two letters, roughly.
    return sum(0.5 if _UNSPACED.fullmatch(word) else 1 for word in reply)
