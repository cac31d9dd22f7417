"""ZIP archives of XML, which office files and books are."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from lxml import etree

from pocketrag.formats.data.text_checks import UNFIT

CORE = "docProps/core.xml"
TITLE = "{http://purl.org/dc/elements/1.1/}title"
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: Titles that a program left in the file, not its author.
LEFT_OVER = re.compile(
    r"(?:microsoft \w+ - .*|untitled.*|.*\.\w{2,5}"
    r"|(?:word|excel|powerpoint)? ?(?:document|presentation|workbook))",
    re.IGNORECASE,
)


class Locked(Exception):  # noqa: N818 - says what the file is
    """The content is encrypted."""


def parsed(data: bytes) -> Any:  # noqa: ANN401 - lxml has no types
    """Parse XML, without what entities could bring from elsewhere."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def choose(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Leave one of the forms in which a part is written for older and newer programs: one that holds text.

    ECMA-376, part 3, calls them Choice and Fallback.
    """
    for choice in reversed(list(root.iter(f"{COMPATIBILITY}AlternateContent"))):
        forms = [*choice.findall(f"{COMPATIBILITY}Fallback"), *choice.findall(f"{COMPATIBILITY}Choice")]
        holding = (form for form in forms if any((text.text or "").strip() for text in form.iter("{*}t")))
        replace(choice, list(next(holding, forms[0] if forms else [])))


def replace(old: Any, new: list[Any]) -> None:  # noqa: ANN401 - lxml has no types
    """Put elements into the place of another."""
    parent, at = old.getparent(), old.getparent().index(old)
    parent[at : at + 1] = new


def clean_title(text: str | None) -> str:
    """Return a title in one line, empty where a program made it."""
    title = " ".join(UNFIT.sub("\ufffd", text or "").split())
    return "" if LEFT_OVER.fullmatch(title) else title


def properties(data: bytes) -> str:
    """Return the title in an office file's properties, empty where there is none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if CORE not in archive.namelist():
            return ""
        try:
            return clean_title(parsed(archive.read(CORE)).findtext(TITLE))
        except etree.XMLSyntaxError:
            return ""
