"""Names of several parts in a text, and how else they are written; `Folding.kt` does the same for the app."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: No name is longer, nor has more parts than half of it.
LONGEST = 200
LETTERS = (
    "A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff"
    "\u2c00-\u2fef\u3040-\U0010ffff"
)
LETTER = f"[0-9{LETTERS}]"
#: Where a word starts, and where it ends.
START, END = f"(?<!{LETTER})", f"(?!{LETTER})"
_HYPHEN = "\u2010-\u2015\u2212-"
_WORD = f"{LETTER}{{1,{LONGEST}}}"
_JOINT = "[-_./\\\\:,+*~^|@#%&=\u00b7\u00d7\u066b\u066c\u2010-\u2015\u2212]{1,3}"
#: Words joined by one to three signs and no space are one name: 6.11.4, A-12/3, snake_case, 12:30. It starts
#: where a word starts and its parts are counted, so that a text of megabytes is read once.
COMPOUND = re.compile(f"{START}(?:{_WORD}{_JOINT}){{1,{LONGEST // 2}}}{_WORD}")
#: But not words with a hyphen, and results: tie-break, est-ce, 1-1. As phrases they found nothing more
#: (docs/languages.md).
ORDINARY = re.compile(f"[{LETTERS}]+(?:[{_HYPHEN}][{LETTERS}]+)+|[0-9][{_HYPHEN}][0-9]")
#: So are numbers apart by a space or brackets, with a mark of capitals before them: § 12 (3), 12(3)(b),
#: +49 30 123456, (555) 123-4567, DE89 3704 0044, AB 1234.
_PART = "(?:[A-Z]{0,4}[0-9]{1,20}[A-Za-z]?|(?<=\\()[A-Za-z]{1,4}(?=\\)))"
_GAP = "(?:[-./]|\\)? ?\\(|\\)? )"
NUMBERS = re.compile(f"{START}(?:[A-Z]{{1,4}} (?=[0-9]))?{_PART}(?:{_GAP}{_PART}){{0,20}}{END}")
#: What only those of `NUMBERS` have that are not of `COMPOUND`.
BETWEEN = frozenset(" ()")
#: A number and the next one with what stands between them, a short word or two, brackets, or cut letters:
#: 12 Abs. 3, 6. Mai 2024, 3][5, 3 条第 第 2.
_NUMBER = "[0-9]{1,20}[A-Za-z]?"
_WORDS = f"[{LETTERS} .,;()'\u2019\u00a7\\[\\]-]{{1,20}}"
_CUTS = "[ \u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\U0003ffff]{1,60}"
PAIR = re.compile(f"{START}(?=({_NUMBER}(?![{LETTERS}])(?:{_WORDS}|{_CUTS}){START}{_NUMBER}){END})")
#: Names that are also written in one piece: 1 000 or 1'000, AB-1234 or 978-3-16-148410-0, 12 a.
THOUSANDS = re.compile(f"{START}[0-9]{{1,3}}(?:[ .,'\u2019\u066c][0-9]{{3}}){{1,9}}{END}")
HYPHENED = re.compile(f"{START}[0-9A-Za-z]{{1,20}}(?:[_/{_HYPHEN}][0-9A-Za-z]{{1,20}}){{1,20}}{END}")
LETTERED = re.compile(f"{START}[0-9]{{1,4}} [A-Za-z]{END}")
#: Of a question a mark also in small letters: ab 1234.
MARKED = re.compile(f"{START}[A-Za-z]{{1,4}} [0-9]{{1,20}}[A-Za-z]?{END}")
#: In one piece: a digit and a letter, or at least four digits. 1-1 is not 11.
CODE = re.compile("(?=.*[0-9])(?:.*[A-Za-z].*|.{4,})")
_APART = re.compile("[^0-9A-Za-z]+")


def names(text: str) -> list[str]:
    """Return the names of several parts in a folded text, each once."""
    found = [name for name in COMPOUND.findall(text) if not ORDINARY.fullmatch(name)]
    return list(dict.fromkeys(name for name in (*found, *_numbers(text)) if len(name) <= LONGEST))


def pairs(text: str, known: list[str]) -> list[str]:
    """Return neighbouring numbers of a folded text, with what is between; not those in `known` names."""
    return [
        pair
        for pair in dict.fromkeys(PAIR.findall(text))
        if not (ORDINARY.fullmatch(pair) or any(pair in name for name in known))
    ]


def joined(text: str, *more: re.Pattern[str]) -> list[str]:
    """Return in one piece what holds a digit and is written in several: 1000 of 1 000, AB1234 of AB-1234."""
    written = [name for way in (THOUSANDS, HYPHENED, *more) for name in way.findall(text)]
    written += [name for name in _numbers(text) if "." not in name]
    found = (_APART.sub("", name) for name in written)
    return list(dict.fromkeys(name for name in found if CODE.fullmatch(name)))


def _numbers(text: str) -> Iterator[str]:
    return (name for name in NUMBERS.findall(text) if not BETWEEN.isdisjoint(name))
