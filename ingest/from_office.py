"""DOCX, PPTX, XLSX and EPUB -> sections, through markitdown's converters and the Markdown reader."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import UNFIT

from .document import Document, Section, Skip
from .from_markdown import read_markdown

#: Suffix -> converter of `markitdown.converters`.
CONVERTERS = {
    ".docx": "DocxConverter",
    ".pptx": "PptxConverter",
    ".xlsx": "XlsxConverter",
    ".epub": "EpubConverter",
}
#: How the converter marks where a slide begins.
SLIDE = re.compile(r"<!-- Slide number: (\d+) -->")


def read_office(data: bytes, where: str) -> Document:
    """Read an office file or a book; a slide's number is its page.

    Raises:
        InputError: it is broken or has another suffix than its format's.
        Skip: it is empty.

    """
    if not data:
        raise Skip("an empty file")
    suffix = "." + where.rpartition(".")[2].lower()
    try:
        markdown, title = _convert(data, suffix)
    except Exception as error:  # four libraries, each with errors of its own
        raise InputError(
            f"{where}: not a readable {suffix[1:].upper()} ({type(error).__name__}: {error}); save it again, "
            "or move it away."
        ) from None
    markdown = UNFIT.sub("\ufffd", markdown)
    document = _slides(markdown, where) if suffix == ".pptx" else read_markdown(markdown.encode(), where)
    return replace(document, title=title or document.title)


def _convert(data: bytes, suffix: str) -> tuple[str, str]:
    # Loaded here: it takes a second, which a folder without such files need not wait.
    from markitdown import StreamInfo, converters

    converter: Any = getattr(converters, CONVERTERS[suffix])()
    result = converter.convert(io.BytesIO(data), StreamInfo(extension=suffix))
    return result.markdown, " ".join((result.title or "").split())


def _slides(markdown: str, where: str) -> Document:
    _, *rest = SLIDE.split(markdown)
    found, title = list[Section](), ""
    for number, text in zip(rest[::2], rest[1::2], strict=True):
        slide = read_markdown(text.encode(), where)
        title = title or slide.title
        found += [replace(section, page=int(number)) for section in slide.sections]
    return Document(title, tuple(found))
