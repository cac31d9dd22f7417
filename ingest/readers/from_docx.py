"""DOCX -> sections, through mammoth, which writes HTML."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from .document import Document
from .from_html import document_of
from .html.html_lists import LABEL as ITEM
from .package import parsed
from .word.word_content import LABEL, rewritten
from .word.word_names import usual
from .word.word_styles import Styles

#: Where text stands; some programs number the names.
TEXTS = re.compile(r"word/(?:document|footnotes|endnotes)\d*\.xml")
STYLES, NUMBERING = (re.compile(rf"word/{name}\d*\.xml") for name in ("styles", "numbering"))
#: Beside mammoth's own, which know the headings.
STYLE_MAP = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Caption'] => p:fresh
p[style-name='caption'] => p:fresh
"""
#: The document's own name, above its headings and not one of them.
NAMED = re.compile(r'\s*<h1 class="title">.*?</h1>', re.DOTALL)
#: The number of a paragraph, as `rewritten` left it; at the beginning of a list's item, and elsewhere.
NUMBERED_ITEM = re.compile(rf"<li>((?:<[^>]*>)*){LABEL[0]}([^{LABEL[1]}]*){LABEL[1]}")
NUMBERED = re.compile(rf"{LABEL[0]}([^{LABEL[1]}]*){LABEL[1]}")


def docx(data: bytes) -> Document:
    """Read a DOCX file: no heads and feet of pages, no comments, nothing that is deleted or hidden."""
    import mammoth  # here: a folder without such files need not have it loaded

    result = mammoth.convert_to_html(
        io.BytesIO(_ready(data)), style_map=STYLE_MAP, convert_image=_described()
    )
    page = NUMBERED.sub(r"\1 ", NUMBERED_ITEM.sub(rf'<li {ITEM}="\2">\1', result.value))
    title = NAMED.match(page)
    body = document_of(page[title.end() :] if title else page)
    return Document(document_of(title[0]).title if title else "", body.sections)


def _described() -> Any:  # noqa: ANN401 - mammoth has no types
    import mammoth

    return mammoth.images.img_element(lambda image: {"src": ""})  # its description is added by mammoth


def _ready(data: bytes) -> bytes:
    """Return the file with its texts as mammoth reads them whole."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        styles, numbering = Styles(_root(old, STYLES)), _root(old, NUMBERING)
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, rewritten(content, styles, numbering) if TEXTS.fullmatch(name) else content)
    return made.getvalue()


def _root(archive: zipfile.ZipFile, name: re.Pattern[str]) -> Any:  # noqa: ANN401 - lxml has no types
    found = next(filter(name.fullmatch, archive.namelist()), None)
    return None if found is None else parsed(usual(archive.read(found)))
