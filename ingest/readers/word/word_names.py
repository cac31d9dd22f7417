"""Names of WordprocessingML, and how its switches are read.

The sections named here are those of ECMA-376, part 1.
"""

from __future__ import annotations

from typing import Any

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
#: The names of the strict form of a file, and those that everyone else writes for the same.
STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", WORD[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", MATH[1:-1].encode()),
)
OFF = ("0", "false", "off")
VAL = f"{WORD}val"


def usual(content: bytes) -> bytes:
    """Return a part's XML with the names that everyone writes, where it is in the strict form."""
    for strict, name in STRICT:
        content = content.replace(strict, name)
    return content


def val(element: Any, path: str) -> str | None:  # noqa: ANN401 - lxml has no types
    """Return `w:val` of the element at a path of WordprocessingML's names, as `pPr/numPr/numId`."""
    found = None if element is None else element.find(_path(path))
    return None if found is None else found.get(VAL)


def number(element: Any, path: str) -> int | None:  # noqa: ANN401 - lxml has no types
    """Return `w:val` as a whole number, None where there is none."""
    text = val(element, path) or ""
    return int(text) if text.lstrip("-").isdecimal() else None


def switch(element: Any, path: str) -> bool | None:  # noqa: ANN401 - lxml has no types
    """Return whether a property such as `w:vanish` is on; None where nothing is said of it (17.3.2)."""
    found = None if element is None else element.find(_path(path))
    return None if found is None else found.get(VAL, "1") not in OFF


def _path(path: str) -> str:
    return "/".join(f"{WORD}{name}" for name in path.split("/"))
