"""PDF -> a section a page: the text that the file itself holds; nothing is recognised from images."""

from __future__ import annotations

import io
import logging
import re

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError

from pocketrag.errors import InputError
from pocketrag.formats.beir import UNFIT

from .document import Document, Section, Skip, unwrap

#: A word cut at a line's end by a hyphen.
CUT = re.compile(r"([^\W\d_]+)[-\u2010][ \t]*\n[ \t]*([^\W\d_]+)")
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
#: Titles that a program left in the file, not its author.
LEFT_OVER = re.compile(r"^(?:microsoft \w+ - .*|untitled.*|.*\.\w{2,5})$", re.IGNORECASE)


def read_pdf(data: bytes, where: str) -> Document:
    """Read a PDF's pages; those without text are named in `blank`.

    Raises:
        InputError: it is broken.
        Skip: it is encrypted, or no page holds text.

    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every small fault that it mends
    try:
        title, pages = _pages(PdfReader(io.BytesIO(data)))
    except DependencyError:
        raise Skip("encrypted with AES, which takes one more package: pip install cryptography") from None
    except Skip:
        raise
    except Exception as error:  # a broken file raises a dozen kinds, KeyError and RecursionError among them
        raise InputError(
            f"{where}: not a readable PDF ({type(error).__name__}: {error}); export it "
            "again, or move it away."
        ) from None
    if not any(text.strip() for text in pages):
        raise Skip("no page holds text: it is scanned; run it through text recognition (OCR) first")
    found = tuple(Section((), text, number) for number, text in enumerate(joined(pages), 1) if text.strip())
    blank = tuple(number for number, text in enumerate(pages, 1) if not text.strip())
    return Document(title, found, markdown=False, blank=blank)


def joined(pages: list[str]) -> list[str]:
    """Join words that a line's end cut, where these pages also write them in one piece.

    Else hyphen and line end stay.

    "exam-" and "ple" become "example" if that stands elsewhere; "well-" and "known" stay: no rule tells a cut
    from a compound.
    """
    pages = [page.replace("\u00ad", "") for page in pages]  # soft hyphens: only ever a place to cut
    known = {word.casefold() for page in pages for word in WORD.findall(page)}

    def join(match: re.Match[str]) -> str:
        whole, compound = match[1] + match[2], f"{match[1]}-{match[2]}"
        return whole if whole.casefold() in known and compound.casefold() not in known else match[0]

    return [unwrap(CUT.sub(join, page)) for page in pages]


def _pages(reader: PdfReader) -> tuple[str, list[str]]:
    # Without a password: many files only forbid printing or copying, and open for everyone.
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise Skip("encrypted; save it without a password")
    if not reader.pages:
        raise ValueError("it has no pages")
    title = " ".join(str((reader.metadata and reader.metadata.title) or "").split())
    pages = [UNFIT.sub("\ufffd", page.extract_text()) for page in reader.pages]
    return "" if LEFT_OVER.match(title) else UNFIT.sub("\ufffd", title), pages
