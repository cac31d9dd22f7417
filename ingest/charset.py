"""Bytes -> text, in the charset that a browser would read them in.

Labels and what they mean are https://encoding.spec.whatwg.org: a declared ISO-8859-1 is windows-1252.
"""

from __future__ import annotations

import codecs
import re

import webencodings

from pocketrag.errors import InputError

#: Byte order mark -> charset.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: Bytes that are looked at for UTF-16 without a mark: in most texts, every second byte of the markup is 0.
SAMPLE = 1 << 12
FEWEST = 8
#: Where HTML and XML declare a charset; browsers look at the first 1024 bytes.
DECLARED = re.compile(
    rb"""<(?:\?xml|meta)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
HEAD = 1024


def decode(data: bytes, where: str, markup: bool = False) -> str:
    r"""Return bytes as text, without byte order mark, its lines ended by "\n".

    Raises:
        InputError: the bytes are in no known charset, or hold a NUL; the message names the byte.

    """
    try:
        text = text_of(data, markup)
    except UnicodeDecodeError as error:
        name = error.encoding.upper().replace("_", "-")
        raise InputError(f"{where}: not {name} (byte {error.start + 1}); save the file as UTF-8.") from None
    if (nul := text.find("\0")) >= 0:
        byte = len(text[:nul].encode()) + 1
        raise InputError(f"{where}: byte {byte} is a NUL, so this is not text; save the file as UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(data: bytes, markup: bool = False) -> str:
    """Return bytes as text, without byte order mark; lines end as they do.

    A byte order mark decides, else UTF-16 where its zeros show, else UTF-8 where the bytes are UTF-8, else
    what `markup` declares about itself. Nothing is guessed from the letters: a wrong guess is silent.

    Raises:
        UnicodeDecodeError: the bytes are in none of these.

    """
    for mark, charset in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset)
    if (wide := _wide(data)) is not None:
        return data.decode(wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if markup and (declared := _declared(data)) is not None:
            return data.decode(declared)
        raise


def _wide(data: bytes) -> str | None:
    """Return the UTF-16 that the first bytes show: a third of one side is 0, nothing of the other."""
    even, odd = data[0:SAMPLE:2], data[1:SAMPLE:2]
    if len(data) % 2 or len(data) < FEWEST:
        return None
    for charset, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) * 3 >= len(zeros) and not letters.count(0):
            return charset
    return None


def _declared(data: bytes) -> str | None:
    match = DECLARED.search(data[:HEAD])
    found = webencodings.lookup(match[1].decode("ascii", "replace")) if match else None
    # The standard: bytes in which a declaration can be read as ASCII are not UTF-16, whatever it says.
    return None if found is None or found.name.startswith(("utf-16", "utf-8")) else found.codec_info.name
