"""PDF -> a section a page: the text that the file itself holds; nothing is recognised from images."""

from __future__ import annotations

import re
from typing import Any

from pypdfium2 import PdfDocument, PdfiumError

from pocketrag.errors import InputError
from pocketrag.formats.data.text_checks import UNFIT

from .document import Document, Section, Skip, readable, unwrap
from .package import clean_title
from .running_lines import Line, Page, without_running_lines

#: A word cut at a line's end: PDFium joins the halves by U+0002, a text may hold hyphen and line end.
CUT = re.compile(r"([^\W\d_]+)(?:[\x02\ufffe]|[-\u2010][ \t]*\n[ \t]*)([^\W\d_]+)")
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
#: Dots between an entry of the contents and its page, or an article and its price. What follows them stays.
LEADER = re.compile(r"[ \t]*(?:(?:[.·•_][ \t]?){5,}|(?:…[ \t]?){2,})[ \t]*")
#: PDFium's error codes for a missing password and an unknown encryption (fpdfview.h, FPDF_ERR_*).
LOCKED = (4, 5)


def read_pdf(data: bytes, where: str) -> Document:
    """Read a PDF's pages; those without text are named in `blank`.

    Raises:
        InputError: it is broken.
        Skip: it is empty or encrypted, or no page holds text.

    """
    if not data:
        raise Skip("an empty file")
    try:
        title, pages = _pages(data)
    except (PdfiumError, ValueError) as error:
        if getattr(error, "err_code", None) in LOCKED:
            raise Skip("encrypted; save it without a password") from None
        raise InputError(
            f"{where}: not a readable PDF ({error}); export it again, or move it away."
        ) from None
    if not any(text.strip() for text in pages):
        raise Skip("no page holds text: it is scanned; run it through text recognition (OCR) first")
    found = tuple(Section((), text, number) for number, text in enumerate(joined(pages), 1) if text.strip())
    blank = tuple(number for number, text in enumerate(pages, 1) if not text.strip())
    return Document(title, found, markdown=False, blank=blank)


def joined(pages: list[str]) -> list[str]:
    """Join words that a line's end cut, and take out the dots of leaders.

    The hyphen stays where the file writes the compound elsewhere, or its second half as a word of its own
    and never the whole in one piece: "well-" and "known" with "known" elsewhere. Else it goes: "exam-" and
    "ple" become "example", since far more words than compounds are cut at a line's end.
    """
    pages = [page.replace("\u00ad", "") for page in pages]  # soft hyphens: only ever a place to cut
    known = {word.casefold() for page in pages for word in WORD.findall(CUT.sub(" ", page))}

    def join(match: re.Match[str]) -> str:
        whole, compound = match[1] + match[2], f"{match[1]}-{match[2]}"
        kept = compound.casefold() in known or match[2].casefold() in known
        return whole if whole.casefold() in known or not kept else compound

    return [_tidy(CUT.sub(join, page)) for page in pages]


def _tidy(page: str) -> str:
    # What PDFium marks as a cut between anything but letters is a hyphen: a range of numbers, a code.
    lines = (LEADER.sub(" ", line).strip() for line in re.sub("[\x02\ufffe]", "-", page).split("\n"))
    return unwrap(readable("\n".join(lines)))


def _pages(data: bytes) -> tuple[str, list[str]]:
    # Without a password: many files only forbid printing or copying, and open for everyone.
    document = PdfDocument(data)
    try:
        if not len(document):
            raise ValueError("it has no pages")
        title = clean_title(document.get_metadata_dict().get("Title"))
        pages = [_page(document[number]) for number in range(len(document))]
    finally:
        document.close()
    return title, without_running_lines(pages)


def _page(page: Any) -> Page:  # noqa: ANN401 - pypdfium2 has no types
    textpage = page.get_textpage()
    text, start, lines = textpage.get_text_range(), 0, []
    count = textpage.count_chars()
    for line in text.split("\r\n"):
        first, last = start, start + len(line.rstrip()) - 1
        y, end = (textpage.get_charbox(n)[1] if 0 <= n < count and line else 0.0 for n in (first, last))
        lines.append(Line(UNFIT.sub("\ufffd", line), y, end))
        start += len(line) + 2  # PDFium counts the line end, which it made itself, as two characters
    textpage.close()
    page.close()
    return lines
