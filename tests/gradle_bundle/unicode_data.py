"""The Unicode tables of the Kotlin word-piece tokenizer, asked out of the `tokenizers` library: `python -m tests.gradle_bundle.unicode_data`.

Java, each Android's ICU, and the crates inside `tokenizers` know different Unicode versions (its lower case is Unicode 17's, its
categories are Unicode 8's). So the runtime asks none of the platform, and brings what the library answers for each code point.
"""

import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenizers import Regex, normalizers, pre_tokenizers

from tests.gradle_bundle import grapheme_data
from tests.gradle_bundle.toolchain import RUNTIME

FILE = RUNTIME / "dev" / "pocketrag" / "runtime" / "text" / "UnicodeData.kt"
#: No NUL, which is not text, and no surrogates, which are not characters.
CODE_POINTS = [*range(1, 0xD800), *range(0xE000, 0x110000)]
HANGUL = range(0xAC00, 0xAC00 + 11172)
#: Python's combining classes; which marks have them, the library is asked, which knows an older Unicode.
CLASSES = sorted({unicodedata.combining(chr(c)) for c in CODE_POINTS} - {0})
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
WIDTH = 120
HEADER = """package dev.pocketrag.runtime.text

// Made by `python -m tests.gradle_bundle.unicode_data`, not by hand; a test makes it again and compares.
// All numbers have base 36. Ranges are pairs: distance from the end of the one before, length.
internal object UnicodeData {"""


def bert(**on: bool) -> Callable[[str], str]:
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **on}).normalize_str


def tables() -> dict[str, tuple[str, list[int]]]:
    """Return name -> (what it is, its numbers)."""
    clean, strip, chinese = bert(clean_text=True), bert(strip_accents=True), bert(handle_chinese_chars=True)
    nfd, lower, split = (
        normalizers.NFD().normalize_str,
        normalizers.Lowercase().normalize_str,
        pre_tokenizers.BertPreTokenizer(),
    )
    pieces = {c: len(split.pre_tokenize_str(f"a{chr(c)}b")) for c in CODE_POINTS}
    apart = {c: nfd(chr(c)) for c in CODE_POINTS if nfd(chr(c)) != chr(c) and c not in HANGUL}
    small = {c: lower(chr(c)) for c in CODE_POINTS if lower(chr(c)) != chr(c)}
    assert {c for c, text in small.items() if len(text) > 1} == {
        0x130
    }  # the runtime has it as a rule of its own
    alone = [c for c in CODE_POINTS if c not in apart and c not in HANGUL]
    compose = normalizers.NFC().normalize_str
    clusters = grapheme_data.classes(CODE_POINTS)
    return {
        "OTHER": ("what cleaning drops (but NUL)", ranges(c for c in CODE_POINTS if not clean(chr(c)))),
        "SPACE": ("what ends a word", ranges(c for c in CODE_POINTS if pieces[c] == 2)),
        "PUNCTUATION": ("what is a word of its own", ranges(c for c in CODE_POINTS if pieces[c] == 3)),
        "CHINESE": (
            "what gets spaces around it",
            ranges(c for c in CODE_POINTS if chinese(chr(c)) != chr(c)),
        ),
        "MARK": ("what stripping accents drops", ranges(c for c in alone if not strip(chr(c)))),
        "COMBINING": ("combining classes: ranges as above, then the class", combining(alone, nfd)),
        "LOWER": (
            "lower case: distance, count, step, distance to the small letter (and 0 up, 1 down)",
            lower_runs(small),
        ),
        "APART": ("decompositions: distance, how many, the code points", decompositions(apart)),
        "EXCLUDED": (
            "what comes apart and is not put together again",
            ranges(c for c in apart if compose(chr(c)) != chr(c)),
        ),
        "LETTER": (r"`\p{L}` of the patterns that cut a text", ranges(matching(r"\p{L}"))),
        "NUMBER": (r"`\p{N}` likewise", ranges(matching(r"\p{N}"))),
        **{name: (f"clusters: {what}", ranges(found)) for name, (what, found) in clusters.items()},
    }


def matching(pattern: str) -> list[int]:
    """Return the code points that a pattern of the library's regular expressions matches."""
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    return [c for c in CODE_POINTS if len(split.pre_tokenize_str(f"\x01{chr(c)}")) == 2]


def ranges(code_points: Iterable[int]) -> list[int]:
    numbers: list[int] = []
    end = 0
    for first, count in runs(code_points):
        numbers += [first - end, count]
        end = first + count
    return numbers


def runs(code_points: Iterable[int]) -> list[tuple[int, int]]:
    """Return (first, how many) of each run of neighbours."""
    found: list[list[int]] = []
    for c in code_points:
        if found and c == sum(found[-1]):
            found[-1][1] += 1
        else:
            found.append([c, 1])
    return [(first, count) for first, count in found]


def combining(alone: list[int], nfd: Callable[[str], str]) -> list[int]:
    """A mark moves before one of a higher class: of the marks that it does not pass, the highest has its class."""
    lowest, highest = 0x334, 0x345
    moved = [c for c in alone if passes(c, highest, nfd) or passes(lowest, c, nfd)]
    marks = [
        (k, c)
        for k in reversed(CLASSES)
        for c in [next((c for c in moved if unicodedata.combining(chr(c)) == k), 0)]
        if c
    ]
    classes = {c: next(k for k, mark in marks if not passes(c, mark, nfd)) for c in moved}
    numbers: list[int] = []
    end = 0
    by_class = [
        (first, n, k) for k, _ in marks for first, n in runs(c for c, found in classes.items() if found == k)
    ]
    for first, count, k in sorted(by_class):
        numbers += [first - end, count, k]
        end = first + count
    return numbers


def passes(mark: int, other: int, nfd: Callable[[str], str]) -> bool:
    return nfd(chr(other) + chr(mark)) == chr(mark) + chr(other) and mark != other


def lower_runs(small: dict[int, str]) -> list[int]:
    """Runs of capitals that lie one or two apart and are as far from their small letters."""
    numbers: list[int] = []
    end = 0
    left = [c for c in small if len(small[c]) == 1]
    while left:
        first, by = left[0], ord(small[left[0]]) - left[0]
        found = {step: [first] for step in (1, 2)}
        for step, run in found.items():
            while (c := run[-1] + step) in small and len(small[c]) == 1 and ord(small[c]) - c == by:
                run.append(c)
        step = max(found, key=lambda step: len(found[step]))
        numbers += [first - end, len(found[step]), step, abs(by), int(by < 0)]
        end = first
        left = [c for c in left if c not in found[step]]
    return numbers


def decompositions(apart: dict[int, str]) -> list[int]:
    numbers: list[int] = []
    end = 0
    for c, text in apart.items():
        numbers += [c - end, len(text), *map(ord, text)]
        end = c
    return numbers


def base36(number: int) -> str:
    return (base36(number // 36) if number >= 36 else "") + DIGITS[number % 36]


def source() -> str:
    """Return the Kotlin file."""
    parts = [HEADER]
    for name, (what, numbers) in tables().items():
        words, lines = " ".join(map(base36, numbers)), []
        while words:
            cut = words.rfind(" ", 0, WIDTH) + 1 if len(words) > WIDTH else len(words)
            lines.append(f'        "{words[:cut]}"')
            words = words[cut:]
        parts.append(
            f"    /** {what[0].upper()}{what[1:]}. */\n    val {name}: String =\n" + " +\n".join(lines) + "\n"
        )
    return "\n".join(parts)[:-1] + "\n}\n"


if __name__ == "__main__":
    Path(FILE).write_text(source(), "utf-8")
