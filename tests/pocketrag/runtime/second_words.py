"""How full text sees a text, written once more from docs/languages.md: letter by letter, by the names that Unicode gives them."""

import re
import unicodedata
from itertools import groupby

#: Beginnings of names -> how many letters a cut has.
CUTS = {
    "CJK UNIFIED": 2,
    "CJK COMPATIBILITY": 2,
    "HIRAGANA": 2,
    "KATAKANA": 2,
    "HANGUL": 2,
    "THAI": 3,
    "LAO": 3,
    "KHMER": 3,
    "MYANMAR": 3,
}
SPELLED = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ё": "е", "ς": "σ"}
ARABIC = {
    "ALEF WITH": "ا",
    "ALEF WASLA": "ا",
    "ALEF MAKSURA": "ي",
    "FARSI YEH": "ي",
    "TEH MARBUTA": "ه",
    "KEHEH": "ك",
}
SIGNS = set("-_./\\:,+*~^|@#%&=·×‐–—−⁄٫٬")
PARTICLES = set("은는이가을를의에도로와과만")
UNITS = ("mm", "cm", "km", "kg", "gb", "mb", "ml", "min")  # fmt: skip


def name(letter):
    return unicodedata.name(letter, "")


def plain(text):
    """One spelling of each letter; what is no letter, digit or mark is left as it is."""
    text = "".join(f" {c} " if c in "№™①" else c for c in text if unicodedata.category(c) != "Cf")
    text = re.sub(r"\b([Vv])(\d+\.\d)", r"\1 \2", "".join(map(_letter, unicodedata.normalize("NFKC", text))))
    text = re.sub(
        r"\b([A-Za-z]+)(\+\+|#)(?![\w+#])",
        lambda m: f"{m[1]} {m[1]}{'sharp' if m[2] == '#' else 'plusplus'} ",
        text,
    )
    return re.sub(rf"\b(\d+)({'|'.join(UNITS)})\b", r"\1 \2", text, flags=re.IGNORECASE)


def words(text):
    """Runs of letters, digits and their marks in lower case; scripts without spaces in overlapping cuts."""
    found = []
    for script, run in groupby(plain(text), key=_script):
        letters = "".join(run)
        if script in CUTS.values():
            found += _cut(letters, script)
        elif script:
            found.append(letters.lower())
    return found


def names(text):
    """The words of each name of several parts: signs and no space between them, or numbers with a space or brackets."""
    found = []
    for piece in _apart(plain(text)).split():
        parts = [("".join(run), is_sign) for is_sign, run in groupby(piece, key=SIGNS.__contains__)]
        parts = parts[parts[0][1] :][: -1 if parts[-1][1] else None]
        hyphens = {signs for signs, is_sign in parts if is_sign} <= set("-‐–—−")
        digits = [part for part, _ in parts if any(map(str.isdecimal, part))]
        ordinary = hyphens and (not digits or (len(piece) == 3 and len(digits) == 2))
        if not ordinary and len(parts) > 1 and all(len(signs) <= 3 for signs, is_sign in parts if is_sign):
            found.append("".join(part for part, _ in parts))
    numbers = re.findall(
        r"(?<!\w)\d+[A-Za-z]?(?:(?:[-./]|\)? ?\(|\)? )(?:\d+[A-Za-z]?|(?<=\()[a-z]{1,4}(?=\))))+(?!\w)",
        plain(text),
    )
    found += [number for number in numbers if set(number) & set(" ()")]
    return [tuple(words(one)) for one in dict.fromkeys(found)]


def _apart(text):
    """Everything that no name has in it becomes a space, and so do the ends of a script that is cut."""
    found = [
        " ".join(["", "".join(run), ""]) if script in CUTS.values() else "".join(run)
        for script, run in groupby(text, key=_script)
    ]
    return "".join(c if c in SIGNS or _script(c) else " " for c in "".join(found))


def _script(letter):
    """The size of its cuts, 1 for other letters, 0 for what is none."""
    if unicodedata.category(letter)[0] not in "LN" and unicodedata.category(letter) not in ("Mn", "Mc"):
        return 0
    if name(letter).startswith(("THAI DIGIT", "KATAKANA MIDDLE")):
        return 1
    # Hangul and Han have cuts of one size, but not of one run: a fraction tells them apart.
    size = next((size for start, size in CUTS.items() if name(letter).startswith(start)), 1)
    return 2.0 if size == 2 else size


def _cut(run, size):
    size = int(size)
    found = [run[at : at + size] for at in range(max(len(run) - size, 0) + 1)]
    if len(run) > 1:
        han = [name(c).startswith("CJK") for c in run]
        found += [
            c for n, c in enumerate(run) if han[n] and not any(han[max(n - 1, 0) : n] + han[n + 1 : n + 2])
        ]
    if len(run) == 2 and run[1] in PARTICLES and name(run[0]).startswith("HANGUL"):
        found.append(run[0])
    return found


def _letter(letter):
    kind, called = unicodedata.category(letter), name(letter)
    if kind == "Mn" and (
        called.startswith(("COMBINING", "ARABIC", "HEBREW", "VARIATION")) or called == "DEVANAGARI SIGN NUKTA"
    ):
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    if kind in ("So", "Sc") or "MODIFIER LETTER APOSTROPHE" in called:
        return " "
    if called.startswith(("LATIN", "GREEK")):
        letter = "".join(c for c in unicodedata.normalize("NFD", letter) if unicodedata.category(c) != "Mn")
    if called.startswith("ARABIC"):
        return next(
            (to for part, to in ARABIC.items() if part in called), "" if "TATWEEL" in called else letter
        )
    return "".join(SPELLED.get(c, c) if c.islower() else (SPELLED.get(c.lower(), c)) for c in letter).replace(
        "ँ", "ं"
    )
