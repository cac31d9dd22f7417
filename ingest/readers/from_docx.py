"""DOCX -> sections, through mammoth, which writes HTML."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from .document import Document
from .from_html import document_of
from .package import parsed

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
#: Where text stands.
PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
#: Beside mammoth's own, which know the headings.
STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Caption'] => p:fresh
"""
#: The document's own name, above its headings and not one of them.
NAMED = re.compile(r'\s*<h1 class="title">.*?</h1>', re.DOTALL)
OFF = ("0", "false", "off")


def docx(data: bytes) -> Document:
    """Read a DOCX file: no heads and feet of pages, no comments, nothing that is deleted or hidden."""
    import mammoth  # here: a folder without such files need not have it loaded

    result = mammoth.convert_to_html(io.BytesIO(_shown(data)), style_map=STYLES, convert_image=_described())
    title = NAMED.match(result.value)
    body = document_of(result.value[title.end() :] if title else result.value)
    return Document(document_of(title[0]).title if title else "", body.sections)


def _described() -> Any:  # noqa: ANN401 - mammoth has no types
    import mammoth

    return mammoth.images.img_element(lambda image: {"src": ""})  # its description is added by mammoth


def _shown(data: bytes) -> bytes:
    """Return the file without its hidden text; formulas, which mammoth leaves out, become text."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name in PARTS and (b"vanish" in content or b"oMath" in content):
                content = _rewritten(content)
            new.writestr(name, content)
    return made.getvalue()


def _rewritten(content: bytes) -> bytes:
    from lxml import etree

    root = parsed(content)
    for run in list(root.iter(f"{WORD}r")):
        mark = run.find(f"{WORD}rPr/{WORD}vanish")
        if mark is not None and mark.get(f"{WORD}val", "1") not in OFF:
            run.getparent().remove(run)
    for formula in list(root.iter(f"{MATH}oMath")):
        words = "".join(text.text or "" for text in formula.iter(f"{MATH}t"))
        run = etree.Element(f"{WORD}r")
        text = etree.SubElement(run, f"{WORD}t")
        text.text, run.tail = words, formula.tail
        formula.getparent().replace(formula, run)
    for outer in list(root.iter(f"{MATH}oMathPara")):
        parent, at = outer.getparent(), outer.getparent().index(outer)
        parent[at : at + 1] = list(outer.iter(f"{WORD}r"))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
