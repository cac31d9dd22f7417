"""Numbers as lists count them: 3, c, iii, 三.

Kinds have the names of ECMA-376 (17.18.59); HTML's `type` and CSS' are rows of the same table.
"""

from __future__ import annotations

from collections.abc import Callable

ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
#: The most that Roman numbers can write, and Chinese ones with two signs for tens.
MOST_ROMAN, MOST_CHINESE = 3999, 99
CHINESE = "〇一二三四五六七八九十"
ALPHABET = 26


def counted(number: int, kind: str) -> str:
    """Return a number as a list of that kind writes it; a number that the kind can't write is a plain one."""
    return KINDS[kind](number) if kind in KINDS else str(number)


def roman(number: int) -> str:
    """Return a number in small Roman letters."""
    if not 0 < number <= MOST_ROMAN:
        return str(number)
    text = ""
    for value, letters in ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def letters(number: int) -> str:
    """Return a number as browsers count with letters: z is followed by aa, ab."""
    if number < 1:
        return str(number)
    text = ""
    while number:
        number, rest = divmod(number - 1, ALPHABET)
        text = chr(ord("a") + rest) + text
    return text


def repeated(number: int) -> str:
    """Return a number as Word counts with letters: z is followed by aa, bb."""
    return chr(ord("a") + (number - 1) % ALPHABET) * ((number - 1) // ALPHABET + 1) if number > 0 else ""


def chinese(number: int) -> str:
    """Return a number up to 99 in Chinese signs, as 二十一."""
    if not 0 <= number <= MOST_CHINESE:
        return str(number)
    tens, ones = divmod(number, 10)
    if not tens:
        return CHINESE[ones]
    return ("" if tens == 1 else CHINESE[tens]) + CHINESE[10] + (CHINESE[ones] if ones else "")


def ordinal(number: int) -> str:
    """Return an English ordinal: 1st, 12th."""
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


#: Kind of a list -> how it writes a number.
KINDS: dict[str, Callable[[int], str]] = {
    "lowerLetter": repeated,
    "upperLetter": lambda number: repeated(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "ordinal": ordinal,
    **dict.fromkeys(
        ("chineseCounting", "japaneseCounting", "taiwaneseCounting", "chineseCountingThousand"), chinese
    ),
    "none": lambda _: "",
    # HTML's.
    "a": letters,
    "A": lambda number: letters(number).upper(),
    "i": roman,
    "I": lambda number: roman(number).upper(),
}
