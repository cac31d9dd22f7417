"""How full text sees a text, in passages and questions alike; `Folding.kt` does the same for the app.

What is shown keeps its spelling. FTS5's `unicode61` then cuts the result into words, and folds case and Latin
accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

from .names import END, LETTER, LETTERED, START, joined

#: Is not seen: soft hyphen, zero-width space and joiners, marks of direction, word joiner, byte order mark.
UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
#: What NFKC would glue to its neighbours: № ™ ℠, letters and digits in circles.
APART = re.compile("[\u2116\u2120\u2122\u2460-\u24ff\u2776-\u2793]")
#: All but vulgar fractions, which stay as they are: 3½ is not 31/2.
WHOLE = re.compile("[^\u00bc-\u00be\u2150-\u215f\u2189]+")
#: Where a raised digit meets a number, a word of three letters or a word behind it, which it would become a
#: part of: 10², Satz¹, ¹Satz. But m² is m2.
_RAISED, _PLAIN = "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]", "[A-Za-z\u00c0-\u1fff]"
RAISED = re.compile(f"(?={_RAISED})(?:(?<=[0-9])|(?<={_PLAIN}{{3}}))|(?<={_RAISED})(?={_PLAIN})")
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
#: A line that ends within a word of a script without spaces, but Korean.
BROKEN = re.compile(f"(?<=[{HAN}{THAI}])[ \t]{{0,9}}\r?\n[ \t]{{0,9}}(?=[{HAN}{THAI}])")
#: An ideograph between kana is mostly a word of its own, 本 in 本を, and is cut out beside.
IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LONE = re.compile(f"(?<![{IDEOGRAPHS}])[{IDEOGRAPHS}](?![{IDEOGRAPHS}]|$)")
#: A Korean word of one syllable and a particle: the noun is cut out beside, 물 in 물을.
PARTICLE = re.compile(
    "([\uac00-\ud7a3])(?:[은는이가을를의에도로와과만]|에서|에는|에게|으로|까지|부터|하고|입니다)"
)
#: Letters that people also write otherwise, and `unicode61` keeps apart. Arabic and Hindi as Lucene's
#: ArabicNormalizer, PersianNormalizer and HindiNormalizer have it.
LETTERS = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ǽ": "ae", "Ǽ": "ae", "ß": "ss", "ẞ": "ss", "ø": "o",
    "Ø": "o",
    "ǿ": "o", "Ǿ": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ı": "i", "ё": "е", "Ё": "е",
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ँ": "ं",
    "ہ": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه",
    "\u09ce": "\u09a4\u09cd",
    "\u0d7a": "\u0d23\u0d4d", "\u0d7b": "\u0d28\u0d4d", "\u0d7c": "\u0d30\u0d4d",
    "\u0d7d": "\u0d32\u0d4d", "\u0d7e": "\u0d33\u0d4d",
    "\u05f0": "\u05d5\u05d5", "\u05f1": "\u05d5\u05d9", "\u05f2": "\u05d9\u05d9",
}  # fmt: skip
#: A nasal of Devanagari before a consonant, which is also written as a point: हिन्दी is हिंदी.
NASAL = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])")
#: Where the digits of other scripts begin; ten each follow one another.
DIGITS = (
    *(0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66),
    *(0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810),
)
#: Greek, whose accents `unicode61` keeps.
GREEK = (range(0x0370, 0x0400), range(0x1F00, 0x2000))
_UNITS = (
    "[mcdkn]m|[cdkm]?m[23]|[\u03bc\u039c]m|[km\u03bc\u039c]g|[mc]l|[km][vw]h?|mah?|[km]?[\u03a9\u03c9]|[kmg]?hz|[kmgt]b|ms|min|"
    "bar|[km]pa|px|dpi"
)
#: What is written plainer: a sign that such a text has, what it is, and what it becomes.
PLAINER = tuple(
    (sign, re.compile(way), plain)
    for sign, way, plain in (
        # Of a version, so that v2.10.1 is found as 2.10.1.
        (".", f"{START}([Vv])(?=[0-9]{{1,9}}\\.[0-9])", r"\1 "),
        # C++, C#, F#: signs that tell names apart become a word.
        ("+", f"{START}([A-Za-z]{{1,12}})\\+\\+(?!{LETTER}|[+#])", r"\1 \1plusplus "),
        ("#", f"{START}([A-Za-z]{{1,12}})#(?!{LETTER}|[+#])", r"\1 \1sharp "),
        # Between numbers x is a sign: M8x20 is M8×20, and so is M8 x 20.
        ("", "(?<=[0-9]) ?[xX\u00d7] ?(?=[0-9])", "\u00d7"),
        # A number and what it counts, so that 5,5mm is found as 5,5 mm.
        ("", f"{START}([0-9]{{1,9}})((?ai:{_UNITS})){END}", r"\1 \2"),
        # Vulgar fractions: 1/2, 3 1/2.
        ("/", "(?:(?<=[0-9]) )?(?<![0-9/.])1/2(?![0-9/])", "½"),
        ("/", "(?:(?<=[0-9]) )?(?<![0-9/.])1/4(?![0-9/])", "¼"),
        ("/", "(?:(?<=[0-9]) )?(?<![0-9/.])3/4(?![0-9/])", "¾"),
    )
)


def spaced(text: str) -> str:
    """Return a text in NFKC, without marks that come and go, words apart by spaces where the script has none.

    A run of such letters becomes overlapping cuts: 停止棋钟 is 停止 止棋 棋钟.
    Accents are kept, for stemmers.
    """
    found = whole(text)
    if not found.isascii():
        # First, since 5kg stands alone in 5kgの荷物 only once its neighbours are cut off.
        for run, size in CUTS:
            found = run.sub(partial(_cut, size), found)
    for sign, way, plain in PLAINER:
        found = way.sub(plain, found) if sign in found else found
    return "\n".join([found, *joined(found, LETTERED)])


def fold(text: str) -> str:
    """Return what `spaced` gave with letters as people also write them: œ is oe, ß is ss, ё is е, ٣ is 3."""
    return text if text.isascii() else NASAL.sub("\u0902", text.translate(_TABLE))


def folded(text: str) -> str:
    """Return a text as it goes into the index, and a question as it is looked up there."""
    return fold(spaced(text))


def whole(text: str) -> str:
    """Return what `spaced` makes of a text before it cuts runs and sets words apart."""
    return text if text.isascii() else _composed(text)


def beside(run: str) -> list[str]:
    """Return the words that are cut out beside, of a run of a script without spaces: 水 of 水を."""
    noun = PARTICLE.fullmatch(run)
    return [*LONE.findall(run), *([noun[1]] if noun else [])] if len(run) > 1 else []


def _composed(text: str) -> str:
    seen = RAISED.sub(" ", BROKEN.sub("", UNSEEN.sub("", text)))
    seen = APART.sub(r" \g<0> ", seen)
    plain = WHOLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), seen)
    return SIGNS.sub(" ", MARKS.sub("", plain)).translate(_DIGITS)


def _cut(size: int, match: re.Match[str]) -> str:
    run = match[0]
    cuts = [run[at : at + size] for at in range(max(len(run) - size, 0) + 1)]
    # The last letters too, so that every letter of a run begins a word.
    last = [run[1 - size :]] if len(run) >= size else []
    return f" {' '.join([*cuts, *beside(run), *last])} "


def _bare(code: int) -> str:
    return MARKS.sub("", unicodedata.normalize("NFD", chr(code)))


_TABLE = str.maketrans(
    {
        **{chr(code): _bare(code) for codes in GREEK for code in codes},
        **LETTERS,
    }
)
_DIGITS = {start + digit: str(digit) for start in DIGITS for digit in range(10)} | {0x2044: "/"}
