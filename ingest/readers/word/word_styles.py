"""What a Word file's styles say, each with what it takes over from the one it is based on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .word_names import WORD, number, switch, val

#: Names of the headings that Word brings, in the file in English whatever language Word speaks.
HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
#: Styles that mammoth is told about by their names (`from_docx.STYLES`); what is based on them is read alike.
NAMED = ("title", "subtitle", "caption")
#: HTML has six levels; `w:outlineLvl` 9 is running text (17.3.1.20).
DEEPEST, BODY = 6, 9


class Styles:
    """The styles of one file, by id."""

    def __init__(self, root: Any = None) -> None:  # noqa: ANN401 - lxml has no types
        """Take the root of `word/styles.xml`, None where the file has no styles."""
        found = [] if root is None else root.findall(f"{WORD}style")
        # The first of two styles with one id counts (17.7.4.17).
        self._styles = {style.get(f"{WORD}styleId"): style for style in reversed(found)}
        self._default = next(
            (
                style.get(f"{WORD}styleId")
                for style in found
                if style.get(f"{WORD}type") == "paragraph" and style.get(f"{WORD}default") in ("1", "true")
            ),
            None,
        )

    def chain(self, style: str | None) -> Iterator[Any]:
        """Yield a paragraph's style (by default the file's own) and those that it is based on."""
        seen = set[str | None]()
        at = style or self._default
        while at in self._styles and at not in seen:
            seen.add(at)
            yield self._styles[at]
            at = val(self._styles[at], "basedOn")

    def level(self, paragraph: Any) -> int | None:  # noqa: ANN401 - lxml has no types
        """Return a heading's level, 1 to 6; None for running text.

        The nearest of paragraph and styles decides, by its outline level or by its name.
        """
        outline = number(paragraph, "pPr/outlineLvl")
        for style in self.chain(val(paragraph, "pPr/pStyle")):
            name = val(style, "name") or ""
            if outline is None:
                outline = number(style, "pPr/outlineLvl")
            if outline is None and (match := HEADING.fullmatch(name)):
                outline = int(match[1]) - 1
            if outline is not None or name.lower() in NAMED:
                break
        return None if outline is None or outline >= BODY else min(max(outline, 0) + 1, DEEPEST)

    def named(self, paragraph: Any) -> str | None:  # noqa: ANN401 - lxml has no types
        """Return the id of the style among `NAMED` that a paragraph's own one is, or is based on."""
        for style in self.chain(val(paragraph, "pPr/pStyle")):
            if (val(style, "name") or "").lower() in NAMED:
                return str(style.get(f"{WORD}styleId"))
        return None

    def hides(self, paragraph: Any, run: Any = None) -> bool:  # noqa: ANN401 - lxml has no types
        """Return whether a run, or the paragraph's own mark, is hidden.

        What the run says itself counts; else each kind of style switches what the other says (17.7.3).
        """
        own = switch(run, "rPr/vanish") if run is not None else switch(paragraph, "pPr/rPr/vanish")
        if own is not None:
            return own
        says = self._vanish(val(paragraph, "pPr/pStyle") or self._default)
        return says != (self._vanish(val(run, "rPr/rStyle")) if run is not None else False)

    def _vanish(self, style: str | None) -> bool:
        if style is None:
            return False
        return next(
            (says for one in self.chain(style) if (says := switch(one, "rPr/vanish")) is not None), False
        )

    def numbering(self, paragraph: Any) -> tuple[str | None, int | None]:  # noqa: ANN401 - lxml has no types
        """Return a paragraph's list and its level; where it says nothing, its styles do."""
        list_, level = val(paragraph, "pPr/numPr/numId"), number(paragraph, "pPr/numPr/ilvl")
        for style in self.chain(val(paragraph, "pPr/pStyle")):
            list_ = val(style, "pPr/numPr/numId") if list_ is None else list_
            level = number(style, "pPr/numPr/ilvl") if level is None else level
        return list_, level
