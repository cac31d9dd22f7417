"""What a question asks beside its words: phrases, and beginnings of words; `Folding.kt` has the same."""

from __future__ import annotations

import re

from .folding import CUTS, HAN, HANGUL, THAI, beside, whole
from .names import MARKED, joined, names, pairs

#: A question has hardly more of them.
PHRASES = 32
#: A number and the letters on both sides: 第3条. The index has the last ones as a word, and the first ones
#: begin one.
_EDGE = f"([{HAN}{HANGUL}]|[{THAI}]{{1,2}})?"
BETWEEN = re.compile(f"{_EDGE} ?(?<![0-9A-Za-z.,])([0-9]{{1,20}})(?![0-9A-Za-z.,])(?= ?{_EDGE})")
#: A run that is shorter than the cuts of its script, and stands at no number.
SHORT = re.compile(
    f"(?<![0-9{HAN}])[{HAN}](?![0-9{HAN}])|(?<![0-9{HANGUL}])[{HANGUL}](?![0-9{HANGUL}])"
    f"|(?<![0-9{THAI}])[{THAI}]{{1,2}}(?![0-9{THAI}])"
)


def phrases(question: str, text: str) -> list[str]:
    """Return what is also asked of a question, each once: names, neighbouring numbers, and short words.

    One that ends in `*` asks for whatever begins so: a word shorter than the cuts of its script.

    Args:
        question: as it was asked.
        text: what `folded` makes of it.

    """
    uncut = whole(question)
    found = names(text)[:PHRASES]
    found += [*joined(text, MARKED), *pairs(text, found), *_marked(uncut), *_short(uncut)]
    return list(dict.fromkeys(found))[:PHRASES]


def _marked(text: str) -> list[str]:
    sides = ((match[1], match[2], match[3]) for match in BETWEEN.finditer(text) if match[1] or match[3])
    return [" ".join(filter(None, side)) + "*" * bool(side[2]) for side in sides]


def _short(text: str) -> list[str]:
    runs = (run for letters, _ in CUTS for run in letters.findall(text))
    return [f"{word}*" for word in (*SHORT.findall(text), *(word for run in runs for word in beside(run)))]
