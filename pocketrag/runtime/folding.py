"""How full text sees a text, in passages and questions alike; `Folding.kt` does the same for the app.

What is shown keeps its spelling. FTS5's `unicode61` then cuts the result into words, and folds case and Latin
accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

#: Is not seen: soft hyphen, zero-width space and joiners, marks of direction, word joiner, byte order mark.
UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
#: What NFKC would glue to its neighbours: № ™ ℠, letters and digits in circles.
APART = re.compile("[\u2116\u2120\u2122\u2460-\u24ff\u2776-\u2793]")
#: All but vulgar fractions, which stay as they are: 3½ is not 31/2.
WHOLE = re.compile("[^\u00bc-\u00be\u2150-\u215f\u2189]+")
#: Emoji, arrows, currencies and other signs: FTS5 knows Unicode 6.1 and takes later ones for letters. With
#: them apostrophes that count as letters: мʼята.
SIGNS = re.compile(
    "[\u02b9-\u02bc\u20a0-\u20cf\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e7f\U0001f000-\U0001faff]"
)
#: Marks that texts have or lack at will: accents that no letter took up, variation selectors, enclosing
#: marks, Hebrew points, Arabic vowels and the stretching tatweel, the nukta of Devanagari.
MARKS = re.compile(
    "[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\U000e0100-\U000e01ef"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c]"
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
#: A Korean word of one syllable and a particle: the noun is cut out beside, 물 in 물을.
PARTICLE = re.compile("([\uac00-\ud7a3])[은는이가을를의에도로와과만]")
#: Letters that people also write otherwise, and `unicode61` keeps apart. Arabic and Hindi as Lucene's
#: ArabicNormalizer, PersianNormalizer and HindiNormalizer have it.
LETTERS = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ǽ": "ae", "Ǽ": "ae", "ß": "ss", "ẞ": "ss", "ø": "o",
    "Ø": "o",
    "ǿ": "o", "Ǿ": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ı": "i", "ё": "е", "Ё": "е",
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ँ": "ं",
}  # fmt: skip
#: Where the digits of other scripts begin; ten each follow one another.
DIGITS = (
    *(0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66),
    *(0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810),
)
#: Greek, whose accents `unicode61` keeps.
GREEK = (range(0x0370, 0x0400), range(0x1F00, 0x2000))
#: A question has hardly more compounds, nor longer ones.
COMPOUNDS, LONGEST = 16, 200
_LETTERS = (
    "A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff"
    "\u2c00-\u2fef\u3040-\U0010ffff"
)
_LETTER = f"[0-9{_LETTERS}]"
_HYPHEN = "[-\u2010-\u2015\u2212]"
_WORD = f"{_LETTER}{{1,{LONGEST}}}"
_JOINT = "[-_./\\\\:,+*~^|@#%&=\u00b7\u00d7\u066b\u066c\u2010-\u2015\u2044\u2212]{1,3}"
#: Words joined by one to three signs and no space are one name: 6.11.4, A-12/3, snake_case, 12:30. It starts
#: where a word starts and its parts are counted, so that a text of megabytes is read once.
COMPOUND = re.compile(f"(?<!{_LETTER})(?:{_WORD}{_JOINT}){{1,{LONGEST // 2}}}{_WORD}")
#: But not words with a hyphen, and results: tie-break, est-ce, 1-1. As phrases they found nothing more
#: (docs/languages.md).
ORDINARY = re.compile(f"[{_LETTERS}]+(?:{_HYPHEN}[{_LETTERS}]+)+|[0-9]{_HYPHEN}[0-9]")
#: So are numbers apart by a space or brackets: § 12 (3), 12(3)(b), +49 30 123456, (555) 123-4567.
_PART = "(?:[0-9]{1,20}[A-Za-z]?|(?<=\\()[A-Za-z]{1,4}(?=\\)))"
_GAP = "(?:[-./]|\\)? ?\\(|\\)? )"
NUMBERS = re.compile(f"(?<!{_LETTER}){_PART}(?:{_GAP}{_PART}){{1,20}}(?!{_LETTER})")
#: What only `NUMBERS` have.
BETWEEN = frozenset(" ()")
#: C++, C#, F#: signs that tell names apart become a word.
SIGNED = re.compile(f"(?<!{_LETTER})([A-Za-z]{{1,12}})(\\+\\+|#)(?!{_LETTER}|[+#])")
#: Of a version, so that v2.10.1 is found as 2.10.1.
VERSION = re.compile(f"(?<!{_LETTER})([Vv])(?=[0-9]{{1,9}}\\.[0-9])")
#: A number and what it counts, so that 5,5mm is found as 5,5 mm.
COUNTED = re.compile(f"(?<!{_LETTER})([0-9]{{1,9}})([A-Za-z\u03bc]{{1,4}})(?!{_LETTER})")
_UNITS = (
    "mm cm dm km nm \u03bcm kg mg \u03bcg ml cl kv kw mw kwh ma mah hz khz mhz ghz kb mb gb tb ms min bar "
    "kpa mpa px dpi"
)
UNITS = frozenset(_UNITS.split())


def spaced(text: str) -> str:
    """Return a text in NFKC, without marks that come and go, words apart by spaces where the script has none.

    A run of such letters becomes overlapping cuts: 停止棋钟 is 停止 止棋 棋钟.
    Accents are kept, for stemmers.
    """
    found = text if text.isascii() else _composed(text)
    if not found.isascii():
        # First, since 5kg stands alone in 5kgの荷物 only once its neighbours are cut off.
        for run, size in CUTS:
            found = run.sub(partial(_cut, size), found)
    return COUNTED.sub(_counted, SIGNED.sub(_named, VERSION.sub(r"\1 ", found)))


def fold(text: str) -> str:
    """Return what `spaced` gave with letters as people also write them: œ is oe, ß is ss, ё is е, ٣ is 3."""
    return text if text.isascii() else text.translate(_TABLE)


def folded(text: str) -> str:
    """Return a text as it goes into the index, and a question as it is looked up there."""
    return fold(spaced(text))


def compounds(text: str) -> list[str]:
    """Return the names of several parts in a folded text, each once: what is also asked as a phrase."""
    numbers = (name for name in NUMBERS.findall(text) if not BETWEEN.isdisjoint(name))
    found = [*(name for name in COMPOUND.findall(text) if not ORDINARY.fullmatch(name)), *numbers]
    return list(dict.fromkeys(name for name in found if len(name) <= LONGEST))[:COMPOUNDS]


def _composed(text: str) -> str:
    seen = APART.sub(lambda match: f" {match[0]} ", UNSEEN.sub("", text))
    whole = WHOLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), seen)
    return SIGNS.sub(" ", MARKS.sub("", whole))


def _named(match: re.Match[str]) -> str:
    return f"{match[1]} {match[1]}{'sharp' if match[2] == '#' else 'plusplus'} "


def _counted(match: re.Match[str]) -> str:
    return f"{match[1]} {match[2]}" if match[2].lower() in UNITS else match[0]


def _cut(size: int, match: re.Match[str]) -> str:
    run = match[0]
    cuts = [run[at : at + size] for at in range(max(len(run) - size, 0) + 1)]
    lone = LONE.findall(run) if len(run) > 1 else []
    if noun := PARTICLE.fullmatch(run):
        lone.append(noun[1])
    return f" {' '.join([*cuts, *lone])} "


def _bare(code: int) -> str:
    return MARKS.sub("", unicodedata.normalize("NFD", chr(code)))


_TABLE = str.maketrans(
    {
        **{chr(code): _bare(code) for codes in GREEK for code in codes},
        **{chr(start + digit): str(digit) for start in DIGITS for digit in range(10)},
        **LETTERS,
    }
)
