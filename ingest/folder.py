"""Which files of a folder are read, under which names, and which are not."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pocketrag.errors import InputError

from .readers.document import Document, read_text
from .readers.from_html import read_html
from .readers.from_markdown import read_markdown
from .readers.from_office import CONVERTERS, read_office
from .readers.from_pdf import read_pdf

#: Suffix -> what reads it, from bytes and the name that its errors give.
MARKUP = dict.fromkeys((".html", ".htm", ".xhtml"), read_html)
TEXTS = {
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".txt", ".text"), read_text),
    **MARKUP,
}
READERS: dict[str, Callable[[bytes, str], Document]] = {
    **TEXTS,
    ".pdf": read_pdf,
    **dict.fromkeys(CONVERTERS, read_office),
}
#: What an id may not hold, and what would make two names one id.
QUOTED = re.compile(r"[\s%#]")


@dataclass
class Found:
    """What lies in a folder."""

    files: dict[str, Path] = field(default_factory=dict)
    """Name -> file, sorted by name.

    A name is the path in the folder with `/`, in Unicode's NFC, on every system the same.
    """
    skipped: dict[str, str] = field(default_factory=dict)
    """Name -> reason."""
    hidden: int = 0
    """Files and folders whose name begins with a dot."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Suffix -> files that no reader reads."""


def find_documents(folder: Path) -> Found:
    """Find the files to read, links not followed; `folder` may be one file.

    Raises:
        InputError: the folder is missing or can't be read, or two names differ only in how Unicode writes
            them.

    """
    if folder.is_file():
        found = Found()
        _sort_in(folder.resolve(), folder.resolve().parent, found)
        return found
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; name the folder that holds the documents, or one of them."
        )
    found = Found()
    for path in _walk(folder, found):
        _sort_in(path, folder, found)
    found.files = dict(sorted(found.files.items()))
    return found


def id_of(name: str) -> str:
    """Return a name as ids carry it.

    White space, `%` and `#` are percent-encoded, so that ids are unique and hold no white space.
    """
    return QUOTED.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), name)


def _walk(folder: Path, found: Found) -> Iterator[Path]:
    for at, folders, names in os.walk(folder, onerror=_unreadable):
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        visible = [name for name in (*names, *links) if not name.startswith(".")]
        found.hidden += sum(name.startswith(".") for name in (*names, *folders))
        folders[:] = [name for name in folders if not name.startswith(".") and name not in links]
        yield from (Path(at) / name for name in visible)


def _sort_in(path: Path, folder: Path, found: Found) -> None:
    raw = path.relative_to(folder).as_posix()
    name = unicodedata.normalize("NFC", raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    if path.is_symlink():
        found.skipped[name] = "a link; what it leads to is read in its own place, if that lies in the folder"
    elif path.suffix.lower() not in READERS:
        found.unknown[path.suffix.lower()] += 1
    elif not path.is_file():
        found.skipped[name] = "no regular file"
    elif name in found.files:
        raise InputError(
            f"{path}: another file's name differs from this one only in how Unicode writes it; rename one."
        )
    else:
        found.files[name] = path


def _unreadable(error: OSError) -> None:
    raise InputError(f"{error.filename}: {error.strerror or error}.")
