"""Bytes -> text, in the charset that a browser would read them in.

Labels and what they mean are https://encoding.spec.whatwg.org: a declared ISO-8859-1 is windows-1252.
"""

from __future__ import annotations

import codecs
import re

from pocketrag.errors import InputError

#: Byte order mark -> charset.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Bytes that are looked at for UTF-16 without a mark: in most texts, every second byte of the markup is 0.
SAMPLE = 1 << 12
FEWEST = 8
#: Escape sequences of ISO 2022, and the charset that announces its letters by them in bytes that look like
#: ASCII. Others that do so (ISO-2022-CN) Python can't read.
ESCAPES = (
    ((b"\x1b$B", b"\x1b$@", b"\x1b$(D", b"\x1b(I"), "iso2022_jp_ext"),
    ((b"\x1b$)C",), "iso2022_kr"),
)
#: What browsers know as a label and read in another way.
TAKEN_FOR = {"x-user-defined": "cp1252"}
#: Labels that stand for no charset: browsers show such pages as one unreadable sign.
NONE = ("replacement",)
#: Where HTML and XML declare a charset; browsers look at the first 1024 bytes.
DECLARED = re.compile(
    rb"""<(?:\?xml|meta)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
HEAD = 1024
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
#: For bytes in no charset that shows itself.
ADVICE = (
    "save the file as UTF-8, or name the charset of all files that are not, by --encoding and its label: "
    "Western European mostly windows-1252, Central European windows-1250, "
    "Cyrillic windows-1251, Greek windows-1253, "
    "Japanese shift_jis, Chinese gbk; UTF-16 without a byte order mark, as Windows calls Unicode, "
    "utf-16le or utf-16be; the right one is that in which an editor shows the letters right"
)


def decode(data: bytes, where: str, markup: bool = False) -> str:
    r"""Return bytes as text, without byte order mark, its lines ended by "\n".

    Raises:
        InputError: the bytes are in no known charset, or hold a NUL; the message names the byte.

    """
    try:
        text = text_of(data, markup)
    except UnicodeDecodeError as error:
        name = error.encoding.upper().replace("_", "-")
        raise InputError(f"{where}: not {name} (byte {error.start + 1}); {ADVICE}.") from None
    if (nul := text.find("\0")) >= 0:
        byte = len(text[:nul].encode()) + 1
        raise InputError(f"{where}: byte {byte} is a NUL, so this is no text in UTF-8; {ADVICE}.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(data: bytes, markup: bool = False, otherwise: str | None = None) -> str:
    """Return bytes as text, without byte order mark; lines end as they do.

    A byte order mark decides, else UTF-16 where its zeros show, else ISO-2022 where its escape sequences
    stand, else UTF-8 where the bytes are UTF-8, else
    what `markup` declares about itself, else the charset labelled `otherwise`. Nothing is guessed from the
    letters: a wrong guess is silent.

    Raises:
        UnicodeDecodeError: the bytes are in none of these.

    """
    for mark, charset in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset)
    if (shown := _wide(data) or _said_wide(data, otherwise) or _escaped(data)) is not None:
        return data.decode(shown)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        for label in (_declared(data) if markup else None, otherwise):
            if label and (name := charset_of(label)) is not None:
                return _decoded(data, name, label)
        raise


def recoded(data: bytes, markup: bool, otherwise: str | None) -> bytes:
    """Return the bytes in UTF-8, or as they are where they are in no charset that can be told."""
    try:
        return text_of(data, markup, otherwise).encode()
    except UnicodeDecodeError:
        return data


def _decoded(data: bytes, name: str, label: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        error.encoding = label  # Python's is "charmap" for most
        raise


def charset_of(label: str) -> str | None:
    """Return Python's name of the charset that browsers know by this label, None where they know none.

    UTF-8 and UTF-16 are none either: bytes in them were recognised before. The standard says the same of
    UTF-16: bytes in which a declaration can be read as ASCII are not in it.
    """
    import webencodings  # here, so that UTF-8 can be imported without the extra [ingest]

    found = webencodings.lookup(label)
    if found is None or found.name in NONE or found.name.startswith(("utf-16", "utf-8")):
        return None
    return TAKEN_FOR.get(found.name) or str(found.codec_info.name)


def wide_of(label: str) -> str | None:
    """Return the UTF-16 that a label names, None where it names another charset."""
    import webencodings

    found = webencodings.lookup(label)
    return str(found.codec_info.name) if found is not None and found.name.startswith("utf-16") else None


def check_label(label: str | None) -> None:
    """Refuse a charset that does not exist.

    Raises:
        InputError: names the option.

    """
    if label is not None and charset_of(label) is None and wide_of(label) is None:
        raise InputError(
            f"--encoding {label}: no such charset, or one that needs no naming; give a label such as "
            "windows-1252, macintosh or shift_jis (https://encoding.spec.whatwg.org)."
        )


def _said_wide(data: bytes, otherwise: str | None) -> str | None:
    """Return the UTF-16 that the option names, where the bytes are not UTF-8."""
    wide = wide_of(otherwise) if otherwise and not len(data) % 2 else None
    try:
        # A line end or a space in UTF-16 has a byte 0, which no text in UTF-8 has.
        return wide if wide is None or "\0" in data.decode("utf-8") else None
    except UnicodeDecodeError:
        return wide


def _wide(data: bytes) -> str | None:
    """Return the UTF-16 that the first bytes show: a third of one side is 0, nothing of the other."""
    even, odd = data[0:SAMPLE:2], data[1:SAMPLE:2]
    if len(data) % 2 or len(data) < FEWEST:
        return None
    for charset, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) * 3 >= len(zeros) and not letters.count(0):
            return charset
    return None


def _escaped(data: bytes) -> str | None:
    if not data.isascii():
        return None
    return next((charset for marks, charset in ESCAPES if any(mark in data for mark in marks)), None)


def _declared(data: bytes) -> str | None:
    match = DECLARED.search(COMMENT.sub(b"", data[:HEAD]))
    return match[1].decode("ascii", "replace") if match else None
