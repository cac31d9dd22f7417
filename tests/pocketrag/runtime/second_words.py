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
PARTICLES = {*"은는이가을를의에도로와과만", "에서", "에는", "에게", "으로", "까지", "부터", "하고", "입니다"}
UNITS = ("mm", "cm", "km", "kg", "gb", "mb", "ml", "min", "m2", "m3", "cm2", "cm3", "kω", "ω")
RAISED = set("⁰¹²³⁴⁵⁶⁷⁸⁹")
FRACTIONS = {"1/2": "½", "1/4": "¼", "3/4": "¾"}
#: A name in one piece, and how it is written in several.
JOINED = (
    r"(?<!\w)\d{1,3}(?:[ .,'’]\d{3})+(?!\w)",
    r"(?<![^\W_])[A-Za-z0-9]+(?:[-_/‐–—−][A-Za-z0-9]+)+(?![^\W_])",
)


def name(letter):
    return unicodedata.name(letter, "")


def plain(text):
    """One spelling of each letter; what is no letter, digit or mark is left as it is."""
    text = "".join(f" {c} " if c in "№™①" else c for c in text if unicodedata.category(c) != "Cf")
    text = "".join(map(_letter, _composed(_unraised(text))))
    text = re.sub(r"\b([Vv])(\d+\.\d)", r"\1 \2", text)
    text = re.sub(
        r"\b([A-Za-z]+)(\+\+|#)(?![\w+#])",
        lambda m: f"{m[1]} {m[1]}{'sharp' if m[2] == '#' else 'plusplus'} ",
        text,
    )
    text = re.sub(r"(\d) ?[xX×] ?(?=\d)", r"\1×", text)
    text = re.sub(rf"\b(\d+)({'|'.join(UNITS)})\b", r"\1 \2", _spread(text), flags=re.IGNORECASE)
    for written, sign in FRACTIONS.items():
        text = re.sub(rf"(?:(?<=\d) )?(?<![\d/.]){written}(?![\d/])", sign, text)
    return text


def words(text):
    """Runs of letters, digits and their marks in lower case; scripts without spaces in overlapping cuts. Then what is joined."""
    text = plain(text)
    return _words(text) + [name.lower() for name in _joined(text, r"(?<!\w)\d{1,4} [A-Za-z](?!\w)")]


def asked(text):
    """Phrases as (words, whether the last one only begins so): names, neighbouring numbers, short words."""
    text = plain(text)
    names = _names(text)
    found = [*names, *_joined(text, r"(?<!\w)[A-Za-z]{1,4} \d+[A-Za-z]?(?!\w)")]
    between = r"(?:[^\W\d]|[ .,;()'’§\[\]-]){1,20}?|[ \u0e00-\u0eff\u3005-\ud7ff]{1,60}?"
    pairs = re.findall(rf"(?<!\w)(?=(\d+[A-Za-z]?(?!\w)(?:{between})(?<!\w)\d+[A-Za-z]?)(?!\w))", text)
    found += [pair for pair in pairs if not any(pair in name for name in names)]
    phrases = [(tuple(_words(one)), False) for one in dict.fromkeys(found)]
    return list(dict.fromkeys([*phrases, *_beside_numbers(text), *_short(text)]))


def _words(text):
    found = []
    for script, run in groupby(text, key=_script):
        letters = "".join(run)
        if script in CUTS.values():
            found += _cut(letters, script)
        elif script:
            found.append(letters.lower())
    return found


def _joined(text, more):
    written = [name for way in (*JOINED, more) for name in re.findall(way, text)]
    written += [name for name in _numbers(text) if "." not in name]
    found = dict.fromkeys("".join(c for c in name if c.isascii() and c.isalnum()) for name in written)
    return [n for n in found if any(map(str.isdigit, n)) and (not n.isdigit() or len(n) > 3)]


def _names(text):
    """Signs and no space between words, or numbers with a space or brackets."""
    found = []
    for piece in _apart(text).split():
        parts = [("".join(run), is_sign) for is_sign, run in groupby(piece, key=SIGNS.__contains__)]
        parts = parts[parts[0][1] :][: -1 if parts[-1][1] else None]
        hyphens = {signs for signs, is_sign in parts if is_sign} <= set("-‐–—−")
        digits = [part for part, _ in parts if any(map(str.isdecimal, part))]
        ordinary = hyphens and (not digits or (len(piece) == 3 and len(digits) == 2))
        if not ordinary and len(parts) > 1 and all(len(signs) <= 3 for signs, is_sign in parts if is_sign):
            found.append("".join(part for part, _ in parts))
    return list(dict.fromkeys(found + _numbers(text)))


def _numbers(text):
    found = re.findall(
        r"(?<!\w)(?:[A-Z]{1,4} (?=\d))?[A-Z]{0,4}\d+[A-Za-z]?"
        r"(?:(?:[-./]|\)? ?\(|\)? )(?:[A-Z]{0,4}\d+[A-Za-z]?|(?<=\()[a-z]{1,4}(?=\))))*(?!\w)",
        text,
    )
    return [number for number in found if set(number) & set(" ()")]


def _beside_numbers(text):
    """A number with the last letters of a cut script before it, and the first ones behind it."""
    found = []
    text = re.sub(r" +", " ", text)
    for match in re.finditer(r"(?<![\w.,])\d+(?![\w.,])", text):
        before, after = text[: match.start()].removesuffix(" "), text[match.end() :].removeprefix(" ")
        left, right = _edge(before[::-1])[::-1], _edge(after)
        if left or right:
            found.append(((*filter(None, (left, match[0], right)),), bool(right)))
    return found


def _edge(text):
    size = int(_script(text[0])) if text else 0
    run = "".join(c for c in text[: size - 1] if _script(c) == _script(text[0])) if size > 1 else ""
    return run


def _short(text):
    found, at = [], 0
    for script, run in groupby(text, key=_script):
        letters = "".join(run)
        around = text[max(at - 2, 0) : at].strip()[-1:] + text[at + len(letters) :][:2].strip()[:1]
        at += len(letters)
        if script in CUTS.values() and len(letters) < script:
            found += [] if any(map(str.isdecimal, around)) else [letters]
        elif script in CUTS.values():
            found += _beside(letters)
    return [((word,), True) for word in found]


def _composed(text):
    return "".join(c if c in FRACTIONS.values() else unicodedata.normalize("NFKC", c) for c in text)


def _unraised(text):
    """A space where a raised digit meets a number or a word of three letters, or a word it."""
    found = ""
    for c in text:
        before = found[-3:]
        raised = c in RAISED and (
            before[-1:].isdecimal() or (len(before) == 3 and before.isalpha() and before.isascii())
        )
        found += " " * (raised or (before[-1:] in RAISED and c.isalpha())) + c
    return found


def _spread(text):
    """A space at both ends of every run of a script that is cut."""
    runs = ((script, "".join(run)) for script, run in groupby(text, key=_script))
    return "".join(f" {run} " if script in CUTS.values() else run for script, run in runs)


def _apart(text):
    """Everything that no name has in it becomes a space."""
    return "".join(c if c in SIGNS or _script(c) else " " for c in text)


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
    return [*found, *_beside(run), *([run[1 - size :]] if len(run) >= size else [])]


def _beside(run):
    """Ideographs alone, but for the last letter, and nouns of one syllable."""
    han = [name(c).startswith("CJK") for c in run]
    alone = [
        n for n in range(len(run) - 1) if han[n] and not any(han[max(n - 1, 0) : n] + han[n + 1 : n + 2])
    ]
    noun = run[1:] in PARTICLES and name(run[0]).startswith("HANGUL")
    return [run[n] for n in alone] + [run[0]] * noun


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
