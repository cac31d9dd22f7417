"""How full text sees a text, in passages and questions alike; `Folding.kt` does the same for the app.

What is shown keeps its spelling. FTS5's `unicode61` then cuts the result into words, and folds case and Latin
accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

#: Joins letters and is not seen: soft hyphen, zero-width joiners, word joiner, byte order mark.
UNSEEN = re.compile("[\u00ad\u200c\u200d\u2060\ufeff]")
#: Marks that texts have or lack at will: accents that no letter took up, variation selectors, enclosing
#: marks, Hebrew points, Arabic vowels and the stretching tatweel.
MARKS = re.compile(
    "[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\U000e0100-\U000e01ef"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
#: Scripts whose words are not apart, as classes of letters, and how many letters a cut has
#: (docs/languages.md):
#: Han, kana and Hangul; Thai, Lao, Burmese and its neighbours, Khmer.
HAN = (
    "\u3005\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
HANGUL = "\u1100-\u11ff\uac00-\ud7a3"
THAI = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf"
    "\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u19c9\u1a20-\u1a7c"
)
CUTS = ((re.compile(f"[{HAN}]+"), 2), (re.compile(f"[{HANGUL}]+"), 2), (re.compile(f"[{THAI}]+"), 3))
#: An ideograph between kana is mostly a word of its own, 本 in 本を, and is cut out beside.
IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LONE = re.compile(f"(?<![{IDEOGRAPHS}])[{IDEOGRAPHS}](?![{IDEOGRAPHS}])")
#: Letters that people also write otherwise, and `unicode61` keeps apart. Arabic as Lucene's
#: ArabicNormalizer and
#: PersianNormalizer have it.
LETTERS = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ǽ": "ae", "Ǽ": "ae", "ß": "ss", "ẞ": "ss", "ø": "o",
    "Ø": "o",
    "ǿ": "o", "Ǿ": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ı": "i", "ё": "е", "Ё": "е",
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك",
}  # fmt: skip
#: Greek, whose accents `unicode61` keeps.
GREEK = (range(0x0370, 0x0400), range(0x1F00, 0x2000))
#: A question has hardly more compounds, nor longer ones.
COMPOUNDS, LONGEST = 16, 200
_LETTER = "[0-9A-Za-z\u00aa-\u1fff\u2c00-\u2fef\u3040-\U0010ffff]"
_WORD = f"{_LETTER}{{1,{LONGEST}}}"
_JOINT = "[-_./\\\\:,+@#&=\u00b7\u2010-\u2015\u2212]{1,3}"
#: Words joined by one to three signs and no space are one name: 6.11.4, A-12/3, snake_case, 12:30. It starts
#: where a word starts and its parts are counted, so that a text of megabytes is read once.
COMPOUND = re.compile(f"(?<!{_LETTER})(?:{_WORD}{_JOINT}){{1,{LONGEST // 2}}}{_WORD}")


def spaced(text: str) -> str:
    """Return a text in NFKC, without marks that come and go, words apart by spaces where the script has none.

    A run of such letters becomes overlapping cuts: 停止棋钟 is 停止 止棋 棋钟.
    Accents are kept, for stemmers.
    """
    if text.isascii():
        return text
    found = MARKS.sub("", unicodedata.normalize("NFKC", UNSEEN.sub("", text)))
    for run, size in CUTS:
        found = run.sub(partial(_cut, size), found)
    return found


def fold(text: str) -> str:
    """Return what `spaced` gave with letters as people also write them: œ is oe, ß is ss, ё is е."""
    return text if text.isascii() else text.translate(_TABLE)


def folded(text: str) -> str:
    """Return a text as it goes into the index, and a question as it is looked up there."""
    return fold(spaced(text))


def compounds(text: str) -> list[str]:
    """Return the names of several parts in a folded text, each once: what is also asked as a phrase."""
    found = (match for match in COMPOUND.findall(text) if len(match) <= LONGEST)
    return list(dict.fromkeys(found))[:COMPOUNDS]


def _cut(size: int, match: re.Match[str]) -> str:
    run = match[0]
    cuts = [run[at : at + size] for at in range(max(len(run) - size, 0) + 1)]
    lone = LONE.findall(run) if len(run) > 1 else []
    return f" {' '.join([*cuts, *lone])} "


def _bare(code: int) -> str:
    return MARKS.sub("", unicodedata.normalize("NFD", chr(code)))


_TABLE = str.maketrans({**{chr(code): _bare(code) for codes in GREEK for code in codes}, **LETTERS})
