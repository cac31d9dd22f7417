"""EPUB -> sections: the XHTML files of the book, in the order in which it is read.

Layout: https://www.w3.org/TR/epub-33. The known library for it (EbookLib) is under the AGPL.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ..charset import decode
from .document import Document, Section
from .from_html import document_of
from .html.xhtml import as_html
from .package import Locked, clean_title, parsed

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
ENC = "{http://www.w3.org/2001/04/xmlenc#}"
TEXT = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


@dataclass(frozen=True)
class Book:
    """What a book's package file says."""

    title: str
    chapters: list[str]
    """Names in the archive."""


def epub(data: bytes) -> Document:
    """Read an EPUB; its table of contents is left out.

    Raises:
        Locked: a chapter is encrypted.

    """
    found = list[Section]()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _book(archive)
        if _encrypted(archive) & set(book.chapters):
            raise Locked
        for name in book.chapters:
            page = as_html(decode(archive.read(name), name, markup=True))
            found += document_of(page, site=False).sections
    return Document(book.title, tuple(found))


def _book(archive: zipfile.ZipFile) -> Book:
    file = next(parsed(archive.read(CONTAINER)).iter("{*}rootfile")).get("full-path")
    package, names = parsed(archive.read(file)), set(archive.namelist())
    items = {item.get("id"): item for item in package.iter(f"{OPF}item")}
    spine = [items.get(ref.get("idref")) for ref in package.iter(f"{OPF}itemref")]
    chapters = [_name(file, item.get("href")) for item in spine if item is not None and _is_text(item)]
    if missing := [name for name in chapters if name not in names]:
        raise ValueError(f"{missing[0]} is missing")
    return Book(clean_title(next((t.text for t in package.iter(f"{DC}title") if t.text), "")), chapters)


def _is_text(item: Any) -> bool:  # noqa: ANN401 - lxml has no types
    return item.get("media-type") in TEXT and "nav" not in (item.get("properties") or "").split()


def _name(file: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(href.partition("#")[0])))


def _encrypted(archive: zipfile.ZipFile) -> set[str]:
    # Fonts are often made unreadable, which harms no text.
    if ENCRYPTION not in archive.namelist():
        return set()
    found = parsed(archive.read(ENCRYPTION)).iter(f"{ENC}CipherReference")
    return {unquote(reference.get("URI") or "") for reference in found}
