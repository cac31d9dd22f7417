"""DOCX, PPTX, XLSX and EPUB -> sections: each is turned into HTML, which the reader of HTML takes.

The libraries are those that markitdown 0.1 stands on, used without it: of a small file of each kind it lost a
cell that reached into two rows, wrote NaN and `Unnamed: 0` into tables, and took hidden sheets and slides.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pocketrag.errors import InputError

from .document import Document, Skip
from .from_docx import docx
from .from_epub import epub
from .from_pptx import pptx
from .from_xlsx import xlsx
from .package import Locked, properties

#: Suffix -> what turns the file's bytes into a document.
CONVERTERS: dict[str, Callable[[bytes], Document]] = {
    ".docx": docx,
    ".pptx": pptx,
    ".xlsx": xlsx,
    ".epub": epub,
}
#: The first bytes of Microsoft's older container: a file with a password, or of Office 97 to 2003.
OLD = bytes.fromhex("d0cf11e0a1b11ae1")


def read_office(data: bytes, where: str) -> Document:
    """Read an office file or a book; a slide's number is its page, a sheet's name its first heading.

    Raises:
        InputError: it is broken, encrypted, or of another format than its suffix says.
        Skip: it is empty.

    """
    if not data:
        raise Skip("an empty file")
    suffix = Path(where).suffix.lower()
    name = suffix[1:].upper()
    if data.startswith(OLD):
        raise InputError(f"{where}: encrypted, or no {name}; save it as {name} without a password.")
    try:
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise ValueError("no ZIP archive")
        document = CONVERTERS[suffix](data)
    except Locked:
        raise InputError(f"{where}: encrypted (DRM); get a copy that is not, or move it away.") from None
    except ImportError:
        raise
    except Exception as error:  # each library has errors of its own
        said = f"{type(error).__name__}: {error}".strip(": ")
        raise InputError(
            f"{where}: not a readable {name} ({said}); save it again, or move it away."
        ) from None
    return replace(document, title=document.title or properties(data) or _called(document, Path(where)))


def _called(document: Document, file: Path) -> str:
    # Sheets are called "Sheet1", so a workbook is known by its file's name.
    first = next((section.headings[0] for section in document.sections if section.headings), "")
    return file.stem if file.suffix.lower() == ".xlsx" else first
